"""The first seed: sign in, write, list, read and delete notes through the gateway with curl; then the audit log."""

import re
import socket

from clients import Notes, boto, curl, curl_many, eventually

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def test_the_whole_way_of_a_note(cluster, tenant):
    identity = boto(cluster, "cognito-idp")
    identity.admin_create_user(UserPoolId=tenant.pool, Username="newcomer", TemporaryPassword="TempPass1!", MessageAction="SUPPRESS")

    challenge = identity.admin_initiate_auth(
        UserPoolId=tenant.pool, ClientId=tenant.client, AuthFlow="ADMIN_NO_SRP_AUTH",
        AuthParameters={"USERNAME": "newcomer", "PASSWORD": "TempPass1!"})
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert 20 <= len(challenge["Session"]) <= 2048

    result = identity.admin_respond_to_auth_challenge(
        UserPoolId=tenant.pool, ClientId=tenant.client, ChallengeName="NEW_PASSWORD_REQUIRED", Session=challenge["Session"],
        ChallengeResponses={"USERNAME": "newcomer", "NEW_PASSWORD": "MyPassword1!"})["AuthenticationResult"]
    assert {"IdToken", "AccessToken", "RefreshToken"} <= result.keys()
    assert (result["ExpiresIn"], result["TokenType"]) == (3600, "Bearer")

    again = identity.admin_initiate_auth(
        UserPoolId=tenant.pool, ClientId=tenant.client, AuthFlow="ADMIN_NO_SRP_AUTH",
        AuthParameters={"USERNAME": "newcomer", "PASSWORD": "MyPassword1!"})
    assert "ChallengeName" not in again
    token = again["AuthenticationResult"]["IdToken"]

    body = '{"title": "My first note", "content": "Hello world"}'
    refused = curl(f"{cluster.url}/dev/notes", "-X", "POST", "-d", body)
    assert (refused.status, refused.body) == (401, b'{"message":"Unauthorized"}')

    # curl's default content type is a form's; the API reads JSON all the same.
    made = curl(f"{cluster.url}/dev/notes", "-X", "POST", "-H", f"Authorization: {token}", "-d", body)
    assert made.status == 201
    note = made.json
    assert note.keys() == {"userId", "noteId", "title", "content", "createdAt"}
    assert (note["title"], note["content"]) == ("My first note", "Hello world")
    assert re.fullmatch(UUID, note["userId"]) and re.fullmatch(UUID, note["noteId"])
    assert note["createdAt"].endswith("Z")

    owner = Notes(cluster.url, token)
    other = Notes(cluster.url, tenant.tokens(tenant.users[1])["IdToken"])
    listed = owner.list()
    assert (listed.status, listed.json["count"]) == (200, 1)
    assert listed.json["notes"] == [note]
    assert other.list().json == {"notes": [], "count": 0}

    invalid = Notes(cluster.url, "invalid.token.here").list()
    assert (invalid.status, invalid.body) == (401, b'{"message":"Unauthorized"}')

    path = note["noteId"]
    assert owner.read(path).json == note
    missing = other.read(path)
    assert (missing.status, missing.json) == (404, {"error": "Note not found"})

    assert other.delete(path).status == 204
    assert owner.read(path).status == 200
    deleted = owner.delete(path)
    assert (deleted.status, deleted.body) == (204, b"")
    gone = owner.read(path)
    assert (gone.status, gone.json) == (404, {"error": "Note not found"})

    def written():
        events = [event for event in owner.events() if event["outcome"] == "accepted" and event.get("noteId") == path]
        return events if len(events) >= 2 else None

    accepted = eventually(written)
    assert accepted, "the audit log does not show the writes"
    assert len(accepted) == 2 and len({event["action"] for event in accepted}) == 2


def test_the_stage_may_be_left_out(notes):
    made = notes[0].create("with", "stage").json
    assert notes[0].call("GET", f"/notes/{made['noteId']}").json == made


def test_an_absent_title_and_content_have_defaults(notes):
    for body in ("{}", "", '{"title": "x"}'):
        made = notes[0].call("POST", "/dev/notes", body=body)
        assert made.status == 201, body
        assert made.json["title"] == ("x" if "x" in body else "Untitled")
        assert made.json["content"] == ""


