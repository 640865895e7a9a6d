"""The gateway's TLS against HAProxy's, each in front of the same static backend: processor time per request or handshake, in interleaved windows.

h1          HTTP/1.1 over TLS, keep-alive, plain proxying: no authorization on either side.
h2          HTTP/2, one stream a connection at a time.
h2_streams  HTTP/2, ten streams a connection.
handshakes  full handshakes, one after the other, nothing asked.

Same certificate (P-256), same suites, TLS 1.3, tickets on both sides. Both proxies run one thread on one core, the client and the backend share the other. The
value is HAProxy's processor time per request, or handshake, divided by the gateway's.
"""
import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

from gateway import HERE, LOAD_CORE, PROXY_CORE, Authorizer, Gateway, answers
import cluster
import edge
from common import haproxy
from common.processes import on_core, peak_megabytes, processor_seconds, stop

TARGETS = {"h1": 1.0, "h2": 1.0, "h2_streams": 1.0, "handshakes": 0.9}
SUITES = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"


class HAProxy:
    SETTINGS = f"""  ssl-default-bind-ciphers {SUITES}
  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-bind-curves X25519:P-256:P-384"""
    FRONTENDS = """
frontend tls
  bind 127.0.0.1:{tls} ssl crt {pem} alpn h2,http/1.1
  default_backend static
frontend plain
  bind 127.0.0.1:{plain}
  default_backend static
"""

    def __init__(self, folder: pathlib.Path, pem: pathlib.Path, backend: int):
        self.port, plain = cluster.free_ports(2)
        self.process = haproxy.start(folder, PROXY_CORE, backend, self.FRONTENDS.format(tls=self.port, plain=plain, pem=pem), self.SETTINGS)
        answers(plain)


class Requests:
    """One window of h2load."""

    def __init__(self, process: subprocess.Popen, port: int, name: str, seconds: float, connections: int):
        how = {"h1": ["--h1", "-m", "1"], "h2": ["-m", "1"], "h2_streams": ["-m", "10"]}[name]
        before = processor_seconds(process.pid)
        out = subprocess.run(
            [*on_core(LOAD_CORE), "h2load", *how, "-t1", f"-c{connections}", f"-D{max(1, round(seconds))}", f"https://127.0.0.1:{port}/plain"],
            # It has been seen to miss its end, and to go on for ever.
            check=True, capture_output=True, text=True, timeout=seconds + 30).stdout
        spent = processor_seconds(process.pid) - before
        self.rate = float(re.search(r"finished in .*?, ([\d.]+) req/s", out).group(1))
        total, done, failed, errored = (
            int(re.search(rf"(\d+) {word}", out).group(1)) for word in ("total", "succeeded", "failed", "errored"))
        if failed or errored or done == 0 or f"{done} 2xx" not in out:
            raise SystemExit(out)
        self.cost = spent / done * 1e6


class Handshakes:
    """One window of openssl s_time."""

    def __init__(self, process: subprocess.Popen, port: int, name: str, seconds: float, connections: int):
        before = processor_seconds(process.pid)
        out = subprocess.run(
            [*on_core(LOAD_CORE), "openssl", "s_time", "-connect", f"127.0.0.1:{port}", "-new", "-time", str(max(1, round(seconds)))],
            capture_output=True, text=True).stdout
        spent = processor_seconds(process.pid) - before
        found = re.search(r"(\d+) connections in (\d+) real seconds", out)
        if not found or int(found.group(1)) == 0:
            raise SystemExit(out)
        count = int(found.group(1))
        self.rate = count / max(1, int(found.group(2)))
        self.cost = spent / count * 1e6


def describe(name: str, windows: list, unit: str) -> str:
    return f"{name} {statistics.median(w.cost for w in windows):.1f} us/{unit}, {statistics.median(w.rate for w in windows):.0f} {unit}s/s"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--only", choices=TARGETS, action="append")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="tls-bench-") as temporary:
        folder = pathlib.Path(temporary)
        chain, key = edge.Authority(folder).issue("server", "localhost", "127.0.0.1")
        pem = folder / "server-both.pem"
        pem.write_bytes(chain.read_bytes() + key.read_bytes())
        backend_binary = folder / "static_backend"
        subprocess.run(["cc", "-O2", "-o", backend_binary, HERE / "peers/static_backend.c"], check=True)
        backend = subprocess.Popen([*on_core(LOAD_CORE), backend_binary], stdout=subprocess.PIPE, text=True)
        port = int(backend.stdout.readline())
        # One address stands for many clients here: alone it may have 256 requests waiting, and ten streams of each connection are more.
        gateway = Gateway(
            folder, "http://bench.test", port, port, Authorizer().port, STRONGROOM_THROTTLE_RATE="0",
            STRONGROOM_TLS_CERTIFICATE=str(chain), STRONGROOM_TLS_KEY=str(key))
        peer = HAProxy(folder, pem, port)
        try:
            for name in options.only or TARGETS:
                measure(name, options, gateway, peer)
            print(f"# peak memory: gateway {peak_megabytes(gateway.process.pid):.0f} MB, haproxy {peak_megabytes(peer.process.pid):.0f} MB", flush=True)
        finally:
            for process in (gateway.process, peer.process, backend):
                stop(process)


def measure(name, options, gateway, peer):
    kind = Handshakes if name == "handshakes" else Requests
    unit = "handshake" if name == "handshakes" else "request"
    ours, theirs = [], []
    for process, port in ((peer.process, peer.port), (gateway.process, gateway.port)):
        kind(process, port, name, 1, options.connections)
    for _ in range(options.rounds):
        theirs.append(kind(peer.process, peer.port, name, options.seconds, options.connections))
        ours.append(kind(gateway.process, gateway.port, name, options.seconds, options.connections))
    print(f"# {name}: {describe('haproxy', theirs, unit)}; {describe('gateway', ours, unit)}", flush=True)
    value = statistics.median(w.cost for w in theirs) / statistics.median(w.cost for w in ours)
    print(f"bench tls_{name}_vs_haproxy {value:.2f} {TARGETS[name]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
