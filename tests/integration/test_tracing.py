"""Traces of a real worker as a collector receives them: OTLP over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from gzip import decompress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from stream.kafka.broker import Broker
from tests.integration.processes import place_for
from tests.unit.scoring.fakes import review_json

pytest.importorskip("opentelemetry.proto", reason="needs the extra traces")

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

pytestmark = pytest.mark.kafka
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SECRET = "nobody may read this sentence"


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """Its address, and the bodies it was sent."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append(decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", bodies
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_collector_gets_the_spans_of_each_pass(kafka: Broker, topic_prefix: str, tmp_path: Path) -> None:
    with (
        collector() as (address, bodies),
        place_for(kafka.bootstrap, topic_prefix, tmp_path, "score") as place,
    ):
        place.create_topics()
        trace = [("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01".encode())]
        place.produce([review_json(SECRET)] * 5, 0, headers=trace)
        worker = place.start(BRANDPULSE_TRACES="otlp", OTEL_EXPORTER_OTLP_ENDPOINT=address)
        worker.until(lambda: len(place.read("review-sentiment")) == 5)
        assert worker.terminate() == 0
    requests = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    spans = [
        span
        for request in requests
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    names = {span.name for span in spans}
    assert names >= {"score", "chunk", "decode", "tokenize", "model", "calibrate", "encode", "commit"}
    links = {link.trace_id.hex() for span in spans if span.name == "chunk" for link in span.links}
    assert links == {TRACE}
    assert SECRET.encode() not in b"".join(bodies)
