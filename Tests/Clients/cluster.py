"""Starts and stops a cluster, and reads what it says about itself."""

import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary() -> str:
    """The executable under test: the release build, unless STRONGROOM names another."""
    path = os.environ.get("STRONGROOM", str(ROOT / ".build/release/strongroom"))
    assert pathlib.Path(path).exists(), f"{path} is not there: build it first (make test does)"
    return path


@dataclasses.dataclass
class User:
    username: str
    password: str
    sub: str = ""


@dataclasses.dataclass
class Cluster:
    """A running `strongroom dev`."""

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
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(seconds)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def output(self) -> str:
        return (self.folder / "stdout").read_text() + (self.folder / "stderr").read_text()


def arguments(folder: pathlib.Path, *more: str) -> list[str]:
    if "--port" not in more:
        more = ("--port", "0", *more)
    return [binary(), "dev", "--data", str(folder / "data"), "--ready-file", str(folder / "ready.json"), *more]


def start(folder: pathlib.Path, *more: str, environment: dict[str, str] | None = None, seconds: float = 30) -> Cluster:
    """Starts `strongroom dev` in `folder`, which keeps its data, and waits until it is ready."""
    ready_file = folder / "ready.json"
    ready_file.unlink(missing_ok=True)
    started = time.monotonic()
    with open(folder / "stdout", "w") as stdout, open(folder / "stderr", "w") as stderr:
        process = subprocess.Popen(
            arguments(folder, *more), stdout=stdout, stderr=stderr, stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    while not ready_file.exists():
        if process.poll() is not None or time.monotonic() - started > seconds:
            process.kill()
            said = (folder / "stdout").read_text() + (folder / "stderr").read_text()
            raise AssertionError(f"the cluster did not become ready (exit code {process.poll()}): {said}")
        time.sleep(0.005)
    return Cluster(process, folder, json.loads(ready_file.read_text()), time.monotonic() - started)


class Folder:
    """A temporary folder that is gone afterwards."""

    def __enter__(self) -> pathlib.Path:
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="strongroom-test-"))
        return self.path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path)
