"""Data folders that released versions have left behind, and what a newer version's are met with."""

import json
import pathlib
import sqlite3
import subprocess
import tarfile

import cluster as clusters
import pytest
from clients import Notes, Tenant, boto, eventually
from cluster import Folder, User

RELEASES = sorted((clusters.ROOT / "Tests/Vectors/Releases").glob("*.tar.gz"))


def unpack(release: pathlib.Path, folder: pathlib.Path) -> dict:
    with tarfile.open(release) as archive:
        archive.extractall(folder)
    return json.loads((folder / "expected.json").read_text())


def schema_versions(folder: pathlib.Path) -> dict[str, int]:
    """Of a cluster that is stopped."""
    versions = {}
    for file in sorted((folder / "data").rglob("*.sqlite")):
        with sqlite3.connect(file) as connection:
            versions[str(file.relative_to(folder))] = connection.execute("PRAGMA user_version").fetchone()[0]
    return versions


def test_each_release_has_left_a_folder():
    version = subprocess.run([clusters.binary(), "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    assert [path.name for path in RELEASES if path.name == f"{version}.tar.gz"], "ops/scripts/make-release-fixture makes it"


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name.removesuffix(".tar.gz"))
def test_a_released_versions_data_are_read_and_gone_on_with(release: pathlib.Path):
    with Folder() as folder:
        expected = unpack(release, folder)
        before = schema_versions(folder)
        assert before
        cluster = clusters.start(folder)
        try:
            users = [User(user["username"], user["password"], user["sub"]) for user in expected["users"]]
            made = Tenant(cluster, expected["pool"], expected["client"], users)
            everyone = {user.sub: Notes(cluster.url, made.tokens(user)["IdToken"]) for user in users}
            for note in expected["notes"]:
                assert everyone[note["userId"]].read(note["noteId"]).json == note
            auditor = everyone[users[0].sub]
            created = auditor.events("?action=note.create")
            assert {event["noteId"] for event in created if "erased" not in event} == {note["noteId"] for note in expected["notes"]}
            gone = auditor.events(f"?user={expected['erased']['sub']}")
            assert gone and all(event["erased"] for event in gone)
            names = [user["Username"] for user in boto(cluster, "cognito-idp").list_users(UserPoolId=made.pool)["Users"]]
            assert expected["erased"]["username"] not in names and users[0].username in names
            assert auditor.call("GET", "/audit/completeness").json["complete"] is True
            new = auditor.create("new", "").json["noteId"]
            assert eventually(lambda: any(event.get("noteId") == new for event in auditor.events()))
            assert cluster.interrupt() == 0
        finally:
            cluster.kill()
        after = schema_versions(folder)
        assert set(before) <= set(after) and all(after[file] >= version for file, version in before.items())


def test_a_cluster_made_before_takes_callers_secrets_from_its_services_with_its_first_rotation():
    with Folder() as folder:
        expected = unpack(RELEASES[0], folder)
        secrets = folder / "data/secrets"

        def callers(service: str) -> list[dict]:
            return json.loads((secrets / service / "keyring.json").read_text())["callers"]

        assert all("secret" in entry for service in ("identity", "notes", "audit") for entry in callers(service))
        cluster = clusters.start(folder)
        try:
            user = User(**{name: expected["users"][0][name] for name in ("username", "password", "sub")})
            notes = Notes(cluster.url, Tenant(cluster, expected["pool"], expected["client"], [user]).tokens(user)["IdToken"])
            assert notes.list().status == 200
            done = subprocess.run(
                [clusters.binary(), "keys", "rotate", "--kind", "call", "--secrets", str(secrets), "--settle-seconds", "2"],
                capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done
            for service in ("identity", "notes", "audit"):
                assert callers(service) and all("days" in entry and "secret" not in entry for entry in callers(service)), service
            made = notes.create("after", "")
            assert made.status == 201, made
            position = made.headers["x-strongroom-audit-position"]
            assert made.json["noteId"] in {event.get("noteId") for event in notes.events(f"?waitFor={position}")}
            assert cluster.interrupt() == 0
        finally:
            cluster.kill()


@pytest.mark.parametrize("service", ["identity", "authorizer", "notes", "audit"])
def test_a_newer_versions_file_is_refused_by_name(service: str):
    with Folder() as folder:
        unpack(RELEASES[-1], folder)
        files = sorted((folder / "data" / service).rglob("*.sqlite"))
        assert files
        for file in files:
            with sqlite3.connect(file) as connection:
                known = connection.execute("PRAGMA user_version").fetchone()[0]
                connection.execute(f"PRAGMA user_version = {known + 7}")
            connection.close()
            contents = file.read_bytes()
            done = subprocess.run(
                [clusters.binary(), service, "--listen", "127.0.0.1:0", "--secrets", str(folder / "data/secrets" / service),
                 f"--{service}-data", str(folder / "data" / service)], capture_output=True, text=True, timeout=30, cwd=folder)
            assert done.returncode == 1, done
            assert str(file) in done.stderr + done.stdout and f"schema version {known + 7}" in done.stderr + done.stdout, done
            assert file.read_bytes() == contents
            with sqlite3.connect(file) as connection:
                connection.execute(f"PRAGMA user_version = {known}")
            connection.close()
