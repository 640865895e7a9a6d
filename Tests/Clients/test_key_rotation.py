"""Keys that are replaced while clients go on: boto3 signs in, PyJWT verifies with the published key sets, notes are read and written."""

import json
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.request

import botocore.exceptions
import jwt
import pytest

import cluster as clusters
from clients import Notes, Tenant, boto, eventually, tenant
from cluster import Folder, Processes
from test_backup import back_up
from test_internal_ports import access_key, call_with


def strongroom(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([clusters.binary(), *arguments], capture_output=True, text=True, timeout=120)


def start(folder, lead: int) -> Processes:
    """The five services, with an identity service whose token keys sign `lead` seconds after they are published."""
    processes = Processes(folder, services=())
    for service in clusters.SERVICES:
        processes.start(service, environment(lead) if service == "identity" else {"STRONGROOM_KEY_SET_REFRESH_SECONDS": "1"})
    return processes


def environment(lead: int) -> dict[str, str]:
    # All sign-ins come from one address.
    return {"STRONGROOM_TOKEN_KEY_LEAD_SECONDS": str(lead), "STRONGROOM_SIGN_IN_BURST": "100000"}


def rotate_tokens(processes: Processes, *more: str, secrets: str = "identity") -> subprocess.CompletedProcess:
    return strongroom(
        "keys", "rotate", "--kind", "token", "--secrets", f"{processes.ready['secrets']}/{secrets}",
        "--address", processes.ready["identity"].removeprefix("http://"), *more)


def key_id(token: str) -> str:
    return jwt.get_unverified_header(token)["kid"]


class Verifier:
    """Somebody else's verifier, which keeps a key set for as long as it may and asks for no other before: not even for a key it doesn't know."""

    def __init__(self, made: Tenant) -> None:
        self.made = made
        self.issuer = f"{made.cluster.url}/{made.pool}"
        self.keys: dict[str, jwt.PyJWK] = {}
        self.until = 0.0

    def fetch(self) -> None:
        asked = time.monotonic()
        with urllib.request.urlopen(f"{self.issuer}/.well-known/jwks.json") as answer:
            age = int(re.search(r"max-age=(\d+)", answer.headers["cache-control"]).group(1))
            self.keys = {key.key_id: key for key in jwt.PyJWKSet.from_json(answer.read()).keys}
        self.until = asked + age

    def verify(self, token: str) -> None:
        if time.monotonic() >= self.until:
            self.fetch()
        jwt.decode(
            token, self.keys[key_id(token)], algorithms=["RS256"], issuer=self.issuer,
            options={"verify_aud": False, "require": ["exp", "iat", "iss"]})


class Load:
    """Everything a tenant's clients do, over and over, each in a thread of its own. What fails is kept."""

    def __init__(self, made: Tenant) -> None:
        self.made = made
        self.verifier = Verifier(made)
        first = made.tokens(made.users[0])
        self.refresh_token = first["RefreshToken"]
        self.latest = self.oldest = first["IdToken"]
        self.counts: dict[str, int] = {}
        self.failures: list[str] = []
        self.stop = threading.Event()

    def sign_in(self) -> None:
        tokens = self.made.tokens(self.made.users[0])
        for name in ("IdToken", "AccessToken"):
            self.verifier.verify(tokens[name])
        assert boto(self.made.cluster, "cognito-idp").get_user(AccessToken=tokens["AccessToken"])["Username"] == self.made.users[0].username
        self.latest = tokens["IdToken"]

    def refresh(self) -> None:
        boto(self.made.cluster, "cognito-idp").initiate_auth(
            ClientId=self.made.client, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": self.refresh_token})

    def write(self) -> None:
        answer = Notes(self.made.cluster.url, self.latest).create("written", "while keys change")
        assert answer.status == 201, answer

    def read(self) -> None:
        answer = Notes(self.made.cluster.url, self.oldest).list()
        assert answer.status == 200, answer

    def administer(self) -> None:
        boto(self.made.cluster, "cognito-idp").describe_user_pool(UserPoolId=self.made.pool)

    def audit(self) -> None:
        answer = Notes(self.made.cluster.url, self.latest).call("GET", "/audit/events?limit=1")
        assert answer.status == 200, answer

    def again(self, work) -> None:
        while not self.stop.is_set():
            try:
                work()
                self.counts[work.__name__] = self.counts.get(work.__name__, 0) + 1
            except Exception as error:  # noqa: BLE001: whatever fails is what the test is about
                self.failures.append(f"{work.__name__}: {error!r}")
            self.stop.wait(0.05)

    def __enter__(self) -> "Load":
        self.threads = [
            threading.Thread(target=self.again, args=(work,))
            for work in (self.sign_in, self.refresh, self.write, self.read, self.administer, self.audit)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def all_done(self, more: int) -> None:
        """Waits until everything has been done some times more."""
        before = dict(self.counts)
        assert eventually(lambda: all(self.counts.get(name, 0) >= before.get(name, 0) + more for name in (
            "sign_in", "refresh", "write", "read", "administer", "audit")), 60), (self.counts, self.failures)


def test_no_request_fails_while_token_keys_are_rotated():
    with Folder() as folder, start(folder, lead=8) as processes:
        made = tenant(processes)
        with Load(made) as load:
            load.all_done(1)
            old = key_id(load.latest)
            # Before the command, since nobody knows when it is answered on a machine that has much to do.
            began = time.monotonic()
            answer = rotate_tokens(processes)
            assert answer.returncode == 0 and f"{made.pool}: new keys are published" in answer.stdout, answer
            load.verifier.fetch()
            assert len(load.verifier.keys) == 4
            # Again, and nothing new is made.
            again = rotate_tokens(processes, "--pool", made.pool)
            assert again.returncode == 0 and "were published before" in again.stdout, again

            assert eventually(lambda: key_id(load.latest) != old, 30), load.failures
            assert time.monotonic() - began > 7, "a new key signed before every cache could have it"
            load.all_done(3)
        assert not load.failures, load.failures
        # The old keys are there as long as a token of theirs may be.
        load.verifier.fetch()
        assert old in load.verifier.keys and len(load.verifier.keys) == 4
        load.verifier.verify(load.oldest)


def test_a_rotation_survives_a_kill_at_every_step():
    with Folder() as folder, start(folder, lead=2) as processes:
        made = tenant(processes)
        tokens = [made.tokens(made.users[0])["IdToken"]]
        for point in ("indexed", "published", "moved"):
            processes.kill("identity")
            processes.start("identity", {**environment(2), "STRONGROOM_FAILPOINT": f"identity.keys-{point}:1"})
            answer = rotate_tokens(processes)
            # The service dies before it can answer, or later, when the new keys are about to sign.
            assert (answer.returncode == 0) == (point == "moved"), (point, answer)
            assert processes.running["identity"].wait(30) == -9
            processes.start("identity", environment(2))
            answer = rotate_tokens(processes)
            assert answer.returncode == 0, answer
            assert ("were published before" in answer.stdout) == (point == "published"), (point, answer)
            old = key_id(tokens[-1])
            assert eventually(lambda: key_id(made.tokens(made.users[0])["IdToken"]) != old, 30), point
            tokens.append(made.tokens(made.users[0])["IdToken"])
        verifier = Verifier(made)
        for token in tokens:
            verifier.verify(token)
            assert Notes(processes.url, token).list().status == 200


def test_only_the_services_own_secrets_rotate_its_keys():
    with Folder() as folder, Processes(folder, services=("identity",)) as processes:
        stranger = rotate_tokens(processes, secrets="notes")
        assert stranger.returncode == 1 and "does not know these secrets" in stranger.stderr, stranger
        nobody = rotate_tokens(processes, "--pool", "us-east-1_nobody")
        assert nobody.returncode == 1 and "there is no user pool us-east-1_nobody" in nobody.stderr, nobody
        assert rotate_tokens(processes).stdout == "There are no user pools.\n"
        processes.kill("identity")
        away = rotate_tokens(processes)
        assert away.returncode == 1 and "does not answer" in away.stderr, away


def rotate(processes: Processes, kind: str, settle: int = 3) -> subprocess.CompletedProcess:
    return strongroom("keys", "rotate", "--kind", kind, "--secrets", processes.ready["secrets"], "--settle-seconds", str(settle))


def retire(processes: Processes, kind: str, *more: str) -> subprocess.CompletedProcess:
    return strongroom("keys", "retire", "--kind", kind, "--secrets", processes.ready["secrets"], *more)


def keyring(processes: Processes, service: str) -> dict:
    return json.loads((pathlib.Path(processes.ready["secrets"]) / service / "keyring.json").read_text())


def complete(made: Tenant) -> bool:
    answer = Notes(made.cluster.url, made.tokens(made.users[0])["IdToken"]).call("GET", "/audit/completeness")
    return answer.status == 200 and answer.json["complete"]


def test_no_request_fails_while_services_change_the_keys_they_share():
    with Folder() as folder, start(folder, lead=600) as processes:
        made = tenant(processes)
        old = access_key(processes, "audit", "notes")
        with Load(made) as load:
            load.all_done(1)
            for kind in ("call", "identity", "event"):
                answer = rotate(processes, kind)
                assert answer.returncode == 0 and "The new keys sign" in answer.stdout, answer
                early = retire(processes, kind)
                assert early.returncode == 1 and "may still be needed until" in early.stderr, early
                again = rotate(processes, kind)
                assert again.returncode == 1 and "see strongroom keys retire" in again.stderr, again
                load.all_done(2)
                if kind == "call":
                    # Both are good.
                    for key in (old, access_key(processes, "audit", "notes")):
                        assert call_with(processes, key, "notes", "GET", "/internal/v1/streams")[1].status == 200
                assert eventually(lambda: retire(processes, kind, "--overlap-seconds", "4").returncode == 0), kind
                load.all_done(3)
        assert not load.failures, load.failures
        assert len(keyring(processes, "notes")["callers"]) == 2 and len(keyring(processes, "gateway")["identityKeys"]) == 4
        assert not any("replaced" in entry for entries in keyring(processes, "audit").values() if isinstance(entries, list) for entry in entries)
        assert eventually(lambda: call_with(processes, old, "notes", "GET", "/internal/v1/streams")[1].status == 403)
        assert call_with(processes, access_key(processes, "audit", "notes"), "notes", "GET", "/internal/v1/streams")[1].status == 200
        # Every write is in the log, and nothing that came was refused.
        assert eventually(lambda: complete(made), 30)
        with urllib.request.urlopen(f"{processes.ready['audit']}/metrics") as metrics:
            refused = [line for line in metrics.read().decode().splitlines() if line.startswith("strongroom_events_refused_total")]
        assert refused and all(line.endswith(" 0") for line in refused), refused


def test_events_that_were_signed_before_are_taken_after():
    with Folder() as folder, start(folder, lead=600) as processes:
        made = tenant(processes)
        notes = Notes(processes.url, made.tokens(made.users[0])["IdToken"])
        before = notes.create("before", "").json["noteId"]
        assert eventually(lambda: before in {event.get("noteId") for event in notes.events("?limit=100")}, 30)
        # These wait in the outbox, under the old key, and the broker forgets them.
        processes.kill("audit")
        processes.kill("broker")
        waiting = [notes.create(f"{number}", "").json["noteId"] for number in range(5)]
        assert rotate(processes, "event", settle=0).returncode == 0
        old, new = keyring(processes, "audit")["eventKeys"][-2:]
        assert old["replaced"] and new["kid"] == keyring(processes, "notes")["eventKeys"][0]["kid"]
        assert eventually(lambda: "New secrets are in use" in (folder / "notes.log").read_text())
        waiting += [notes.create("after", "").json["noteId"]]
        processes.kill("notes")
        processes.kafka = processes.start_broker()
        for service in ("audit", "notes"):
            processes.start(service)
        notes = Notes(processes.url, notes.token)
        assert eventually(lambda: set(waiting) <= {event.get("noteId") for event in notes.events("?limit=100")}, 60)
        assert eventually(lambda: complete(made), 30)


def test_old_event_keys_go_once_audit_is_backed_up():
    with Folder() as folder, start(folder, lead=600) as processes:
        made = tenant(processes)
        assert Notes(processes.url, made.tokens(made.users[0])["IdToken"]).create("before", "").status == 201
        assert rotate(processes, "event", settle=0).returncode == 0
        # Nine days go by.
        file = pathlib.Path(processes.ready["secrets"]) / "audit/keyring.json"
        file.write_text(re.sub(r'("replaced":)(\d+)', lambda found: f"{found[1]}{int(found[2]) - 9 * 86_400}", file.read_text()))
        backups = pathlib.Path(folder) / "data/backups"
        unsafe = retire(processes, "event")
        assert unsafe.returncode == 1 and "may be in no backup of audit" in unsafe.stderr, unsafe
        assert back_up(processes, "notes", "first").returncode == 0
        foreign = retire(processes, "event", "--audit-backup", str(backups / "notes/first"))
        assert foreign.returncode == 1 and "another master key" in foreign.stderr, foreign
        assert back_up(processes, "audit", "first").returncode == 0
        done = retire(processes, "event", "--audit-backup", str(backups / "audit/first"))
        assert done.returncode == 0 and "3 replaced keys are gone" in done.stdout, done
        assert not any("replaced" in key for key in keyring(processes, "audit")["eventKeys"])


def test_an_interrupted_rotation_goes_on_and_one_that_is_under_way_keeps_others_out():
    with Folder() as folder, start(folder, lead=600) as processes:
        made = tenant(processes)
        command = [
            clusters.binary(), "keys", "rotate", "--kind", "call", "--secrets", processes.ready["secrets"], "--settle-seconds", "600"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
            assert "those who verify have new keys" in first.stdout.readline()
            other = rotate(processes, "identity")
            assert other.returncode == 1 and "rotation.lock" in other.stderr, other
            first.send_signal(signal.SIGKILL)
        made_keys = keyring(processes, "notes")["callers"]
        unfinished = retire(processes, "call", "--overlap-seconds", "0")
        assert unfinished.returncode == 1 and "keys rotate goes on with it" in unfinished.stderr, unfinished
        assert rotate(processes, "call").returncode == 0
        after = keyring(processes, "notes")["callers"]
        assert [key["accessKeyId"] for key in after] == [key["accessKeyId"] for key in made_keys]
        assert access_key(processes, "audit", "notes")[0] in {key["accessKeyId"] for key in after if "replaced" not in key}
        assert Notes(processes.url, made.tokens(made.users[0])["IdToken"]).list().status == 200


@pytest.mark.parametrize("bad", [b"", b"{", b'{"cluster":"elsewhere","account":"000000000000","callers":[],"identityKeys":[],"eventKeys":[]}'])
def test_secrets_that_cannot_be_used_are_refused_and_those_in_use_stay(bad):
    with Folder() as folder, Processes(folder, services=("notes",)) as processes:
        file = folder / "secrets/notes/keyring.json"
        good, key = file.read_bytes(), access_key(processes, "audit", "notes")
        file.write_bytes(bad)

        def refused() -> int:
            with urllib.request.urlopen(f"{processes.ready['notes']}/metrics") as metrics:
                return int(re.search(r"^strongroom_secrets_refused_total (\d+)$", metrics.read().decode(), re.M).group(1))

        assert eventually(lambda: refused() == 1)
        assert call_with(processes, key, "notes", "GET", "/internal/v1/streams")[1].status == 200
        file.write_bytes(good)
        assert eventually(lambda: "New secrets are in use" in (folder / "notes.log").read_text())
        assert refused() == 1
        assert call_with(processes, key, "notes", "GET", "/internal/v1/streams")[1].status == 200


def test_folders_that_do_not_belong_together_are_refused():
    with Folder() as folder:
        for name in ("a", "b"):
            assert strongroom("keys", "init", "--secrets", str(folder / name)).returncode == 0
        (folder / "b/audit/credentials").rename(folder / "a/audit/credentials")
        torn = strongroom("keys", "rotate", "--kind", "call", "--secrets", str(folder / "a"))
        assert torn.returncode == 1 and "notes doesn't have the key that audit has for it" in torn.stderr, torn
        missing = strongroom("keys", "rotate", "--kind", "event", "--secrets", str(folder / "c"))
        assert missing.returncode == 1 and "keyring.json" in missing.stderr, missing
        kind = strongroom("keys", "retire", "--kind", "token", "--secrets", str(folder / "a"))
        assert kind.returncode == 2 and "one of call, identity, event, root" in kind.stderr, kind


def test_the_root_key_is_replaced_and_the_old_one_goes():
    with Folder() as folder, start(folder, lead=600) as processes:
        file = folder / "secrets/authorizer/root.json"
        (folder / "secrets/operator").mkdir(exist_ok=True)
        copy = folder / "secrets/operator/credentials"

        def root() -> dict[str, str]:
            key = json.loads(file.read_text())
            return {"aws_access_key_id": key["accessKeyId"], "aws_secret_access_key": key["secretAccessKey"]}

        def works(key: dict[str, str]) -> bool:
            try:
                return boto(processes, "sts", **key).get_caller_identity()["Arn"].endswith(":root")
            except botocore.exceptions.ClientError as error:
                # STS names it so, and IAM and Cognito InvalidClientTokenId and UnrecognizedClientException.
                assert error.response["Error"]["Code"] == "InvalidClientTokenId", error
                return False

        old = root()
        # The operator has added a profile of their own.
        copy.write_text("".join(f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in old.items()) for name in ("default", "prod")))
        assert works(old) and "nothing to retire" in retire(processes, "root").stdout
        with Load(tenant(processes)) as load:
            answer = rotate(processes, "root")
            new = root()
            assert answer.returncode == 0 and new["aws_access_key_id"] in answer.stdout, answer
            assert new["aws_secret_access_key"] not in answer.stdout + answer.stderr and old != new
            # What the operator is shown is the new one.
            assert copy.read_text().count(f"aws_secret_access_key = {new['aws_secret_access_key']}\n") == 2 and "[prod]" in copy.read_text()
            assert old["aws_access_key_id"] not in copy.read_text()
            assert eventually(lambda: works(new)) and works(old)
            again = rotate(processes, "root")
            assert again.returncode == 1 and "see strongroom keys retire" in again.stderr, again
            # The load's administration goes by the old key.
            load.all_done(2)
            early = retire(processes, "root", "--overlap-seconds", "600")
            assert early.returncode == 1 and "may still be needed until" in early.stderr, early
        assert not load.failures, load.failures
        assert "1 replaced key is gone" in retire(processes, "root").stdout
        # Well before the five minutes for which the gateway keeps what it has derived.
        assert eventually(lambda: not works(old), 10) and works(new)
        assert list(json.loads(file.read_text())) == ["accessKeyId", "secretAccessKey"]
        assert processes.running["authorizer"].poll() is None
        assert new["aws_secret_access_key"] not in (folder / "authorizer.log").read_text()
