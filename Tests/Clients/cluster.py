"""Starts and stops a cluster, and reads what it says about itself."""

import contextlib
import dataclasses
import errno
import http.client
import itertools
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import typing

ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary() -> str:
    """The executable under test: the release build, unless STRONGROOM names another."""
    path = os.path.abspath(os.environ.get("STRONGROOM", ROOT / ".build/release/strongroom"))
    assert pathlib.Path(path).exists(), f"{path} is not there: build it first (make test does)"
    return path


@dataclasses.dataclass
class User:
    username: str
    password: str
    sub: str = ""


@dataclasses.dataclass
class Cluster:
    """A running `strongroom dev`, or the tracer it was started under: signals go to the cluster itself."""

    process: subprocess.Popen
    folder: pathlib.Path
    ready: dict
    ready_seconds: float

    @property
    def url(self) -> str:
        return self.ready["gateway"]

    @property
    def region(self) -> str:
        return self.ready["region"]

    @property
    def account(self) -> str:
        return self.ready["account"]

    @property
    def users(self) -> list[User]:
        return [User(entry["username"], entry["password"], entry["sub"]) for entry in self.ready["users"]]

    @property
    def root_environment(self) -> dict[str, str]:
        """What makes an AWS client the root principal of this cluster."""
        return {
            "AWS_ACCESS_KEY_ID": self.ready["rootAccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self.ready["rootSecretAccessKey"],
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_PAGER": "",
        }

    def interrupt(self, seconds: float = 10) -> int:
        """Ctrl-C; the exit code."""
        os.kill(self.ready["pid"], signal.SIGINT)
        return self.process.wait(seconds)

    def kill(self) -> None:
        """Ends it at once; nothing if it has ended."""
        if self.process.poll() is None:
            os.kill(self.ready["pid"], signal.SIGKILL)
            self.process.wait(10)

    def output(self) -> str:
        return (self.folder / "stdout").read_text() + (self.folder / "stderr").read_text()


def arguments(folder: pathlib.Path, *more: str) -> list[str]:
    if "--port" not in more:
        more = ("--port", "0", *more)
    return [binary(), "dev", "--data", str(folder / "data"), "--ready-file", str(folder / "ready.json"), *more]


def start(
    folder: pathlib.Path, *more: str, environment: dict[str, str] | None = None, under: tuple[str, ...] = (), seconds: float = 30
) -> Cluster:
    """Starts `strongroom dev` in `folder`, which keeps its data, and waits until it is ready. Nothing of the repository is within its reach there.

    `under` is the command of a tracer to start it under.
    """
    ready_file = folder / "ready.json"
    ready_file.unlink(missing_ok=True)
    started = time.monotonic()
    with open(folder / "stdout", "w") as stdout, open(folder / "stderr", "w") as stderr:
        process = subprocess.Popen(
            [*under, *arguments(folder, *more)], stdout=stdout, stderr=stderr, stdin=subprocess.DEVNULL, cwd=folder,
            process_group=0 if under else None, env={**os.environ, **(environment or {})})
    while not ready_file.exists():
        if process.poll() is not None or time.monotonic() - started > seconds:
            how = f"not within {seconds:g} s" if process.poll() is None else f"exit code {process.returncode}"
            if process.poll() is None:
                # Alone, a tracer that is killed would leave the cluster behind.
                os.killpg(process.pid, signal.SIGKILL) if under else process.kill()
                process.wait()
            said = (folder / "stdout").read_text() + (folder / "stderr").read_text()
            raise AssertionError(f"the cluster did not become ready ({how}): {said}")
        time.sleep(0.005)
    return Cluster(process, folder, json.loads(ready_file.read_text()), time.monotonic() - started)


class Folder:
    """A temporary folder that is gone afterwards."""

    def __enter__(self) -> pathlib.Path:
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="strongroom-test-"))
        return self.path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path)


