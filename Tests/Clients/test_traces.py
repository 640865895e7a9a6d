"""Traces by OTLP/HTTP, read by OpenTelemetry's own definitions."""

import contextlib
import http.server
import pathlib
import re
import secrets
import subprocess
import threading

import pytest

import clients
import cluster as harness
import edge
from clients import Answer, Notes, curl, eventually
from collector import Collector, Recorded


@pytest.fixture(scope="module")
def traced():
    """Five processes that send their traces to a collector, which at first is not able to take them."""
    with harness.Folder() as folder, Collector(503, (429, {"retry-after": "0"}), 502) as collector:
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        with harness.Processes(folder, services=()) as services:
            for service in harness.SERVICES:
                services.start(service, environment=environment)
            yield services, collector


@pytest.fixture(scope="module")
def notes(traced):
    made = clients.tenant(traced[0], users=1)
    return Notes(traced[0].url, made.tokens(made.users[0])["IdToken"])


def traceparent(sampled: bool = True) -> tuple[str, str, str]:
    trace, parent = secrets.token_hex(16), secrets.token_hex(8)
    return trace, parent, f"traceparent: 00-{trace}-{parent}-0{int(sampled)}"


def find(spans: list[Recorded], service: str, kind: str, name: str) -> Recorded | None:
    found = [span for span in spans if (span.service, span.kind, span.name) == (service, kind, name)]
    assert len(found) <= 1, found
    return found[0] if found else None


def test_one_trace_goes_from_the_client_through_gateway_and_notes_to_the_audit_log(traced, notes):
    _, collector = traced
    trace, parent, header = traceparent()
    made = notes.create("secret title", "secret content", "-H", header)
    assert made.status == 201, made

    def whole():
        spans = collector.trace(trace)
        chain = [find(spans, "gateway", "server", "POST /notes"),
                 next((span for span in spans if span.service == "gateway" and span.kind == "client" and span.attributes["peer.service"] == "notes"), None),
                 find(spans, "notes", "server", "POST /notes"),
                 find(spans, "notes", "producer", "send strongroom.notes.v1"),
                 find(spans, "audit", "consumer", "process strongroom.notes.v1")]
        return chain if all(chain) else None

    chain = eventually(whole, 20)
    assert chain, collector.trace(trace)
    assert [span.parent for span in chain] == [parent, *(span.id for span in chain[:-1])]
    for span in chain:
        assert 0 < span.start <= span.end and not span.failed, span
    server, hop = chain[0], chain[1]
    assert server.attributes == {"http.request.method": "POST", "url.scheme": "http", "http.response.status_code": 201, "http.route": "/notes"}
    assert hop.attributes["server.address"] == "127.0.0.1" and hop.attributes["http.response.status_code"] == 201
    assert hop.attributes["server.port"] == traced[0].ports["notes"]
    assert chain[4].attributes == {
        "messaging.system": "kafka", "messaging.operation.type": "process", "messaging.destination.name": "strongroom.notes.v1"}


def test_a_request_without_a_trace_begins_one_and_what_it_asks_of_others_is_in_it(traced):
    services, collector = traced
    made = clients.tenant(services, users=1)
    assert Notes(services.url, made.tokens(made.users[0])["IdToken"]).list().status == 200

    def first():
        with collector.lock:
            policies = [span for span in collector.spans if (span.service, span.name) == ("authorizer", "POST /internal/v1/policy")]
        for span in policies:
            spans = collector.trace(span.trace)
            call = next((one for one in spans if one.id == span.parent and one.kind == "client"), None)
            root = next((one for one in spans if call and one.id == call.parent), None)
            if root and root.service == "gateway" and root.kind == "server" and root.parent == "":
                return root
        return None

    assert eventually(first, 20)


def test_what_a_client_does_not_want_recorded_is_not(traced, notes):
    _, collector = traced
    unsampled, _, header = traceparent(sampled=False)
    assert notes.call("GET", "/notes", "-H", header).status == 200
    # Spans leave in the order they come: when this one is there, the other would be.
    sampled, _, header = traceparent()
    assert notes.call("GET", "/notes", "-H", header).status == 200
    assert eventually(lambda: find(collector.trace(sampled), "notes", "server", "GET /notes"), 20)
    assert eventually(lambda: find(collector.trace(sampled), "gateway", "server", "GET /notes"), 20)
    assert collector.trace(unsampled) == []


