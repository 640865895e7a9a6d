"""Two tenants, two users each: nobody ever sees, changes or counts another's notes, by any path, header, token or cursor."""

import base64
import itertools
import json

import pytest

import clients
from clients import Notes, curl


@pytest.fixture(scope="module")
def people(cluster):
    """Four users of two tenants with two notes each: (tenant, user, notes API, ids)."""
    found = []
    for tenant in (clients.tenant(cluster), clients.tenant(cluster)):
        for user in tenant.users:
            api = Notes(cluster.url, tenant.tokens(user)["IdToken"])
            ids = [api.create(f"{user.username} {number}", f"secret of {user.sub}").json["noteId"] for number in range(2)]
            found.append((tenant, user, api, ids))
    return found


def test_everybody_sees_their_own_and_nothing_else(people):
    for _, user, api, ids in people:
        listed = api.list().json
        assert listed["count"] == 2
        assert {note["noteId"] for note in listed["notes"]} == set(ids)
        assert {note["userId"] for note in listed["notes"]} == {user.sub}


def test_no_path_reaches_anothers_note(people):
    for (_, _, api, _), (_, owner, theirs, ids) in itertools.permutations(people, 2):
        note = ids[0]
        assert api.read(note).json == {"error": "Note not found"}
        assert api.call("PUT", f"/dev/notes/{note}", body={"title": "taken", "content": ""}).status == 404
        assert api.delete(note).status == 204
        for query in (f"?userId={owner.sub}", f"?tenant={owner.sub}", f"?sub={owner.sub}&limit=1000"):
            listed = api.list(query)
            assert listed.status >= 400 or owner.sub not in listed.body.decode()
        assert theirs.read(note).status == 200


@pytest.mark.parametrize("name", [
    "x-strongroom-identity", "X-Strongroom-Identity", "x_strongroom_identity", "x.strongroom.identity", "X-Strongroom-Tenant", "x-strongroom-user",
])
def test_no_header_makes_one_another(people, name):
    _, _, api, own = people[0]
    _, other, _, _ = people[1]
    forged = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode() + "." + base64.urlsafe_b64encode(
        json.dumps({"sub": other.sub, "tenant": people[1][0].pool}).encode()).rstrip(b"=").decode() + "."
    for value in (forged, other.sub):
        for more in ((), ("-H", f"Connection: {name}"), ("-H", f"Connection: close, {name}")):
            listed = api.call("GET", "/dev/notes", "-H", f"{name}: {value}", *more)
            assert listed.status == 200, (name, more, listed)
            assert {note["noteId"] for note in listed.json["notes"]} == set(own)


def test_no_cursor_of_another_turns_the_page(people):
    _, _, api, _ = people[0]
    for _, owner, theirs, ids in people[1:]:
        cursor = theirs.list("?limit=1").json["nextToken"]
        answer = api.list(f"?limit=1&nextToken={cursor}")
        assert answer.status == 400 or not {note["noteId"] for note in answer.json["notes"]} & set(ids)


def test_a_token_of_one_tenant_is_no_token_of_the_other(cluster, people):
    import jwt
    (one, user, _, _), (two, _, _, _) = people[0], people[2]
    token = one.tokens(user)["IdToken"]
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["iss"] = f"{cluster.url}/{two.pool}"
    moved = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    assert Notes(cluster.url, f"{header}.{moved}.{signature}").list().status == 401
    foreign = jwt.encode(claims, "0" * 64, algorithm="HS256", headers=jwt.get_unverified_header(token) | {"alg": "HS256"})
    assert Notes(cluster.url, foreign).list().status == 401


def test_the_audit_log_shows_ones_own_events_only(people):
    for _, user, api, ids in people:
        events = clients.eventually(lambda: (found := api.events()) and {e["noteId"] for e in found if e.get("noteId")} >= set(ids) and found)
        assert events, "the writes are not in the audit log"
        for (_, other, _, theirs) in people:
            if other.sub != user.sub:
                text = json.dumps([event for event in events if event["outcome"] == "accepted"])
                assert other.sub not in text and not any(note in text for note in theirs)


def test_guessed_ids_and_odd_paths_are_refused(cluster, people):
    _, owner, _, ids = people[1]
    _, _, api, _ = people[0]
    for path in (
        f"/dev/notes/../notes/{ids[0]}", f"/dev//notes/{ids[0]}", f"/dev/notes/%2e%2e/notes/{ids[0]}", f"/dev/notes/{ids[0]}%00",
        f"/dev/notes/{ids[0]};user={owner.sub}", f"/dev/notes\\{ids[0]}", f"/dev/notes%2f{ids[0]}", f"/dev/notes/{ids[0].upper()}",
    ):
        answer = curl(f"{cluster.url}{path}", "-H", f"Authorization: {api.token}")
        assert answer.status in (400, 403, 404), (path, answer)
        assert owner.sub not in answer.body.decode()
