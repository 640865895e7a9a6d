"""HTTP/2 as foreign clients see it: curl, nghttp, h2load, and PyPI's h2."""

import contextlib
import hashlib
import json
import re
import subprocess
import threading
import time

import pytest

import cluster as harness
import edge as edges
from http2_client import Client, Ended, Reset
from test_tls import connected, context, curl


@pytest.fixture(scope="module")
def edge():
    with harness.Folder() as folder, edges.Edge(folder) as running:
        yield running


@contextlib.contextmanager
def client(edge, **more):
    with connected(edge, context(edge, alpn=("h2",))) as connection:
        assert connection.selected_alpn_protocol() == "h2"
        yield Client(connection, f"localhost:{edge.port}", **more)


def test_curl_gets_through_and_its_bodies_are_whole(edge, folder):
    assert curl(edge, "--http2", "-o", "/dev/null", "-w", "%{http_version}", f"{edge.url}/plain") == "2"
    assert len(curl(edge, "--http2", f"{edge.url}/big?5000000")) == 5_000_000
    body = bytes(range(256)) * 30_000
    (folder / "body").write_bytes(body)
    # With a length, and without: from a pipe.
    whole = {"length": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    assert json.loads(curl(edge, "--http2", "--data-binary", f"@{folder / 'body'}", f"{edge.url}/echo")) == whole
    assert json.loads(curl(edge, "--http2", "-X", "POST", "-T", str(folder / "body"), f"{edge.url}/echo")) == whole


@pytest.mark.parametrize("length", [2, 60_000, 900_000])
def test_curl_sees_an_answer_that_comes_before_its_body_is_read(edge, folder, length):
    # A reset right behind the answer would hide it: curl takes that for a failure for as long as it has something to send.
    (folder / "body").write_bytes(b"x" * length)
    for _ in range(10):
        done = subprocess.run(
            ["curl", "-sS", "--cacert", edge.authority.root_file, "--http2", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", "-d", f"@{folder / 'body'}",
             f"{edge.url}/nowhere"], capture_output=True, text=True, timeout=60)
        assert (done.stdout, done.stderr) == ("2 403", "")


@pytest.mark.parametrize(("length", "is_heard_out"), [(1_000_000, True), (9_000_000, False)])
@pytest.mark.parametrize("is_announced", [True, False])
def test_the_rest_of_a_request_that_has_its_answer_may_come_where_it_is_short(edge, length, is_heard_out, is_announced):
    with client(edge) as one:
        stream = one.request("/nowhere", method="POST", more=[("content-length", str(length))] if is_announced else [], end=False)
        one.send_body(stream, b"x" * length)
        assert one.response(stream).status == 403
        assert (one.responses[stream].reset is None) == is_heard_out
        assert one.response(one.request("/dev/plain")).status == 200


def test_nghttp_and_h2load_are_served(edge):
    said = subprocess.run(["nghttp", "-v", "--no-verify-peer", f"{edge.url}/plain"], capture_output=True, text=True, timeout=30).stdout
    assert ":status: 200" in said and "GOAWAY" in said
    said = subprocess.run(
        ["h2load", "-n", "2000", "-c", "10", "-m", "20", f"{edge.url}/plain"], check=True, capture_output=True, text=True, timeout=60).stdout
    assert "2000 succeeded, 0 failed, 0 errored, 0 timeout" in said and "status codes: 2000 2xx" in said


def test_http1_clients_are_served_as_before(edge):
    assert curl(edge, "--http1.1", "-o", "/dev/null", "-w", "%{http_version}", f"{edge.url}/plain") == "1.1"


def test_streams_don_t_wait_for_each_other(edge):
    with client(edge) as one:
        slow = one.request("/dev/later?1500")
        started = time.monotonic()
        quick = [one.request("/dev/plain") for _ in range(30)]
        for stream in quick:
            assert one.response(stream).status == 200
        assert time.monotonic() - started < 1.2
        assert one.response(slow).status == 200


def test_what_a_service_behind_gets_is_the_same_request(edge):
    with client(edge) as one:
        sent = one.response(one.request("/dev/plain?a=b", more=[("cookie", "a=1"), ("cookie", "b=2"), ("x-empty", ""), ("te", "trailers")]))
    seen = json.loads(sent.body)
    assert seen["path"] == "/plain?a=b"
    assert seen["headers"]["cookie"] == "a=1; b=2"
    assert seen["headers"]["x-empty"] == ""
    assert "te" not in seen["headers"]


def test_a_trace_and_its_state_go_on_to_a_server_behind(edge):
    trace, state = "4bf92f3577b34da6a3ce929d0e0e4736", f"a={'x' * 255},b={'y' * 252}"
    traced = ("-H", f"traceparent: 00-{trace}-00f067aa0ba902b7-01", "-H")
    seen = json.loads(curl(edge, *traced, f"tracestate: {state}", f"{edge.url}/plain"))["headers"]
    assert seen["traceparent"].split("-")[1] == trace and seen["traceparent"].split("-")[2] != "00f067aa0ba902b7"
    assert len(state) == 512 and seen["tracestate"] == state
    assert "tracestate" not in json.loads(curl(edge, *traced, f"tracestate: {state}y", f"{edge.url}/plain"))["headers"]


def test_responses_keep_to_http2(edge):
    with client(edge) as one:
        answer = one.response(one.request("/dev/plain"))
        names = [name for name, _ in answer.fields]
        assert all(name == name.lower() for name in names)
        assert not {"connection", "transfer-encoding", "keep-alive"} & set(names)
        assert names.count("date") == 1 and names.count("content-length") == 1
        head = one.response(one.request("/dev/plain", method="HEAD"))
        assert head.body == b""


def test_errors_are_the_same_bytes_as_over_http1(edge):
    """Status, body and error type of each, over both."""
    cases = [
        ("GET", "/dev/nowhere", [], 403), ("GET", "/dev/..%2fplain", [], 400), ("GET", "/dev/plain", [("x-long", "x" * 11_000)], 431),
        ("GET", "/dev/plain", [(f"x-{n}", "y") for n in range(120)], 431), ("POST", "/dev/echo", [("content-length", "99999999")], 413),
        ("BREW", "/dev/plain", [], 403), ("GET", "/dev//plain", [], 400), ("GET", "/dev/plain", [("expect", "miracles")], 417),
    ]
    for method, path, fields, status in cases:
        with connected(edge, context(edge)) as connection:
            lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
            connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}\r\n".encode())
            received = b""
            while part := connection.recv(65_536):
                received += part
        head, _, body = received.partition(b"\r\n\r\n")
        assert int(head.split()[1]) == status, (path, head)
        with client(edge) as one:
            answer = one.response(one.request(path, method=method, more=fields, end=method != "POST"))
            assert (answer.status, answer.body) == (status, body), path
            kind = re.search(rb"(?i)x-amzn-errortype: (\S+)", head)
            assert answer.field("x-amzn-errortype") == (kind and kind.group(1).decode())
            # And the connection goes on.
            assert one.response(one.request("/dev/plain")).status == 200


