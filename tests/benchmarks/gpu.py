"""`make bench-gpu`: how fast the bundle is on a card; the section of docs/benchmarks.md on stdout."""

import importlib.metadata
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from export.bundle import Bundle, read_bundle
from stream.settings import load_settings
from tests.benchmarks.corpus import load_corpus
from tests.benchmarks.gpu_page import put_section, section
from tests.benchmarks.gpu_parts import Plan, measure
from tests.gpu.card import card_name, why_no_card

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"


def main(
    write: Annotated[bool, typer.Option(help="Put the figures into docs/benchmarks.md too.")] = False,
    texts: Annotated[int, typer.Option(help="Texts of one pass.")] = 40_000,
) -> None:
    """Measure the bundle of BRANDPULSE_BUNDLE, by default the one that ships, on the first card."""
    reason = why_no_card()
    if reason is not None:
        print(f"nothing was measured, no GPU here: {reason}")
        return
    bundle = read_bundle(load_settings().bundle)
    variants = tuple(name for name in ("fp32", "fp16") if name in bundle.manifest.models)
    found = measure(bundle, "cuda", Plan(variants, texts=texts), lambda line: print(line, file=sys.stderr))
    text = section(_facts(bundle), found)
    print(text)
    if write:
        PAGE.write_text(put_section(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")


def _facts(bundle: Bundle) -> list[tuple[str, str]]:
    return [
        ("date", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"),
        ("card", card_name()),
        ("onnxruntime-gpu", importlib.metadata.version("onnxruntime-gpu")),
        ("bundle", f"{bundle.manifest.name}@{bundle.digest[:12]}"),
        ("texts", load_corpus().source),
    ]


if __name__ == "__main__":
    typer.run(main)
