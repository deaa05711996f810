"""The command line that every peer has."""

import argparse
from pathlib import Path


class Options(argparse.Namespace):
    """Where to read and write, and with which model."""

    brokers: str
    source: str
    target: str
    group: str
    bundle: Path
    state: Path
    """A directory of its own, kept over a restart."""
    exactly_once: bool
    batch: int


def options() -> Options:
    """From the command line."""
    parser = argparse.ArgumentParser()
    for name in ("brokers", "source", "target", "group"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("bundle", "state"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--exactly-once", action="store_true")
    parser.add_argument("--batch", type=int, default=1000, help="most reviews in one run of the model")
    return parser.parse_args(namespace=Options())