def test_a_body_that_is_too_long_is_cut_off(edge):
    with client(edge) as one:
        stream = one.request("/dev/echo", method="POST", end=False)
        one.send_body(stream, b"x" * 11_000_000, end=False, stop_when_answered=True)
        assert one.response(stream).status == 413
        assert one.response(one.request("/dev/plain")).status == 200


def test_the_length_that_is_announced_is_kept(edge):
    for announced, sent in ((5, b"1234"), (5, b"123456"), (0, b"1")):
        with client(edge) as one:
            stream = one.request("/dev/echo", method="POST", more=[("content-length", str(announced))], end=False)
            one.send_body(stream, sent)
            with pytest.raises(Reset):
                one.response(stream)
            assert one.response(one.request("/dev/plain")).status == 200


def test_trailers_may_follow_and_may_not_frame(edge):
    with client(edge) as one:
        stream = one.request("/dev/echo", method="POST", end=False)
        one.send_body(stream, b"abc", end=False)
        one.send_fields(stream, [("x-checksum", "1")], end=True)
        assert json.loads(one.response(stream).body)["length"] == 3
        stream = one.request("/dev/echo", method="POST", end=False)
        one.send_body(stream, b"abc", end=False)
        one.send_fields(stream, [("authorization", "x")], end=True)
        assert one.response(stream).status == 400