def test_malformed_json_is_refused(notes):
    for body in ("{", '{"title": }', '{"title": "a", "title": "b"}', "[]", '{"title": 1}', "\xff"):
        answer = notes[0].call("POST", "/dev/notes", body=body)
        assert answer.status == 400, (body, answer)
        assert "error" in answer.json or "message" in answer.json


def test_a_compressed_body_is_refused_and_not_read_as_if_it_were_not(notes):
    note = notes[0].create("plain", "").json["noteId"]
    for method, path in (("POST", "/dev/notes"), ("PUT", f"/dev/notes/{note}")):
        answer = notes[0].call(method, path, "-H", "Content-Encoding: gzip", body={"title": "packed"})
        assert (answer.status, answer.json) == (415, {"error": "The body must not have a Content-Encoding"})
        assert answer.headers["accept-encoding"] == "identity"
        assert notes[0].call(method, path, "-H", "Content-Encoding: identity", body={"title": "plain"}).status in (200, 201)
    assert notes[0].list().json["count"] == 2


def test_unknown_paths_and_methods(cluster, notes):
    assert notes[0].call("PATCH", "/dev/notes").status in (403, 404, 405)
    assert curl(f"{cluster.url}/dev/nothing").json == {"message": "Missing Authentication Token"}


def test_a_note_is_updated_under_its_etag(notes):
    made = notes[0].create("one", "first")
    note = made.json["noteId"]
    etag = notes[0].read(note).headers["etag"]
    updated = notes[0].call("PUT", f"/dev/notes/{note}", "-H", f"If-Match: {etag}", body={"title": "two", "content": "second"})
    assert updated.status == 200 and updated.json["title"] == "two"
    stale = notes[0].call("PUT", f"/dev/notes/{note}", "-H", f"If-Match: {etag}", body={"title": "three", "content": "third"})
    assert stale.status == 412
    assert notes[0].read(note).json["title"] == "two"
    foreign = notes[1].call("PUT", f"/dev/notes/{note}", body={"title": "theirs", "content": ""})
    assert foreign.status == 404
    # What a client has already is neither sent to it again nor overwritten by it.
    current = notes[0].read(note).headers["etag"]
    known = notes[0].call("GET", f"/dev/notes/{note}", "-H", f"If-None-Match: {current}")
    assert known.status == 304 and known.headers["etag"] == current and known.body == b""
    assert notes[0].call("GET", f"/dev/notes/{note}", "-H", f"If-None-Match: {etag}").status == 200
    assert notes[0].call("PUT", f"/dev/notes/{note}", "-H", "If-None-Match: *", body={"title": "again"}).status == 412


def test_a_condition_on_what_is_not_there_does_not_hold(notes):
    note = notes[0].create("mine", "").json["noteId"]
    for tag in ('"1"', "*"):
        # Somebody else's note, one that never was, and what can't be one, are all the same.
        for path in (note, note[:-1] + ("0" if note[-1] != "0" else "1"), "x"):
            refused = notes[1].call("DELETE", f"/dev/notes/{path}", "-H", f"If-Match: {tag}")
            assert refused.status == 412 and "x-strongroom-audit-position" in refused.headers, (tag, path, refused)
            assert notes[1].delete(path).status == 204
    position = refused.headers["x-strongroom-audit-position"]
    events = notes[1].call("GET", f"/audit/events?outcome=refused&waitFor={position}").json["events"]
    assert next(event for event in events if event["position"] == position)["reason"] == "precondition"
    # An id has one spelling.
    assert notes[0].read(note.upper()).status == 404 and notes[0].read(note).status == 200
    assert notes[0].call("POST", "/dev/notes", "-H", "If-None-Match: *", body={"title": "new"}).status == 412
    assert notes[0].call("GET", "/dev/notes", "-H", 'If-None-Match: "1"').json["count"] == 1


def test_a_list_is_paged(notes):
    made = [notes[0].create(f"note {number}", "x").json["noteId"] for number in range(5)]
    seen, query = [], "?limit=2"
    for _ in range(5):
        page = notes[0].list(query).json
        seen += [note["noteId"] for note in page["notes"]]
        assert page["count"] == len(page["notes"]) <= 2
        if not page.get("nextToken"):
            break
        query = f"?limit=2&nextToken={page['nextToken']}"
    assert sorted(seen) == sorted(made) and len(seen) == 5