def own_ports() -> typing.Iterator[int]:
    """Ports of this process alone, also while nobody listens on them: below those that the kernel gives to others by itself, in blocks that are reserved
    by a name in the same namespace until this process ends."""
    end = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    size = 64
    # The lowest ones are for who may have them.
    blocks = range(max(end // 2, 1024), end - size, size)
    for first in random.sample(blocks, len(blocks)):
        reserved = socket.socket(socket.AF_UNIX)
        try:
            reserved.bind(f"\0strongroom-test-ports-{first}")
        except OSError as error:
            reserved.close()
            if error.errno != errno.EADDRINUSE:
                raise
            continue
        # Nothing is to close it.
        reserved.detach()
        for port in range(first, first + size):
            with socket.socket() as listener:
                # Somebody who knows nothing of reservations may have it.
                taken = listener.connect_ex(("127.0.0.1", port)) == 0
            if not taken:
                yield port
    raise AssertionError("no port is free")


OWN_PORTS = own_ports()


def free_ports(count: int) -> list[int]:
    return list(itertools.islice(OWN_PORTS, count))


SERVICES = ("authorizer", "identity", "notes", "audit", "gateway")


class Processes:
    """The five services as processes of their own, each with its own secrets and data, and a broker: the embedded one alone, or one that is given."""

    def __init__(
        self, folder: pathlib.Path, kafka: str | None = None, services: tuple[str, ...] = SERVICES, internal_tls: bool = False
    ) -> None:
        self.folder = folder
        self.internal_tls = internal_tls
        ports = free_ports(len(SERVICES) + 1)
        self.ports = dict(zip(SERVICES, ports))
        self.operations = ports[-1]
        self.running: dict[str, subprocess.Popen] = {}
        subprocess.run([binary(), "keys", "init", "--secrets", str(folder / "secrets")], check=True, stdout=subprocess.DEVNULL)
        root = json.loads((folder / "secrets/authorizer/root.json").read_text())
        self.kafka = kafka or self.start_broker()
        self.ready = {
            "region": "us-east-1", "account": "000000000000", "kafka": self.kafka, "secrets": str(folder / "secrets"),
            "rootAccessKeyId": root["accessKeyId"], "rootSecretAccessKey": root["secretAccessKey"],
            **{service: f"http://127.0.0.1:{port}" for service, port in self.ports.items()}}
        for service in services:
            self.start(service)

    url = property(lambda self: self.ready["gateway"])
    region = property(lambda self: self.ready["region"])
    account = property(lambda self: self.ready["account"])

    def start_broker(self) -> str:
        file = self.folder / "broker"
        file.unlink(missing_ok=True)
        self.running["broker"] = subprocess.Popen([binary(), "broker", "--ready-file", str(file)], stdout=subprocess.DEVNULL)
        while not file.exists():
            time.sleep(0.01)
        return file.read_text()

    def start(
        self, service: str, environment: dict[str, str] | None = None, under: tuple[str, ...] = (), wait: bool = True, bundle: str | None = None
    ) -> None:
        """Without one that does not become ready none goes on.

        `bundle`: the client certificate and authority to ask with whether it is ready, where services speak TLS; the cluster's own unless told.
        """
        settings = {
            "LISTEN": f"127.0.0.1:{self.ports[service]}", "OPERATIONS": f"127.0.0.1:{self.operations}", "PUBLIC_URL": self.url,
            "SECRETS": str(self.folder / "secrets" / service), "DATA": str(self.folder / "data" / service), "KAFKA": self.kafka,
            **{f"{peer.upper()}_ADDRESS": f"127.0.0.1:{port}" for peer, port in self.ports.items() if peer != "gateway"},
            **{f"{peer.upper()}_DATA": str(self.folder / "data" / peer) for peer in self.ports if peer != "gateway"},
            **({"INTERNAL_TLS": "true"} if self.internal_tls else {}),
            # The embedded broker waits long before it gives a killed member's partitions to the next one.
            **({"KAFKA_OWN_PARTITIONS": "4", "KAFKA_FETCH_WAIT": "10"} if "broker" in self.running else {})}
        with open(self.folder / f"{service}.log", "a") as log:
            self.running[service] = subprocess.Popen(
                [*under, binary(), service], stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder,
                env={**os.environ, **{f"STRONGROOM_{key}": value for key, value in settings.items()}, **(environment or {})})
        if wait:
            try:
                self.wait_until_ready(service, bundle=bundle)
            except BaseException:
                self.__exit__()
                raise

    def connection(self, service: str, bundle: str | None = None) -> http.client.HTTPConnection:
        """To where a service tells how it is."""
        if service == "gateway":
            return http.client.HTTPConnection("127.0.0.1", self.operations, timeout=2)
        if not self.internal_tls:
            return http.client.HTTPConnection("127.0.0.1", self.ports[service], timeout=2)
        bundle = bundle or str(self.folder / "secrets/operator/internal-tls.pem")
        context = ssl.create_default_context(cafile=bundle)
        # The name is not the address; whether it is checked is what the tests of it are for.
        context.check_hostname = False
        context.load_cert_chain(bundle)
        return http.client.HTTPSConnection("127.0.0.1", self.ports[service], timeout=2, context=context)

    def wait_until_ready(self, service: str, seconds: float = 20, bundle: str | None = None) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                with contextlib.closing(self.connection(service, bundle)) as connection:
                    connection.request("GET", "/readyz")
                    if connection.getresponse().status == 200:
                        return
            except OSError:
                pass
            if time.monotonic() > deadline or self.running[service].poll() is not None:
                tail = "".join((self.folder / f"{service}.log").read_text().splitlines(keepends=True)[-5:])
                raise AssertionError(f"{service} did not become ready: {tail}")
            time.sleep(0.01)

    def kill(self, service: str) -> None:
        self.running[service].kill()
        self.running[service].wait()

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.running.values():
            if process.poll() is None:
                process.kill()
                process.wait()

    def stop(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            process.wait(20)
