"""One tenant's file that can't be read: it keeps nobody else from anything. Services start, others are served, erased and backed up, and whoever runs the cluster is told."""

import pathlib
import shutil

import botocore.exceptions
import pytest

import cluster as harness
from clients import Notes, Tenant, boto, curl, eventually, tenant
from test_backup import back_up, put_back, put_secrets_beside_the_data, restore, stored, strongroom
from test_erasure import is_nobody
from test_events import auditor_of
from test_storage_limits import metric, readiness

HOLDERS = ("identity", "notes", "audit")


def files_of(folder: pathlib.Path, service: str, made: Tenant) -> list[pathlib.Path]:
    data = folder / "data" / service
    files = list((data / "pools").glob(f"{made.pool}.sqlite")) if service == "identity" else list((data / made.pool).glob("*.sqlite"))
    assert files, service
    return files


def damage(file: pathlib.Path, start: int) -> bytes:
    """Overwrites a database of a service that is stopped from there on, without its log; what it was."""
    for path in file.parent.glob(f"{file.name}-*"):
        path.unlink()
    kept = file.read_bytes()
    file.write_bytes(kept[:start] + b"?" * (len(kept) - start))
    return kept


def stop(services: harness.Processes, *names: str) -> None:
    """In order, so that everything is in the files."""
    for name in names:
        services.running[name].terminate()
        services.running[name].wait(20)


def notes_of(made: Tenant, number: int = 0) -> Notes:
    return Notes(made.cluster.url, made.tokens(made.users[number])["IdToken"])


def logged(asked: Notes, note: str) -> bool:
    return bool(eventually(lambda: note in [event.get("noteId") for event in asked.events()], 30))


# From its first byte on it is no database at all, from its hundredth one with nothing in it that can be read.
@pytest.mark.parametrize("start", [0, 100])
def test_one_tenants_damaged_files_keep_no_service_from_starting(folder, start):
    with harness.Processes(folder) as services:
        damaged, whole = tenant(services, users=1), tenant(services, users=1)
        unlucky, other = notes_of(damaged), notes_of(whole)
        for notes in (unlucky, other):
            assert logged(notes, notes.create("before", "x").json["noteId"])
        stop(services, *HOLDERS)
        for service in HOLDERS:
            for file in files_of(folder, service, damaged):
                damage(file, start)
        # What a copy by hand may leave: something that is no file.
        witness = next((folder / "data/notes/.witnesses").glob(f"{damaged.pool}.*"))
        witness.unlink()
        witness.mkdir()
        for service in HOLDERS:
            services.start(service)
        other = notes_of(whole)
        assert logged(other, other.create("after", "x").json["noteId"])
        assert len(other.list().json["notes"]) == 2
        for answer in (unlucky.list(), unlucky.create("lost", "x"), curl(f"{services.url}/{damaged.pool}/.well-known/jwks.json")):
            assert answer.status in (401, 500, 503) and "x-strongroom-audit-position" not in answer.headers, answer


def test_an_erasure_that_a_damaged_file_does_not_take_keeps_none_of_the_others_waiting(folder):
    with harness.Processes(folder) as services:
        damaged, whole = tenant(services, users=1), tenant(services, users=2)
        unlucky, other = notes_of(damaged), notes_of(whole)
        auditor = auditor_of(services, whole)
        kept = [notes.create("kept", "x").json["noteId"] for notes in (unlucky, other)]
        assert logged(unlucky, kept[0]) and logged(auditor, kept[1])
        stop(services, "notes", "audit")
        originals = {file: damage(file, 100) for service in ("notes", "audit") for file in files_of(folder, service, damaged)}
        for service in ("notes", "audit"):
            services.start(service)

        identity = boto(services, "cognito-idp")
        for made, number in ((damaged, 0), (whole, 0)):
            identity.admin_delete_user(UserPoolId=made.pool, Username=made.users[number].username)
        assert eventually(lambda: is_nobody(other), 30)
        erased = [event for event in eventually(lambda: auditor.events("?action=user.erase"), 30) if event["resource"]["id"] == whole.users[0].sub]
        assert len(erased) == 1

        # What is owed is told, and done when the file is put right, also by another process.
        for service in ("notes", "audit"):
            assert eventually(lambda: metric(services, service, "strongroom_erasures_owed") == 1, 30), service
            assert eventually(lambda: "An erasure can't be carried out" in (folder / f"{service}.log").read_text()), service
        stop(services, "notes", "audit")
        for file, content in originals.items():
            for path in file.parent.glob(f"{file.name}-*"):
                path.unlink()
            file.write_bytes(content)
        for service in ("notes", "audit"):
            services.start(service)
            assert eventually(lambda: metric(services, service, "strongroom_erasures_owed") == 0, 30), service
        assert eventually(lambda: is_nobody(unlucky), 30)
        assert readiness(services, "notes")[0] == readiness(services, "audit")[0] == 200