def test_failures_are_marked_and_refusals_are_not(traced, notes):
    services, collector = traced
    trace, _, header = traceparent()
    assert notes.call("GET", "/notes/no-such-note", "-H", header).status in (400, 404)
    assert curl(f"{services.url}/dev/no/such/path", "-H", header).status == 403
    services.kill("notes")
    try:
        assert notes.call("GET", "/notes", "-H", header).status == 503
    finally:
        services.start("notes", environment={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})

    def spans():
        named = {span.name: span for span in collector.trace(trace) if (span.service, span.kind) == ("gateway", "server")}
        return named if {"GET /notes/{noteId}", "GET /notes", "GET"} <= named.keys() else None

    named = eventually(spans, 20)
    assert named, collector.trace(trace)
    assert not named["GET /notes/{noteId}"].failed and not named["GET"].failed
    assert named["GET"].attributes["http.response.status_code"] == 403 and "http.route" not in named["GET"].attributes
    assert named["GET /notes"].failed and named["GET /notes"].attributes["error.type"] == "503"
    hops = [span for span in collector.trace(trace) if span.kind == "client" and span.parent == named["GET /notes"].id]
    assert [hop.attributes["error.type"] for hop in hops] == ["connect"] and hops[0].failed


def test_nothing_of_a_request_but_its_route_is_told(traced, notes):
    _, collector = traced
    trace, _, header = traceparent()
    made = notes.create("secret title", "secret content").json["noteId"]
    answer: Answer = notes.call("GET", f"/notes/{made}?limit=secretquery", "-H", header)
    assert answer.status in (200, 400), answer
    assert eventually(lambda: find(collector.trace(trace), "notes", "server", "GET /notes/{noteId}"), 20)
    with collector.lock:
        told = collector.bodies.decode()
    assert not re.search(r"secret|eyJ|us-east-1_|AWS4|noteId=|@", told), re.search(r".{50}(secret|eyJ|us-east-1_|AWS4|noteId=|@).{50}", told)
    assert made not in told


def test_a_collector_that_was_away_lost_nothing_and_the_metrics_say_so(traced, notes):
    services, collector = traced
    assert notes.list().status == 200
    assert eventually(lambda: not collector.answers, 20)
    text = curl(f"http://127.0.0.1:{services.operations}/metrics").body.decode()
    results = {name: float(count) for name, count in re.findall(r'strongroom_trace_spans_total\{result="(\w+)"\} (\S+)', text)}
    assert results.keys() == {"exported", "dropped", "refused", "lost"}
    assert results["exported"] > 0 and results["dropped"] == results["refused"] == results["lost"] == 0
    with collector.lock:
        bodies = list(collector.posts)
    assert bodies[0] in bodies[1:], "what was refused for now was not sent again"


def test_what_is_left_is_sent_when_a_service_stops(traced, notes):
    services, collector = traced
    trace, _, header = traceparent()
    assert notes.call("GET", "/notes", "-H", header).status == 200
    services.running["gateway"].terminate()
    assert services.running["gateway"].wait(20) == 0
    # The process is gone, so that nothing can come any more.
    assert find(collector.trace(trace), "gateway", "server", "GET /notes")


def test_a_whole_cluster_on_one_machine_is_told_by_a_flag(folder):
    with Collector() as collector:
        cluster = harness.start(folder, "--otlp-endpoint", collector.url)
        try:
            made = clients.Tenant(cluster, cluster.ready["userPoolId"], cluster.ready["clientId"], cluster.users)
            trace, _, header = traceparent()
            assert Notes(cluster.url, made.tokens(made.users[0])["IdToken"]).create("", "", "-H", header).status == 201
            assert eventually(lambda: {"gateway", "notes", "audit"} <= {span.service for span in collector.trace(trace)}, 20), collector.trace(trace)
        finally:
            cluster.kill()


