"""What happens at the end of the outbox and of the disk, and where a data folder is taken away: writes are refused and told when to come back,
reads go on, nothing is lost."""

import contextlib
import signal
import subprocess

import botocore.exceptions
import pytest

import cluster as harness
from clients import Notes, boto, eventually, tenant, tool

REFUSED = b'{"error":"Service unavailable"}'


def cluster_with(folder, **settings: str):
    """Five processes, of which the notes service has settings of its own."""
    services = harness.Processes(folder, services=("authorizer", "identity"))
    services.start("notes", environment={f"STRONGROOM_{key}": value for key, value in settings.items()})
    services.start("audit")
    services.start("gateway")
    return services


def one_user(services) -> Notes:
    who = tenant(services, users=1)
    return Notes(services.url, who.tokens(who.users[0])["IdToken"])


def complete(notes: Notes):
    answer = notes.call("GET", "/audit/completeness")
    return answer.status == 200 and answer.json["complete"] and answer.json["streams"]


def test_a_full_outbox_refuses_writes_until_the_broker_is_back(folder):
    with cluster_with(folder, NOTES_OUTBOX="5") as services:
        notes = one_user(services)
        made = [notes.create("before", "x").json["noteId"]]
        assert eventually(lambda: complete(notes))
        broker = services.running["broker"]
        broker.send_signal(signal.SIGSTOP)
        try:

            def accepted():
                answer = notes.create("while it is away", "x")
                assert answer.status in (201, 503), answer
                made.extend([answer.json["noteId"]] if answer.status == 201 else [])
                # The first note's place is free as soon as the notes service has heard that the log has it.
                return len(made) == 6

            assert eventually(accepted)
            for _ in range(3):
                answer = notes.create("one too many", "x")
                assert (answer.status, answer.body) == (503, REFUSED) and int(answer.headers["retry-after"]) >= 1
                assert "x-strongroom-audit-position" not in answer.headers
            for refused in (notes.call("PUT", f"/dev/notes/{made[0]}", body={"title": "changed"}), notes.delete(made[0])):
                assert (refused.status, refused.body) == (503, REFUSED)
            # What can't be recorded isn't done, and what needs no record is.
            assert [note["noteId"] for note in notes.list().json["notes"]] == made
            assert notes.read(made[0]).json["title"] == "before"
        finally:
            broker.send_signal(signal.SIGCONT)
        again = eventually(lambda: (answer := notes.create("after", "x")).status == 201 and answer, seconds=60)
        assert again, "the outbox did not drain"
        made.append(again.json["noteId"])
        assert eventually(lambda: complete(notes), seconds=60)
        accepted = [event["noteId"] for event in notes.events("?outcome=accepted&limit=1000") if event.get("noteId")]
        assert sorted(accepted) == sorted(made)


def test_a_write_over_a_users_quota_is_refused_and_in_the_log_once(folder):
    with cluster_with(folder, NOTES_PER_USER="2") as services:
        notes = one_user(services)
        made = [notes.create("within", "x").json["noteId"] for _ in range(2)]
        refused = notes.create("beyond", "x")
        assert 400 <= refused.status < 500 and "error" in refused.json, refused
        position = refused.headers["x-strongroom-audit-position"]
        events = notes.call("GET", f"/audit/events?action=note.create&waitFor={position}").json["events"]
        assert [(event["outcome"], event["reason"]) for event in events if event["position"] == position] == [("refused", "quota")]
        assert sorted(event["resource"]["id"] for event in events if event["outcome"] == "accepted") == sorted(made) and len(events) == 3
        # Another user has room of their own, and so has this one again.
        assert one_user(services).create("of another", "x").status == 201
        assert notes.delete(made[0]).status == 204 and notes.create("again", "x").status == 201


def a_mount_of_its_own() -> tuple[str, ...]:
    """What to write before a command, so that it can mount what nobody else sees."""
    return (tool("unshare"), "--map-root-user", "--mount")


def may_mount() -> bool:
    with harness.Folder() as folder:
        mount = ["mount", "-t", "tmpfs", "small", str(folder)]
        return subprocess.run([*a_mount_of_its_own(), *mount], capture_output=True).returncode == 0


def start_on_a_small_disk(services, service: str):
    """Its data folder: a disk of four megabytes that is gone with the process, and that nobody else sees."""
    data = services.folder / "data" / service
    data.mkdir(parents=True, mode=0o700)
    script = f'mount -t tmpfs -o size=4m,mode=0700 small "{data}" && exec "$@"'
    services.start(service, under=(*a_mount_of_its_own(), "sh", "-c", script, "sh"))
    return data


