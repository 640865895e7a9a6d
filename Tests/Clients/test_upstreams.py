"""A service behind the gateway that isn't itself, and what the gateway tells its operators."""

import concurrent.futures
import configparser
import contextlib
import http.client
import json
import re
import socket
import threading

import botocore.exceptions
import pytest

import cluster as harness
from clients import Notes, boto, curl, eventually, tenant

GIBBERISH = {
    "another protocol": b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n",
    "HTTP/2": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\x00\x04\x00\x10\x00\x00\x00\x06\x00\x01\x00\x00",
    "zeros": bytes(4096),
    "no status": b"HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a field without a colon": b"HTTP/1.1 200 OK\r\nContent-Length 2\r\n\r\n{}",
    "a head without an end": b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 200_000,
}


@contextlib.contextmanager
def speaking(port: int, answers: list[bytes]):
    """A listener that reads a request's head, says the last of `answers`, and closes."""
    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", port), reuse_port=False) as listener:
        listener.settimeout(0.1)

        def serve() -> None:
            while not stopping.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(5)
                    head = b""
                    while b"\r\n\r\n" not in head and (part := connection.recv(65_536)):
                        head += part
                    connection.sendall(answers[-1])
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65_536):
                        pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()


@pytest.fixture(scope="module")
def without_notes():
    """Four of the services as processes; the port of the fifth is free."""
    with harness.Folder() as folder, harness.Processes(folder, services=("authorizer", "identity", "audit", "gateway")) as services:
        yield services


def test_an_upstream_that_answers_gibberish_is_a_bad_gateway(without_notes):
    who = tenant(without_notes, users=1)
    notes = Notes(without_notes.url, who.tokens(who.users[0])["IdToken"])
    said: list[bytes] = [b""]
    with speaking(without_notes.ports["notes"], said):
        for name, answer in GIBBERISH.items():
            said.append(answer)
            got = notes.list()
            assert (got.status, got.body) == (502, b'{"message":"Internal server error"}'), (name, got)
            assert got.headers["x-amzn-errortype"] == "InternalServerErrorException" and got.headers["content-type"] == "application/json", name
            assert "x-amzn-requestid" in got.headers and "x-amz-apigw-id" in got.headers, name
        # What belongs to the connection between the two is nobody else's.
        said.append(b"HTTP/1.1 200 OK\r\nConnection: close, X-Mine\r\nx-mine: 1\r\nKeep-Alive: 5\r\nProxy-Connection: keep-alive\r\nX-Kept: 2\r\nContent-Length: 2\r\n\r\n{}")
        answer = notes.list()
        assert answer.status == 200 and answer.headers["x-kept"] == "2" and not {"x-mine", "keep-alive", "proxy-connection"} & set(answer.headers)
        # The connections that spoke it are not used again, and nothing of it is left in the gateway.
        said.append(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        assert (notes.list().status, notes.list().body) == (200, b"{}")


def test_a_service_that_is_away_is_unavailable_for_a_while(without_notes):
    who = tenant(without_notes, users=1)
    got = Notes(without_notes.url, who.tokens(who.users[0])["IdToken"]).list()
    assert (got.status, got.json) == (503, {"message": "Service Unavailable"})
    assert got.headers["retry-after"] == "1"


def operations(services, path: str) -> tuple[int, str, str]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", services.operations, timeout=5)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type", ""), answer.read().decode()


def counted(services, route: str, status: str) -> float:
    """How many requests of a route the gateway has answered so, whatever their method."""
    found = re.findall(rf'^strongroom_requests_total{{method="\w+",route="{re.escape(route)}",status="{status}"}} (\S+)$',
                       operations(services, "/metrics")[2], flags=re.M)
    assert found, route
    return sum(map(float, found))


def test_requests_are_counted_by_their_routes_and_never_by_what_a_client_wrote(without_notes):
    url = without_notes.url
    before = {route: counted(without_notes, route, "4xx") for route in ("/notes/{noteId}", "unmatched", "aws-api")}
    preflights = counted(without_notes, "preflight", "2xx")
    series = len(operations(without_notes, "/metrics")[2].splitlines())
    for secret in ("alpha", "beta"):
        assert curl(f"{url}/dev/notes/{secret}").status == 401
        assert curl(f"{url}/dev/{secret}?{secret}={secret}", "-X", "DELETE").status == 403
        assert curl(f"{url}/", "-X", "POST", "-H", f"X-Amz-Target: {secret}").status == 400
        assert curl(f"{url}/dev/notes", "-X", "OPTIONS", "-H", "Origin: https://a.test", "-H", "Access-Control-Request-Method: GET").status == 204
    for route, count in before.items():
        assert counted(without_notes, route, "4xx") == count + 2, route
    assert counted(without_notes, "preflight", "2xx") == preflights + 2
    text = operations(without_notes, "/metrics")[2]
    assert "alpha" not in text and "beta" not in text
    assert len(text.splitlines()) == series


