"""Two administrators, or one and a user, at the same moment: each outcome is one that some order of the two explains."""

import threading
import uuid

import botocore.exceptions
import pytest

from clients import Tenant, boto

PASSWORD = "Abc-12345678!"


def at_once(*calls) -> list[str]:
    """Starts all calls together; the error that each gives, or nothing."""
    start, outcomes = threading.Barrier(len(calls)), [""] * len(calls)

    def run(place: int) -> None:
        start.wait()
        try:
            calls[place]()
        except botocore.exceptions.ClientError as error:
            outcomes[place] = error.response["Error"]["Code"]

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.fixture
def identity(cluster):
    return boto(cluster, "cognito-idp")


def new_pool(identity) -> str:
    return identity.create_user_pool(PoolName="before")["UserPool"]["Id"]


def test_a_pool_whose_protection_was_acknowledged_is_not_deleted(identity):
    for _ in range(15):
        pool = new_pool(identity)
        deleted, *protected = at_once(
            lambda: identity.delete_user_pool(UserPoolId=pool),
            *[lambda: identity.update_user_pool(UserPoolId=pool, DeletionProtection="ACTIVE")] * 3)
        if deleted == "":
            assert set(protected) == {"ResourceNotFoundException"}
        else:
            assert deleted == "InvalidParameterException" and "" in protected
            identity.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")
            identity.delete_user_pool(UserPoolId=pool)


def test_a_name_that_was_acknowledged_is_not_taken_back_by_who_did_not_change_it(identity):
    pool = new_pool(identity)
    for number in range(15):
        name = f"name {number}"
        outcomes = at_once(
            lambda: identity.update_user_pool(UserPoolId=pool, PoolName=name),
            *[lambda: identity.update_user_pool(UserPoolId=pool, UserPoolTags={"a": "b"})] * 4)
        assert set(outcomes) == {""}
        assert identity.describe_user_pool(UserPoolId=pool)["UserPool"]["Name"] == name
    identity.delete_user_pool(UserPoolId=pool)


def test_a_password_that_a_user_has_chosen_is_not_replaced_by_a_temporary_one(identity, tenant: Tenant):
    def sign_in(username: str, password: str) -> dict:
        return identity.initiate_auth(
            ClientId=tenant.client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": username, "PASSWORD": password})

    for _ in range(8):
        username = f"racer-{uuid.uuid4().hex[:8]}"
        identity.admin_create_user(UserPoolId=tenant.pool, Username=username, TemporaryPassword=PASSWORD)
        session = sign_in(username, PASSWORD)["Session"]
        chosen, resent = at_once(
            lambda: identity.respond_to_auth_challenge(
                ClientId=tenant.client, ChallengeName="NEW_PASSWORD_REQUIRED", Session=session,
                ChallengeResponses={"USERNAME": username, "NEW_PASSWORD": "Mine-1234567!"}),
            lambda: identity.admin_create_user(
                UserPoolId=tenant.pool, Username=username, TemporaryPassword="Tmp-12345678!", MessageAction="RESEND"))
        assert (chosen, resent) in (("", "UnsupportedUserStateException"), ("NotAuthorizedException", "")), (chosen, resent)
        status = identity.admin_get_user(UserPoolId=tenant.pool, Username=username)["UserStatus"]
        assert status == ("CONFIRMED" if chosen == "" else "FORCE_CHANGE_PASSWORD")
        sign_in(username, "Mine-1234567!" if chosen == "" else "Tmp-12345678!")


def test_what_is_about_something_that_goes_meanwhile_is_told_so(identity, tenant: Tenant):
    identity.create_group(UserPoolId=tenant.pool, GroupName="racers")
    for _ in range(10):
        username = f"leaver-{uuid.uuid4().hex[:8]}"
        identity.admin_create_user(UserPoolId=tenant.pool, Username=username, TemporaryPassword=PASSWORD)
        outcomes = at_once(
            lambda: identity.admin_delete_user(UserPoolId=tenant.pool, Username=username),
            *[lambda: identity.admin_add_user_to_group(UserPoolId=tenant.pool, Username=username, GroupName="racers")] * 6)
        assert set(outcomes) <= {"", "UserNotFoundException"}
        pool = new_pool(identity)
        outcomes = at_once(
            lambda: identity.delete_user_pool(UserPoolId=pool),
            *[lambda: identity.create_user_pool_client(UserPoolId=pool, ClientName="app")] * 6)
        assert set(outcomes) <= {"", "ResourceNotFoundException"}
    identity.delete_group(UserPoolId=tenant.pool, GroupName="racers")


def test_one_users_sign_ins_at_once_lock_nobody_out(identity, tenant: Tenant):
    username = f"crowd-{uuid.uuid4().hex[:8]}"
    identity.admin_create_user(UserPoolId=tenant.pool, Username=username)
    identity.admin_set_user_password(UserPoolId=tenant.pool, Username=username, Password=PASSWORD, Permanent=True)

    def sign_in():
        identity.admin_initiate_auth(
            UserPoolId=tenant.pool, ClientId=tenant.client, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD})

    outcomes = at_once(*[sign_in] * 40)
    # What SDKs send again by themselves; none has failed, so none is told that too many did.
    assert "" in outcomes and set(outcomes) <= {"", "TooManyRequestsException"}
    sign_in()


def test_a_password_that_is_set_again_meanwhile_is_still_right(identity, tenant: Tenant):
    user = tenant.users[0]

    def set_again():
        identity.admin_set_user_password(UserPoolId=tenant.pool, Username=user.username, Password=user.password, Permanent=True)

    for _ in range(10):
        outcomes = at_once(set_again, *[lambda: tenant.tokens(user)] * 3, set_again)
        assert set(outcomes) == {""}, outcomes