@pytest.mark.skipif(not may_mount(), reason="this machine lets nobody mount a small disk in a namespace of its own, as a container does")
def test_a_full_disk_refuses_writes_keeps_reads_and_heals(folder):
    services = harness.Processes(folder, services=("authorizer", "identity"))
    with services:
        data = start_on_a_small_disk(services, "notes")
        services.start("audit")
        services.start("gateway")
        notes = one_user(services)
        body = '{"title": "large", "content": "' + "x" * 100_000 + '"}'
        (folder / "body").write_text(body)

        def create():
            return notes.call("POST", "/dev/notes", "--data-binary", f"@{folder}/body")

        made = []
        while (answer := create()).status == 201:
            made.append(answer.json["noteId"])
            assert len(made) < 100, "the disk does not fill up"
        assert made and (answer.status, answer.body) == (503, REFUSED) and int(answer.headers["retry-after"]) >= 1
        for _ in range(3):
            assert create().status == 503
        assert [note["noteId"] for note in notes.list().json["notes"]] == made
        assert len(notes.read(made[-1]).json["content"]) == 100_000
        pid = services.running["notes"].pid
        subprocess.run(
            [tool("nsenter"), "-t", str(pid), "-U", "-m", "--preserve-credentials", "mount", "-o", "remount,size=64m", "small", str(data)], check=True)
        again = eventually(lambda: (answer := create()).status == 201 and answer)
        assert again, "a disk with room again is not used"
        made.append(again.json["noteId"])
        assert eventually(lambda: complete(notes), seconds=30)
        accepted = [event["noteId"] for event in notes.events("?outcome=accepted&limit=1000") if event.get("noteId")]
        assert sorted(accepted) == sorted(made)


@pytest.mark.skipif(not may_mount(), reason="this machine lets nobody mount a small disk in a namespace of its own, as a container does")
def test_a_full_disk_of_audits_refuses_queries_and_no_write_of_a_note(folder):
    services = harness.Processes(folder, services=("authorizer", "identity", "notes"))
    with services:
        data = start_on_a_small_disk(services, "audit")
        services.start("gateway")
        notes = one_user(services)
        made = [notes.create("before", "x").json["noteId"]]
        assert eventually(lambda: complete(notes))
        inside = [tool("nsenter"), "-t", str(services.running["audit"].pid), "-U", "-m", "--preserve-credentials"]
        full = subprocess.run([*inside, "dd", "if=/dev/zero", f"of={data}/filler", "bs=4k"], capture_output=True, text=True)
        assert "No space left" in full.stderr, full
        for _ in range(3):
            # Who asks what is recorded, or nobody is answered.
            refused = notes.call("GET", "/audit/events")
            assert (refused.status, refused.body) == (503, REFUSED) and int(refused.headers["retry-after"]) >= 1
            made.append(notes.create("while it is full", "x").json["noteId"])
        assert [note["noteId"] for note in notes.list().json["notes"]] == made
        subprocess.run([*inside, "rm", f"{data}/filler"], check=True)
        assert eventually(lambda: complete(notes), seconds=30)
        accepted = [event["noteId"] for event in notes.events("?outcome=accepted&limit=1000") if event.get("noteId")]
        assert sorted(accepted) == sorted(made)


def readiness(services, service: str) -> tuple[int, str]:
    with contextlib.closing(services.connection(service)) as connection:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@contextlib.contextmanager
def without_its_folder(services, service: str, another: bool = False):
    """The service's data folder is somewhere else, as after a wrong `mv`, perhaps with an empty one in its place."""
    folder = services.folder / "data" / service
    away = folder.rename(services.folder / f"{service}-elsewhere")
    if another:
        folder.mkdir(mode=0o700)
    try:
        status, reason = readiness(services, service)
        assert status == 503 and "moved, removed or replaced" in reason
        yield
        assert not another or not list(folder.iterdir()), "it writes into a folder that is not its own"
    finally:
        if folder.exists():
            folder.rmdir()
        away.rename(folder)
    services.wait_until_ready(service)


@pytest.mark.parametrize("another", [False, True], ids=["gone", "replaced"])
def test_nothing_is_acknowledged_into_a_folder_that_is_somewhere_else(folder, another):
    with cluster_with(folder) as services:
        notes = one_user(services)
        made = [notes.create("before", "x").json["noteId"]]
        assert eventually(lambda: complete(notes))
        # Read once, the file is open: what is there goes on being read.
        assert notes.list().json["count"] == 1
        with without_its_folder(services, "notes", another):
            stranger = one_user(services)
            for refused in (notes.create("lost", "x"), notes.delete(made[0]), stranger.create("of a new tenant", "x")):
                assert (refused.status, refused.body) == (503, REFUSED)
            assert [note["noteId"] for note in notes.list().json["notes"]] == made
        made.append(notes.create("after", "x").json["noteId"])
        with without_its_folder(services, "audit", another):
            made.append(notes.create("while audit has no folder", "x").json["noteId"])
        assert eventually(lambda: complete(notes), seconds=60)
        accepted = [event["noteId"] for event in notes.events("?outcome=accepted&limit=1000") if event.get("noteId")]
        assert sorted(accepted) == sorted(made)

        for service, client, call in (
            ("identity", "cognito-idp", lambda client: client.create_user_pool(PoolName="lost")),
            ("authorizer", "iam", lambda client: client.create_user(UserName="lost")),
        ):
            api = boto(services, client)
            with without_its_folder(services, service, another):
                with pytest.raises(botocore.exceptions.ClientError) as refused:
                    call(api)
                assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
            call(api)
        assert [user["UserName"] for user in api.list_users()["Users"]] == ["lost"]


