"""Files of the notes service that somebody sets back to an older state by hand, or removes: what is acknowledged from then on is in the audit log once, nothing that is gone is
taken for empty, who was erased stays so, and all are told."""

import contextlib
import pathlib
import shutil
import signal
import sqlite3

import pytest

import cluster as harness
from clients import Notes, boto, eventually, tenant
from test_backup import back_up
from test_erasure import is_nobody
from test_events import auditor_of
from test_storage_limits import REFUSED, metric, readiness


def an_older_copy(services, files: pathlib.Path):
    """Of a moment at which the service stands still; returns what puts it back."""
    process = services.running["notes"]
    process.send_signal(signal.SIGSTOP)
    copy = services.folder / "copy"
    shutil.copytree(files, copy)
    process.send_signal(signal.SIGCONT)

    def put_back() -> None:
        shutil.rmtree(files)
        copy.rename(files)

    return put_back


def without_logs(services, files: pathlib.Path):
    def remove() -> None:
        logs = [log for log in files.glob("*-wal") if log.stat().st_size]
        assert logs, "nothing was in a log"
        for log in logs:
            log.unlink()

    return remove


@contextlib.contextmanager
def one_tenant(folder: pathlib.Path):
    """A cluster, an auditor and a user of one tenant, and where its shards are."""
    with harness.Processes(folder) as services:
        made = tenant(services)
        yield services, auditor_of(services, made), Notes(services.url, made.tokens(made.users[0])["IdToken"]), folder / "data/notes" / made.pool


@pytest.mark.parametrize("how", [an_older_copy, without_logs])
def test_what_is_written_after_a_shard_was_set_back_is_in_the_log_once(folder, how):
    with one_tenant(folder) as (services, auditor, notes, files):
        written = [notes.create(f"before {number}", "x") for number in range(5)]
        set_back = how(services, files)
        written += [notes.create(f"gone {number}", "x") for number in range(5)]

        def logged() -> list[str]:
            return sorted(event["noteId"] for event in auditor.events("?action=note.create&outcome=accepted&limit=1000"))

        def wanted() -> list[str]:
            return sorted(answer.json["noteId"] for answer in written)

        def streams() -> dict[str, dict]:
            told = auditor.call("GET", "/audit/completeness").json
            return {stream["epoch"]: stream for stream in told["streams"] if stream["source"] == "notes"}

        def position(answer) -> tuple[str, int]:
            _, _, epoch, number = answer.headers["x-strongroom-audit-position"].split(".")
            return epoch, int(number)

        assert eventually(lambda: logged() == wanted())
        services.kill("notes")
        set_back()
        services.start("notes")

        # As many as are gone and more, so that each of their places would have been given again.
        after = [notes.create(f"after {number}", "x") for number in range(12)]
        assert {answer.status for answer in after} == {201}
        written += after
        assert eventually(lambda: logged() == wanted())
        epoch, last = position(after[-1])
        assert [position(answer) for answer in after] == [(epoch, number) for number in range(1, 13)]
        assert position(written[0])[0] != epoch
        assert eventually(lambda: streams().get(epoch, {}).get("completeUpTo") == last)
        old = streams().get(position(written[0])[0])
        # The log has what the shard has lost, and the shard knows how far it once was.
        assert (old["completeUpTo"], old["head"], old["status"]) == (10, 10, "complete")
        assert metric(services, "notes", "strongroom_shards_set_back_total") == 1
        assert "A shard was set back to an older state" in (folder / "notes.log").read_text()

        # Once it has begun a new stream it goes on with it.
        services.kill("notes")
        services.start("notes")
        written.append(notes.create("later", "x"))
        assert position(written[-1]) == (epoch, 13)
        assert eventually(lambda: logged() == wanted())
        assert metric(services, "notes", "strongroom_shards_set_back_total") == 0


@pytest.mark.parametrize("how", [an_older_copy, without_logs])
def test_what_neither_the_shard_nor_the_log_has_is_told(folder, how):
    with one_tenant(folder) as (services, auditor, notes, files):
        kept = [notes.create(f"kept {number}", "x") for number in range(3)]
        assert eventually(lambda: auditor.call("GET", "/audit/completeness").json["complete"])
        set_back = how(services, files)
        # Nothing gets through any more: what is written now is in the shard only. A service that had met the broker before would send it on, for the broker to
        # find when it wakes.
        services.kill("notes")
        services.running["broker"].send_signal(signal.SIGSTOP)
        try:
            services.start("notes")
            lost = [notes.create(f"lost {number}", "x") for number in range(4)]
            assert {answer.status for answer in kept + lost} == {201}
            services.kill("notes")
            set_back()
        finally:
            services.running["broker"].send_signal(signal.SIGCONT)
        services.start("notes")
        assert notes.create("later", "x").status == 201
        epoch = lost[0].headers["x-strongroom-audit-position"].split(".")[2]

        def old() -> tuple[str, int] | None:
            told = auditor.call("GET", "/audit/completeness").json
            found = [stream for stream in told["streams"] if stream["epoch"] == epoch]
            return (found[0]["status"], found[0]["head"]) if found and not told["complete"] else None

        assert eventually(lambda: old() == ("lost", 7), 60), old()
        # Nor is it forgotten.
        services.kill("notes")
        services.start("notes")
        assert notes.list().status == 200
        assert eventually(lambda: old() == ("lost", 7)), old()


