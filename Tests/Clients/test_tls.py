"""HTTPS as foreign clients see it: curl, Python's ssl, openssl, sslscan."""

import array
import contextlib
import ctypes
import fcntl
import hashlib
import http.client
import json
import re
import signal
import socket
import ssl
import struct
import subprocess
import termios
import threading
import time
import xml.etree.ElementTree as ElementTree

import pytest

import cluster as harness
import edge as edges
from clients import eventually, tool


@pytest.fixture(scope="module")
def edge():
    with harness.Folder() as folder, edges.Edge(folder) as running:
        yield running


def curl(edge, *arguments: str) -> str:
    return subprocess.run(
        ["curl", "-sS", "--fail", "--cacert", edge.authority.root_file, *arguments], check=True, capture_output=True, text=True, timeout=60).stdout


def context(edge, least=ssl.TLSVersion.TLSv1_2, most=ssl.TLSVersion.TLSv1_3, alpn=("http/1.1",)) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=edge.authority.root_file)
    made.minimum_version, made.maximum_version = least, most
    if alpn:
        made.set_alpn_protocols(list(alpn))
    return made


@contextlib.contextmanager
def connected(edge, made: ssl.SSLContext, server_name="localhost", **more):
    with socket.create_connection(("127.0.0.1", edge.port), timeout=15) as raw:
        with made.wrap_socket(raw, server_hostname=server_name, **more) as connection:
            yield connection


def get(connection: ssl.SSLSocket, path="/dev/plain", close=False) -> bytes:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{'Connection: close' if close else 'X-A: b'}\r\n\r\n".encode())
    received = b""
    while part := connection.recv(65_536):
        received += part
        head, found, body = received.partition(b"\r\n\r\n")
        if found and not close and len(body) == int(re.search(rb"(?i)content-length: (\d+)", head).group(1)):
            break
    return received


def subject(connection: ssl.SSLSocket) -> str:
    return dict(part[0] for part in connection.getpeercert()["subject"])["commonName"]