def test_nothing_is_acknowledged_once_a_log_is_removed_and_a_stop_loses_nothing(folder):
    with cluster_with(folder) as services:
        notes = one_user(services)
        made = [notes.create("before", "x").json["noteId"]]
        assert eventually(lambda: complete(notes))
        # Read once, the files are open: what is there goes on being read.
        assert notes.list().json["count"] == 1
        for service in ("notes", "audit", "authorizer", "identity"):
            assert readiness(services, service)[0] == 200
            logs = list((folder / "data" / service).rglob("*.sqlite-wal"))
            assert logs, service
            for log in logs:
                log.unlink()
            status, reason = readiness(services, service)
            assert status == 503 and "or its -wal, was moved, removed or replaced" in reason
            if service == "notes":
                for refused in (notes.create("lost", "x"), notes.delete(made[0])):
                    assert (refused.status, refused.body) == (503, REFUSED)
                assert [note["noteId"] for note in notes.list().json["notes"]] == made
            services.running[service].send_signal(signal.SIGTERM)
            assert services.running[service].wait(20) == 0
            services.start(service)
            assert readiness(services, service)[0] == 200
        made.append(notes.create("after", "x").json["noteId"])
        assert [note["noteId"] for note in notes.list().json["notes"]] == made
        assert eventually(lambda: complete(notes), seconds=60)
        assert sorted(event["noteId"] for event in notes.events("?outcome=accepted&limit=1000") if event.get("noteId")) == sorted(made)


@pytest.mark.parametrize("service", ["notes", "audit"])
def test_a_service_whose_list_of_erasures_is_removed_is_not_ready(folder, service):
    with cluster_with(folder) as services:
        assert readiness(services, service)[0] == 200
        (folder / "data" / service / "erasures.sqlite-wal").unlink()
        assert readiness(services, service)[0] == 503
        services.running[service].send_signal(signal.SIGTERM)
        assert services.running[service].wait(20) == 0
        services.start(service)
        assert readiness(services, service)[0] == 200


@pytest.mark.parametrize("service", ["authorizer", "identity", "notes", "audit"])
def test_a_data_folder_has_one_process(folder, service):
    with harness.Processes(folder, services=(service,)) as services:
        first = services.running[service]
        services.ports[service] = harness.free_ports(1)[0]
        services.start(service, wait=False)
        second = services.running[service]
        try:
            assert second.wait(10) != 0
        finally:
            services.running["first"] = first
        said = (folder / f"{service}.log").read_text()
        assert "is in use by another process" in said and str(first.pid) in said


def metric(services, service: str, name: str) -> float:
    with contextlib.closing(services.connection(service)) as connection:
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


@pytest.mark.parametrize("what", ["its file is damaged", "its log was taken away"])
def test_one_tenants_damaged_log_keeps_nobody_elses_events_waiting(folder, what):
    with harness.Processes(folder) as services:
        damaged, whole = tenant(services, users=1), tenant(services, users=1)
        unlucky, other = (Notes(services.url, who.tokens(who.users[0])["IdToken"]) for who in (damaged, whole))

        def logged(notes: Notes, title: str) -> bool:
            made = notes.create(title, "x")
            assert made.status == 201
            return eventually(lambda: made.json["noteId"] in [event.get("noteId") for event in notes.events()], 30)

        assert logged(unlucky, "before") and logged(other, "before")
        services.kill("notes")
        services.start("notes", {"STRONGROOM_RELAY_WINDOW": "65536"})
        file = next((folder / "data/audit" / damaged.pool).glob("*.sqlite"))
        kept = None
        if what == "its file is damaged":
            services.kill("audit")
            for path in file.parent.glob(f"{file.name}*"):
                if path != file:
                    path.unlink()
            kept = file.read_bytes()
            file.write_bytes(kept[:100] + b"?" * (len(kept) - 100))
            services.start("audit")
        else:
            # It can't be told at once from a folder that is moved and put back.
            file.with_name(f"{file.name}-wal").unlink()
        # More than a consumer holds at once, and than a relay sends ahead, so that those behind them would wait.
        for number in range(150):
            made = unlucky.create(f"kept {number}", "x")
            assert made.status == 201
        assert all(logged(other, f"after {number}") for number in range(3)), what
        # Nor is the source left without word of the others.
        assert eventually(lambda: metric(services, "notes", "strongroom_relay_backlog_events") == 150, 30)
        assert eventually(lambda: "could not take its events" in (folder / "audit.log").read_text(), 30)
        # Put right, the log has everything.
        services.kill("audit")
        if kept is not None:
            file.write_bytes(kept)
        services.start("audit")
        assert eventually(lambda: made.json["noteId"] in [event.get("noteId") for event in unlucky.events()], 30)
        assert eventually(lambda: unlucky.call("GET", "/audit/completeness").json["complete"], 30)