@pytest.mark.parametrize("what", ["an older copy", "nothing"])
def test_what_is_put_in_place_of_a_file_brings_nobody_back(folder, what):
    with harness.Processes(folder) as services:
        made = tenant(services, users=2)
        gone, auditor = notes_of(made), auditor_of(services, made)
        assert logged(auditor, gone.create("gone", "x").json["noteId"])
        for service in HOLDERS:
            assert back_up(services, service, "first").returncode == 0
        boto(services, "cognito-idp").admin_delete_user(UserPoolId=made.pool, Username=made.users[0].username)
        assert eventually(lambda: is_nobody(gone), 30)
        assert eventually(lambda: auditor.events("?action=user.erase"), 30)
        stop(services, *HOLDERS)
        for service in HOLDERS:
            for file in files_of(folder, service, made):
                copy = stored(folder, service) / file.relative_to(folder / "data" / service)
                for path in file.parent.glob(f"{file.name}*"):
                    # There is no pool without its file.
                    if what == "an older copy" or service == "audit":
                        path.unlink()
                if what == "an older copy":
                    shutil.copy(copy, file)
        for service in HOLDERS:
            services.start(service)
        for _ in range(2):
            with pytest.raises(botocore.exceptions.ClientError) as refused:
                made.tokens(made.users[0])
            assert refused.value.response["Error"]["Code"] == "UserNotFoundException"
            assert eventually(lambda: is_nobody(gone), 30)
        auditor = notes_of(made, 1)
        # Its sources send all of it again to a log that has nothing.
        events = eventually(lambda: auditor.events(f"?user={made.users[0].sub}&limit=100"), 60)
        assert events and all(event.get("erased") and "username" not in event for event in events), events
        told = [event for event in auditor.events("?action=user.erase") if event["resource"]["id"] == made.users[0].sub]
        assert len(told) == 1


def test_a_restored_service_says_which_erasure_keeps_it_closed(folder):
    with harness.Processes(folder) as services:
        damaged, whole = tenant(services, users=1), tenant(services, users=1)
        for made in (damaged, whole):
            assert notes_of(made).create("kept", "x").status == 201
        assert back_up(services, "notes", "first").returncode == 0
        boto(services, "cognito-idp").admin_delete_user(UserPoolId=damaged.pool, Username=damaged.users[0].username)
        stop(services, "notes")
        put_back(services, "notes")
        files = files_of(folder, "notes", damaged)
        for file in files:
            damage(file, 100)
        services.start("notes", wait=False)

        def closed() -> bool:
            try:
                status, reason = readiness(services, "notes")
            except OSError:
                return False
            return status == 503 and "can't be erased again" in reason

        assert eventually(closed, 30), readiness(services, "notes")

        def said() -> list[str]:
            return [line for line in (folder / "notes.log").read_text().splitlines() if "An erasure can't be carried out" in line]

        assert eventually(said) and damaged.pool in said()[0]
        # Given up, it holds nothing that would have to be erased.
        for file in files:
            file.unlink()
        assert eventually(lambda: notes_of(whole).list().status == 200, 30)
        # Once, however often it was tried.
        assert len(said()) == 1


def test_what_can_not_be_read_is_named_and_may_be_left_out_of_a_backup(folder):
    with harness.Processes(folder) as services:
        damaged, whole = tenant(services, users=1), tenant(services, users=1)
        for made in (damaged, whole):
            notes = notes_of(made)
            assert logged(notes, notes.create("kept", "x").json["noteId"])
        stop(services, *HOLDERS)
        for service in HOLDERS:
            for file in files_of(folder, service, damaged):
                damage(file, 100)
        for service in HOLDERS:
            services.start(service)
        for service in HOLDERS:
            refused = back_up(services, service, "first")
            assert refused.returncode == 1 and damaged.pool in refused.stderr and f"--without {damaged.pool}" in refused.stderr, refused
            assert metric(services, service, "strongroom_backup_failed_timestamp_seconds") > 0
            assert not stored(folder, service).exists()
            address = services.ready[service].removeprefix("http://")
            made = strongroom(
                "backup", "--service", service, "--name", "first", "--address", address, "--secrets", f"{services.ready['secrets']}/{service}",
                "--without", damaged.pool)
            assert made.returncode == 0 and damaged.pool in made.stdout, made
            assert (metric(services, service, "strongroom_backup_complete_timestamp_seconds")
                    >= metric(services, service, "strongroom_backup_failed_timestamp_seconds"))
            assert not [path for path in stored(folder, service).rglob("*") if damaged.pool in path.name]
            look = strongroom("verify", "--backup", str(stored(folder, service)))
            assert look.returncode == 0 and damaged.pool in look.stdout, look
        put_secrets_beside_the_data(services)
        stop(services, *HOLDERS)
        for service in HOLDERS:
            shutil.rmtree(folder / "data" / service)
            refused = restore(folder, service, stored(folder, service))
            assert refused.returncode == 1 and damaged.pool in refused.stderr and "--accept-loss" in refused.stderr, refused
            assert restore(folder, service, stored(folder, service), "--accept-loss").returncode == 0
        for service in HOLDERS:
            services.start(service, wait=False)
        for service in HOLDERS:
            services.wait_until_ready(service, 60)
        assert [note["title"] for note in notes_of(whole).list().json["notes"]] == ["kept"]
        # The newest is known also to a process that has made none.
        assert metric(services, "notes", "strongroom_backup_complete_timestamp_seconds") > 0