def test_the_gateway_tells_its_metrics_on_its_operations_port_only(without_notes):
    assert curl(f"{without_notes.url}/dev/notes").status == 401
    status, kind, text = operations(without_notes, "/metrics")
    assert status == 200 and kind.startswith("text/plain")
    samples = {}
    for line in text.splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP|TYPE) (strongroom|process)_\w+ .+", line), line
            continue
        found = re.fullmatch(r'((?:strongroom|process)_\w+)(\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? (\S+)', line)
        assert found, line
        samples[found[1] + (found[2] or "")] = float(found[3])
    assert samples['strongroom_requests_total{method="GET",route="/notes",status="4xx"}'] >= 1
    assert samples['strongroom_request_seconds_count{method="GET",route="/notes"}'] >= 1
    # No tenant, user, path or address becomes a label.
    assert not re.search(r"us-east-1_\w{9}|/dev/notes|127\.0\.0\.1", text)
    for path in ("/healthz", "/readyz"):
        assert operations(without_notes, path)[0] == 200
    for path in ("/metrics", "/dev/metrics"):
        public = curl(f"{without_notes.url}{path}")
        assert (public.status, public.json) == (403, {"message": "Missing Authentication Token"}), path


def test_a_call_that_a_service_does_not_take_for_the_gateways_is_not_the_clients_fault(folder):
    with harness.Processes(folder) as services:
        who = tenant(services, users=1)
        notes = Notes(services.url, who.tokens(who.users[0])["IdToken"])
        assert notes.list().status == 200
        credentials = folder / "secrets/gateway/credentials"
        parser = configparser.ConfigParser()
        parser.read(credentials)
        credentials.write_text(credentials.read_text().replace(parser["notes"]["aws_secret_access_key"], "A" * 40))
        refused = eventually(lambda: (answer := notes.list()).status != 200 and answer)
        assert (refused.status, refused.json) == (503, {"message": "Service Unavailable"}) and refused.headers["retry-after"] == "1"

        def told(peer: str) -> dict:
            lines = map(json.loads, (folder / "gateway.log").read_text().splitlines())
            return next((line for line in lines if line.get("status") == 503 and line.get("peer") == peer), {})

        line = eventually(lambda: told("notes"))
        assert (line["level"], line["reason"]) == ("error", "serviceAway") and "signature" in line["error"], line
        services.kill("audit")
        assert notes.call("GET", "/audit/events").status == 503
        line = eventually(lambda: told("audit"))
        assert (line["level"], line["reason"]) == ("error", "serviceAway") and "connect" in line["error"], line


def test_a_request_that_a_server_closes_on_is_sent_once_more_and_no_oftener(without_notes):
    """Each idle connection could look like one that was closed just then: the request that a server dies of would kill all of its workers."""
    who = tenant(without_notes, users=1)
    notes = Notes(without_notes.url, who.tokens(who.users[0])["IdToken"])
    heads: list[bytes] = []
    together = threading.Barrier(8, timeout=10)

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            received = b""
            while True:
                while b"\r\n\r\n" not in received:
                    if not (part := connection.recv(65_536)):
                        return
                    received += part
                head, received = received.split(b"\r\n\r\n", 1)
                heads.append(head)
                if b"fatal" in head:
                    listener.shutdown(socket.SHUT_RDWR)
                    listener.close()
                if b"poison" in head or b"fatal" in head:
                    return
                # So that there are as many connections; other services ask for things of their own.
                if head.startswith(b"GET /notes"):
                    together.wait()
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    def accept(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    listener = socket.create_server(("127.0.0.1", without_notes.ports["notes"]))
    try:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            assert {answer.status for answer in pool.map(lambda _: notes.list(), range(8))} == {200}
        assert notes.list("?poison=1").status == 504
        assert len([head for head in heads if b"poison" in head]) <= 2
        # It was sent, and then nobody is there: nobody knows what was done, and it is not said that nothing was.
        assert notes.delete("fatal").status == 504
        assert len([head for head in heads if b"fatal" in head]) == 1
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()


def test_on_the_apis_of_aws_too_what_was_sent_is_not_said_to_be_undone(folder):
    with harness.Processes(folder) as services:
        identity = boto(services, "cognito-idp")
        identity.create_user_pool(PoolName="one")
        services.kill("identity")
        asked = []

        def hang_up(listener: socket.socket) -> None:
            with contextlib.suppress(OSError):
                while True:
                    with contextlib.closing(listener.accept()[0]) as connection:
                        asked.append(connection.recv(1 << 16))

        listener = socket.create_server(("127.0.0.1", services.ports["identity"]))
        try:
            threading.Thread(target=hang_up, args=(listener,), daemon=True).start()
            with pytest.raises(botocore.exceptions.ClientError) as unknown:
                identity.create_user_pool(PoolName="two")
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        assert [b"two" in head for head in asked if head.startswith(b"POST / ")] == [True]
        answer = unknown.value.response
        assert answer["Error"]["Code"] == "InternalErrorException" and answer["ResponseMetadata"]["HTTPStatusCode"] == 504
        assert "retry-after" not in answer["ResponseMetadata"]["HTTPHeaders"]
        # Nobody is there: nothing was done.
        with pytest.raises(botocore.exceptions.ClientError) as away:
            identity.create_user_pool(PoolName="two")
        answer = away.value.response
        assert answer["Error"]["Code"] == "ServiceUnavailableException" and answer["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert answer["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "1"
