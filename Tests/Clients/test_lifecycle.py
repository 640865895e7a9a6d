"""Starting, stopping, starting again, and what goes wrong."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import urllib.request

import pytest

import cluster as harness
from clients import Notes, Tenant, boto, eventually, tool
from clients import tenant as make_tenant


def notes_of(running) -> Notes:
    tenant = Tenant(running, running.ready["userPoolId"], running.ready["clientId"], running.users)
    return Notes(running.url, tenant.tokens(tenant.users[0])["IdToken"])


def test_a_second_start_has_everything(folder):
    first = harness.start(folder)
    api = notes_of(first)
    made = api.create("kept", "over a restart").json
    assert eventually(lambda: [event for event in api.events() if event.get("noteId") == made["noteId"]])
    assert first.interrupt() == 0

    second = harness.start(folder)
    try:
        assert (second.ready["userPoolId"], second.ready["clientId"]) == (first.ready["userPoolId"], first.ready["clientId"])
        api = notes_of(second)
        assert api.read(made["noteId"]).json == made
        assert [event for event in api.events() if event.get("noteId") == made["noteId"] and event["outcome"] == "accepted"]
    finally:
        assert second.interrupt() == 0


def test_a_first_start_that_was_cut_short_is_finished_by_the_next(folder):
    first = harness.start(folder)
    identity = boto(first, "cognito-idp")
    pool, client = first.ready["userPoolId"], first.ready["clientId"]
    assert first.interrupt() == 0
    # As a Ctrl-C leaves it after the pool, after the client, and between the users.
    for without_client, without in ((False, ["grace"]), (True, ["ada", "grace"]), (False, [])):
        running = harness.start(folder)
        identity = boto(running, "cognito-idp")
        for user in without:
            identity.admin_delete_user(UserPoolId=pool, Username=user)
        if without_client:
            identity.delete_user_pool_client(UserPoolId=pool, ClientId=client)
        assert running.interrupt() == 0
        (folder / "data/demo.json").write_text(json.dumps({"userPoolId": pool}))
        again = harness.start(folder)
        try:
            assert again.ready["userPoolId"] == pool and (again.ready["clientId"] == client) is not without_client
            client = again.ready["clientId"]
            assert [user.username for user in again.users] == ["ada", "grace"]
            for user in again.users:
                assert Tenant(again, pool, client, []).tokens(user)["IdToken"]
            identity = boto(again, "cognito-idp")
            assert [found["Name"] for found in identity.list_user_pools(MaxResults=60)["UserPools"]] == ["demo"]
            assert len(identity.list_users(UserPoolId=pool)["Users"]) == 2
        finally:
            assert again.interrupt() == 0


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o1757])
def test_a_data_folder_that_others_may_write_to_is_refused(folder, mode):
    data = folder / "open"
    data.mkdir()
    data.chmod(mode)
    subprocess.run([harness.binary(), "keys", "init", "--secrets", str(folder / "secrets")], check=True, stdout=subprocess.DEVNULL)
    for service in ("identity", "authorizer", "notes", "audit"):
        start = [harness.binary(), service, "--listen", "127.0.0.1:0", "--secrets", str(folder / "secrets" / service), f"--{service}-data", str(data)]
        assert f"{data} has mode {mode:o}, so others than its owner may write to it: chmod go-w {data}, or name a folder below it" in refused(start)
    assert f"{data} has mode {mode:o}" in refused([harness.binary(), "dev", "--port", "0", "--data", str(data)])
    assert list(data.iterdir()) == []


def test_a_reader_of_the_log_that_stands_still_keeps_no_service_from_ending(folder):
    subprocess.run([harness.binary(), "keys", "init", "--secrets", str(folder / "secrets")], check=True, stdout=subprocess.DEVNULL)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    address = f"127.0.0.1:{next(harness.own_ports())}"
    service = subprocess.Popen(
        [harness.binary(), "authorizer", "--listen", address, "--secrets", str(folder / "secrets/authorizer"), "--authorizer-data", str(folder / "data")],
        stdout=writer)
    try:
        health = [harness.binary(), "health", "--url", f"http://{address}"]
        assert eventually(lambda: subprocess.run(health, capture_output=True).returncode == 0, 20)
        service.terminate()
        assert service.wait(10) == 0
    finally:
        service.kill()
        service.wait()
        os.close(reader)
        os.close(writer)


@pytest.mark.parametrize("settings, said", [
    ({"STRONGROOM_THROTTEL_RATE": "10"}, ["STRONGROOM_THROTTEL_RATE is no setting"]), ({"STRONGROOM_THROTTLE_RATE": "10", "STRONGROOM": "x"}, [])])
def test_a_misspelt_variable_is_told(settings, said):
    told = subprocess.run([harness.binary(), "health", "--url", "http://127.0.0.1:1"], capture_output=True, text=True, env=settings).stderr
    assert [line.removesuffix(" of any subcommand and does nothing; see strongroom help") for line in told.splitlines() if "no setting" in line] == [
        f"strongroom: {each}" for each in said]


def test_what_a_crash_left_unfinished_is_cleared_away(folder):
    running = harness.start(folder)
    assert running.interrupt() == 0
    pool = folder / "data/notes" / running.ready["userPoolId"]
    pool.mkdir(exist_ok=True)
    left = [folder / "data/notes/signing-keys.0123456789abcdef.new", folder / "data/audit/.restored.0000000000000000.new",
            pool / "manifest.json.fedcba9876543210.new", folder / "data/demo.json.0123456789abcdef.new"]
    kept = [folder / "data/notes/manifest.json.new", pool / "manifest.json.ABC.new", pool / "a.sqlite.new.old"]
    for file in left + kept:
        file.write_text("half")
    running = harness.start(folder)
    try:
        assert not [file for file in left if file.exists()] and all(file.exists() for file in kept)
    finally:
        assert running.interrupt() == 0


def test_it_prints_what_to_try_and_that_works_in_one_shell(folder):
    running = harness.start(folder)
    try:
        said = (folder / "stdout").read_text()
        assert running.url in said and "Ctrl-C" in said
        token = re.search(r"^  TOKEN=(\S+)$", said, flags=re.M).group(1)
        assert said.count(token) == 1
        # What is indented is to be pasted; blank lines and prose part one paste from the next.
        pastes = re.findall(r"(?:^  .+\n)+", said, flags=re.M)
        script = "echo ----\n".join(f"{paste}echo\n" for paste in [*pastes, '  echo "$TOKEN"\n'])
        beside_python = f"{pathlib.Path(tool('aws')).parent}:{os.environ['PATH']}"
        done = subprocess.run(["bash", "-eu"], input=script, capture_output=True, text=True, timeout=60, env={**os.environ, "PATH": beside_python})
        assert done.returncode == 0 and not done.stderr, (script, done)
        _, made, notes, note, deleted, events, _, second = done.stdout.split("----\n")
        made = json.loads(made)
        assert json.loads(notes) == {"notes": [made], "count": 1} and json.loads(note) == made
        assert deleted.startswith("HTTP/1.1 204") and "events" in json.loads(events)
        assert second.count(".") == 2 and second.strip() != token
    finally:
        assert running.interrupt() == 0


def refused(arguments, **more) -> str:
    """Runs to the end, which must be a failure told in one sentence."""
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=20, **more)
    assert done.returncode not in (0, -6, -11), done
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize(("arguments", "said"), [
    (["notes", "--secrets", "SECRETS/notes", "--notes-data", ""], "--notes-data needs a value"),
    (["notes", "--secrets", "SECRETS/notes", "--notes-data", "/proc/notes", "--listen", "127.0.0.1:0"], "/proc/notes"),
    (["notes", "--secrets", "SECRETS/audit"], "holds the secrets of audit, not of notes"),
    (["notes", "--secrets", "SECRETS/notes", "--kafka", "127.0.0.1:99999"], "--kafka is '127.0.0.1:99999' but must be HOST:PORT"),
    (["notes", "--secrets", "SECRETS/notes", "--kafka", "--kafka-own-partitions", "6"], "--kafka needs a value"),
    (["gateway", "--secrets", "SECRETS/gateway", "--public-url", "http://127.0.0.1:8080/"], "--public-url"),
    (["gateway", "--secrets", "SECRETS/gateway", "--public-url", "ftp://host"], "--public-url"),
    (["gateway", "--secrets", "SECRETS/gateway", "--backends", "foo"], "--backends is 'foo' but must be HOST:PORT"),
    (["gateway", "--secrets", "SECRETS/gateway", "--listen", "127.0.0.1:0", "--operations", "127.0.0.1:0", "--routes", "empty.json"], "empty.json"),
    (["keys", "init", "--secrets", "/proc/secrets"], "/proc/secrets"),
    (["keys", "root", "--secrets", "SECRETS/notes"], "is nothing of an operator's"),
    (["keys", "root", "--secrets", "SECRETS/operator"], "authorizer/root.json"),
    (["keys", "internal-tls", "--secrets", "OPERATOR"], "init has run with --internal-tls"),
    (["broker", "--ready-file", "/nowhere/broker"], "/nowhere/broker: no such file or folder"),
    (["export", "--tenant", "t", "--secrets", "SECRETS/notes", "--output", "/nowhere/notes", "--address", "127.0.0.1:1"], "does not answer: connection refused"),
    (["dev", "--data", "/proc/data", "--port", "0"], "/proc/data"),
    (["dev", "--data", "data", "--port", "0", "--ready-file", "/nowhere/ready.json"], "--ready-file"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_what_cannot_be_used_is_told_in_a_sentence_that_names_it(folder, arguments, said):
    secrets = folder / "secrets"
    subprocess.run([harness.binary(), "keys", "init", "--secrets", str(secrets)], check=True, stdout=subprocess.DEVNULL)
    (folder / "operator").mkdir()
    (folder / "operator/credentials").touch()
    (folder / "empty.json").write_text("{}")
    sentence = refused([harness.binary(), *(argument.replace("SECRETS", str(secrets)).replace("OPERATOR", str(folder / "operator")) for argument in arguments)], cwd=folder)
    assert said in sentence


def test_a_folder_that_was_removed_is_no_place_for_data(folder):
    (folder / "gone").mkdir()
    sentence = refused(["sh", "-c", f'cd "{folder}/gone" && rmdir "{folder}/gone" && exec "{harness.binary()}" dev --port 0'])
    assert "no such file or folder" in sentence


def test_a_variable_that_is_set_to_nothing_counts_as_unset(folder):
    with harness.Processes(folder, services=("authorizer",)) as services:
        services.start("identity", environment={"STRONGROOM_INTERNAL_TLS": "", "STRONGROOM_LOG_LEVEL": ""})


def test_whoever_starts_it_under_nohup_may_leave(folder):
    with harness.Processes(folder, services=()) as services:
        # Whatever the tests themselves were started under.
        services.start("authorizer", under=(tool("env"), "--default-signal=HUP"))
        services.start("identity", under=(tool("nohup"),))
        process = services.running["identity"]
        process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        assert process.poll() is None
        services.running["authorizer"].send_signal(signal.SIGHUP)
        assert services.running["authorizer"].wait(10) == 0


def test_a_service_started_without_standard_streams_has_none_of_its_files_there(folder):
    with harness.Processes(folder, services=("authorizer",)) as services:
        services.start("notes", under=(tool("bash"), "-c", 'exec "$@" <&- >&- 2>&-', "bash"))
        process = services.running["notes"]
        assert [os.readlink(f"/proc/{process.pid}/fd/{number}") for number in range(3)] == ["/dev/null"] * 3
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_what_lies_about_in_a_data_folder_is_no_tenant_and_a_witness_must_be_one(folder):
    with harness.Processes(folder, services=("authorizer",)) as services:
        services.start("notes")
        services.running["notes"].send_signal(signal.SIGTERM)
        assert services.running["notes"].wait(20) == 0
        data = folder / "data/notes"
        (data / "core").write_text("dumped")
        (data / "us-east-1_Nowhere").symlink_to("nowhere")
        (data / "fill").mkdir()
        services.start("notes")
        services.running["notes"].send_signal(signal.SIGTERM)
        assert services.running["notes"].wait(20) == 0
        (data / ".witnesses/fill.0").mkdir()
        start = [harness.binary(), "notes", "--listen", "127.0.0.1:0", "--secrets", str(folder / "secrets/notes"), "--notes-data", str(data)]
        assert f"{data}/.witnesses/fill.0" in refused(start)


def test_a_server_tunes_its_heap_unless_it_is_told_how(folder):
    def tunables(process) -> list[str]:
        # The C library cuts the list up where it lies.
        variables = pathlib.Path(f"/proc/{process.pid}/environ").read_text().split("\0")
        return [variable for variable in variables if "glibc." in variable]

    with harness.Processes(folder, services=("authorizer",)) as services:
        services.start("identity", environment={"GLIBC_TUNABLES": "glibc.malloc.arena_max=2"})
        # The same process, started again with one more variable; arguments and the rest of the environment are as they were.
        assert ":".join(tunables(services.running["authorizer"])) == "GLIBC_TUNABLES=glibc.malloc.tcache_count=200"
        assert tunables(services.running["identity"]) == ["GLIBC_TUNABLES=glibc.malloc.arena_max=2"]


def test_the_names_of_a_cluster_stay(folder):
    first = harness.start(folder)
    assert first.interrupt() == 0
    for other in (["--region", "us-west-2"], ["--account", "111111111111"]):
        sentence = refused([harness.binary(), "dev", "--port", "0", "--data", str(folder / "data"), *other])
        assert "a cluster in region us-east-1 with account 000000000000, which can't change" in sentence


def test_a_second_instance_on_the_same_data_is_refused(folder, cluster):
    sentence = refused(harness.arguments(cluster.folder)[:4] + ["--port", "0"])
    assert "data" in sentence and str(cluster.process.pid) in sentence


def test_a_taken_port_is_told(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert str(port) in refused(harness.arguments(folder, "--port", str(port)))


def test_an_unwritable_data_folder_is_told(folder):
    (folder / "file").write_text("")
    assert "file" in refused([harness.binary(), "dev", "--port", "0", "--data", str(folder / "file" / "data")])
    if os.getuid() != 0:
        (folder / "closed").mkdir(mode=0o500)
        assert "permission denied" in refused([harness.binary(), "dev", "--port", "0", "--data", str(folder / "closed" / "data")])


@pytest.mark.parametrize("service", ["gateway", "notes"])
def test_more_connections_than_descriptors_are_survived(folder, service):
    with harness.Processes(folder) as running:
        tenant = make_tenant(running)
        notes = Notes(running.url, tenant.tokens(tenant.users[0])["IdToken"])
        running.kill(service)
        # Strangers take all they can get, at once; twice as many as there are descriptors for.
        running.start(service, under=("prlimit", "--nofile=320:320"))
        log = folder / f"{service}.log"
        for _ in range(4):
            crowd = [socket.socket() for _ in range(640)]
            for one in crowd:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", running.ports[service]))
            assert eventually(lambda: "New connections wait" in log.read_text(), seconds=30)
            if service == "gateway":
                # Who watches it is not kept out.
                with urllib.request.urlopen(f"http://127.0.0.1:{running.operations}/healthz", timeout=20) as answer:
                    assert answer.status == 200
            for one in crowd:
                one.close()
        # Those that come after them are served, and the service knows how to end.
        assert eventually(lambda: notes.create("after", "x").status == 201, seconds=30)
        assert "Fatal" not in log.read_text()
        process = running.running[service]
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0


def test_a_limit_on_open_files_that_is_too_low_is_told(folder):
    done = subprocess.run(
        ["prlimit", "--nofile=64:64", *harness.arguments(folder)], capture_output=True, text=True, timeout=30, cwd=folder)
    assert done.returncode == 1
    assert done.stderr == "strongroom: the limit on open files is 64, and a service needs 256 (ulimit -n)\n"


def test_clients_that_stand_still_hold_up_no_stop(folder):
    with harness.Processes(folder) as running:
        tenant = make_tenant(running)
        notes = Notes(running.url, tenant.tokens(tenant.users[0])["IdToken"])
        # A place in the log that nothing reaches any more.
        running.kill("broker")
        position = notes.create("waits", "x").headers["x-strongroom-audit-position"]
        query = subprocess.Popen(
            ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Authorization: {notes.token}",
             f"{running.url}/audit/events?waitFor={position}"], stdout=subprocess.PIPE, text=True)
        heads = [socket.create_connection(("127.0.0.1", running.ports[service])) for service in ("gateway", "notes", "audit")]
        for head in heads:
            head.sendall(b"GET /dev/notes HTTP/1.1\r\nHost: x\r\nX-Half: ")
        time.sleep(1)
        assert query.poll() is None
        for name in ("audit", "notes", "gateway"):
            process = running.running[name]
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0, name
            # Well before requests are cut off.
            assert time.monotonic() - started < 7, name
        # The gateway stopped last, and passed on what audit said.
        assert query.communicate(timeout=10)[0] == "504"
        for head in heads:
            head.close()


def test_dev_listens_on_loopback_only(cluster):
    inodes = {os.readlink(f"/proc/{cluster.process.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{cluster.process.pid}/fd")}
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/{cluster.process.pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                assert fields[1].split(":")[0] in ("0100007F", "00000000000000000000000001000000"), line


def test_help_version_and_unknown_options():
    def run(*arguments):
        return subprocess.run([harness.binary(), *arguments], capture_output=True, text=True, timeout=10)

    assert re.fullmatch(r"strongroom \d+\.\d+\.\d+\n", run("--version").stdout)
    overview = run("help")
    assert overview.returncode == 0
    for name in ("gateway", "identity", "authorizer", "notes", "audit", "dev", "keys init", "health"):
        assert name in overview.stdout
    for name in re.findall(r"^  ([a-z]+(?: [a-z-]+)?)  +[A-Z]", overview.stdout, flags=re.M):
        told = run(*name.split(), "--help")
        assert name == "help" or told.returncode == 0 and re.search(r"^  --[a-z-]+ +[A-Za-z]", told.stdout, flags=re.M), name
    assert run("dev", "--no-such-option", "1").returncode == 2
    assert run("nonsense").returncode == 2
    assert run("help", "dev").stdout == run("--help", "dev").stdout == run("dev", "--help").stdout
    assert "keys rotate" in run("help", "keys").stdout and "gateway" not in run("help", "keys").stdout
    assert run("keys", "--help").returncode == 0 and run("keys").returncode == 2 and run("help", "nonsense").returncode == 2
    assert run("--version", "more").returncode == 2
    misplaced = run("--data", "x", "dev")
    assert (misplaced.returncode, misplaced.stdout) == (2, "") and "'--data' is no subcommand" in misplaced.stderr


def test_health_asks_a_service(cluster):
    assert subprocess.run([harness.binary(), "health", "--url", cluster.ready["notes"]], timeout=10).returncode == 0
    done = subprocess.run([harness.binary(), "health", "--url", "http://127.0.0.1:1"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1


def test_metrics_and_logs_tell_requests_and_no_secrets(cluster, tenant, notes):
    notes[0].create("t1tle-in-no-log", "c0ntent-in-no-log")
    notes[0].list("?limit=17")
    import urllib.request
    for service in ("gateway", "notes"):
        text = urllib.request.urlopen(f"{cluster.ready[service]}/metrics").read().decode() if service != "gateway" else ""
        assert service == "gateway" or "# TYPE" in text
    line = eventually(lambda: [line for line in pathlib.Path(cluster.ready["log"]).read_text().splitlines() if '"route"' in line])
    assert line
    log = pathlib.Path(cluster.ready["log"]).read_text()
    for secret in ("t1tle-in-no-log", "c0ntent-in-no-log", notes[0].token, notes[0].token.split(".")[2], tenant.users[0].password,
                   cluster.ready["rootSecretAccessKey"], "limit=17"):
        assert secret not in log


def test_what_the_gateway_turns_away_and_what_is_malformed_is_in_the_log_of_the_service_that_did(cluster, tenant, notes):
    """Lines of JSON, each of them."""
    def lines() -> list[dict]:
        # The last may be half out.
        return [json.loads(line) for line in pathlib.Path(cluster.ready["log"]).read_text().split("\n")[:-1]]

    def told(trace: str, service: str, status: int) -> dict | None:
        return next((line for line in lines() if (line.get("traceId"), line["service"], line.get("status")) == (trace, service, status)), None)

    traces = {status: f"{os.urandom(16).hex()}" for status in (401, 400)}
    as_traced = {status: ("-H", f"traceparent: 00-{trace}-00f067aa0ba902b7-01") for status, trace in traces.items()}
    assert notes[0].call("POST", "/dev/notes", *as_traced[400], body="{").status == 400
    assert Notes(cluster.url, "no token").call("POST", "/dev/notes", *as_traced[401], body="{}").status == 401
    for status, service in ((401, "gateway"), (400, "notes")):
        line = eventually(lambda: told(traces[status], service, status))
        assert line and {"time", "level", "message", "requestId", "spanId", "method", "route", "durationUs"} <= line.keys(), (status, line)
    assert told(traces[401], "notes", 401) is None
    position = notes[0].create("written", "").headers["x-strongroom-audit-position"]
    assert [event["action"] for event in notes[0].events(f"?waitFor={position}") if event["resource"]["type"] == "note"] == ["note.create"]
    assert {line["service"] for line in lines()} >= {"gateway", "identity", "authorizer", "notes", "audit"}


def test_a_client_of_http_1_0_is_told_that_the_connection_stays(cluster):
    """Or it would wait for the end of it, as ApacheBench's -k does."""
    host, _, port = cluster.url.partition("//")[2].partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        stream = connection.makefile("rb")
        for _ in range(2):
            connection.sendall(b"GET /dev/notes HTTP/1.0\r\nHost: x\r\nConnection: Keep-Alive\r\n\r\n")
            status, fields = stream.readline(), http.client.parse_headers(stream)
            assert status.startswith(b"HTTP/1.1 401 ") and fields["connection"] == "keep-alive", (status, fields.items())
            stream.read(int(fields["content-length"]))
        connection.sendall(b"GET /dev/notes HTTP/1.0\r\nHost: x\r\n\r\n")
        assert b"connection: close" in stream.read().lower()
