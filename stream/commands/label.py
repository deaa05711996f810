"""`brandpulse label`: the pipeline of `score` on a file or a pipe, without Kafka."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from stream.errors import ConfigurationError

if TYPE_CHECKING:
    from stream.scoring.lines import Line
    from stream.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("label")(label)


def label(
    file: Annotated[
        Path, typer.Argument(allow_dash=True, help="csv, tsv, jsonl (.gz) or parquet; - reads JSON lines.")
    ],
    output: Annotated[Path | None, typer.Option(help="Where the JSON lines go. Default: stdout.")] = None,
    bundle: Annotated[Path | None, typer.Option(help="Directory of the model bundle.")] = None,
    provider: Annotated[str | None, typer.Option(help="Where the model runs: auto, cuda or cpu.")] = None,
    output_text_chars: Annotated[
        int | None, typer.Option(help="Characters of the review's text repeated in its label; 0: none.")
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Take a field from this column; repeatable."),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Of csv and tsv files, for example cp1252.")] = "utf-8-sig",
) -> None:
    """Label reviews without Kafka: one JSON line for each, in order.

    Pipe: echo '{"text": "Great sound, poor battery"}' | brandpulse label -

    File: brandpulse label reviews.csv --output labels.jsonl

    Only the text is needed. What cannot be read as a review becomes {"error": ...} in its place; then the
    exit code is 1.
    """
    from stream.commands.label_input import file_chunks, pipe_chunks
    from stream.settings import load_settings

    settings = load_settings(bundle=bundle, provider=provider, output_text_chars=output_text_chars)
    if str(file) == "-":
        chunks = pipe_chunks(sys.stdin.fileno())
    else:
        chunks = file_chunks(file, columns or [], encoding, progress=output is not None)
    classify = _load(settings)
    try:
        with _opened(output, file) as sink:
            labelled, rejected = _write(chunks, classify, sink)
    except BrokenPipeError:
        # Whoever read has seen enough; the interpreter flushes stdout once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    if output or rejected:
        typer.echo(f"{labelled:,} reviews labelled, {rejected:,} rejected", err=True)
    if rejected:
        raise typer.Exit(1)


def _load(settings: "Settings") -> "Callable[[list[Line]], Iterator[bytes]]":
    import time

    from stream.scoring.inference import create_classifier, load_model
    from stream.scoring.lines import LineFormat, label_lines

    model = load_model(settings)
    classifier = create_classifier(model, settings, clock=time.perf_counter, observe=lambda *_: None)
    form = LineFormat(model.name, settings.output_text_chars)
    return lambda lines: label_lines(lines, classifier, form)


def _opened(output: Path | None, source: Path) -> AbstractContextManager[BinaryIO]:
    if output is None:
        return nullcontext(sys.stdout.buffer)
    if output.exists() and source.exists() and output.samefile(source):
        raise ConfigurationError(f"{output} is the file to read; say another --output")
    try:
        return output.open("wb")
    except OSError as error:
        raise ConfigurationError(f"cannot write {output}: {error.strerror}") from error


def _write(
    chunks: "Iterator[list[Line]]", classify: "Callable[[list[Line]], Iterator[bytes]]", sink: BinaryIO
) -> tuple[int, int]:
    """Lines labelled and lines rejected."""
    labelled = rejected = 0
    for chunk in chunks:
        sink.writelines(classify(chunk))
        sink.flush()
        good = sum(line.is_review for line in chunk)
        labelled += good
        rejected += len(chunk) - good
    return labelled, rejected
