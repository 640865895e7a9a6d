"""Which container engine and which compose there is; one that is missing is a reason to skip, not to fail."""

import functools
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Where the machine has no engine running, this starts one, and provides the public base images without a registry.
PROVIDER = ROOT / "../shared/tools/containers"


def answers() -> bool:
    return shutil.which("docker") is not None and subprocess.run(["docker", "info"], capture_output=True).returncode == 0


@functools.cache
def missing() -> str | None:
    """Why no container can be started here, or nothing. Starts an engine where there is a way to."""
    if not answers() and PROVIDER.exists():
        done = subprocess.run([str(PROVIDER), "up"], capture_output=True, text=True)
        for line in done.stdout.splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            os.environ[name] = value
    if not answers():
        return "no container engine answers here (docker info)"
    return None if compose_command() else "neither docker compose nor docker-compose is installed"


@functools.cache
def compose_command() -> list[str] | None:
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None
