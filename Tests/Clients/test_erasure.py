"""Users and tenants that are deleted, by unmodified clients: what is gone everywhere, and what a restore must not bring back."""

import contextlib
import json
import shutil

import botocore.exceptions
import cluster as clusters
import pytest
from clients import Notes, Tenant, aws, boto, curl, eventually, tenant
from cluster import Cluster, Folder, Processes
from test_backup import SERVICES, back_up, put_back, restore, stored

HOLDERS = ("identity", "notes", "audit")


def code_of(call, **arguments) -> tuple[str, str]:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def signed_in(made: Tenant, number: int, token: str = "IdToken") -> Notes:
    return Notes(made.cluster.url, made.tokens(made.users[number])[token])


def auditor(made: Tenant, number: int) -> Notes:
    identity = boto(made.cluster, "cognito-idp")
    identity.create_group(UserPoolId=made.pool, GroupName="auditors")
    identity.admin_add_user_to_group(UserPoolId=made.pool, Username=made.users[number].username, GroupName="auditors")
    return signed_in(made, number)


def is_nobody(notes: Notes) -> bool:
    return notes.list().status == 401


def test_a_deleted_user_is_gone_everywhere(cluster: Cluster):
    made = tenant(cluster, users=2)
    identity = boto(cluster, "cognito-idp")
    ada, watcher = signed_in(made, 0), auditor(made, 1)
    kept = watcher.create("kept", "by somebody else").json["noteId"]
    note = ada.create("a secret", "of ada's").json["noteId"]
    ada_sub, watcher_sub = made.users[0].sub, made.users[1].sub
    assert eventually(lambda: any(event.get("noteId") == note for event in watcher.events(f"?user={ada_sub}")))

    aws(cluster, "cognito-idp", "admin-delete-user", "--user-pool-id", made.pool, "--username", made.users[0].username)
    assert eventually(lambda: is_nobody(ada))
    # The token is alive, the user is not.
    for answer in (ada.create("back", "again"), ada.read(note), ada.delete(note), ada.call("PUT", f"/dev/notes/{note}", body={})):
        assert answer.status == 401 and answer.json == {"error": "Unauthorized"}, answer
    assert watcher.read(kept).status == 200

    def told() -> list[dict]:
        return [event for event in watcher.events("?action=user.erase") if event["resource"]["id"] == ada_sub]

    assert eventually(told)
    assert told()[0]["principal"] == f"arn:aws:iam::{cluster.account}:root" and len(told()) == 1
    events = eventually(lambda: [e for e in watcher.events(f"?user={ada_sub}&limit=100")])
    assert events and all(event.get("erased") and "username" not in event and "sourceAddress" not in event for event in events)
    assert made.users[0].username not in json.dumps(watcher.call("GET", "/audit/events?limit=200").json)
    assert watcher.events(f"?user={watcher_sub}")[0]["username"] == made.users[1].username
    for path in ("/audit/events", "/audit/completeness"):
        assert ada.call("GET", path).status == 401, path

    assert code_of(identity.admin_get_user, UserPoolId=made.pool, Username=made.users[0].username) == (
        "UserNotFoundException", "User does not exist.")
    # Whoever takes the name is somebody else.
    again = identity.admin_create_user(UserPoolId=made.pool, Username=made.users[0].username, MessageAction="SUPPRESS")
    assert again["User"]["Attributes"][0]["Value"] != ada_sub
    identity.admin_set_user_password(UserPoolId=made.pool, Username=made.users[0].username, Password=made.users[0].password, Permanent=True)
    assert signed_in(made, 0).list().json["notes"] == []
    assert is_nobody(ada)


def test_users_delete_themselves(cluster: Cluster):
    made = tenant(cluster)
    tokens = made.tokens(made.users[0])
    notes = Notes(cluster.url, tokens["IdToken"])
    assert notes.create("mine", "").status == 201
    identity = boto(cluster, "cognito-idp")
    assert code_of(identity.delete_user, AccessToken=tokens["IdToken"])[0] == "NotAuthorizedException"
    aws(cluster, "cognito-idp", "delete-user", "--access-token", tokens["AccessToken"])
    assert eventually(lambda: is_nobody(notes))
    assert code_of(identity.get_user, AccessToken=tokens["AccessToken"])[0] == "UserNotFoundException"
    assert code_of(
        identity.initiate_auth, ClientId=made.client, AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]}) == ("NotAuthorizedException", "Invalid Refresh Token")


