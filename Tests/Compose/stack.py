"""One compose project of the tests' own: up, down, and what an operator does to it in between."""

from __future__ import annotations

import atexit
import configparser
import io
import json
import os
import pathlib
import subprocess
import tarfile
import tempfile
import time

import engine
from cluster import free_ports

ROOT = engine.ROOT
SERVICES = ("gateway", "identity", "authorizer", "notes", "audit")
INTERNAL_PORTS = {"identity": 8081, "authorizer": 8082, "notes": 8083, "audit": 8084}
IMAGE = "strongroom:test"
# The certificates that clients are told to trust, of every stack of this run.
AUTHORITIES = tempfile.mkstemp(prefix="strongroom-authorities-", suffix=".pem")[1]
atexit.register(os.remove, AUTHORITIES)


def docker(*arguments: str, check: bool = True, timeout: float = 120) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=timeout)
    assert not check or done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def build_image() -> None:
    done = subprocess.run(
        ["docker", "build", "-t", IMAGE, "-f", "compose/Dockerfile", "."], cwd=ROOT, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, f"the image cannot be built: {done.stdout[-2000:]}{done.stderr[-2000:]}"


class Stack:
    """`ready` is what foreign clients need to know, under the names the other tests use."""

    def __init__(self, name: str, options: tuple[str, ...] = ()) -> None:
        """`options` are compose's own, before its subcommand."""
        self.project = f"strongroom-{name}-{os.getpid()}"
        port = free_ports(1)[0]
        self.url = f"https://localhost:{port}"
        self.region, self.account = "us-east-1", "000000000000"
        self.environment = {
            **os.environ, "COMPOSE_PROJECT_NAME": self.project, "STRONGROOM_IMAGE": IMAGE, "STRONGROOM_PUBLISH": f"127.0.0.1:{port}",
            "STRONGROOM_PUBLIC_URL": self.url}
        self.options = options
        self.ready: dict = {}

    root_environment = property(lambda self: {
        "AWS_ACCESS_KEY_ID": self.ready["rootAccessKeyId"], "AWS_SECRET_ACCESS_KEY": self.ready["rootSecretAccessKey"],
        "AWS_DEFAULT_REGION": self.region, "AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_PAGER": "", "AWS_CA_BUNDLE": AUTHORITIES})

    def compose(self, *arguments: str, check: bool = True, timeout: float = 300) -> subprocess.CompletedProcess:
        command = [*engine.compose_command(), "-f", "compose/compose.yaml", *self.options, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
        assert not check or done.returncode == 0, f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done

    def up(self, *services: str) -> None:
        self.compose("up", "-d", "--no-build", *services)

    def down(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "5", check=False)

    def learn(self) -> None:
        """What a client needs: the root key and the certificate to trust, as the operator asks for them, and where the services are on the internal
        network."""
        shown = self.compose("run", "--rm", "operator", "keys", "authority").stdout
        with open(AUTHORITIES, "a") as file:
            file.write(shown[shown.index("-----BEGIN"):].replace("\r", ""))
        # What curl and botocore read.
        os.environ["CURL_CA_BUNDLE"] = os.environ["AWS_CA_BUNDLE"] = AUTHORITIES
        printed = self.compose("run", "--rm", "operator", "keys", "root").stdout
        parser = configparser.ConfigParser()
        parser.read_string(printed[printed.index("["):])
        self.ready = {
            "gateway": self.url, "region": self.region, "account": self.account,
            "rootAccessKeyId": parser["default"]["aws_access_key_id"], "rootSecretAccessKey": parser["default"]["aws_secret_access_key"]}
        self.find_addresses()

    def find_addresses(self) -> None:
        """The engine's host reaches the internal network; a container has another address after each start."""
        for service, port in INTERNAL_PORTS.items():
            self.ready[service] = f"http://{self.address(service)}:{port}"
        self.ready["operations"] = f"http://{self.address('gateway')}:8085"

    def container(self, service: str) -> str:
        name = self.containers(f"label=com.docker.compose.service={service}")
        assert len(name) == 1, f"{service} has the containers {name}"
        return name[0]

    def containers(self, *filters: str) -> list[str]:
        more = [argument for one in filters for argument in ("--filter", one)]
        return docker("ps", "-aq", "--filter", f"label=com.docker.compose.project={self.project}", *more).split()

    def inspect(self, service: str) -> dict:
        return json.loads(docker("inspect", self.container(service)))[0]

    def address(self, service: str, network: str = "internal") -> str:
        return self.inspect(service)["NetworkSettings"]["Networks"][f"{self.project}_{network}"]["IPAddress"]

    def health(self, service: str) -> str:
        return docker("inspect", "--format", "{{.State.Health.Status}}", self.container(service)).strip()

    def kill(self, service: str) -> None:
        docker("kill", "--signal", "KILL", self.container(service))

    def stop(self, service: str) -> None:
        docker("stop", self.container(service))

    def start(self, service: str, wait: bool = True) -> None:
        docker("start", self.container(service))
        if wait:
            self.wait_until_healthy(service)
        self.find_addresses() if self.ready else None

    def wait_until_healthy(self, *services: str, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        for service in services:
            while (health := self.health(service)) != "healthy":
                assert time.monotonic() < deadline, f"{service} is {health}: {self.logs(service)[-1500:]}"
                time.sleep(0.2)

    def logs(self, service: str) -> str:
        done = subprocess.run(["docker", "logs", self.container(service)], capture_output=True, text=True)
        return done.stdout + done.stderr

    def files(self, service: str, path: str) -> dict[str, bytes]:
        """What lies below a path of a container, its volumes included."""
        archive = subprocess.run(["docker", "cp", f"{self.container(service)}:{path}", "-"], capture_output=True, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            return {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}