def stop(services) -> None:
    services.running["notes"].send_signal(signal.SIGTERM)
    assert services.running["notes"].wait(20) == 0


def start_unready(services, reason: str) -> None:
    services.start("notes", wait=False)

    def told() -> tuple[int, str] | None:
        with contextlib.suppress(OSError):
            return readiness(services, "notes")

    assert eventually(lambda: (now := told()) and now[0] == 503 and reason in now[1]), told()


def said(services, sentence: str) -> int:
    return (services.folder / "notes.log").read_text().count(sentence)


@pytest.mark.parametrize("what", ["*.sqlite", "manifest.json", "."])
def test_what_was_removed_is_neither_taken_for_empty_nor_made_anew(folder, what):
    with harness.Processes(folder) as services:
        made, other, gone = tenant(services), tenant(services), tenant(services)
        notes, theirs, deleted = (Notes(services.url, each.tokens(each.users[0])["IdToken"]) for each in (made, other, gone))
        kept = [notes.create(f"kept {number}", "x").json["noteId"] for number in range(3)]
        assert theirs.create("theirs", "x").status == deleted.create("deleted", "x").status == 201
        boto(services, "cognito-idp").delete_user_pool(UserPoolId=gone.pool)
        assert eventually(lambda: is_nobody(deleted))
        files, away = folder / "data/notes" / made.pool, folder / "away"
        stop(services)
        removed = [files] if what == "." else list(files.glob(what))
        assert removed
        away.mkdir()
        for path in removed:
            path.rename(away / path.name)

        start_unready(services, "is missing that was there before")
        for _ in range(2):
            for answer in (notes.list(), notes.read(kept[0]), notes.create("lost", "x"), notes.delete(kept[0])):
                assert (answer.status, answer.body) == (503, REFUSED) and int(answer.headers["retry-after"]) >= 1
        assert theirs.create("more of theirs", "x").status == 201 and theirs.list().json["count"] == 2
        assert not files.exists() or not [path for path in removed if path.exists()], "it was made anew"
        shards = metric(services, "notes", "strongroom_shards_set_back_total")
        assert shards >= 1 and said(services, "A shard's file, or its tenant's manifest, is missing") == shards
        assert gone.pool not in "".join(line for line in (folder / "notes.log").read_text().splitlines() if "is missing" in line)

        # A backup would lack it, and nobody would know.
        assert back_up(services, "notes", "incomplete").returncode != 0

        for path in removed:
            (away / path.name).rename(path)
        assert [note["noteId"] for note in notes.list().json["notes"]] == kept
        assert notes.create("after", "x").status == 201
        services.wait_until_ready("notes")
        assert metric(services, "notes", "strongroom_shards_set_back_total") == shards, "what was put back whole was not set back"


@pytest.mark.parametrize("what", ["manifest.json", "."])
def test_what_is_removed_while_nobody_uses_it_is_missed_all_the_same(folder, what):
    with harness.Processes(folder) as services:
        made, other = tenant(services), tenant(services)
        notes, theirs = (Notes(services.url, each.tokens(each.users[0])["IdToken"]) for each in (made, other))
        colleague = Notes(services.url, made.tokens(made.users[1])["IdToken"])
        kept = notes.create("kept", "x").json["noteId"]
        assert theirs.create("theirs", "x").status == 201
        stop(services)
        # Nothing waits to be delivered, so no file is opened before somebody asks for it.
        for listed in (folder / "data/notes/.undelivered").iterdir():
            listed.unlink()
        services.start("notes")
        files, away = folder / "data/notes" / made.pool, folder / "away"
        place = files if what == "." else files / what
        place.rename(away)

        for answer in (notes.list(), notes.create("lost", "x"), colleague.list(), colleague.create("anew", "x")):
            assert (answer.status, answer.body) == (503, REFUSED)
        assert readiness(services, "notes")[0] == 503 and not place.exists()
        assert back_up(services, "notes", "incomplete").returncode != 0
        # Others are served, and erased.
        boto(services, "cognito-idp").admin_delete_user(UserPoolId=made.pool, Username=made.users[1].username)
        boto(services, "cognito-idp").admin_delete_user(UserPoolId=other.pool, Username=other.users[0].username)
        assert eventually(lambda: is_nobody(theirs))

        away.rename(place)
        assert [note["noteId"] for note in notes.list().json["notes"]] == [kept]
        assert notes.create("after", "x").status == 201
        services.wait_until_ready("notes")