def test_a_deleted_pool_is_gone_with_all_it_had(cluster: Cluster):
    made, other = tenant(cluster), tenant(cluster)
    identity = boto(cluster, "cognito-idp")
    notes, theirs = signed_in(made, 0), signed_in(other, 0)
    assert notes.create("gone", "").status == 201
    kept = theirs.create("kept", "").json["noteId"]
    identity.update_user_pool(UserPoolId=made.pool, DeletionProtection="ACTIVE")
    assert code_of(identity.delete_user_pool, UserPoolId=made.pool) == (
        "InvalidParameterException",
        "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.")
    aws(cluster, "cognito-idp", "update-user-pool", "--user-pool-id", made.pool, "--deletion-protection", "INACTIVE")
    aws(cluster, "cognito-idp", "delete-user-pool", "--user-pool-id", made.pool)
    assert eventually(lambda: is_nobody(notes))
    assert notes.create("back", "").status == 401
    assert curl(f"{cluster.url}/{made.pool}/.well-known/jwks.json").status == 404
    assert code_of(identity.describe_user_pool, UserPoolId=made.pool) == (
        "ResourceNotFoundException", f"User pool {made.pool} does not exist.")
    assert code_of(identity.initiate_auth, ClientId=made.client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={
        "USERNAME": made.users[0].username, "PASSWORD": made.users[0].password})[0] == "ResourceNotFoundException"
    folder = cluster.folder / "data/notes" / made.pool
    assert [path.name for path in folder.iterdir()] == ["manifest.json"]
    assert theirs.read(kept).status == 200


def test_clients_groups_and_disabled_users(cluster: Cluster):
    made = tenant(cluster)
    identity = boto(cluster, "cognito-idp")
    user = made.users[0]
    refresh = {"ClientId": made.client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": made.tokens(user)["RefreshToken"]}}
    assert "IdToken" in identity.initiate_auth(**refresh)["AuthenticationResult"]
    identity.admin_disable_user(UserPoolId=made.pool, Username=user.username)
    assert code_of(
        identity.initiate_auth, ClientId=made.client, AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user.username, "PASSWORD": user.password}) == ("NotAuthorizedException", "User is disabled.")
    assert code_of(identity.initiate_auth, **refresh) == ("NotAuthorizedException", "User is disabled.")
    identity.admin_enable_user(UserPoolId=made.pool, Username=user.username)
    # Whoever had the token before is not let in again with the user.
    assert code_of(identity.initiate_auth, **refresh) == ("NotAuthorizedException", "Refresh Token has been revoked")
    again = made.tokens(user)
    identity.admin_enable_user(UserPoolId=made.pool, Username=user.username)
    refresh["AuthParameters"] = {"REFRESH_TOKEN": again["RefreshToken"]}
    assert "IdToken" in identity.initiate_auth(**refresh)["AuthenticationResult"]
    assert code_of(identity.initiate_auth, **{**refresh, "AuthParameters": {**refresh["AuthParameters"], "SECRET_HASH": "AAAA"}}) == (
        "InvalidParameterException", f"Client {made.client} is not configured for secret but secret hash was received")
    identity.create_group(UserPoolId=made.pool, GroupName="team")
    identity.admin_add_user_to_group(UserPoolId=made.pool, Username=user.username, GroupName="team")
    identity.delete_group(UserPoolId=made.pool, GroupName="team")
    assert identity.admin_list_groups_for_user(UserPoolId=made.pool, Username=user.username)["Groups"] == []
    assert code_of(identity.delete_group, UserPoolId=made.pool, GroupName="team")[0] == "ResourceNotFoundException"
    identity.delete_user_pool_client(UserPoolId=made.pool, ClientId=made.client)
    assert code_of(identity.delete_user_pool_client, UserPoolId=made.pool, ClientId=made.client) == (
        "ResourceNotFoundException", f"User pool client {made.client} does not exist.")


