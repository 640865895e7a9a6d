"""Backups as an operator makes, looks through and restores them, with the cluster running and killed meanwhile."""

import base64
import hmac
import json
import pathlib
import re
import shutil
import signal
import subprocess
import threading

import cluster as clusters
from clients import Notes, Tenant, eventually, tenant
from cluster import Cluster, Folder, Processes

SERVICES = ("identity", "authorizer", "notes", "audit")


def strongroom(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([clusters.binary(), *arguments], capture_output=True, text=True, timeout=120)


def back_up(cluster: Cluster, service: str, name: str, secrets: str | None = None) -> subprocess.CompletedProcess:
    return strongroom(
        "backup", "--service", service, "--name", name, "--address", cluster.ready[service].removeprefix("http://"),
        "--secrets", f"{cluster.ready['secrets']}/{secrets or service}")


def restore(folder: pathlib.Path, service: str, backup: pathlib.Path, *more: str) -> subprocess.CompletedProcess:
    data = folder / "data"
    return strongroom(
        "restore", "--service", service, "--backup", str(backup), "--secrets", f"{data}/secrets/{service}", "--data", f"{data}/{service}", *more)


def stored(folder: pathlib.Path, service: str, name: str = "first") -> pathlib.Path:
    return folder / "data/backups" / service / name


def notes_of(made: Tenant) -> Notes:
    """Its first user's, signed in anew."""
    return Notes(made.cluster.url, made.tokens(made.users[0])["IdToken"])


def words(secrets: pathlib.Path) -> set[bytes]:
    """What is secret in a cluster's folder of secrets: master keys, and whatever else is as long as a key."""
    files = [file for file in secrets.rglob("*") if file.is_file()]
    return {file.read_bytes() for file in files if file.name == "master.key"} | {
        word for file in files if file.name != "master.key" for word in re.findall(rb"[A-Za-z0-9+/=]{40,}", file.read_bytes())}


def aged(backup: pathlib.Path, key: bytes, days: int) -> pathlib.Path:
    """A copy that says that it was made so many days before, sealed again as its service sealed it."""
    copy = shutil.copytree(backup, backup.with_name(f"{backup.name}-aged"))
    body = json.loads(base64.b64decode(json.loads((copy / "backup.json").read_text())["manifest"]))
    body["made"] -= days * 86_400 * 1_000_000
    changed = json.dumps(body).encode()
    sealing = hmac.digest(key, b"strongroom/derive/backup manifest", "sha256")
    (copy / "backup.json").write_text(json.dumps(
        {"manifest": base64.b64encode(changed).decode(), "code": hmac.digest(sealing, changed, "sha256").hex()}))
    return copy


def test_a_cluster_comes_back_from_its_backups():
    with Folder() as folder:
        cluster = clusters.start(folder)
        try:
            made = tenant(cluster)
            notes = notes_of(made)
            before = [notes.create(f"before {number}", "x" * 500).json["noteId"] for number in range(20)]

            # Writes go on while all four are made.
            during, stop = [], threading.Event()

            def write() -> None:
                while not stop.is_set():
                    answer = notes.create("during", "y")
                    assert answer.status == 201, answer
                    during.append(answer.json["noteId"])

            writer = threading.Thread(target=write)
            writer.start()
            for service in SERVICES:
                answer = back_up(cluster, service, "first")
                assert answer.returncode == 0, answer
                assert "files" in answer.stdout
            stop.set()
            writer.join()
            assert during
            after = notes.create("after", "z").json["noteId"]

            for service in SERVICES:
                answer = strongroom("verify", "--backup", str(stored(folder, service)), "--secrets", f"{cluster.ready['secrets']}/{service}")
                assert answer.returncode == 0 and "whole" in answer.stdout, answer
            # With neither the secrets nor, in the clear, what they seal.
            copied = b"".join(file.read_bytes() for file in (folder / "data/backups").rglob("*") if file.is_file())
            secret = words(pathlib.Path(cluster.ready["secrets"]))
            assert len(secret) > 15 and not [word[:4] for word in secret if word in copied] and b"x" * 500 not in copied

            # All data are lost; keys and backups are not.
            cluster.kill()
            for service in SERVICES:
                shutil.rmtree(folder / "data" / service)
                answer = restore(folder, service, stored(folder, service))
                assert answer.returncode == 0, answer
            cluster = clusters.start(folder)
            made.cluster = cluster
            notes = notes_of(made)
            listed = {note["noteId"] for note in notes.list("?limit=1000").json["notes"]}
            assert set(before) <= listed <= set(before) | set(during)
            assert after not in listed

            # What is written now is of a new stream, and the log takes it.
            new = notes.create("new", "n")
            assert new.status == 201, new
            assert eventually(lambda: new.json["noteId"] in {event.get("noteId") for event in notes.events("?limit=100")})
        finally:
            cluster.kill()


def test_an_old_audit_log_is_filled_again_by_its_sources():
    with Folder() as folder:
        cluster = clusters.start(folder)
        try:
            made = tenant(cluster)
            notes = notes_of(made)
            written = [notes.create(f"{number}", "").json["noteId"] for number in range(5)]
            assert back_up(cluster, "audit", "first").returncode == 0
            written += [notes.create(f"{number}", "").json["noteId"] for number in range(5)]
            cluster.kill()
            shutil.rmtree(folder / "data/audit")
            # Not by sources that have forgotten what came after it.
            old = aged(stored(folder, "audit"), (folder / "data/secrets/audit/master.key").read_bytes(), days=8)
            refused = restore(folder, "audit", old)
            assert refused.returncode == 1 and "--accept-loss" in refused.stderr and not (folder / "data/audit").exists(), refused
            assert restore(folder, "audit", old, "--accept-loss").returncode == 0
            shutil.rmtree(folder / "data/audit")
            assert restore(folder, "audit", stored(folder, "audit")).returncode == 0
            cluster = clusters.start(folder)
            made.cluster = cluster
            notes = notes_of(made)

            def recorded() -> list[str]:
                return [event["noteId"] for event in notes.events("?action=note.create&limit=100")]

            assert eventually(lambda: len(recorded()) >= 10, 30)
            assert sorted(recorded()) == sorted(written)
            assert notes.call("GET", "/audit/completeness").json["complete"] is True
        finally:
            cluster.kill()


def test_a_log_that_lacks_events_is_not_backed_up():
    with Folder() as folder, Processes(folder) as running:
        made = tenant(running, users=1)
        notes = notes_of(made)
        position = notes.create("arrives", "").headers["x-strongroom-audit-position"]
        assert notes.call("GET", f"/audit/events?waitFor={position}").status == 200
        running.running["broker"].send_signal(signal.SIGSTOP)
        try:
            assert notes.create("is on its way", "").status == 201
            refused = back_up(running, "audit", "first")
            assert refused.returncode == 1 and f"the log of tenant {made.pool} lacks events" in refused.stderr, refused
            assert not stored(folder, "audit").exists()
        finally:
            running.running["broker"].send_signal(signal.SIGCONT)
        assert eventually(lambda: notes.call("GET", "/audit/completeness").json["complete"], 60)
        assert back_up(running, "audit", "first").returncode == 0


def test_what_is_no_backup_is_refused_and_nothing_is_overwritten():
    with Folder() as folder:
        cluster = clusters.start(folder)
        try:
            made = tenant(cluster)
            assert notes_of(made).create("kept", "").status == 201
            assert back_up(cluster, "notes", "first").returncode == 0
            again = back_up(cluster, "notes", "first")
            assert again.returncode == 1 and "nothing is overwritten" in again.stderr, again
            stranger = back_up(cluster, "notes", "second", secrets="audit")
            assert stranger.returncode == 1 and "does not know these secrets" in stranger.stderr, stranger
            outside = back_up(cluster, "notes", "../../outside")
            assert outside.returncode == 2, outside
            occupied = restore(folder, "notes", stored(folder, "notes"))
            assert occupied.returncode == 1 and "is not empty" in occupied.stderr, occupied
        finally:
            cluster.kill()
        backup = stored(folder, "notes")
        other = restore(folder, "audit", backup)
        assert other.returncode == 1 and "another master key" in other.stderr, other
        shutil.rmtree(folder / "data/notes")
        manifest = next(backup.rglob("manifest.json"))
        manifest.write_bytes(manifest.read_bytes().replace(b'"shards":4', b'"shards":5'))
        damaged = restore(folder, "notes", backup)
        assert damaged.returncode == 1 and f"{manifest} is not what was backed up" in damaged.stderr, damaged
        assert list((folder / "data/notes").iterdir()) == []
        look = strongroom("verify", "--backup", str(backup))
        assert look.returncode == 1 and "is not what was backed up" in look.stderr, look
