"""A gateway with HTTPS in front of a small backend, for what happens between a client and the gateway's listener."""

import contextlib
import datetime
import hashlib
import http.server
import ipaddress
import json
import pathlib
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

import cluster as harness

NOW = datetime.datetime.now(datetime.timezone.utc)


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """A root and an intermediate that signs."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        root_key, self.key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = self._sign("Test Root", root_key.public_key(), "Test Root", root_key, authority=True)
        self.intermediate = self._sign("Test Intermediate", self.key.public_key(), "Test Root", root_key, authority=True)
        self.root_file = folder / "root.pem"
        self.root_file.write_bytes(root.public_bytes(serialization.Encoding.PEM))

    @staticmethod
    def _sign(common, public, issuer, key, authority=False, names=()):
        builder = (
            x509.CertificateBuilder().subject_name(name(common)).issuer_name(name(issuer)).public_key(public)
            .serial_number(x509.random_serial_number()).not_valid_before(NOW - datetime.timedelta(days=1))
            .not_valid_after(NOW + datetime.timedelta(days=90))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(list(names)), critical=False)
        return builder.sign(key, hashes.SHA256())

    def issue(self, file: str, *names: str, kind: str = "ec") -> tuple[pathlib.Path, pathlib.Path]:
        """A chain file and a key file for these names; replaces files of that name."""
        key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
        alternatives = [
            x509.IPAddress(ipaddress.ip_address(one)) if one[0].isdigit() else x509.DNSName(one) for one in names]
        leaf = self._sign(names[0], key.public_key(), "Test Intermediate", self.key, names=alternatives)
        chain_file, key_file = self.folder / f"{file}.pem", self.folder / f"{file}.key"
        chain_file.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (leaf, self.intermediate)))
        key_file.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return chain_file, key_file


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, *_: object) -> None:
        """A gateway that hangs up is no news here."""


class Backend:
    """Says what it was asked; `/big?n` is n bytes long, `/later?n` comes after n milliseconds, `/slow` never, `/echo` sends the body's digest and length."""

    def __init__(self) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, body: bytes, kind: str = "application/json") -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(body)

            def do_GET(self) -> None:
                path, _, query = self.path.partition("?")
                if path == "/big":
                    return self.answer(b"x" * int(query), "application/octet-stream")
                if path == "/slow":
                    outer.stopping.wait(20)
                if path == "/later":
                    outer.stopping.wait(int(query) / 1000)
                outer.seen.append(self.path)
                self.answer(json.dumps({"path": self.path, "headers": {key.lower(): value for key, value in self.headers.items()}}).encode())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.answer(json.dumps({"length": len(body), "sha256": hashlib.sha256(body).hexdigest()}).encode())

            do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                pass

        outer = self
        self.seen: list[str] = []
        self.stopping = threading.Event()
        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()


ROUTES = """openapi: "3.0.1"
info: {{title: edge, version: "1"}}
servers: [{{url: "https://edge.test/{{basePath}}", variables: {{basePath: {{default: dev}}}}}}]
paths:
{paths}"""
PATH = """  {path}:
    {method}:
      responses: {{}}
      security: []
      x-amazon-apigateway-integration: {{type: http_proxy, httpMethod: {upper}, uri: "http://127.0.0.1:{port}{path}"}}
"""


class Edge:
    """A gateway that listens with TLS, with the authorizer it needs to be ready."""

    def __init__(self, folder: pathlib.Path, **settings: str) -> None:
        self.folder = folder
        self.authority = Authority(folder)
        self.backend = Backend()
        self.first = self.authority.issue("first", "localhost", "127.0.0.1", "one.test")
        self.second = self.authority.issue("second", "two.test", "*.two.test", kind="rsa")
        routes = [("/plain", "get"), ("/big", "get"), ("/slow", "get"), ("/later", "get"), ("/echo", "post")]
        (folder / "edge.yaml").write_text(ROUTES.format(paths="".join(
            PATH.format(path=path, method=method, upper=method.upper(), port=self.backend.port) for path, method in routes)))
        self.cluster = harness.Processes(folder, kafka="127.0.0.1:1", services=("authorizer",))
        try:
            self.cluster.start("gateway", {
                "STRONGROOM_TLS_CERTIFICATE": f"{self.first[0]},{self.second[0]}", "STRONGROOM_TLS_KEY": f"{self.first[1]},{self.second[1]}",
                "STRONGROOM_TLS_CHECK_MS": "50", "STRONGROOM_ROUTES": str(folder / "edge.yaml"),
                "STRONGROOM_BACKENDS": f"127.0.0.1:{self.backend.port}", **settings})
        except BaseException:
            self.__exit__()
            raise
        self.port = self.cluster.ports["gateway"]

    url = property(lambda self: f"https://127.0.0.1:{self.port}/dev")
    process = property(lambda self: self.cluster.running["gateway"])

    def memory(self) -> int:
        """Resident bytes of the gateway."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    def log(self) -> list[dict]:
        return [json.loads(line) for line in (self.folder / "gateway.log").read_text().splitlines() if line.startswith("{")]

    def __enter__(self) -> "Edge":
        return self

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "cluster"):
            self.cluster.__exit__()
        self.backend.stop()