def test_an_operator_gives_up_a_shard_that_is_gone(folder):
    with one_tenant(folder) as (services, auditor, notes, files):
        written = [notes.create(f"gone {number}", "x") for number in range(3)]
        assert eventually(lambda: auditor.call("GET", "/audit/completeness").json["complete"])
        stop(services)
        for path in files.glob("*.sqlite"):
            path.write_bytes(b"")
        services.start("notes")
        assert notes.list().json["notes"] == []
        assert notes.create("after", "x").status == 201
        epoch = written[0].headers["x-strongroom-audit-position"].split(".")[2]

        def old() -> tuple:
            told = auditor.call("GET", "/audit/completeness").json
            return next(((each["status"], each["head"]) for each in told["streams"] if each["epoch"] == epoch), (None, None))

        assert eventually(lambda: old() == ("complete", 3)), old()


@pytest.mark.parametrize("what", ["a witness", "all", "replaced"])
def test_a_witness_that_is_taken_away_is_noticed(folder, what):
    with one_tenant(folder) as (services, auditor, notes, files):
        written = [notes.create("before", "x").json["noteId"]]
        witnesses = folder / "data/notes/.witnesses"
        own = next(witnesses.glob(f"{files.name}.*"))
        assert readiness(services, "notes")[0] == 200
        place = own if what == "a witness" else witnesses
        away = place.rename(folder / "away")
        if what == "replaced":
            witnesses.mkdir(mode=0o700)
        status, reason = readiness(services, "notes")
        assert status == 503 and "moved, removed or replaced" in reason
        stranger = tenant(services)
        strangers = Notes(services.url, stranger.tokens(stranger.users[0])["IdToken"])
        refused = [notes.create("lost", "x"), notes.delete(written[0])]
        if what != "a witness":
            refused += [strangers.create("of a new tenant", "x"), strangers.list()]
        for answer in refused:
            assert (answer.status, answer.body) == (503, REFUSED)
        assert [note["noteId"] for note in notes.list().json["notes"]] == written
        if what == "replaced":
            assert not list(witnesses.iterdir()), "it writes into a folder that is not its own"
            witnesses.rmdir()
        away.rename(place)
        services.wait_until_ready("notes")
        written.append(notes.create("after", "x").json["noteId"])

        # Gone for good: the shard begins a new stream with the next start, and nothing is lost.
        shutil.rmtree(witnesses)
        assert notes.create("lost", "x").status == 503
        stop(services)
        services.start("notes")
        written.append(notes.create("later", "x").json["noteId"])
        assert [note["noteId"] for note in notes.list().json["notes"]] == written

        def logged() -> list[str]:
            return sorted(event["noteId"] for event in auditor.events("?action=note.create&outcome=accepted&limit=1000"))

        assert eventually(lambda: logged() == sorted(written)), logged()


@pytest.mark.parametrize("more", [0, 1], ids=["nothing else was written", "others went on"])
def test_who_was_erased_stays_erased_in_a_shard_that_was_set_back(folder, more):
    with harness.Processes(folder) as services:
        made = tenant(services, users=4)
        identity = boto(services, "cognito-idp")
        erased, *others = (Notes(services.url, made.tokens(user)["IdToken"]) for user in made.users)
        kept = [(notes, notes.create("kept", "x").json["noteId"]) for notes in others]
        note = erased.create("erased", "x").json["noteId"]
        files, copy = folder / "data/notes" / made.pool, folder / "copy"
        stop(services)
        shutil.copytree(files, copy)
        services.start("notes")
        for _ in range(more):
            assert {notes.create("gone", "x").status for notes in others} == {201}
        identity.admin_delete_user(UserPoolId=made.pool, Username=made.users[0].username)
        assert eventually(lambda: is_nobody(erased))
        stop(services)
        shutil.rmtree(files)
        copy.rename(files)
        # What comes first may be a read, and identity need not be there.
        services.kill("identity")
        services.start("notes")
        for answer in (erased.read(note), erased.list(), erased.create("back", "x")):
            assert answer.status == 401, answer
        for notes, own in kept:
            assert [each["noteId"] for each in notes.list().json["notes"]] == [own]
        assert metric(services, "notes", "strongroom_shards_set_back_total") >= 1
        assert said(services, "A shard was set back to an older state") >= 1
        stop(services)
        rows = 0
        for path in files.glob("*.sqlite"):
            with contextlib.closing(sqlite3.connect(path)) as file:
                rows += file.execute("SELECT count(*) FROM note JOIN user ON user.id = note.user WHERE user_id = ?", (made.users[0].sub,)).fetchone()[0]
        assert rows == 0
