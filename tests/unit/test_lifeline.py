"""A child on a lifeline ends with its parent, and only with it."""

import signal
import subprocess
import sys

import psutil

from stream.lifeline import on_lifeline, release

_PARENT = """
import subprocess, sys
from stream.lifeline import on_lifeline
child = subprocess.Popen(on_lifeline(["sleep", "600"]), stdin=subprocess.PIPE)
print(child.pid, flush=True)
sys.stdin.read()
"""


def test_a_child_ends_when_its_parent_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.is_running()
        parent.kill()
    _, alive = psutil.wait_procs([child], timeout=30)
    assert alive == []


def test_a_child_keeps_its_pid_and_its_exit_code_and_the_guard_goes_home() -> None:
    child = subprocess.Popen(on_lifeline(["sh", "-c", "exit 7"]), stdin=subprocess.PIPE)
    assert child.wait(30) == 7
    release(child)


def test_a_signal_reaches_the_child_itself() -> None:
    child = subprocess.Popen(on_lifeline(["sleep", "600"]), stdin=subprocess.PIPE)
    child.send_signal(signal.SIGTERM)
    assert child.wait(30) == -signal.SIGTERM
    release(child)