def test_curl_gets_through_and_its_bodies_are_whole(edge, folder):
    assert json.loads(curl(edge, "--http1.1", f"{edge.url}/plain"))["path"] == "/plain"
    assert len(curl(edge, "--http1.1", f"{edge.url}/big?5000000")) == 5_000_000
    body = bytes(range(256)) * 30_000
    (folder / "body").write_bytes(body)
    for more in ((), ("-H", "Transfer-Encoding: chunked")):
        answer = json.loads(curl(edge, "--http1.1", *more, "--data-binary", f"@{folder / 'body'}", f"{edge.url}/echo"))
        assert answer == {"length": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def test_errors_are_the_same_bytes_as_in_the_clear(edge):
    with connected(edge, context(edge)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 11_000 + b"\r\n\r\n")
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 431 ") and b"Connection: close\r\n" in answer


def test_many_requests_share_a_connection_and_arrive_in_pieces(edge):
    with connected(edge, context(edge)) as connection:
        for _ in range(50):
            assert get(connection).startswith(b"HTTP/1.1 200 ")
        for byte in b"GET /dev/plain HTTP/1.1\r\nHost: localhost\r\n":
            connection.sendall(bytes([byte]))
        assert get(connection).startswith(b"HTTP/1.1 400 ")


def test_the_certificate_is_chosen_by_the_name_asked_for(edge):
    for asked, shown in (("localhost", "localhost"), ("one.test", "localhost"), ("two.test", "two.test"), ("a.two.test", "two.test")):
        with connected(edge, context(edge), server_name=asked) as connection:
            assert subject(connection) == shown
    # A name that nobody has, and none at all: the first.
    for asked in ("nobody.test", None):
        made = context(edge)
        made.check_hostname = False
        with connected(edge, made, server_name=asked) as connection:
            assert subject(connection) == "localhost"


def test_only_protocols_we_speak_are_agreed_on(edge):
    with connected(edge, context(edge)) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"
    with connected(edge, context(edge, alpn=())) as connection:
        assert connection.selected_alpn_protocol() is None
        assert get(connection).startswith(b"HTTP/1.1 200 ")
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        with connected(edge, context(edge, alpn=("ftp", "imap"))):
            pass


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_resumed_by_its_ticket(edge, version):
    made = context(edge, version, version)
    with connected(edge, made) as connection:
        get(connection)
        session = connection.session
        assert session.has_ticket and not connection.session_reused
    with connected(edge, made, session=session) as connection:
        assert connection.session_reused
        assert get(connection).startswith(b"HTTP/1.1 200 ")


def test_a_ticket_survives_a_change_of_certificates(edge):
    made = context(edge)
    with connected(edge, made) as connection:
        get(connection)
        session = connection.session
    edge.authority.issue("first", "localhost", "127.0.0.1", "one.test")
    wait_for_log(edge, "New certificates are in use")
    with connected(edge, made, session=session) as connection:
        assert connection.session_reused


# The seconds that a process believes to be later than it is stand in a file.
CLOCK = """
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
time_t time(time_t *result) {
    struct timespec now;
    long ahead = 0;
    FILE *file = fopen(getenv("CLOCK_AHEAD"), "r");
    if (file) { if (fscanf(file, "%ld", &ahead) != 1) ahead = 0; fclose(file); }
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec + ahead;
    return now.tv_sec + ahead;
}
"""


def test_keys_of_tickets_rotate_and_tickets_outlive_that(folder):
    """RFC 5077 §4: a ticket begins with the name of its key. A key seals for four hours and opens for four more; a ticket is good for two."""
    (folder / "clock.c").write_text(CLOCK)
    subprocess.run([tool("clang"), "-shared", "-fPIC", "-o", folder / "clock.so", folder / "clock.c"], check=True)

    def connect(session: str, *arguments: str) -> tuple[bool, str]:
        """Whether the session was resumed, and the key of the ticket that came of it."""
        said = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{edge.port}", "-servername", "localhost", "-tls1_2", "-sess_out", folder / session, *arguments],
            input="", capture_output=True, text=True, timeout=30, check=True).stdout
        return "Reused, TLSv1.2" in said, re.search(r"TLS session ticket:\n +0000 - ([0-9a-f -]{47})", said).group(1)

    with edges.Edge(folder, LD_PRELOAD=str(folder / "clock.so"), CLOCK_AHEAD=str(folder / "ahead")) as edge:
        resumed, first = connect("begun")
        assert not resumed and connect("again") == (False, first)
        (folder / "ahead").write_text(f"{4 * 3600 - 60}")
        assert connect("late") == (False, first)
        (folder / "ahead").write_text(f"{4 * 3600 + 60}")
        resumed, second = connect("rotated")
        assert not resumed and second != first
        # A ticket of before is taken, and replaced by one under the new key.
        assert connect("renewed", "-sess_in", str(folder / "late")) == (True, second)
        # One that is over is not, though its key is there.
        assert connect("over", "-sess_in", str(folder / "begun")) == (False, second)


def test_no_weak_protocol_or_cipher_is_spoken(edge):
    """Held against sslscan."""
    said = subprocess.run(
        ["sslscan", "--xml=-", "--show-certificate", "--no-colour", f"127.0.0.1:{edge.port}"], check=True, capture_output=True, text=True, timeout=120).stdout
    scan = ElementTree.fromstring(said).find("ssltest")
    enabled = {(one.get("type"), one.get("version")) for one in scan.iter("protocol") if one.get("enabled") == "1"}
    assert enabled == {("tls", "1.2"), ("tls", "1.3")}
    ciphers = {(one.get("sslversion"), one.get("cipher"), int(one.get("bits"))) for one in scan.iter("cipher")}
    assert ciphers
    for version, cipher, bits in ciphers:
        assert bits >= 128
        assert re.fullmatch(r"TLS_(AES_128_GCM_SHA256|AES_256_GCM_SHA384|CHACHA20_POLY1305_SHA256)", cipher) if version == "TLSv1.3" else re.fullmatch(
            r"ECDHE-(ECDSA|RSA)-(AES128-GCM-SHA256|AES256-GCM-SHA384|CHACHA20-POLY1305)", cipher), cipher
    assert scan.find("renegotiation").attrib == {"supported": "0", "secure": "0"} or scan.find("renegotiation").get("secure") == "1"
    assert all(one.get("supported") == "0" for one in scan.iter("compression"))
    assert all(one.get("vulnerable") == "0" for one in scan.iter("heartbleed"))
    assert {one.get("name").split()[0] for one in scan.iter("group")} <= {"x25519", "secp256r1", "secp384r1"}


