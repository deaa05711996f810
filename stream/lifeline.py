"""Child processes on a lifeline: when this process ends in any way, kill -9 included, they end too."""

import subprocess
from collections.abc import Sequence

# The shell becomes the child (exec keeps its pid) after it left a guard behind that holds the other end of
# our pipe. When this Python process dies, the pipe closes, `read` fails, and the guard kills the child. A
# line on the pipe sends the guard home. PR_SET_PDEATHSIG would not do: it fires when the starting *thread*
# ends, must be set between fork and exec, and is Linux only.
_GUARDED = 'exec 3<&0; child=$$; (read -r _ <&3 || kill -9 $child) & exec "$@" 3<&- </dev/null'


def on_lifeline(command: Sequence[str]) -> list[str]:
    """The command under a guard; start it with `stdin=subprocess.PIPE`, `release` it when it has ended."""
    return ["/bin/sh", "-c", _GUARDED, "sh", *command]


def release(process: subprocess.Popen[bytes]) -> None:
    """Send the guard of a child home that has ended."""
    assert process.stdin is not None
    try:
        process.stdin.write(b"\n")
        process.stdin.close()
    except BrokenPipeError:
        # The guard is gone already.
        process.stdin = None
