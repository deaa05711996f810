"""Where a worker's CPU time goes, told by py-spy, which reads its stacks from outside: nothing is in its way.

Only threads that run are counted, so that shares of the samples are shares of the CPU time.
"""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

SAMPLES_A_SECOND = 200
OTHER = "other"
# The innermost frame that belongs to a stage decides; no function: all of the file.
_PLACES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "fetch": (("aiokafka/consumer", ""), ("aiokafka/record/default", "read"), ("mode/threads.py", "")),
    "decode": (("scoring/decode.py", ""), ("scoring/masking.py", ""), ("scoring/classifier.py", "text_of")),
    "tokenise": (("scoring/tokenizer.py", ""),),
    "sort and pad": (("scoring/batching.py", ""), ("scoring/rows.py", "")),
    "model": (("scoring/inference.py", "score"), ("benchmarks/stand_in.py", "score")),
    "calibrate": (("scoring/classifier.py", "calibrate"), ("scoring/classifier.py", "to_verdicts")),
    "known texts": (("scoring/classifier.py", "classify"), ("scoring/cache.py", "")),
    "fingerprint": (("scoring/fingerprint.py", ""),),
    "encode": (
        ("scoring/labels.py", ""),
        ("stream/essence.py", ""),
        ("scoring/pipeline.py", "_encode"),
        ("stream/encoding.py", ""),
    ),
    "send": (
        ("kafka/delivery.py", "_batches"),
        ("producer/message_accumulator.py", ""),
        ("producer/sender.py", "SendProduceReqHandler"),
        ("producer/sender.py", "_send_produce_req"),
    ),
    "commit": (("aiokafka/producer", ""), ("kafka/delivery.py", ""), ("scoring/committer.py", "")),
    "ack": (("kafka/transport.py", "ack"),),
    "the role itself": (("scoring/agent.py", ""), ("scoring/pipeline.py", ""), ("scoring/classifier.py", "")),
}
STAGES = (*_PLACES, OTHER)
# A thread that was stopped to be looked at seems to run, even if it waits.
_WAITS = (".wait (threading.py", ".select (selectors.py", "_worker (concurrent/futures/thread.py")


def watch(pid: int, seconds: float) -> Counter[str]:
    """Samples of each stack of a Python process, its frames from the outermost to the innermost by `;`."""
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "stacks.txt"
        _record(pid, seconds, out, "raw")
        return parse(out.read_text(encoding="utf-8").splitlines())


def draw(pid: int, seconds: float, out: Path) -> None:
    """A flame graph (Gregg 2016) of a Python process, as SVG."""
    _record(pid, seconds, out, "flamegraph")
    # py-spy's title is its own command line, with paths of this machine.
    svg = re.sub(r'(<text id="title"[^>]*>)[^<]*', r"\1CPU time by call", out.read_text(encoding="utf-8"))
    out.write_text(svg, encoding="utf-8")


def parse(lines: Iterable[str]) -> Counter[str]:
    """py-spy's raw format, "frame;frame;frame samples" in each line."""
    stacks: Counter[str] = Counter()
    for line in lines:
        stack, _, samples = line.rpartition(" ")
        stacks[stack] += int(samples)
    return stacks


def by_stage(stacks: Mapping[str, int]) -> Counter[str]:
    """Samples of each stage; those of threads that wait are left out."""
    found: Counter[str] = Counter()
    for stack, samples in stacks.items():
        frames = stack.split(";")
        if not any(wait in frames[-1] for wait in _WAITS):
            found[stage_of(frames)] += samples
    return found


def stage_of(frames: list[str]) -> str:
    """The stage that a stack is in.

    >>> stage_of(["_score (stream/scoring/classifier.py:9)", "pad (stream/scoring/batching.py:3)"])
    'sort and pad'
    """
    for frame in reversed(frames):
        for stage, places in _PLACES.items():
            for file, function in places:
                if file in frame and function in frame.partition(" (")[0]:
                    return stage
    return OTHER


def _record(pid: int, seconds: float, out: Path, form: str) -> None:
    command = [Path(sys.executable).with_name("py-spy"), "record", "--pid", pid, "--duration", round(seconds)]
    command += ["--rate", SAMPLES_A_SECOND, "--format", form, "--output", out]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"py-spy cannot watch process {pid}: {done.stderr.strip()}")
