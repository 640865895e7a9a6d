"""Gateway against HAProxy, each in front of the same static backend: processor time per request, in interleaved windows.

full         1.1 kB RS256 tokens, each seen before: verify, check claims, authorize by policy, attach an HMAC identity header, forward.
full_unseen  the same with every token new.
plain        no authorization on either side, to a backend outside the cluster (so no identity header and no signature either).

Both proxies run one thread on one core, wrk and the backend share the other. The value is HAProxy's processor time per request divided by
the gateway's; the gateway runs as it ships, with policies, signed hops, metrics and a log line for each request.
"""
import argparse
import contextlib
import http.server
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tests/Clients"))
import cluster  # noqa: E402
from common import haproxy  # noqa: E402
from common.issuer import KeyServer, Pool  # noqa: E402
from common.processes import kernel_share, on_core, peak_megabytes, processor_seconds, stop  # noqa: E402

PROXY_CORE, LOAD_CORE = "0", "1"
TARGETS = {"full": 3.0, "full_unseen": 1.4, "plain": 1.0}


def answers(port: int, patience: float = 10) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise SystemExit(f"nothing answers on port {port}")
        time.sleep(0.05)


class Authorizer:
    """Answers what the gateway asks of the authorizer: one policy for everybody, and a generation that never changes."""

    POLICY = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "execute-api:Invoke",
        "Resource": ["arn:aws:execute-api:*:*:strongroom/*/*/notes", "arn:aws:execute-api:*:*:strongroom/*/*/notes/*",
                     "arn:aws:execute-api:*:*:strongroom/*/*/audit/*"]}]}

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, value):
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if not self.path.endswith("after=0"):
                    time.sleep(20)
                # A gateway that was restarted meanwhile has gone.
                with contextlib.suppress(ConnectionError):
                    self.answer({"generation": 1})

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.answer({"generation": 1, "ttl": 300, "principal": "bench", "policyDocument": Authorizer.POLICY})

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Gateway:
    ROUTES = """openapi: "3.0.1"
info: {{title: bench, version: "1"}}
servers: [{{url: "http://bench.test/{{basePath}}", variables: {{basePath: {{default: dev}}}}}}]
components:
  securitySchemes:
    UserPools:
      type: apiKey
      name: Authorization
      in: header
      x-amazon-apigateway-authtype: cognito_user_pools
      x-amazon-apigateway-authorizer: {{type: cognito_user_pools, providerARNs: ["arn:aws:cognito-idp:*:*:userpool/*"]}}
paths:
  /notes:
    get:
      responses: {{}}
      security: [{{UserPools: []}}]
      x-amazon-apigateway-integration: {{type: http_proxy, httpMethod: GET, uri: "http://notes.strongroom.internal/notes"}}
  /plain:
    get:
      responses: {{}}
      security: []
      x-amazon-apigateway-integration: {{type: http_proxy, httpMethod: GET, uri: "http://127.0.0.1:{backend}/plain"}}
"""

    def __init__(self, folder: pathlib.Path, public_url: str, backend: int, identity: int, authorizer: int, **settings: str):
        (folder / "api.yaml").write_text(self.ROUTES.format(backend=backend))
        # It takes no part in events.
        self.cluster = cluster.Processes(folder, kafka="127.0.0.1:1", services=())
        self.cluster.ports.update(identity=identity, authorizer=authorizer, notes=backend, audit=backend)
        self.settings = {
            "STRONGROOM_PUBLIC_URL": public_url, "STRONGROOM_LOOPS": "1", "STRONGROOM_ROUTES": str(folder / "api.yaml"),
            "STRONGROOM_BACKENDS": f"127.0.0.1:{backend}", **settings}
        self.port = self.cluster.ports["gateway"]
        self.start()

    process = property(lambda self: self.cluster.running["gateway"])

    def start(self):
        self.cluster.start("gateway", self.settings, under=on_core(PROXY_CORE))

    def restart(self):
        stop(self.process)
        self.start()


class HAProxy:
    FRONTENDS = """
frontend full
  bind 127.0.0.1:{full}
  http-request set-var(txn.token) http_auth_bearer
  http-request set-var(txn.alg) var(txn.token),jwt_header_query('$.alg')
  http-request set-var(txn.kid) var(txn.token),jwt_header_query('$.kid')
  http-request set-var(txn.iss) var(txn.token),jwt_payload_query('$.iss')
  http-request set-var(txn.aud) var(txn.token),jwt_payload_query('$.aud')
  http-request set-var(txn.sub) var(txn.token),jwt_payload_query('$.sub')
  http-request set-var(txn.use) var(txn.token),jwt_payload_query('$.token_use')
  http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date
  http-request deny deny_status 401 unless {{ var(txn.alg) -m str RS256 }}
  http-request deny deny_status 401 unless {{ var(txn.kid) -m str {kid} }}
  http-request deny deny_status 401 unless {{ var(txn.iss) -m str {issuer} }}
  http-request deny deny_status 401 unless {{ var(txn.aud) -m str {client} }}
  http-request deny deny_status 401 unless {{ var(txn.use) -m str id }}
  http-request deny deny_status 401 if {{ var(txn.exp),sub(txn.now) -m int lt 1 }}
  http-request deny deny_status 401 unless {{ var(txn.token),jwt_verify(txn.alg,"{pem}") -m int 1 }}
  http-request del-header authorization
  http-request del-header x-identity -m beg
  http-request set-var-fmt(txn.claims) '{{"iss":"haproxy","aud":"notes","sub":"%[var(txn.sub)]","method":"jwt","rid":"%[uuid]","htm":"%[method]","path":"%[path]","iat":%[date],"exp":%[date(60)]}}'
  http-request set-var(txn.body) var(txn.claims),ub64enc
  http-request set-header x-identity %[var(txn.body)].%[var(txn.body),hmac(sha256,{key}),ub64enc]
  default_backend static
frontend plain
  bind 127.0.0.1:{plain}
  default_backend static
"""

    def __init__(self, folder: pathlib.Path, pool: Pool, backend: int):
        pem = folder / "pool.pem"
        pem.write_bytes(pool.public_pem())
        self.full, self.plain = cluster.free_ports(2)
        self.process = haproxy.start(folder, PROXY_CORE, backend, self.FRONTENDS.format(
            full=self.full, plain=self.plain, issuer=pool.issuer, client=pool.client, kid=pool.kid, pem=pem,
            key="c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI="))
        answers(self.plain)


