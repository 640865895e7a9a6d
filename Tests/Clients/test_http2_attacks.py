"""HTTP/2 held against a hostile client, written with PyPI's h2, hpack and hyperframe: its memory stays flat, and others are served."""

import contextlib
import json
import struct
import threading
import time

import hpack
import pytest
from hyperframe.frame import (
    ContinuationFrame, DataFrame, HeadersFrame, PingFrame, PriorityFrame, RstStreamFrame, SettingsFrame, WindowUpdateFrame)

import cluster as harness
import edge as edges
from clients import eventually
from http2_client import Ended, Reset, Response
from test_http2 import client
from test_tls import connected, context, curl

ENHANCE_YOUR_CALM = 11
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# What the gateway's memory may grow by under a flood; twenty connections' buffers and what the allocator keeps are within it.
ALLOWED = 25_000_000


@pytest.fixture(scope="module")
def edge():
    with harness.Folder() as folder, edges.Edge(folder) as running:
        # Whatever is allocated once is allocated.
        for _ in range(20):
            curl(running, "--http2", f"{running.url}/big?100000")
        yield running


class Bare:
    """A connection without any idea of the protocol: frames out, bytes back."""

    def __init__(self, connection, settings: bool = True) -> None:
        self.socket = connection
        self.encoder = hpack.Encoder()
        self.stream = -1
        if settings:
            self.send(PREFACE + SettingsFrame(0).serialize())

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def headers(self, fields=None, flags=("END_HEADERS", "END_STREAM")) -> bytes:
        self.stream += 2
        frame = HeadersFrame(self.stream, self.encoder.encode(fields or self.fields("/dev/slow")))
        frame.flags |= set(flags)
        return frame.serialize()

    @staticmethod
    def fields(path: str) -> list:
        return [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", path)]

    def flood(self, piece, seconds: float = 5) -> bool:
        """Sends what `piece()` makes, again and again, and reads nothing. Whether the server put an end to it."""
        self.socket.settimeout(2)
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                self.socket.sendall(b"".join(piece() for _ in range(200)))
        except TimeoutError:
            # It reads no more, which is another way to be held back.
            return True
        except OSError:
            return True
        return False

    def last_words(self) -> int | None:
        """The error code of the GOAWAY before the end; None where there was none."""
        received = b""
        self.socket.settimeout(20)
        with contextlib.suppress(OSError):
            while part := self.socket.recv(65_536):
                received += part
        code = None
        while len(received) >= 9:
            length, kind = int.from_bytes(received[:3], "big"), received[3]
            if kind == 7 and len(received) >= 17:
                code = struct.unpack(">I", received[13:17])[0]
            received = received[9 + length:]
        return code


@contextlib.contextmanager
def bare(edge, **more):
    with connected(edge, context(edge, alpn=("h2",))) as connection:
        yield Bare(connection, **more)


@contextlib.contextmanager
def holding_up(edge):
    """Others are served meanwhile, each within a second, and memory stays flat."""
    before, peak, slowest, served, failed, done = edge.memory(), [0], [0.0], [0], [], threading.Event()

    def others() -> None:
        while not done.is_set():
            started = time.monotonic()
            try:
                curl(edge, "--http2", "--max-time", "5", f"{edge.url}/plain")
                served[0] += 1
            except Exception as error:  # noqa: BLE001
                failed.append(error)
            slowest[0] = max(slowest[0], time.monotonic() - started)
            peak[0] = max(peak[0], edge.memory())
            time.sleep(0.02)

    thread = threading.Thread(target=others)
    thread.start()
    try:
        yield
        time.sleep(0.2)
    finally:
        done.set()
        thread.join()
    assert not failed and served[0] > 0
    assert slowest[0] < 2, f"others waited {slowest[0]:.1f} s"
    assert peak[0] - before < ALLOWED, f"memory grew by {(peak[0] - before) / 1e6:.1f} MB"
    assert edge.process.poll() is None


def test_streams_reset_as_fast_as_they_are_made(edge):
    """Rapid reset, CVE-2023-44487."""
    def piece(one):
        return one.headers() + RstStreamFrame(one.stream, error_code=8).serialize()

    with holding_up(edge):
        for _ in range(5):
            with bare(edge) as one:
                assert one.flood(lambda one=one: piece(one))
    with bare(edge) as one:
        one.socket.sendall(b"".join(piece(one) for _ in range(1_000)))
        assert one.last_words() in (ENHANCE_YOUR_CALM, 2)


def test_streams_that_we_are_made_to_reset(edge):
    """MadeYouReset, CVE-2025-8671: the client breaks a rule of a stream, and the server has to reset it."""
    with holding_up(edge), bare(edge) as one:
        assert one.flood(lambda: one.headers() + WindowUpdateFrame(one.stream, window_increment=2**31 - 1).serialize())
    with bare(edge) as one:
        with contextlib.suppress(OSError):
            for _ in range(100):
                one.send(b"".join(one.headers() + WindowUpdateFrame(one.stream, window_increment=2**31 - 1).serialize() for _ in range(20)))
        assert one.last_words() == ENHANCE_YOUR_CALM


@pytest.mark.parametrize("name", ["PING", "SETTINGS", "WINDOW_UPDATE", "PRIORITY", "empty DATA", "padded DATA", "WINDOW_UPDATE of a stream"])
def test_frames_that_cost_us_more_than_them(edge, name):
    """CVE-2019-9512, -9515, -9518 and their kin."""
    with holding_up(edge):
        for is_read in (False, True):
            with bare(edge) as one:
                one.send(one.headers(flags=("END_HEADERS",), fields=[(":method", "POST"), *one.fields("/dev/echo")[1:]]))
                piece = {
                    "PING": PingFrame(0, b"12345678"), "SETTINGS": SettingsFrame(0, settings={4: 65_535}), "PRIORITY": PriorityFrame(1, depends_on=0),
                    "WINDOW_UPDATE": WindowUpdateFrame(0, window_increment=1), "empty DATA": DataFrame(1, b""),
                    "padded DATA": DataFrame(1, b"", flags=["PADDED"], pad_length=0),
                    "WINDOW_UPDATE of a stream": WindowUpdateFrame(1, window_increment=1)}[name].serialize()
                if is_read:
                    with contextlib.suppress(OSError):
                        for _ in range(50):
                            one.send(piece * 100)
                    assert one.last_words() == ENHANCE_YOUR_CALM
                else:
                    assert one.flood(lambda: piece)


def test_a_header_block_without_an_end(edge):
    """CONTINUATION flood, CVE-2024-27316."""
    def start(one):
        one.send(one.headers(flags=("END_STREAM",)))
        return ContinuationFrame(1, one.encoder.encode([("x-more", "y" * 100)])).serialize()

    with holding_up(edge):
        for _ in range(3):
            with bare(edge) as one:
                piece = start(one)
                assert one.flood(lambda piece=piece: piece)
        with bare(edge) as one:
            empty = ContinuationFrame(1, b"").serialize()
            one.send(one.headers(flags=("END_STREAM",)))
            assert one.flood(lambda: empty)


def test_a_header_block_that_comes_slowly(edge):
    """A head has ten seconds, in frames as in lines."""
    with bare(edge) as one:
        one.send(one.headers(flags=("END_STREAM",)))
        started = time.monotonic()
        one.last_words()
        assert 5 < time.monotonic() - started < 15


def test_a_block_that_unpacks_to_much_more(edge):
    """An HPACK bomb: one large entry of the table, named again and again by a byte."""
    with holding_up(edge):
        for _ in range(3):
            with bare(edge) as one:
                first = HeadersFrame(1, one.encoder.encode([*one.fields("/dev/plain"), ("x-bomb", "b" * 3_900)]))
                first.flags |= {"END_HEADERS", "END_STREAM"}
                one.send(first.serialize())
                block = one.encoder.encode(one.fields("/dev/plain")) + b"\xbe" * 16_000
                second = HeadersFrame(3, block)
                second.flags |= {"END_HEADERS", "END_STREAM"}
                one.send(second.serialize())
                assert one.last_words() is not None


def test_answers_that_nobody_takes(edge):
    """Many streams ask for much, and the client opens no window (CVE-2019-9511, -9517)."""
    with holding_up(edge), contextlib.ExitStack() as stack:
        for _ in range(5):
            one = stack.enter_context(client(edge, window=0))
            for _ in range(20):
                one.request("/dev/big?1000000")
        time.sleep(2)


def test_answers_that_are_in_and_that_nobody_takes_fill_no_memory(folder):
    """Answers that are short enough to be read in whole wait for their clients to open a window: 380 MB of them, on streams that cost the client a header each."""
    # As many networks together could have it: one would be told that it asks for too much at once.
    with edges.Edge(folder, STRONGROOM_THROTTLE_RATE="0") as edge, contextlib.ExitStack() as stack:
        curl(edge, "--http2", f"{edge.url}/big?60000")
        before, hostile = edge.memory(), []
        for _ in range(64):
            hostile.append(stack.enter_context(client(edge, window=0)))
            with contextlib.suppress(Ended):
                for _ in range(98):
                    hostile[-1].request("/dev/big?60000")

        def all_are_in() -> bool:
            """Or their connection has ended."""
            for one in hostile:
                with contextlib.suppress(Ended):
                    one.pump(0.01)
            return all(one.closed or one.ended is not None or sum(state.status == 200 for state in one.responses.values()) == 98 for one in hostile)

        assert eventually(all_are_in, 60)
        grown, ended = edge.memory() - before, [one for one in hostile if one.closed or one.ended is not None]
        # What is new may be twice the limit of 64 MiB, and what the connections to the backend and the streams themselves take comes to it.
        assert grown < 200_000_000, f"{grown / 1e6:.0f} MB, {len(ended)} connections ended"
        assert ended
        assert json.loads(curl(edge, "--http2", f"{edge.url}/plain"))["path"] == "/plain"


def test_answers_that_nobody_takes_keep_nobody_else_from_the_service(folder):
    """Six connections of a hundred streams ask for more answers than a loop has connections to a service, and take none of them."""
    with edges.Edge(folder, STRONGROOM_LOOPS="1", STRONGROOM_THROTTLE_RATE="0") as edge, contextlib.ExitStack() as stack:
        hostile = [stack.enter_context(client(edge, window=0)) for _ in range(6)]
        for one in hostile:
            for _ in range(100):
                one.request("/dev/big?200000")

        def answered() -> int:
            for one in hostile:
                one.pump(0.01)
            return sum(state.status == 200 for one in hostile for state in one.responses.values())

        assert eventually(lambda: answered() >= 500, 30), answered()
        slowest = 0.0
        for _ in range(5):
            started = time.monotonic()
            assert json.loads(curl(edge, "--http2", "--max-time", "25", f"{edge.url}/plain"))["path"] == "/plain"
            slowest = max(slowest, time.monotonic() - started)
        # Each answer could be left standing for thirty seconds.
        assert slowest < 10, f"others waited {slowest:.1f} s"
        # Who takes what is left of an answer that had to give way is told that it is not whole.
        one = hostile[0]
        stream = next(iter(one.responses))
        one.open_window(stream, 1_000_000)
        assert one.end_of(stream) == f"reset {ENHANCE_YOUR_CALM}"
        assert one.received(stream) < 200_000


def test_bodies_that_nobody_ends(edge):
    """All windows filled on all streams: what waits is bounded by them."""
    with holding_up(edge), contextlib.ExitStack() as stack:
        for _ in range(10):
            one = stack.enter_context(client(edge))
            for _ in range(90):
                stream = one.request("/dev/echo", method="POST", end=False)
                size = min(one.h2.local_flow_control_window(stream), 16_000)
                if size:
                    one.h2.send_data(stream, b"x" * size)
                one.flush()
                one.pump(0.0001)


def test_what_has_come_of_a_body_that_nobody_reads_goes_with_the_answer(edge):
    """Not when the answer, which its client doesn't take, has gone: the connection's window shows what is kept."""
    with client(edge, window=0) as one:
        # The server's settings come with the room that it has for all streams.
        one.remote_concurrency()
        one.pump(0.2)
        room = one.h2.outbound_flow_control_window
        for _ in range(room // 12_000 - 1):
            # Both at once: what comes after the answer is dropped anyway.
            stream = one.h2.get_next_available_stream_id()
            one.h2.send_headers(stream, one.fields("/dev/nothing", "POST", ()))
            one.responses[stream] = Response()
            one.h2.send_data(stream, b"x" * 12_000)
            one.flush()

        def left() -> int:
            one.pump(0.05)
            return one.h2.outbound_flow_control_window

        assert eventually(lambda: left() > room // 2), (room, left())


def test_bodies_by_the_byte(edge):
    """A frame for each byte: what waits costs no more than the bytes, also where the answer is out and not taken."""
    with holding_up(edge), contextlib.ExitStack() as stack:
        for _ in range(4):
            one = stack.enter_context(bare(edge, settings=False))
            one.send(PREFACE + SettingsFrame(0, settings={4: 0}).serialize())
            for path in ("/dev/nothing", "/dev/slow"):
                for _ in range(2):
                    one.send(one.headers(flags=("END_HEADERS",), fields=[(":method", "POST"), *one.fields(path)[1:]]))
                    with contextlib.suppress(OSError):
                        one.send(DataFrame(one.stream, b"x").serialize() * 65_000)
        time.sleep(1)


@pytest.mark.parametrize("first", [b"", b"\x00" * 100, b"GET / HTTP/1.1\r\n\r\n", PREFACE[:10] + b"x" * 50, PREFACE + b"\xff" * 200,
                                   PREFACE + b"\x00\x00\x00\x00\x00\x00\x00\x00\x01", PREFACE + SettingsFrame(0).serialize() + b"\x00\xff\xff\x00\x00\x00\x00\x00\x01"])
def test_what_is_no_http2(edge, first):
    with bare(edge, settings=False) as one:
        one.send(first)
        one.last_words()
    assert json.loads(curl(edge, "--http2", f"{edge.url}/plain"))


SPLIT = "\r\nx-injected: 1\r\n"
BASE = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/dev/plain")]


def replaced(name: str, value: str) -> list:
    return [(key, value if key == name else old) for key, old in BASE]


def without(name: str) -> list:
    return [field for field in BASE if field[0] != name]


@pytest.mark.parametrize("fields", [
    # Lines of their own.
    replaced(":path", "/dev/plain HTTP/1.1" + SPLIT), replaced(":path", "/dev/plain" + SPLIT), replaced(":path", "/dev/plain\nx: y"),
    replaced(":path", "/dev/plain\x00"), replaced(":path", "/dev/plain x"), replaced(":path", "/dev/pl\x7fain"), replaced(":path", "/dev/pl\xe4in"),
    replaced(":method", "GET /dev/other HTTP/1.1" + SPLIT), replaced(":method", "GET "), replaced(":method", ""), replaced(":method", "get"),
    replaced(":authority", "localhost" + SPLIT), replaced(":authority", "localhost x"), replaced(":authority", "user@localhost"),
    replaced(":authority", "localhost/path"), replaced(":authority", "a,b"), replaced(":scheme", "https" + SPLIT),
    [*BASE, ("x-a", "b" + SPLIT)], [*BASE, ("x-a", "b\nc")], [*BASE, ("x-a", "b\x00c")], [*BASE, ("x-a" + SPLIT, "b")], [*BASE, ("x a", "b")],
    [*BASE, ("x-a:", "b")], [*BASE, ("", "b")], [*BASE, ("x-a", " b")], [*BASE, ("x-a", "b\t")], [*BASE, ("X-Upper", "b")],
    # Pseudo-header fields out of place.
    without(":path"), without(":method"), without(":scheme"), [*BASE, (":path", "/dev/big?1")], [*BASE, ("x-a", "b"), (":authority", "other")],
    [*without(":path"), ("x-a", "b"), (":path", "/dev/plain")], [*BASE, (":status", "200")], [(":unknown", "x"), *BASE], [*BASE, (":protocol", "websocket")],
    replaced(":path", ""), replaced(":path", "dev/plain"), replaced(":path", "*"), replaced(":path", "https://localhost/dev/plain"),
    replaced(":path", "/dev/plain#fragment"), replaced(":scheme", "http"), replaced(":scheme", "ftp"), replaced(":scheme", ""),
    replaced(":method", "CONNECT"), [(":method", "CONNECT"), (":authority", "localhost:443")], without(":authority"),
    # Two readings.
    [*BASE, ("host", "other.test")], [*BASE, ("host", "localhost"), ("host", "localhost")], [*without(":authority"), ("host", "a"), ("host", "b")],
    [*BASE, ("content-length", "0"), ("content-length", "0")], [*BASE, ("content-length", "5")], [*BASE, ("content-length", "+0")],
    [*BASE, ("content-length", "0, 0")],
    # What manages a connection.
    [*BASE, ("connection", "close")], [*BASE, ("connection", "x-strongroom-identity")], [*BASE, ("transfer-encoding", "chunked")],
    [*BASE, ("keep-alive", "1")], [*BASE, ("proxy-connection", "keep-alive")], [*BASE, ("upgrade", "h2c")], [*BASE, ("te", "gzip")],
    [*BASE, ("te", "trailers, gzip")],
], ids=lambda fields: ascii("|".join(f"{name}={value}" for name, value in fields if (name, value) not in BASE))[:60])
def test_a_request_that_could_be_read_twice_is_refused(edge, fields):
    seen = len(edge.backend.seen)
    with client(edge) as one:
        ended = one.end_of(one.request_with(fields))
        assert ended in (400, 403, 417, 501, "reset 1"), ended
        # A stream's fault, not the connection's.
        assert one.response(one.request("/dev/plain")).status == 200
    assert len(edge.backend.seen) == seen + 1


def test_hosts_that_agree_are_one(edge):
    with client(edge) as one:
        assert one.response(one.request("/dev/plain", more=[("host", f"localhost:{edge.port}")])).status == 200


def test_a_client_that_is_cut_off_leaves_nothing_behind(edge):
    """Connections end in the middle of everything, a hundred times."""
    with holding_up(edge):
        for number in range(100):
            with contextlib.suppress(Ended, Reset, OSError), client(edge) as one:
                stream = one.request("/dev/echo", method="POST", end=False)
                one.send_body(stream, b"x" * (number * 500), end=False)
                one.request("/dev/big?1000000")
                if number % 2:
                    one.pump(0.01)
                one.socket.close()
