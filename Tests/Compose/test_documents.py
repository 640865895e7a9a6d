"""What compose/README.md tells a newcomer to type, typed."""

import os
import re
import subprocess
import sys

import pytest

import engine
import stack as harness

TEXT = (harness.ROOT / "compose/README.md").read_text()


def first_steps() -> str:
    section = TEXT.split("## First steps\n", 1)[1].split("\n## ", 1)[0]
    return "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))


@pytest.fixture
def newcomer(image):
    running = harness.Stack("newcomer")
    try:
        yield running
    finally:
        running.down()


def test_the_first_steps_lead_to_a_note_and_its_event(newcomer, tmp_path):
    # In a clone of nobody's, on a port of the test's, with the compose that is there.
    script = first_steps().replace("localhost:8443", newcomer.url.removeprefix("https://"))
    script = re.sub(r"> (\w+)", rf"> {tmp_path}/\1", script).replace("$PWD", str(tmp_path))
    if engine.compose_command() == ["docker-compose"]:
        script = script.replace("docker compose ", "docker-compose ")
    environment = {name: value for name, value in newcomer.environment.items() if not name.startswith(("AWS_", "CURL_"))}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=harness.ROOT, capture_output=True, text=True, timeout=300,
        env={**environment, "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"})
    assert done.returncode == 0, f"{done.stdout[-1500:]}{done.stderr[-1500:]}"
    assert '"title":"My first note"' in done.stdout
    assert re.search(r'"action":"note.create","outcome":"accepted"', done.stdout), done.stdout[-1500:]


def test_every_variable_of_the_compose_file_is_documented_or_kafkas():
    text = (harness.ROOT / "compose/compose.yaml").read_text()
    variables = set(re.findall(r"\$\{(\w+)", text))
    documented = set(re.findall(r"^\| `(\w+)` \|", TEXT, flags=re.M))
    brokers = set(re.findall(r"^(\w+)=", (harness.ROOT / "compose/kafka-3.env").read_text(), flags=re.M))
    assert variables - brokers == documented
