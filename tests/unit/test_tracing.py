"""Spans of a pass: their tree, their links, and that nothing of a review is in them."""

import builtins
from collections.abc import Sequence
from typing import Any

import pytest

from stream.errors import MissingExtra
from stream.tracing import MOST_LINKS, NoTracing, OpenTelemetryTracing, create_tracing
from tests.unit.scoring.fakes import FakeRecord

pytest.importorskip("opentelemetry.sdk", reason="needs the extra traces")

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def record(offset: int, *traceparents: bytes) -> FakeRecord:
    return FakeRecord(
        b"a secret review", offset=offset, headers=[("traceparent", value) for value in traceparents]
    )


def spans_of(chunks: Sequence[Sequence[FakeRecord]]) -> list[ReadableSpan]:
    exporter = InMemorySpanExporter()
    tracing = OpenTelemetryTracing(exporter)

    def work() -> str:
        tracing.stage("decode", 0.25)
        tracing.stage("model", 0.5)
        return "done"

    assert tracing.run(chunks, work) == "done"
    tracing.committed(3, 0.125)
    tracing.processor.force_flush()
    return list(exporter.get_finished_spans())


def named(spans: list[ReadableSpan], name: str) -> list[ReadableSpan]:
    return [span for span in spans if span.name == name]


def seconds(span: ReadableSpan) -> float:
    assert span.start_time is not None
    assert span.end_time is not None
    return (span.end_time - span.start_time) / 1e9


def test_a_pass_holds_its_chunks_and_stages() -> None:
    spans = spans_of([[record(7), record(9)], [record(3)]])
    [root] = named(spans, "score")
    assert root.parent is None
    assert dict(root.attributes or {}) == {"reviews": 3}
    for child in (*named(spans, "chunk"), *named(spans, "decode"), *named(spans, "model")):
        assert child.parent is not None
        assert root.context is not None
        assert child.parent.span_id == root.context.span_id
    assert [dict(span.attributes or {}) for span in named(spans, "chunk")] == [
        {
            "messaging.system": "kafka",
            "messaging.destination.name": "reviews",
            "messaging.destination.partition.id": "0",
            "messaging.kafka.offset": offset,
            "messaging.batch.message_count": count,
        }
        for offset, count in ((7, 2), (3, 1))
    ]
    assert [seconds(span) for name in ("decode", "model", "commit") for span in named(spans, name)] == [
        0.25,
        0.5,
        0.125,
    ]


def test_a_chunk_is_linked_to_the_traces_of_its_reviews_and_to_nothing_else() -> None:
    good = f"00-{TRACE}-00f067aa0ba902b7-01".encode()
    bad = (b"", b"00-nonsense", b"\xff\xfe", b"00-" + b"0" * 32 + b"-00f067aa0ba902b7-01")
    [chunk] = named(spans_of([[record(0, good), record(1, *bad), record(2)]]), "chunk")
    assert [f"{link.context.trace_id:032x}" for link in chunk.links] == [TRACE]


def test_links_are_bounded() -> None:
    many = [record(n, f"00-{TRACE}-{n + 1:016x}-01".encode()) for n in range(MOST_LINKS + 50)]
    [chunk] = named(spans_of([many]), "chunk")
    assert len(chunk.links) == MOST_LINKS


def test_nothing_of_a_review_is_in_a_span() -> None:
    assert not any("secret" in span.to_json() for span in spans_of([[record(0)]]))


def test_off_means_that_only_the_work_is_done() -> None:
    tracing = create_tracing("off")
    assert isinstance(tracing, NoTracing)
    assert tracing.run([], lambda: 5) == 5


def test_without_the_extra_it_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *arguments: Any, **more: Any) -> Any:
        if name.startswith("opentelemetry.exporter"):
            raise ImportError(name)
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtra, match=r"brandpulse\[traces\]"):
        create_tracing("otlp")