def test_an_expectation_is_met(edge):
    with client(edge) as one:
        stream = one.request("/dev/echo", method="POST", more=[("expect", "100-continue"), ("content-length", "3")], end=False)
        one.wait_for_informational(stream)
        one.send_body(stream, b"abc")
        assert json.loads(one.response(stream).body)["length"] == 3


def test_a_client_s_window_is_kept(edge):
    with client(edge, window=1_000) as one:
        stream = one.request("/dev/big?50000")
        one.pump_until(lambda: one.received(stream) > 0)
        one.pump(0.3)
        assert one.received(stream) == 1_000
        with client(edge) as other:
            assert other.response(other.request("/dev/plain")).status == 200
        while one.received(stream) < 50_000:
            before = one.received(stream)
            one.open_window(stream, 5_000)
            one.pump_until(lambda: one.received(stream) > before)
        assert one.response(stream).body == b"x" * 50_000


def test_large_bodies_go_both_ways_at_once(edge):
    body = b"z" * 3_000_000
    with client(edge) as one:
        downloads = [one.request("/dev/big?3000000") for _ in range(3)]
        uploads = [one.request("/dev/echo", method="POST", end=False) for _ in range(3)]
        for stream in uploads:
            one.send_body(stream, body)
        for stream in uploads:
            assert json.loads(one.response(stream).body)["sha256"] == hashlib.sha256(body).hexdigest()
        for stream in downloads:
            assert len(one.response(stream).body) == 3_000_000


def test_a_request_that_is_reset_is_not_waited_for(edge):
    with client(edge) as one:
        for _ in range(20):
            one.reset(one.request("/dev/slow"))
        assert one.response(one.request("/dev/plain")).status == 200


def test_more_streams_than_allowed_are_refused(edge):
    with client(edge) as one:
        assert one.remote_concurrency() == 100
        streams = [one.request("/dev/later?300") for _ in range(100)]
        assert {one.end_of(stream) for stream in streams} == {200}
    with client(edge) as one, pytest.raises(Ended):
        # Who has been told and goes beyond it breaks the protocol.
        one.remote_concurrency()
        for _ in range(110):
            one.request("/dev/later?300", unchecked=True)
        one.pump_until(lambda: one.ended is not None)
        assert one.ended == 1
        raise Ended


def test_shutting_down_lets_requests_end():
    with harness.Folder() as folder, edges.Edge(folder) as edge:
        with client(edge) as idle:
            assert idle.response(idle.request("/dev/plain")).status == 200
            busy = subprocess.Popen(
                ["nghttp", "-v", "--no-verify-peer", f"{edge.url}/later?1500", f"{edge.url}/later?2500"], stdout=subprocess.PIPE, text=True)
            time.sleep(0.7)
            edge.process.terminate()
            # GOAWAY without an error, and the end.
            assert idle.wait_for_end() == 0
            said, _ = busy.communicate(timeout=20)
            assert said.count(":status: 200") == 2 and "recv GOAWAY" in said
        assert edge.process.wait(10) == 0


def test_many_connections_at_once(edge):
    failed = []

    def work() -> None:
        try:
            with client(edge) as one:
                for _ in range(10):
                    streams = [one.request("/dev/plain") for _ in range(10)]
                    for stream in streams:
                        assert one.response(stream).status == 200
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
