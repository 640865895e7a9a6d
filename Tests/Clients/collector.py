"""An OpenTelemetry collector for tests: takes OTLP/HTTP in JSON and reads it with OpenTelemetry's own protobuf definitions, refusing what they don't know."""

from __future__ import annotations

import base64
import collections
import dataclasses
import http.server
import json
import pathlib
import re
import ssl
import threading

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

KINDS = {value: name.removeprefix("SPAN_KIND_").lower() for name, value in Span.SpanKind.items()}


@dataclasses.dataclass
class Recorded:
    """One span with what it says of itself."""

    service: str
    trace: str
    id: str
    parent: str
    name: str
    kind: str
    start: int
    end: int
    failed: bool
    attributes: dict[str, object]


def value(any_value) -> object:
    return getattr(any_value, any_value.WhichOneof("value"))


def parse(body: bytes) -> list[Recorded]:
    """Protobuf's JSON has bytes in base64, OTLP's has ids in hexadecimal: those alone are rewritten, everything else must be as protobuf reads it."""
    document = json.loads(body)
    for resource in document["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for name, digits in (("traceId", 32), ("spanId", 16), ("parentSpanId", 16)):
                    if name in span:
                        assert re.fullmatch(rf"[0-9a-f]{{{digits}}}", span[name]), span
                        span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
                # Numbers of 64 bits are strings, enumerations are numbers.
                assert isinstance(span["startTimeUnixNano"], str) and isinstance(span["kind"], int), span
    request = ExportTraceServiceRequest()
    json_format.Parse(json.dumps(document), request, ignore_unknown_fields=False)
    found = []
    for resource in request.resource_spans:
        about = {attribute.key: value(attribute.value) for attribute in resource.resource.attributes}
        assert about["service.namespace"] == "strongroom" and about["service.instance.id"]
        for scope in resource.scope_spans:
            for span in scope.spans:
                attributes = {attribute.key: value(attribute.value) for attribute in span.attributes}
                assert len(attributes) == len(span.attributes), span
                found.append(Recorded(
                    about["service.name"], span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(), span.name, KINDS[span.kind],
                    span.start_time_unix_nano, span.end_time_unix_nano, span.status.code == 2, attributes))
    return found


class Collector:
    """Listens on a free port, with TLS where it is given a chain file and a key file. `answers` are given in turn, as a status, or a status and header fields;
    then everything is taken."""

    def __init__(self, *answers: int | tuple[int, dict[str, str]], tls: tuple[pathlib.Path, pathlib.Path] | None = None) -> None:
        self.lock = threading.Lock()
        self.spans: list[Recorded] = []
        self.posts: list[bytes] = []
        self.bodies = b""
        self.fields: dict[str, str] = {}
        # Connections that brought no request, such as those whose handshake failed.
        self.broken = 0
        self.mistakes: list[str] = []
        self.answers = collections.deque(answers)
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                collector.fields = dict(self.headers.items())
                status, fields = collector.take(self.path, self.headers["content-type"], body)
                self.send_response(status)
                for name, text in {"content-type": "application/json", "content-length": "2", **fields}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: self.note_broken()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            # Each handshake in its connection's own thread.
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
            self.url = self.url.replace("http", "https")
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def note_broken(self) -> None:
        with self.lock:
            self.broken += 1

    def take(self, path: str, kind: str, body: bytes) -> tuple[int, dict[str, str]]:
        with self.lock:
            self.posts.append(body)
            answer = self.answers.popleft() if self.answers else 200
            status, fields = answer if isinstance(answer, tuple) else (answer, {})
            if status != 200:
                return status, fields
            try:
                assert path == "/v1/traces" and kind == "application/json", (path, kind)
                self.spans += parse(body)
                self.bodies += body
            except Exception as error:
                self.mistakes.append(f"{error!r}: {body[:2000]!r}")
                return 400, {}
            return 200, fields

    def trace(self, trace: str) -> list[Recorded]:
        with self.lock:
            assert not self.mistakes, self.mistakes
            return [span for span in self.spans if span.trace == trace]

    def __enter__(self) -> "Collector":
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