def test_more_than_a_thousand_notes_come_in_pages_also_when_no_limit_is_asked_for(notes):
    # One curl: what is behind `#` stays with it, so each counts as a URL of its own.
    made = curl_many(f"{notes[0].url}/dev/notes#[1-1007]", "-H", f"Authorization: {notes[0].token}", "-d", '{"title": "one of many"}')
    assert made == {201: 1007}
    first = notes[0].list().json
    assert first["count"] == len(first["notes"]) == 1000 and first["nextToken"]
    rest = notes[0].list(f"?nextToken={first['nextToken']}").json
    assert rest["count"] == len(rest["notes"]) == 7 and "nextToken" not in rest
    assert len({note["noteId"] for note in first["notes"] + rest["notes"]}) == 1007
    times = [note["createdAt"] for note in first["notes"] + rest["notes"]]
    assert times == sorted(times)
    for limit in ("1001", "0", "-1", "many"):
        assert notes[0].list(f"?limit={limit}").status == 400
    # A token is its user's alone.
    assert notes[1].list(f"?nextToken={first['nextToken']}").status == 400


def test_an_idempotency_key_makes_a_create_repeatable(notes):
    one = notes[0].create("same", "body", "-H", "Idempotency-Key: key-1")
    two = notes[0].create("same", "body", "-H", "Idempotency-Key: key-1")
    assert (one.status, two.status) == (201, 201) and one.json == two.json
    assert notes[0].create("other", "body", "-H", "Idempotency-Key: key-1").status == 422
    assert notes[1].create("same", "body", "-H", "Idempotency-Key: key-1").json["noteId"] != one.json["noteId"]
    assert notes[0].list().json["count"] == 1
    # What has been deleted is not made again by a repetition, nor kept to answer it with.
    assert notes[0].delete(one.json["noteId"]).status == 204
    three = notes[0].create("same", "body", "-H", "Idempotency-Key: key-1")
    assert (three.status, three.json) == (201, one.json)
    assert notes[0].read(one.json["noteId"]).status == 404 and notes[0].list().json["count"] == 0


def test_what_is_too_large_is_refused(cluster, notes):
    # More than a command line holds, so from a file.
    with open(cluster.folder / "large", "w") as file:
        file.write('{"title": "large", "content": "' + "x" * (11 << 20) + '"}')
    answer = notes[0].call("POST", "/dev/notes", "--data-binary", f"@{cluster.folder}/large")
    assert answer.status == 413
    assert curl(f"{cluster.url}/dev/notes", "-H", "X-Large: " + "x" * 11_000).status == 431


def test_a_head_as_long_as_the_gateway_takes_reaches_every_service(cluster, tenant, notes):
    """10,240 bytes and 100 fields, before the gateway adds its own."""
    host = cluster.url.removeprefix("http://")
    token = notes[0].token

    def status(method: str, path: str, total: int, *fields: str, body: str = "") -> int:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *fields, *([f"Content-Length: {len(body)}"] if body else [])]
        # All but one of the hundred, and the last one fills up.
        lines += [f"x-{number}: y" for number in range(100 - len(lines))]
        head = "\r\n".join(lines)
        head += f"\r\nx-pad: {'p' * (total - len(head) - 13)}\r\n\r\n"
        assert len(head) == total
        with socket.create_connection((host.split(":")[0], int(host.split(":")[1]))) as connection:
            connection.sendall((head + body).encode())
            answer = b""
            while part := connection.recv(65_536):
                answer += part
        return int(answer.split()[1])

    requests = [
        (200, "GET", "/dev/notes?limit=1", (f"Authorization: {token}",), ""),
        (200, "GET", "/audit/events", (f"Authorization: {token}",), ""),
        (200, "GET", f"/{tenant.pool}/.well-known/jwks.json", (), ""),
        (400, "POST", "/", ("X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth", "Content-Type: application/x-amz-json-1.1"), "{}"),
    ]
    for expected, method, path, fields, body in requests:
        assert status(method, path, 10_240, *fields, body=body) == expected, path
        assert status(method, path, 10_241, *fields, body=body) == 431, path