def test_a_restore_brings_nobody_back():
    """Every service from a backup of before the erasures; also identity, which then learns of them from the others."""
    with Folder() as folder:
        cluster = clusters.start(folder)
        try:
            made, gone = tenant(cluster, users=3), tenant(cluster, users=1)
            erased, watcher = signed_in(made, 0), auditor(made, 1)
            note = erased.create("erased", "").json["noteId"]
            kept = watcher.create("kept", "").json["noteId"]
            assert signed_in(gone, 0).create("gone", "").status == 201
            assert eventually(lambda: watcher.events(f"?user={made.users[0].sub}"))
            for service in SERVICES:
                assert back_up(cluster, service, "before").returncode == 0
            aws(cluster, "cognito-idp", "admin-delete-user", "--user-pool-id", made.pool, "--username", made.users[0].username)
            aws(cluster, "cognito-idp", "delete-user-pool", "--user-pool-id", gone.pool)
            assert eventually(lambda: is_nobody(erased) and watcher.events("?action=user.erase"))

            for services in (("notes", "audit"), ("identity",), ("notes",), ("audit", "identity")):
                cluster.kill()
                for service in services:
                    shutil.rmtree(folder / "data" / service)
                    assert restore(folder, service, stored(folder, service, "before")).returncode == 0
                # It is ready only once all is erased again.
                cluster = clusters.start(folder)
                made.cluster = gone.cluster = cluster
                watcher = signed_in(made, 1)
                assert watcher.read(kept).status == 200, services
                identity = boto(cluster, "cognito-idp")
                assert code_of(identity.admin_get_user, UserPoolId=made.pool, Username=made.users[0].username)[0] == "UserNotFoundException"
                assert code_of(identity.describe_user_pool, UserPoolId=gone.pool)[0] == "ResourceNotFoundException"
                events = watcher.events(f"?user={made.users[0].sub}")
                assert events and all(event.get("erased") for event in events), services
                assert [path.name for path in (folder / "data/notes" / gone.pool).iterdir()] == ["manifest.json"]
                assert note not in json.dumps(events)
        finally:
            cluster.kill()


def test_restored_data_are_not_served_before_identity_can_be_asked():
    with Folder() as folder, Processes(folder) as running:
        made = tenant(running)
        notes = signed_in(made, 0)
        assert notes.create("mine", "").status == 201
        assert back_up(running, "notes", "first").returncode == 0
        for service in HOLDERS:
            running.kill(service)
        put_back(running, "notes")
        running.start("notes", wait=False)
        assert eventually(lambda: answers(running, "notes", "/healthz") == 200)
        assert answers(running, "notes", "/readyz") == 503
        answer = notes.list()
        assert answer.status == 503 and answer.headers["retry-after"] == "5", answer
        running.start("identity")
        # Its list may have been set back, too, and audit may know what it lacks.
        assert not eventually(lambda: answers(running, "notes", "/readyz") == 200, 1)
        running.start("audit")
        running.wait_until_ready("notes")
        assert [note["title"] for note in notes.list().json["notes"]] == ["mine"]


def test_a_restored_identity_service_waits_for_those_who_may_know_of_erasures():
    with Folder() as folder, Processes(folder) as running:
        made = tenant(running, users=2)
        assert back_up(running, "identity", "first").returncode == 0
        erased, kept = made.users
        theirs = signed_in(made, 0)
        identity = boto(running, "cognito-idp")
        identity.admin_delete_user(UserPoolId=made.pool, Username=erased.username)
        # One of the others has heard of it.
        assert eventually(lambda: is_nobody(theirs))
        for service in ("identity", "notes", "audit"):
            running.kill(service)
        put_back(running, "identity")
        running.start("identity", wait=False)
        assert eventually(lambda: answers(running, "identity", "/healthz") == 200)
        # Each of them has to be there.
        for service in ("notes", "audit"):
            assert not eventually(lambda: answers(running, "identity", "/readyz") == 200, 1), service
            with pytest.raises(botocore.exceptions.ClientError) as refused:
                made.tokens(kept)
            assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503, service
            running.start(service)
        running.wait_until_ready("identity")
        assert made.tokens(kept)
        assert code_of(identity.admin_get_user, UserPoolId=made.pool, Username=erased.username)[0] == "UserNotFoundException"


def bring_back(running: Processes, services: tuple[str, ...], name: str) -> list[str]:
    """Restores services from their backups of that name, with all three stopped meanwhile; what the tool said."""
    for service in HOLDERS:
        if running.running[service].poll() is None:
            running.kill(service)
    said = [put_back(running, service, name) for service in services]
    for service in HOLDERS:
        running.start(service, wait=False)
    for service in HOLDERS:
        running.wait_until_ready(service)
    return said


