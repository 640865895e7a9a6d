"""A tenant's notes written out for whoever takes them elsewhere, read back with jq and Python."""

import json
import pathlib
import shutil
import stat
import subprocess
import threading

from clients import Notes, aws, eventually, tenant
from cluster import Cluster
from test_backup import strongroom


def export(cluster: Cluster, pool: str, output: pathlib.Path, secrets: str = "notes"):
    return strongroom(
        "export", "--tenant", pool, "--output", str(output), "--address", cluster.ready["notes"].removeprefix("http://"), "--secrets",
        f"{cluster.ready['secrets']}/{secrets}")


def lines(file: pathlib.Path) -> list[dict]:
    # By line feeds alone: Python knows more ends of lines than JSON.
    return [json.loads(line) for line in file.read_text().split("\n") if line]


def test_an_export_has_every_note_and_nobody_elses(cluster: Cluster, folder: pathlib.Path):
    made, other = tenant(cluster, users=3), tenant(cluster, users=1)
    written = {}
    for user in made.users:
        notes = Notes(cluster.url, made.tokens(user)["IdToken"])
        for number in range(30):
            note = notes.create(f'"{number}"\n', "é\u2028" + "x" * 3000 * (number % 3)).json
            written[note["noteId"]] = note
        changed = notes.call("PUT", f"/dev/notes/{note['noteId']}", body={"title": "changed", "content": "2"}).json
        written[note["noteId"]] = changed
        assert notes.delete(next(iter(written))).status == 204
    del written[next(iter(written))]
    assert Notes(cluster.url, other.tokens(other.users[0])["IdToken"]).create("theirs", "").status == 201

    file = folder / "notes.ndjson"
    done = export(cluster, made.pool, file)
    assert done.returncode == 0 and "not sealed" in done.stdout and f"{len(written)} notes" in done.stdout, done
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    exported = {note["noteId"]: note for note in lines(file)}
    assert exported.keys() == written.keys()
    for name, note in written.items():
        assert {member: exported[name][member] for member in note} == note
        assert exported[name]["version"] == (2 if note["title"] == "changed" else 1)
    jq = shutil.which("jq")
    if jq:
        count = subprocess.run([jq, "-s", "map(.userId) | unique | length", str(file)], capture_output=True, text=True, check=True)
        assert count.stdout.strip() == "3"

    again = export(cluster, made.pool, file)
    assert again.returncode == 1 and "nothing is overwritten" in again.stderr, again
    assert [path.name for path in folder.iterdir()] == ["notes.ndjson"]
    assert not any((cluster.folder / "data/notes/.export").glob("*"))
    watcher = Notes(cluster.url, made.tokens(made.users[0])["IdToken"])
    aws(cluster, "cognito-idp", "create-group", "--user-pool-id", made.pool, "--group-name", "auditors")
    aws(cluster, "cognito-idp", "admin-add-user-to-group", "--user-pool-id", made.pool, "--username", made.users[0].username, "--group-name", "auditors")
    watcher = Notes(cluster.url, made.tokens(made.users[0])["IdToken"])
    assert eventually(lambda: [event for event in watcher.events("?action=tenant.export") if event["principal"] == "strongroom export"])


def test_each_users_notes_are_of_one_moment_while_writes_go_on(cluster: Cluster, folder: pathlib.Path):
    made = tenant(cluster, users=1)
    notes = Notes(cluster.url, made.tokens(made.users[0])["IdToken"])
    for number in range(20):
        notes.create(f"{number}", "x" * 5000)
    # Each note is made only once the one before it is acknowledged: an export has all up to some number, and no hole.
    stop, written = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            written.append(notes.create("more", "y" * 5000).json["noteId"])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            before = len(written)
            done = export(cluster, made.pool, folder / f"{number}")
            assert done.returncode == 0, done
            more = [note["noteId"] for note in lines(folder / f"{number}") if note["title"] == "more"]
            assert len(more) >= before and more == written[:len(more)]
    finally:
        stop.set()
        writer.join()


def test_nobody_else_exports_and_what_is_not_there_is_said(cluster: Cluster, folder: pathlib.Path):
    made = tenant(cluster, users=1)
    assert Notes(cluster.url, made.tokens(made.users[0])["IdToken"]).create("kept", "").status == 201
    stranger = export(cluster, made.pool, folder / "stolen", secrets="gateway")
    assert stranger.returncode == 1, stranger
    stranger = export(cluster, made.pool, folder / "stolen", secrets="audit")
    assert stranger.returncode == 1 and "does not know these secrets" in stranger.stderr, stranger
    for name in ("us-east-1_NoSuchOne", "../audit", ""):
        nobody = export(cluster, name, folder / "nothing")
        assert nobody.returncode in (1, 2) and not (folder / "nothing").exists(), nobody
    assert list(folder.iterdir()) == []