@contextlib.contextmanager
def listening(port: int):
    """A server that keeps the header fields of each request, by their names."""
    seen: list[list[tuple[str, str]]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen.append([(name.lower(), value) for name, value in self.headers.items()])
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield seen
        finally:
            server.shutdown()


def test_the_state_of_a_trace_goes_along_with_it(folder):
    """W3C Trace Context §3.3, §3.5, §4.3: unchanged beside a traceparent that is valid, and never by itself."""
    with harness.Processes(folder, services=("authorizer", "gateway")) as services, listening(services.ports["identity"]) as seen:

        def passed(*fields: str) -> list[str]:
            arguments = [argument for field in fields for argument in ("-H", field)]
            assert curl(f"{services.url}/us-east-1_Pool/.well-known/jwks.json", *arguments).status == 200
            assert [len(value) for name, value in seen[-1] if name == "traceparent"] == [55]
            return [value for name, value in seen[-1] if name == "tracestate"]

        _, _, parent = traceparent()
        state = "rojo=00f067aa0ba902b7, congo=t61rcWkgMzE,t@v= x!"
        assert passed(parent, f"tracestate: {state}") == [state]
        assert passed(f"TraceState: {state}", parent.replace("traceparent", "TRACEPARENT")) == [state]
        assert passed(parent, "tracestate: a=1", "tracestate: b=2") == ["a=1", "b=2"]
        assert passed(parent, f"tracestate: a={'x' * 255},b={'y' * 252}") == [f"a={'x' * 255},b={'y' * 252}"]
        # 513 characters, in one line and, with the comma that joins them, in two.
        assert passed(parent, f"tracestate: a={'x' * 255},b={'y' * 253}") == []
        assert passed(parent, f"tracestate: a={'x' * 255}", f"tracestate: b={'y' * 253}") == []
        # Without its traceparent it says nothing, or something of another trace.
        for parents in ([], [parent[:-1]], [parent.replace(": 00-", ": ff-")], [parent, traceparent()[2]]):
            assert passed(f"tracestate: {state}", *parents) == [], parents
        assert passed(parent, f"tracestate: {state}", "Connection: tracestate") == []
        assert "rojo" not in (folder / "gateway.log").read_text()


@contextlib.contextmanager
def gateway_to(folder: pathlib.Path, collector: Collector, **settings: str):
    """A gateway by itself, whose answers to what it has no route for are traced."""
    with harness.Processes(folder, services=("authorizer",)) as processes:
        processes.start("gateway", environment={"STRONGROOM_OTLP_ENDPOINT": collector.url, **settings})
        assert curl(f"{processes.url}/dev/no/such/path").status == 403
        yield processes


@pytest.mark.parametrize("by_file", [True, False])
def test_a_collector_is_reached_by_tls_with_an_api_key(folder, by_file):
    authority = edge.Authority(folder)
    fields = "Authorization=Bearer%20s3cr3t%2C%20only, x-team = a%3Db"
    (folder / "headers").write_text(fields.replace(", ", "\n") + "\n")
    headers = {"STRONGROOM_OTLP_HEADERS_FILE": str(folder / "headers")} if by_file else {"OTEL_EXPORTER_OTLP_HEADERS": fields}
    with Collector(tls=authority.issue("collector", "127.0.0.1", "collector.test")) as collector:
        with gateway_to(folder, collector, OTEL_EXPORTER_OTLP_CERTIFICATE=str(authority.root_file), **headers):
            assert eventually(lambda: collector.spans)
            assert collector.fields["authorization"] == "Bearer s3cr3t, only" and collector.fields["x-team"] == "a=b"
            assert collector.fields["content-type"] == "application/json"
        assert "s3cr3t" not in (folder / "gateway.log").read_text()


@pytest.mark.parametrize("wrong", ["authority", "name", "system"])
def test_a_collector_that_is_not_who_it_should_be_gets_nothing(folder, wrong):
    authority = edge.Authority(folder)
    tls = authority.issue("collector", "collector.test" if wrong == "name" else "127.0.0.1")
    if wrong == "authority":
        authority = edge.Authority(folder)
    trusted = {} if wrong == "system" else {"OTEL_EXPORTER_OTLP_CERTIFICATE": str(authority.root_file)}
    with Collector(tls=tls) as collector, gateway_to(folder, collector, **trusted):
        assert eventually(lambda: collector.broken >= 2), "nobody tried, and tried again"
        assert not collector.posts


@pytest.mark.parametrize("key,value,said", [
    ("otlp-headers", "no-value", "NAME=VALUE"), ("otlp-headers", "a=s3cr3t%0d%0ab: c", "NAME=VALUE"), ("otlp-headers", "a b=s3cr3t", "NAME=VALUE"),
    ("otlp-headers", "a=s3cr3t,A=2", "each field once"), ("otlp-headers", "content-length=s3cr3t", "each field once"),
    ("otlp-headers", "a=%s3cr3t", "NAME=VALUE"), ("otlp-headers-file", "/nowhere/s3", "a file that can be read"),
    ("otlp-endpoint", "https://user:s3cr3t@collector.test", "without credentials"), ("otlp-certificate", "/nowhere", "certificates in PEM"), ("otlp-certificate", "/etc/hostname", "certificates in PEM")])
def test_settings_that_cannot_be_meant_are_refused_and_no_secret_is_said(folder, key, value, said):
    done = subprocess.run(
        [harness.binary(), "gateway", "--secrets", str(folder), *([] if key == "otlp-endpoint" else ["--otlp-endpoint", "https://collector.test"]),
         f"--{key}", value], capture_output=True, text=True, timeout=20)
    assert done.returncode != 0 and key in done.stderr and said in done.stderr and "s3cr3t" not in done.stderr, done


def test_a_collector_that_cannot_be_one_is_refused_by_name(folder):
    for url in ("grpc://collector.test", "collector.test:4318", "https://user:pass@collector.test", "http://collector.test/?a=b"):
        done = subprocess.run([harness.binary(), "gateway", "--secrets", str(folder), "--otlp-endpoint", url], capture_output=True, text=True, timeout=20)
        assert done.returncode != 0 and "otlp-endpoint" in done.stderr and "http://HOST:PORT" in done.stderr, done
