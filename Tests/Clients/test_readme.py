"""What README.md tells people to type, typed: in a network and among processes of its own, where the ports that it names are free."""

import fcntl
import json
import os
import pathlib
import re
import shlex
import socket
import stat
import struct
import subprocess
import sys

import pytest

import cluster as harness
from clients import tool

TEXT = (harness.ROOT / "README.md").read_text()
ALONE = ("unshare", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1


def may_be_alone() -> bool:
    return subprocess.run([*ALONE, "true"], capture_output=True).returncode == 0


alone = pytest.mark.skipif(not may_be_alone(), reason="this machine lets nobody have a network of their own, as a container does")


def commands(section: str, within: str) -> str:
    """The indented lines of a section among which there is this text."""
    text = TEXT.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    found = [block for block in re.findall(r"(?:^    .+\n)+", text, flags=re.M) if within in block]
    assert len(found) == 1, found
    return re.sub(r"^    ", "", found[0], flags=re.M)


def bring_loopback_up() -> None:
    """A network that was just made is down."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))


def type_alone(folder: pathlib.Path, script: str, seconds: float = 150) -> list[str]:
    """What is said between lines that say `----`. All processes end with the shell; the program and the AWS CLI are on its path."""
    (folder / "bin").mkdir()
    (folder / "bin/strongroom").symlink_to(harness.binary())
    path = f"{folder}/bin:{pathlib.Path(tool('aws')).parent}:{os.environ['PATH']}"
    up = f"{shlex.quote(sys.executable)} -c 'import test_readme; test_readme.bring_loopback_up()'\n"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "STRONGROOM"))}
    done = subprocess.run(
        [*ALONE, "bash", "-euo", "pipefail", "-c", f"set -m\n{up}{script}"], cwd=folder, capture_output=True, text=True, timeout=seconds,
        stdin=subprocess.DEVNULL, env={**environment, "PATH": path, "PYTHONPATH": str(pathlib.Path(__file__).parent), "PYTHONDONTWRITEBYTECODE": "1"})
    assert done.returncode == 0, f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout.split("----\n")


# Ctrl-C goes to make, too, which ends by it as soon as what it has started has ended.
MAKE_RUN = """
make_run() {
    rm -f said
    make run >said 2>&1 &
    until grep -qs Ctrl-C said; do kill -0 %% || { cat said; exit 1; }; sleep 0.1; done
}
stop() { kill -INT -- -$!; wait $! || [ $? = 130 ]; }
"""


def as_if_built(folder: pathlib.Path) -> None:
    """A clone in which all is installed and built."""
    (folder / "Makefile").symlink_to(harness.ROOT / "Makefile")
    (folder / ".build/release").mkdir(parents=True)
    (folder / ".build/release/strongroom").symlink_to(harness.binary())
    (folder / "ops/scripts").mkdir(parents=True)
    for script in ("install", "build"):
        (folder / "ops/scripts" / script).symlink_to("/bin/true")
    (folder / "ops/scripts/demo").symlink_to(harness.ROOT / "ops/scripts/demo")


def test_make_demo_walks_through_the_first_use_and_says_what_holds(folder):
    as_if_built(folder)
    done = subprocess.run(
        ["make", "demo"], cwd=folder, capture_output=True, text=True, timeout=120, env={**os.environ, "STRONGROOM": harness.binary()})
    assert done.returncode == 0, done
    steps = re.findall(r"^(\d+)\. ", done.stdout, flags=re.M)
    assert steps and f"✓ all {len(steps)} steps hold" in done.stdout and "✗" not in done.stdout


@alone
def test_a_cluster_of_make_run_is_used_backed_up_restored_and_exported(folder):
    as_if_built(folder)
    read_root = f"{shlex.quote(sys.executable)} -c 'import json; print(json.load(open(\"data/secrets/authorizer/root.json\"))[\"NAME\"])'"
    as_root = commands("Run", "get-caller-identity")
    for variable, name in (("AWS_ACCESS_KEY_ID", "accessKeyId"), ("AWS_SECRET_ACCESS_KEY", "secretAccessKey")):
        assert f"{variable}=…" in as_root
        as_root = as_root.replace(f"{variable}=…", f"{variable}=$({read_root.replace('NAME', name)})")
    authorized = 'curl -sf http://127.0.0.1:8080/dev/notes -H "Authorization: $TOKEN"'
    export = commands("Erasing and taking out", "strongroom export")
    assert "--tenant us-east-1_… " in export
    _, pool, identity, made, verified, restored, listed, _ = type_alone(folder, f"""{MAKE_RUN}
make_run
TOKEN=$(sed -n 's/^  TOKEN=//p' said | head -n 1)
echo ----
{as_root.replace("aws sts", "echo ----; aws sts")}
echo ----
{authorized} -d '{{"title": "kept"}}'; echo
echo ----
{commands("Backups", "strongroom backup")}
echo ----
stop
mv data/notes elsewhere
{commands("Backups", "strongroom restore")}
echo ----
make_run
{authorized}; echo
echo ----
{export.replace("us-east-1_…", "$(grep -o 'us-east-1_[A-Za-z0-9]*' data/demo.json | head -n 1)")}
stop
""")
    assert json.loads(pool)["UserPool"]["Name"] == "mine" and json.loads(identity)["Arn"].endswith(":root")
    note = json.loads(made)
    assert [line.split(":")[0] for line in verified.splitlines()[:4]] == ["identity", "authorizer", "notes", "audit"]
    assert "data/backups/notes/first: whole" in verified and "may be started" in restored
    assert json.loads(listed) == {"notes": [note], "count": 1}
    file = folder / "notes.ndjson"
    assert json.loads(file.read_text())["noteId"] == note["noteId"] and stat.S_IMODE(file.stat().st_mode) == 0o600


@alone
def test_each_service_is_a_process_of_its_own(folder):
    script = commands("Run", "keys init")
    walk = "; ".join((
        "import json, walkthrough", 'root = json.load(open("secrets/authorizer/root.json"))',
        'walk = walkthrough.Walk({"gateway": "http://127.0.0.1:8080", "notes": "http://127.0.0.1:8083", "region": "us-east-1", '
        '"rootAccessKeyId": root["accessKeyId"], "rootSecretAccessKey": root["secretAccessKey"]})',
        "walk.run()", "assert not walk.failed, walk.failed"))
    started, _ = type_alone(folder, f"{script}echo ----\n{shlex.quote(sys.executable)} -c {shlex.quote(walk)}\n")
    assert "\nready\n" in started
