"""The command `behave`: the behaviour suite against a bundle."""

from pathlib import Path
from typing import Annotated

import typer


def behave(
    bundle: Annotated[Path, typer.Option(help="Bundle directory, as `python -m export` writes it.")],
    out: Annotated[
        Path | None, typer.Option(help="Markdown file for the report; printed without it.")
    ] = None,
    examples: Annotated[int, typer.Option(min=0, help="Failing texts to show for each capability.")] = 0,
    variant: Annotated[
        str | None, typer.Option(help="fp32 or int8; the default on the CPU without it.")
    ] = None,
    threads: Annotated[int, typer.Option(min=0, help="CPU threads; 0 leaves the choice to the runtime.")] = 0,
) -> None:
    """Ask a model about negation, contrast, scams, typos, other brands and more, and report by capability.

    Example: python -m training behave --bundle stream/bundle --examples 3
    """
    from training.behaviour.suite import run_suite
    from training.behaviour.table import markdown
    from training.bundled import open_bundle

    model = open_bundle(bundle, variant, threads)
    report = run_suite(model.probabilities, model.label_weights)
    title = f"# Behaviour of {model.manifest.name} @ {model.digest[:12]} ({model.variant})\n\n"
    text = title + markdown(report, examples)
    if out is None:
        typer.echo(text)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    worst = max(report.capabilities, key=lambda result: result.rate)
    typer.echo(f"{out}: most failures in {worst.capability!r}, {worst.rate:.1%} of {worst.cases} cases")
