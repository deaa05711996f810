"""Which provider ran which operator, from a profile of ONNX Runtime."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from export.bundle import Bundle
from stream.scoring.inference import PROVIDER_OPTIONS, PROVIDERS

# What may stay on the host: shapes, positions and lengths, a few numbers each.
OF_SHAPES = {"Shape", "Squeeze", "Unsqueeze", "Range", "Cast", "GreaterOrEqual"}


def placements(bundle: Bundle, provider: str, variant: str, directory: Path) -> Counter[tuple[str, str]]:
    """How often each (operator, provider) ran for one batch; the profile is written to `directory`."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.enable_profiling = True
    options.profile_file_prefix = str(directory / variant)
    file = str(bundle.path / bundle.manifest.models[variant])
    chosen = [(PROVIDERS[provider], PROVIDER_OPTIONS[provider])]
    session = onnxruntime.InferenceSession(file, options, providers=chosen)
    session.run(["logits"], {"token_ids": np.ones((8, 16), np.int64), "lengths": np.arange(1, 9)})
    return read_placements(json.loads(Path(session.end_profiling()).read_text(encoding="utf-8")))


def read_placements(events: Iterable[Mapping[str, Any]]) -> Counter[tuple[str, str]]:
    """(operator, provider) of every kernel in a profile's events."""
    return Counter(
        (event["args"]["op_name"], event["args"]["provider"])
        for event in events
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time")
    )


def fallbacks(placed: Counter[tuple[str, str]]) -> set[str]:
    """The operators that ran on the CPU although they do more than arithmetic on shapes."""
    return {operator for operator, provider in placed if provider == PROVIDERS["cpu"]} - OF_SHAPES
