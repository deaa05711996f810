"""Traces of the passes that `score` makes, for whoever collects OpenTelemetry; without that, nothing.

One span for each pass through the pipeline, under it one for each chunk, linked to the `traceparent`s of its
reviews (W3C Trace Context), and one for each stage; one more for each transaction. Where spans go is what
OpenTelemetry's own variables say (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_RESOURCE_ATTRIBUTES, ...). No span holds
more than topics, offsets and counts.
"""

import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from stream.errors import MissingExtra
from stream.kafka.messages import ReceivedRecord

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Link

T = TypeVar("T")
MOST_LINKS = 128
"""Of one chunk, as the OpenTelemetry specification limits them by default."""
_NANOSECONDS = 1_000_000_000


class Tracing(Protocol):
    """What the role tells; from any thread."""

    def run(self, chunks: Sequence[Sequence[ReceivedRecord]], work: Callable[[], T], /) -> T:
        """Do the work of one pass within its span."""

    def stage(self, name: str, seconds: float) -> None:
        """A stage of this thread's pass has just ended and took so long."""

    def committed(self, reviews: int, seconds: float) -> None:
        """A transaction has just been committed."""


class NoTracing:
    """Tells nobody; implements `Tracing`."""

    def run(self, _chunks: Sequence[Sequence[ReceivedRecord]], work: Callable[[], T], /) -> T:
        return work()

    def stage(self, name: str, seconds: float) -> None: ...

    def committed(self, reviews: int, seconds: float) -> None: ...


class OpenTelemetryTracing:
    """Spans by OpenTelemetry's SDK, sent in batches from a thread of its own; implements `Tracing`."""

    def __init__(self, exporter: "SpanExporter") -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        # The provider sends what is left when the process exits.
        provider = TracerProvider(resource=Resource.create({"service.name": "brandpulse-score"}))
        self.processor = BatchSpanProcessor(exporter)
        provider.add_span_processor(self.processor)
        self._tracer = provider.get_tracer("brandpulse")

    def run(self, chunks: Sequence[Sequence[ReceivedRecord]], work: Callable[[], T]) -> T:
        began = time.time_ns()
        reviews = sum(map(len, chunks))
        with self._tracer.start_as_current_span("score", attributes={"reviews": reviews}):
            done = work()
            for chunk in chunks:
                self._span("chunk", began, time.time_ns(), _attributes(chunk), _links(chunk))
            return done

    def stage(self, name: str, seconds: float) -> None:
        ended = time.time_ns()
        self._span(name, ended - int(seconds * _NANOSECONDS), ended, {}, [])

    def committed(self, reviews: int, seconds: float) -> None:
        ended = time.time_ns()
        self._span("commit", ended - int(seconds * _NANOSECONDS), ended, {"reviews": reviews}, [])

    def _span(
        self, name: str, began_ns: int, ended_ns: int, attributes: dict[str, Any], links: "list[Link]"
    ) -> None:
        span = self._tracer.start_span(name, start_time=began_ns, attributes=attributes, links=links)
        span.end(ended_ns)


def create_tracing(wanted: str) -> Tracing:
    """`off`: nothing; `otlp`: over HTTP to where OpenTelemetry's variables say.

    Raises:
        MissingExtra: OpenTelemetry is not installed.
    """
    if wanted == "off":
        return NoTracing()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise MissingExtra("traces need the extra traces: pip install 'brandpulse[traces]'") from error
    return OpenTelemetryTracing(OTLPSpanExporter())


def _attributes(chunk: Sequence[ReceivedRecord]) -> dict[str, Any]:
    """Names by OpenTelemetry's semantic conventions for messaging."""
    first = chunk[0]
    return {
        "messaging.system": "kafka",
        "messaging.destination.name": first.topic,
        "messaging.destination.partition.id": str(first.partition),
        "messaging.kafka.offset": first.offset,
        "messaging.batch.message_count": len(chunk),
    }


def _links(chunk: Sequence[ReceivedRecord]) -> "list[Link]":
    from opentelemetry.trace import Link, get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    values = (value for record in chunk for name, value in record.headers if name == "traceparent" and value)
    propagator = TraceContextTextMapPropagator()
    contexts = [
        get_current_span(
            propagator.extract({"traceparent": value.decode(errors="replace")})
        ).get_span_context()
        for value in islice(values, MOST_LINKS)
    ]
    return [Link(context) for context in contexts if context.is_valid]
