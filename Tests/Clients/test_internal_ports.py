"""Whoever reaches an internal port: unsigned, wrongly signed, or as the wrong service, gets nothing."""

import configparser
import json
import pathlib
import secrets
import time
import uuid

import pytest

from clients import Notes, curl, signed

CALLS = [
    ("identity", "POST", "/"),
    ("authorizer", "POST", "/"),
    ("authorizer", "POST", "/internal/v1/policy"),
    ("authorizer", "POST", "/internal/v1/signing-key"),
    ("authorizer", "POST", "/internal/v1/decision"),
    ("authorizer", "GET", "/internal/v1/generation"),
    ("notes", "GET", "/notes"),
    ("notes", "POST", "/notes"),
    ("notes", "GET", "/internal/v1/streams"),
    ("notes", "POST", "/internal/v1/replay"),
    ("audit", "GET", "/audit/events"),
    ("audit", "GET", "/audit/completeness"),
    ("audit", "POST", "/internal/v1/marks"),
]


def access_key(cluster, caller: str, callee: str) -> tuple[str, str]:
    """The access key one service has for another, from the file only that service may read."""
    parser = configparser.ConfigParser()
    parser.read(pathlib.Path(cluster.ready["secrets"]) / caller / "credentials")
    return parser[callee]["aws_access_key_id"], parser[callee]["aws_secret_access_key"]


def call_signed(url: str, service: str, key: str, secret: str, headers=None, **more) -> dict[str, str]:
    """Signed by botocore, with the fresh id that every internal call has: a version 7 UUID, which tells when the call was made."""
    call = uuid.UUID(int=(time.time_ns() // 1_000_000) << 80 | 0x7 << 76 | 0b10 << 62 | secrets.randbits(62))
    return signed(url, service, key, secret, headers={"x-strongroom-call-id": str(call), **(headers or {})}, **more)


@pytest.mark.parametrize("service,method,path", CALLS)
def test_an_unsigned_call_is_refused(cluster, service, method, path):
    body = ("-d", "{}") if method == "POST" else ()
    answer = curl(f"{cluster.ready[service]}{path}", "-X", method, *body)
    assert answer.status in (401, 403), answer


@pytest.mark.parametrize("service,method,path", CALLS)
def test_a_wrongly_signed_call_is_refused(cluster, service, method, path):
    key, _ = access_key(cluster, "gateway", service)
    url = f"{cluster.ready[service]}{path}"
    body = b"{}" if method == "POST" else b""
    headers = call_signed(url, service, key, "x" * 40, method=method, body=body, region=cluster.region)
    answer = curl(url, "-X", method, *sum((["-H", f"{name}: {value}"] for name, value in headers.items()), []),
                  *(("--data-binary", body.decode()) if body else ()))
    assert answer.status in (401, 403), answer


def call(cluster, caller, callee, method, path, body=b"", more=None):
    return call_with(cluster, access_key(cluster, caller, callee), callee, method, path, body, more)


def call_with(cluster, access, callee, method, path, body=b"", more=None):
    key, secret = access
    url = f"{cluster.ready[callee]}{path}"
    headers = call_signed(url, callee, key, secret, method=method, body=body, region=cluster.region, headers=more)
    return headers, curl(url, "-X", method, *sum((["-H", f"{name}: {value}"] for name, value in headers.items()), []),
                         *(("--data-binary", body.decode()) if body else ()))


def test_a_signed_call_without_an_identity_is_unauthorized_not_anonymous(cluster):
    for path, callee in (("/notes", "notes"), ("/audit/events", "audit")):
        _, answer = call(cluster, "gateway", callee, "GET", path)
        assert answer.status == 401, answer


def test_a_signature_counts_once(cluster):
    headers, first = call(cluster, "gateway", "authorizer", "GET", "/internal/v1/generation")
    assert first.status == 200, first
    again = curl(f"{cluster.ready['authorizer']}/internal/v1/generation",
                 *sum((["-H", f"{name}: {value}"] for name, value in headers.items()), []))
    assert again.status in (401, 403), again


def test_only_audit_may_ask_for_a_replay(cluster):
    body = json.dumps({"stream": "x", "from": 1, "to": 2}).encode()
    _, answer = call(cluster, "gateway", "notes", "POST", "/internal/v1/replay", body, {"content-type": "application/json"})
    assert answer.status == 403, answer
    _, answer = call(cluster, "audit", "notes", "GET", "/internal/v1/streams")
    assert answer.status == 200, answer


def test_only_the_gateway_presents_identities(cluster):
    _, answer = call(cluster, "audit", "notes", "GET", "/notes", more={"x-strongroom-identity": "a.b.c"})
    assert answer.status in (401, 403), answer


def test_a_key_for_one_service_opens_no_other(cluster):
    key, secret = access_key(cluster, "gateway", "authorizer")
    url = f"{cluster.ready['notes']}/internal/v1/streams"
    headers = call_signed(url, "notes", key, secret, region=cluster.region)
    assert curl(url, *sum((["-H", f"{name}: {value}"] for name, value in headers.items()), [])).status in (401, 403)


def test_a_body_other_than_the_signed_one_is_refused(cluster):
    key, secret = access_key(cluster, "gateway", "authorizer")
    url = f"{cluster.ready['authorizer']}/internal/v1/decision"
    headers = call_signed(url, "authorizer", key, secret, method="POST", body=b'{"a":1}', region=cluster.region)
    answer = curl(url, "-X", "POST", *sum((["-H", f"{name}: {value}"] for name, value in headers.items()), []), "--data-binary", '{"a":2}')
    assert answer.status in (400, 401, 403), answer


def test_the_internal_api_is_not_behind_the_gateway(cluster, notes):
    for path in ("/internal/v1/policy", "/dev/internal/v1/streams", "/internal/v1/signing-key"):
        assert curl(f"{cluster.url}{path}", "-H", f"Authorization: {notes[0].token}").status in (400, 403, 404)


def test_health_is_open_and_says_little(cluster):
    for service in ("gateway", "identity", "authorizer", "notes", "audit"):
        address = cluster.ready[service]
        assert curl(f"{address}/healthz").status == 200
        assert curl(f"{address}/readyz").status == 200