def test_the_whole_chain_is_shown(edge):
    said = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{edge.port}", "-servername", "two.test", "-verify_return_error", "-verify_hostname", "two.test",
         "-CAfile", edge.authority.root_file, "-showcerts"], input="", capture_output=True, text=True, timeout=30).stdout
    assert "Verify return code: 0 (ok)" in said
    assert said.count("BEGIN CERTIFICATE") == 2


@pytest.mark.parametrize("arguments", [("-tls1",), ("-tls1_1",), ("-tls1_2", "-cipher", "AES128-SHA:AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA256")])
def test_old_versions_and_suites_are_refused(edge, arguments):
    client = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{edge.port}", "-servername", "two.test", *arguments,
         *(("-cipher", "DEFAULT:@SECLEVEL=0") if "-cipher" not in arguments else ())], input="", capture_output=True, text=True, timeout=30)
    assert client.returncode != 0 and "Cipher is (NONE)" in client.stdout


def test_renegotiation_is_refused(edge):
    client = subprocess.Popen(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{edge.port}", "-servername", "localhost", "-tls1_2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    client.stdin.write("R\n")
    client.stdin.flush()
    said, _ = client.communicate(timeout=30)
    assert "RENEGOTIATING" in said and "no renegotiation" in said


class Libssl:
    """A TLS 1.2 client that can ask for renegotiation, which Python's own can't."""

    def __init__(self, raw: socket.socket) -> None:
        self.ssl, self.crypto = ctypes.CDLL("libssl.so.3"), ctypes.CDLL("libcrypto.so.3")
        for name in ("TLS_client_method", "SSL_CTX_new", "SSL_new"):
            getattr(self.ssl, name).restype = ctypes.c_void_p
        self.crypto.ERR_get_error.restype = ctypes.c_ulong
        self.context = ctypes.c_void_p(self.ssl.SSL_CTX_new(ctypes.c_void_p(self.ssl.TLS_client_method())))
        # SSL_CTRL_SET_MAX_PROTO_VERSION
        self.ssl.SSL_CTX_ctrl(self.context, 124, ctypes.c_long(0x0303), None)
        self.session = ctypes.c_void_p(self.ssl.SSL_new(self.context))
        self.ssl.SSL_set_fd(self.session, raw.fileno())
        # SSL_CTRL_SET_TLSEXT_HOSTNAME
        self.ssl.SSL_ctrl(self.session, 55, ctypes.c_long(0), b"localhost")
        assert self.ssl.SSL_connect(self.session) == 1, self.error()

    def write(self, text: bytes) -> None:
        assert self.ssl.SSL_write(self.session, text, len(text)) == len(text), self.error()

    def renegotiate(self) -> None:
        """The hello goes out with the next read."""
        assert self.ssl.SSL_renegotiate(self.session) == 1, self.error()

    def read(self) -> bytes | None:
        """None at the end, whatever it is."""
        buffer = ctypes.create_string_buffer(65_536)
        count = self.ssl.SSL_read(self.session, buffer, len(buffer))
        return buffer.raw[:count] if count > 0 else None

    def error(self) -> str:
        text = ctypes.create_string_buffer(256)
        self.crypto.ERR_error_string_n(ctypes.c_ulong(self.crypto.ERR_get_error()), text, len(text))
        return text.value.decode()

    def close(self) -> None:
        self.ssl.SSL_free(self.session)
        self.ssl.SSL_CTX_free(self.context)


def waiting(raw: socket.socket) -> int:
    """Bytes that have arrived and were not read."""
    count = array.array("i", [0])
    fcntl.ioctl(raw, termios.FIONREAD, count)
    return count[0]


def test_an_alert_waits_for_the_record_that_is_half_out(edge):
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        raw.connect(("127.0.0.1", edge.port))
        client = Libssl(raw)
        client.write(b"GET /dev/big?8000000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        # A gateway that never ends is told by an error, not waited for.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 60, 0))
        # Until the socket takes no more.
        assert eventually(lambda: (seen := waiting(raw)) > 0 and not time.sleep(0.3) and waiting(raw) == seen)
        edge.process.send_signal(signal.SIGSTOP)
        later = threading.Timer(1, edge.process.send_signal, (signal.SIGCONT,))
        later.start()
        # The gateway then finds both at once: room to write the rest of its record in, and the request that it refuses.
        client.renegotiate()
        while client.read() is not None:
            pass
        said = client.error()
        later.join()
        client.close()
    assert "no renegotiation" in said, said


def test_plain_http_gets_no_answer(edge):
    with socket.create_connection(("127.0.0.1", edge.port), timeout=15) as raw:
        raw.sendall(b"GET /dev/plain HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while part := raw.recv(65_536):
                answer += part
    assert b"HTTP/" not in answer


def test_the_end_is_announced_and_a_cut_is_noticed(edge):
    made = context(edge)
    # suppress_ragged_eofs off: an end without close_notify would raise.
    with connected(edge, made, suppress_ragged_eofs=False) as connection:
        assert get(connection, close=True).startswith(b"HTTP/1.1 200 ")
    with connected(edge, made, suppress_ragged_eofs=False) as connection:
        # A close_notify of ours is answered by one.
        get(connection)
        connection.unwrap().close()
    before = len(edge.log())
    with socket.create_connection(("127.0.0.1", edge.port)) as raw:
        connection = made.wrap_socket(raw, server_hostname="localhost")
        connection.sendall(b"POST /dev/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc")
        # The end of TCP without one of TLS: nothing of this may be taken for a whole request.
        connection.detach()
        raw.close()
    with connected(edge, made) as connection:
        get(connection)
    assert not [line for line in edge.log()[before:] if line.get("route") == "/echo" and line.get("status") == 200]


def test_garbled_records_end_the_connection_and_no_other(edge):
    made = context(edge)
    with connected(edge, made) as good:
        get(good)
        for garbage in (b"\x17\x03\x03\x00\x20" + b"\x00" * 32, b"\x16\x03\x01\xff\xff" + b"A" * 40_000, b"\x80" * 100):
            with socket.create_connection(("127.0.0.1", edge.port), timeout=15) as raw:
                connection = made.wrap_socket(raw, server_hostname="localhost")
                get(connection)
                with socket.socket(fileno=connection.detach()) as bare:
                    bare.settimeout(15)
                    bare.sendall(garbage)
                    with contextlib.suppress(ConnectionResetError):
                        while bare.recv(65_536):
                            pass
        assert get(good).startswith(b"HTTP/1.1 200 ")


def test_who_says_nothing_is_let_go_and_keeps_nobody_out(edge):
    """The handshake's deadline is ten seconds."""
    silent = [socket.create_connection(("127.0.0.1", edge.port), timeout=20) for _ in range(200)]
    try:
        for one in silent[100:]:
            one.sendall(b"\x16\x03\x01\x02")
        assert json.loads(curl(edge, f"{edge.url}/plain"))["path"] == "/plain"
        started = time.monotonic()
        for one in silent:
            assert one.recv(10) == b""
        assert 5 < time.monotonic() - started < 15
    finally:
        for one in silent:
            one.close()


def test_a_slow_reader_costs_little_memory(edge):
    made = context(edge)
    curl(edge, f"{edge.url}/big?5000000")
    before = edge.memory()
    with contextlib.ExitStack() as stack:
        for _ in range(40):
            connection = stack.enter_context(connected(edge, made))
            connection.sendall(b"GET /dev/big?8000000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(1)
        # 320 MB are asked for and nobody takes any.
        assert edge.memory() - before < 40e6
        assert json.loads(curl(edge, f"{edge.url}/plain"))["path"] == "/plain"


def test_a_slow_writer_is_read_no_faster_than_it_is_used(edge):
    """A body in many small records, with pauses, is whole."""
    body = b"z" * 100_000
    with connected(edge, context(edge)) as connection:
        connection.sendall(f"POST /dev/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        for start in range(0, len(body), 777):
            connection.sendall(body[start:start + 777])
        answer = connection.recv(65_536)
    assert hashlib.sha256(body).hexdigest().encode() in answer


def test_handshakes_are_counted(edge):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", edge.cluster.operations, timeout=5)) as connection:
        connection.request("GET", "/metrics")
        metrics = connection.getresponse().read().decode()
    for result in ("full", "resumed", "failed"):
        assert re.search(rf'strongroom_tls_handshakes_total\{{result="{result}",use="public"\}} \d', metrics)
    ends = float(re.search(r"(?m)^strongroom_tls_certificate_not_after_seconds\{use=.public.\} (\S+)", metrics).group(1))
    assert 80 < (ends - time.time()) / 86_400 < 91


# Files.

def wait_for_log(edge, message: str, after: int = 0) -> dict:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for line in edge.log()[after:]:
            if line["message"] == message:
                return line
        time.sleep(0.02)
    raise AssertionError(f"never logged: {message}")


def test_new_certificates_are_taken_into_use_and_bad_ones_are_not():
    with harness.Folder() as folder, edges.Edge(folder) as edge:
        def serial() -> str:
            with connected(edge, context(edge)) as connection:
                return connection.getpeercert()["serialNumber"]

        with connected(edge, context(edge)) as old:
            first = serial()
            mark = len(edge.log())
            edge.authority.issue("first", "localhost", "127.0.0.1")
            wait_for_log(edge, "New certificates are in use", mark)
            second = serial()
            assert second != first
            # Who was connected before stays so.
            assert get(old).startswith(b"HTTP/1.1 200 ")

        chain, key = edge.first
        good = chain.read_bytes(), key.read_bytes()
        for bad_chain, bad_key in (
            (b"rubbish", good[1]), (good[0], b"rubbish"), (good[0], edge.second[1].read_bytes()),
            (good[0] + b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", good[1]),
        ):
            mark = len(edge.log())
            chain.write_bytes(bad_chain)
            key.write_bytes(bad_key)
            line = wait_for_log(edge, "The certificates are refused; those in use stay", mark)
            assert line["level"] == "error" and "BEGIN" not in json.dumps(line)
            assert serial() == second
        mark = len(edge.log())
        chain.unlink()
        assert "first.pem" in wait_for_log(edge, "The certificates are refused; those in use stay", mark)["error"]
        time.sleep(0.3)
        assert len([line for line in edge.log()[mark:] if "refused" in line["message"]]) == 1
        assert serial() == second
        mark = len(edge.log())
        edge.authority.issue("first", "localhost", "127.0.0.1")
        wait_for_log(edge, "New certificates are in use", mark)
        assert serial() not in (first, second)


@pytest.mark.parametrize(("chain", "key", "said"), [
    ("first.pem", "second.key", "the key does not belong to the first certificate"),
    ("first.key", "first.key", "no chain of PEM certificates"),
    ("first.pem", "first.pem", "no unencrypted PEM private key"),
    ("first.pem", "locked.key", "no unencrypted PEM private key"),
    ("absent.pem", "first.key", "absent.pem"),
    ("first.pem", "", "--tls-key (or STRONGROOM_TLS_KEY) must be set"),
    ("first.pem,second.pem", "first.key", "one for each"),
])
def test_without_good_certificates_there_is_no_gateway(folder, chain, key, said):
    authority = edges.Authority(folder)
    authority.issue("first", "localhost")
    authority.issue("second", "localhost")
    subprocess.run(["openssl", "ec", "-aes128", "-passout", "pass:secret", "-in", folder / "first.key", "-out", folder / "locked.key"], check=True, capture_output=True)
    subprocess.run([harness.binary(), "keys", "init", "--secrets", folder / "secrets"], check=True, stdout=subprocess.DEVNULL)
    paths = [",".join(str(folder / one) for one in names.split(",")) for names in (chain, key) if names]
    flags = [item for pair in zip(("--tls-certificate", "--tls-key"), paths) for item in pair]
    port, operations = harness.free_ports(2)
    ended = subprocess.run(
        [harness.binary(), "gateway", "--secrets", folder / "secrets/gateway", "--listen", f"127.0.0.1:{port}", "--operations", f"127.0.0.1:{operations}",
         *flags], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
    assert ended.returncode in (1, 2) and said in ended.stderr, ended.stderr
