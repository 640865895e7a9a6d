"""What a service has of its callers: signing keys of some days, derived for it alone. The authorizer has the secrets, and may be away."""

import base64
import datetime
import hashlib
import hmac
import json
import pathlib
import urllib.error
import urllib.request

import botocore.auth

from clients import Notes, curl, eventually, tenant
from cluster import SERVICES, Folder, Processes
from test_internal_ports import access_key, call_signed, call_with

CALLEES = ("identity", "notes", "audit")
JSON = {"content-type": "application/json"}


def today() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d")


def outlive_first_days(secrets: pathlib.Path, service: str) -> None:
    """Leaves of a service's keyring what is left of it weeks later: its callers' first days are over."""
    file = secrets / service / "keyring.json"
    keyring = json.loads(file.read_text())
    for entry in keyring["callers"]:
        entry["days"] = {"20200101": next(iter(entry["days"].values()))}
    file.write_text(json.dumps(keyring))


def ready(processes: Processes, service: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{processes.ready[service]}/readyz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def with_derived_key(processes: Processes, monkeypatch, service: str, access: str, key: bytes, path: str) -> int:
    """The status of a call signed with a signing key alone, for whatever scope botocore writes into it."""
    monkeypatch.setattr(
        botocore.auth.SigV4Auth, "signature", lambda self, text, request: hmac.new(key, text.encode(), hashlib.sha256).hexdigest())
    url = f"{processes.ready[service]}{path}"
    headers = call_signed(url, service, access, "unused", region=processes.region)
    monkeypatch.undo()
    return curl(url, *sum((["-H", f"{name}: {value}"] for name, value in headers.items()), [])).status


def test_no_service_but_the_authorizer_has_a_callers_secret():
    with Folder() as folder, Processes(folder, services=("authorizer",)) as processes:
        secrets = pathlib.Path(processes.ready["secrets"])
        callers = json.loads((secrets / "authorizer/callers.json").read_text())["callers"]
        assert {(entry["caller"], entry["callee"]) for entry in callers} >= {("gateway", "notes"), ("audit", "notes"), ("notes", "authorizer")}
        for service in SERVICES:
            if service == "authorizer":
                continue
            for file in filter(pathlib.Path.is_file, (secrets / service).rglob("*")):
                for entry in callers:
                    assert entry["caller"] == service or entry["secret"].encode() not in file.read_bytes(), (file, entry["caller"])


def test_a_derived_key_is_good_for_its_service_and_day_only(cluster, monkeypatch):
    keyring = json.loads((pathlib.Path(cluster.ready["secrets"]) / "notes/keyring.json").read_text())
    entry = next(entry for entry in keyring["callers"] if entry["caller"] == "audit")
    keys = {day: base64.b64decode(key) for day, key in entry["days"].items()}
    assert len(keys) == 9
    streams = "/internal/v1/streams"
    assert with_derived_key(cluster, monkeypatch, "notes", entry["accessKeyId"], keys[today()], streams) == 200
    other = next(key for day, key in keys.items() if day != today())
    assert with_derived_key(cluster, monkeypatch, "notes", entry["accessKeyId"], other, streams) == 403
    # Nor does it make its holder the audit service before anybody else.
    own, _ = access_key(cluster, "audit", "authorizer")
    for access in (entry["accessKeyId"], own):
        assert with_derived_key(cluster, monkeypatch, "authorizer", access, keys[today()], "/internal/v1/generation") == 403


def test_calls_are_verified_for_days_while_the_authorizer_is_away():
    with Folder() as folder, Processes(folder, services=()) as processes:
        secrets = pathlib.Path(processes.ready["secrets"])
        for service in CALLEES:
            outlive_first_days(secrets, service)
        # Without the authorizer nothing is known of today's calls, and readiness says so; in whatever order they start.
        for service in CALLEES:
            processes.start(service, wait=False)
        for service in CALLEES:
            assert eventually(lambda: "no signing keys for today" in ready(processes, service)[1]), ready(processes, service)
            assert ready(processes, service)[0] == 503
        early = call_with(processes, access_key(processes, "audit", "notes"), "notes", "GET", "/internal/v1/streams")[1]
        assert early.status == 503 and early.headers["retry-after"], early
        processes.start("authorizer")
        for service in CALLEES:
            processes.wait_until_ready(service)
        processes.start("gateway")
        made = tenant(processes)
        token = made.tokens(made.users[0])["IdToken"]
        assert Notes(processes.url, token).create("written", "").status == 201

        # Away: what was handed out is on the disk, and no secret is among the data.
        processes.kill("authorizer")
        for service in CALLEES:
            processes.kill(service)
            processes.start(service)
            kept = (folder / "data" / service / ".signing-keys").read_bytes()
            assert today().encode() not in kept, "what is kept is sealed"
        assert Notes(processes.url, token).create("written without the authorizer", "").status == 201
        assert call_with(processes, access_key(processes, "audit", "notes"), "notes", "GET", "/internal/v1/streams")[1].status == 200

        # What can't be opened any more is asked for anew.
        processes.kill("notes")
        (folder / "data/notes/.signing-keys").write_bytes(b"garbage")
        processes.start("notes", wait=False)
        assert eventually(lambda: "no signing keys for today" in ready(processes, "notes")[1])
        processes.start("authorizer")
        processes.wait_until_ready("notes")


def test_only_a_callee_is_handed_keys_and_each_its_own(cluster):
    body = json.dumps({"accessKeyId": access_key(cluster, "notes", "authorizer")[0], "nonce": base64.b64encode(bytes(16)).decode()}).encode()
    path = "/internal/v1/caller-keys"
    _, own = call_with(cluster, access_key(cluster, "notes", "authorizer"), "authorizer", "POST", path, body, JSON)
    assert own.status == 200 and own.json.keys() == {"sealed"} and b"AKIA" not in own.body
    # The access key must be the caller's own, and the gateway is called by nobody.
    assert call_with(cluster, access_key(cluster, "audit", "authorizer"), "authorizer", "POST", path, body, JSON)[1].status == 404
    assert call_with(cluster, access_key(cluster, "gateway", "authorizer"), "authorizer", "POST", path, body, JSON)[1].status == 403
    for bad in (b"", b"{}", b'{"accessKeyId":"A","nonce":"AA=="}'):
        assert call_with(cluster, access_key(cluster, "notes", "authorizer"), "authorizer", "POST", path, bad, JSON)[1].status == 400, bad
