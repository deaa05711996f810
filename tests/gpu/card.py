"""Is there a card that ONNX Runtime can use, and how much of its memory is taken?"""

import shutil
import subprocess

from export.bundle import read_bundle
from stream.scoring.inference import PROVIDERS, open_scorer
from stream.settings import load_settings

_LEAST_BATCH_TOKENS = 64


def why_no_card() -> str | None:
    """Why nothing can be run on a card here, with what to do about it; None where there is one."""
    try:
        import onnxruntime
    except ImportError:
        return "ONNX Runtime is not installed: pip install 'brandpulse[gpu]'"
    if PROVIDERS["cuda"] not in onnxruntime.get_available_providers():
        return "this ONNX Runtime has no CUDA provider: replace onnxruntime by 'brandpulse[gpu]'"
    if shutil.which("nvidia-smi") is None:
        return "there is no nvidia-smi: no NVIDIA driver is installed"
    if open_scorer(read_bundle(load_settings().bundle), "cuda", "fp32", _LEAST_BATCH_TOKENS) is None:
        return "the CUDA provider does not start: its log above says which library is missing"
    return None


def card_name() -> str:
    """Name and driver of the first card."""
    return _ask("name,driver_version").splitlines()[0].strip()


def memory_used_mib() -> int:
    """Memory taken on the first card by all its processes, MiB."""
    return first_mib(_ask("memory.used"))


def first_mib(answer: str) -> int:
    """MiB in the first line of what nvidia-smi answers.

    >>> first_mib("1024 MiB\\n3 MiB\\n")
    1024
    """
    return int(answer.split()[0])


def _ask(fields: str) -> str:
    return subprocess.run(
        ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