class Window:
    def __init__(self, process: subprocess.Popen, port: int, path: str, tokens, seconds: float, once: bool, connections: int):
        environment = dict(os.environ, PATH_=path)
        if tokens:
            environment["TOKENS"] = str(tokens)
        if once:
            environment["ONCE"] = "1"
        before, ticks = processor_seconds(process.pid), kernel_share(process.pid)
        out = subprocess.run(
            [*on_core(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", "-s", HERE / "requests.lua",
             f"http://127.0.0.1:{port}{path}"], env=environment, check=True, capture_output=True, text=True).stdout
        spent = processor_seconds(process.pid) - before
        own, kernel = (after - before for after, before in zip(kernel_share(process.pid), ticks))
        self.kernel = kernel / max(1, own + kernel)
        result = [line for line in out.splitlines() if line.startswith("result ")]
        if not result:
            raise SystemExit(out)
        self.requests, self.failed, duration, self.p99 = map(int, result[0].split()[1:])
        self.rate = self.requests / (duration / 1e6)
        self.cost = spent / max(1, self.requests) * 1e6
        if self.failed:
            raise SystemExit(f"{self.failed} of {self.requests} requests failed")


def describe(name: str, windows: list[Window]) -> str:
    return (f"{name} {statistics.median(w.cost for w in windows):.1f} us/request (kernel {statistics.median(w.kernel for w in windows):.0%}), {statistics.median(w.rate for w in windows):.0f} requests/s, "
            f"p99 {statistics.median(w.p99 for w in windows) / 1000:.1f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=5_000)
    parser.add_argument("--unseen", type=int, default=30_000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--only", choices=TARGETS, action="append")
    options = parser.parse_args()
    names = options.only or list(TARGETS)

    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as temporary:
        folder = pathlib.Path(temporary)
        backend_binary = folder / "static_backend"
        subprocess.run(["cc", "-O2", "-o", backend_binary, HERE / "peers/static_backend.c"], check=True)
        backend = subprocess.Popen([*on_core(LOAD_CORE), backend_binary], stdout=subprocess.PIPE, text=True)
        backend_port = int(backend.stdout.readline())
        pool = Pool("us-east-1", "http://bench.test", 1)
        keys = KeyServer([pool])
        authorizer = Authorizer()
        gateway = Gateway(folder, "http://bench.test", backend_port, keys.port, authorizer.port)
        peer = HAProxy(folder, pool, backend_port)
        try:
            seen, unseen = folder / "seen", folder / "unseen"
            seen.write_text("\n".join(pool.token(user) for user in range(options.tokens)))
            if "full_unseen" in names:
                print(f"# minting {options.unseen} tokens", flush=True)
                unseen.write_text("\n".join(pool.token(options.tokens + user) for user in range(options.unseen)))
            for name in names:
                measure(name, options, gateway, peer, seen, unseen)
            print(f"# peak memory: gateway {peak_megabytes(gateway.process.pid):.0f} MB, haproxy {peak_megabytes(peer.process.pid):.0f} MB", flush=True)
        finally:
            for process in (gateway.process, peer.process, backend):
                stop(process)
            keys.stop()


def measure(name, options, gateway, peer, seen, unseen):
    path = "/plain" if name == "plain" else "/notes"
    port = peer.plain if name == "plain" else peer.full
    tokens = None if name == "plain" else seen
    once = name == "full_unseen"
    ours, theirs = [], []

    def window(process, port, tokens, seconds, once=False):
        return Window(process, port, path, tokens, seconds, once, options.connections)

    window(peer.process, port, tokens, 1)
    window(gateway.process, gateway.port, tokens, 1)
    for _ in range(options.rounds):
        theirs.append(window(peer.process, port, tokens, options.seconds))
        if once:
            # A new process has seen no token; the warm-up is with others.
            gateway.restart()
            window(gateway.process, gateway.port, seen, 1)
            ours.append(window(gateway.process, gateway.port, unseen, options.seconds * 5, once=True))
        else:
            ours.append(window(gateway.process, gateway.port, tokens, options.seconds))
    print(f"# {name}: {describe('haproxy', theirs)}; {describe('gateway', ours)}", flush=True)
    value = statistics.median(w.cost for w in theirs) / statistics.median(w.cost for w in ours)
    print(f"bench gateway_vs_haproxy_{name} {value:.2f} {TARGETS[name]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
