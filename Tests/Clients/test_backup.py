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

import pytest

import cluster as clusters
from clients import Notes, Tenant, boto, eventually, tenant
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


def put_secrets_beside_the_data(running: Processes) -> None:
    """Where `restore` here looks for them."""
    secrets = running.folder / "data/secrets"
    if not secrets.exists():
        secrets.symlink_to(running.folder / "secrets")


def put_back(running: Processes, service: str, name: str = "first") -> str:
    """Restores the data of a service that is stopped, in place of what it has; what the tool said."""
    put_secrets_beside_the_data(running)
    shutil.rmtree(running.folder / "data" / service)
    done = restore(running.folder, service, stored(running.folder, service, name))
    assert done.returncode == 0, done
    return done.stdout


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
        # Until a restore has ended well the service starts with nothing, rather than empty.
        assert [path.name for path in (folder / "data/notes").iterdir()] == [".restoring"]
        empty = strongroom("notes", "--notes-data", str(folder / "data/notes"), "--secrets", str(folder / "data/secrets/notes"))
        assert empty.returncode == 1 and "/.restoring" in empty.stderr, empty
        look = strongroom("verify", "--backup", str(backup))
        assert look.returncode == 1 and "is not what was backed up" in look.stderr, look


def test_what_a_restored_cluster_says_anew_is_not_taken_for_what_it_said_before():
    """Counters go back with a restore: what clients and other services hold from before must not look like what comes after."""
    deny = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"%s"}]}'
    other = deny % "arn:aws:execute-api:us-east-1:000000000000:strongroom/dev/GET/other"

    with Folder() as folder, Processes(folder) as cluster:
        def restored(service: str) -> None:
            cluster.running[service].terminate()
            cluster.running[service].wait(20)
            put_back(cluster, service)
            cluster.start(service)

        made = tenant(cluster, users=1)
        user, identity, iam = made.users[0], boto(cluster, "cognito-idp"), boto(cluster, "iam")
        notes = notes_of(made)
        note = notes.create("one", "x").json["noteId"]
        for number in range(4):
            notes.create(f"n{number}", "x")
        assert eventually(lambda: len(notes.events("?action=note.create")) == 5)
        for service in SERVICES:
            assert back_up(cluster, service, "first").returncode == 0

        # A note's version: its tag may not name another text.
        held = notes.call("PUT", f"/notes/{note}", body={"title": "two"}).headers["etag"]
        restored("notes")
        assert eventually(lambda: notes.call("PUT", f"/notes/{note}", body={"title": "three"}).status == 200)
        assert notes.call("GET", f"/notes/{note}", "-H", f"If-None-Match: {held}").status == 200
        assert notes.call("PUT", f"/notes/{note}", "-H", f"If-Match: {held}", body={"title": "four"}).status == 412

        # A place in the audit log: leaves have other numbers.
        page = notes.call("GET", "/audit/events?action=note.create&order=oldest&limit=2").json
        restored("audit")
        assert eventually(lambda: notes.call("GET", "/audit/events?limit=1").status == 200)
        stale = notes.call("GET", f"/audit/events?action=note.create&order=oldest&limit=2&nextToken={page['nextToken']}")
        assert stale.status == 400 and "restored" in stale.json["error"], stale

        # How many passwords a user has had: a token of one is none of another.
        def refresh(token: str) -> None:
            identity.initiate_auth(ClientId=made.client, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": token})

        change = {"UserPoolId": made.pool, "Username": user.username, "Permanent": True}
        identity.admin_set_user_password(**change, Password="Leaked-123456!")
        user.password = "Leaked-123456!"
        stolen = made.tokens(user)["RefreshToken"]
        restored("identity")
        assert eventually(lambda: notes.call("GET", "/notes").status == 200)
        for _ in range(2):
            identity.admin_set_user_password(**change, Password="Brand-new-123!")
            with pytest.raises(identity.exceptions.NotAuthorizedException):
                refresh(stolen)

        # How many changes of policies there were: as many after each restore.
        for resource in (other, deny % "*"):
            restored("authorizer")
            assert eventually(lambda: notes.call("GET", "/notes").status == 200)
            iam.put_role_policy(RoleName="strongroom-user", PolicyName="lock", PolicyDocument=resource)
        assert eventually(lambda: notes.call("GET", "/notes").status == 403, 5)