def test_what_is_restored_knows_one_line_from_another_of_the_same_number():
    """What was erased before everything was restored, and what was erased after it, are both the first erasure of somebody's list."""
    with Folder() as folder, Processes(folder) as running:
        made = tenant(running, users=3)
        before, after, kept = (signed_in(made, number) for number in range(3))
        for notes in (before, after, kept):
            assert notes.create("mine", "").status == 201
        for service in HOLDERS:
            assert back_up(running, service, "first").returncode == 0
        identity = boto(running, "cognito-idp")

        def erase(number: int) -> None:
            identity.admin_delete_user(UserPoolId=made.pool, Username=made.users[number].username)

        def is_gone(number: int) -> bool:
            users = identity.list_users(UserPoolId=made.pool)["Users"]
            return made.users[number].username not in [user["Username"] for user in users]

        def sees_no_events(notes: Notes) -> bool:
            return notes.call("GET", "/audit/events").status == 401

        erase(0)
        assert eventually(lambda: is_nobody(before) and sees_no_events(before))
        assert back_up(running, "notes", "second").returncode == 0
        # Nobody is left who knows of it; that this is so is said.
        for told in bring_back(running, HOLDERS, "first"):
            assert "known only to those that are not restored from before it" in told, told
        assert eventually(lambda: before.list().status == 200)
        erase(1)
        assert eventually(lambda: is_nobody(after) and sees_no_events(after))

        bring_back(running, ("notes",), "second")
        assert is_nobody(after)
        # And what that backup knows is not lost, on anybody.
        assert eventually(lambda: is_nobody(before) and sees_no_events(before) and is_gone(0))
        assert sees_no_events(after) and is_gone(1)
        assert [note["title"] for note in kept.list().json["notes"]] == ["mine"]


def test_an_identity_service_that_was_started_without_its_data_still_learns_who_was_erased():
    """A disk is lost, and the container is up before its backup is restored: also then it learns who was erased since."""
    with Folder() as folder, Processes(folder) as running:
        made = tenant(running, users=2)
        erased = signed_in(made, 0)
        assert back_up(running, "identity", "first").returncode == 0
        identity = boto(running, "cognito-idp")
        identity.admin_delete_user(UserPoolId=made.pool, Username=made.users[0].username)
        assert eventually(lambda: is_nobody(erased) and erased.call("GET", "/audit/events").status == 401)
        running.kill("identity")
        shutil.rmtree(folder / "data/identity")
        running.start("identity")
        # Both have asked the new one.
        for service in ("notes", "audit"):
            assert eventually(lambda: "another list of erasures" in (folder / f"{service}.log").read_text()), service

        bring_back(running, ("identity",), "first")
        assert code_of(identity.admin_get_user, UserPoolId=made.pool, Username=made.users[0].username)[0] == "UserNotFoundException"
        with pytest.raises(botocore.exceptions.ClientError):
            made.tokens(made.users[0])
        assert made.tokens(made.users[1])


@pytest.mark.parametrize("point, service", [("identity.after-erasure-entered", "identity"), ("notes.after-key-destroyed", "notes")])
def test_an_erasure_that_a_crash_interrupts_is_carried_out(point: str, service: str):
    with Folder() as folder, Processes(folder) as running:
        made = tenant(running)
        notes = signed_in(made, 0)
        assert notes.create("mine", "").status == 201
        running.kill(service)
        running.start(service, environment={"STRONGROOM_FAILPOINT": f"{point}:1"})
        identity = boto(running, "cognito-idp")
        # What the caller is told differs: it may be that nobody was left to say anything.
        with contextlib.suppress(botocore.exceptions.ClientError):
            identity.admin_delete_user(UserPoolId=made.pool, Username=made.users[0].username)
        assert running.running[service].wait(20) == -9
        running.start(service)
        assert eventually(lambda: is_nobody(notes))
        assert eventually(lambda: code_of(
            identity.admin_get_user, UserPoolId=made.pool, Username=made.users[0].username)[0] == "UserNotFoundException")


def answers(running: Processes, service: str, path: str) -> int:
    try:
        return curl(f"{running.ready[service]}{path}").status
    except AssertionError:
        return 0
