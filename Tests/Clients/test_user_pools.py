"""What a user pool keeps its users from, and keeps from its users, by boto3."""

import botocore.exceptions
import jwt
import pytest

from clients import Notes, boto


def refused(call, **arguments) -> tuple[str, str]:
    """The error's type and message."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


def test_a_refresh_token_ends_with_the_password_it_came_from(cluster, tenant):
    identity = boto(cluster, "cognito-idp")
    user = tenant.users[0]
    before = tenant.tokens(user)
    token = before["RefreshToken"]

    def refresh(of: str) -> dict:
        return {"ClientId": tenant.client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": of}}

    assert "IdToken" in identity.initiate_auth(**refresh(token))["AuthenticationResult"]
    user.password += "x"
    identity.admin_set_user_password(UserPoolId=tenant.pool, Username=user.username, Password=user.password, Permanent=True)
    assert refused(identity.initiate_auth, **refresh(token)) == ("NotAuthorizedException", "Refresh Token has been revoked")
    assert "IdToken" in identity.initiate_auth(**refresh(tenant.tokens(user)["RefreshToken"]))["AuthenticationResult"]
    # What it has led to before lives on, for as long as it says itself.
    assert Notes(cluster.url, before["IdToken"]).list().status == 200
    assert identity.get_user(AccessToken=before["AccessToken"])["Username"] == user.username
    for name in ("IdToken", "AccessToken"):
        claims = jwt.decode(before[name], options={"verify_signature": False})
        assert claims["exp"] - claims["iat"] == before["ExpiresIn"] == 3600


def test_a_user_sets_what_the_client_and_the_schema_let_them(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(
        PoolName="attributes", Schema=[{"Name": "tier", "AttributeDataType": "String", "Mutable": False}])["UserPool"]["Id"]
    flows = {"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}
    assert refused(identity.create_user_pool_client, UserPoolId=pool, ClientName="app", WriteAttributes=["custom:tier"], **flows) == (
        "InvalidParameterException", "Invalid write attributes specified while creating a client")
    clients = {
        name: identity.create_user_pool_client(UserPoolId=pool, ClientName=name, **more, **flows)["UserPoolClient"]["ClientId"]
        for name, more in (("names-only", {"WriteAttributes": ["name"]}), ("all", {}))}
    identity.admin_create_user(
        UserPoolId=pool, Username="ada", TemporaryPassword="Temporary-1!", MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "custom:tier", "Value": "bronze"}])

    def respond(client: str, **attributes: str) -> dict:
        session = identity.initiate_auth(
            ClientId=clients[client], AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "ada", "PASSWORD": "Temporary-1!"})["Session"]
        responses = {"USERNAME": "ada", "NEW_PASSWORD": "Permanent-1!"} | {
            f"userAttributes.{name.replace('_', ':', 1) if name.startswith('custom') else name}": value for name, value in attributes.items()}
        return {"ClientId": clients[client], "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session, "ChallengeResponses": responses}

    assert refused(identity.respond_to_auth_challenge, **respond("names-only", nickname="a")) == (
        "NotAuthorizedException", "A client attempted to write unauthorized attribute")
    kind, message = refused(identity.respond_to_auth_challenge, **respond("all", custom_tier="gold"))
    assert kind == "InvalidParameterException" and "custom:tier: Attribute cannot be updated" in message
    assert "IdToken" in identity.respond_to_auth_challenge(**respond("names-only", name="Ada"))["AuthenticationResult"]
    attributes = {entry["Name"]: entry["Value"] for entry in identity.admin_get_user(UserPoolId=pool, Username="ada")["UserAttributes"]}
    assert (attributes["name"], attributes["custom:tier"]) == ("Ada", "bronze") and "nickname" not in attributes


def test_a_client_sees_the_attributes_that_it_may_read(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(PoolName="readable")["UserPool"]["Id"]
    identity.admin_create_user(
        UserPoolId=pool, Username="ada", MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "name", "Value": "Ada"}, {"Name": "nickname", "Value": "countess"}])
    identity.admin_set_user_password(UserPoolId=pool, Username="ada", Password="Permanent-1!", Permanent=True)
    for readable, seen in ({"ReadAttributes": ["name"]}, {"name": "Ada"}), ({}, {"name": "Ada", "nickname": "countess"}):
        client = identity.create_user_pool_client(
            UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], **readable)["UserPoolClient"]["ClientId"]
        tokens = identity.initiate_auth(
            ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "ada", "PASSWORD": "Permanent-1!"})["AuthenticationResult"]
        claims = jwt.decode(tokens["IdToken"], options={"verify_signature": False})
        shown = {entry["Name"]: entry["Value"] for entry in identity.get_user(AccessToken=tokens["AccessToken"])["UserAttributes"]}
        for attributes in claims, shown:
            assert {name: attributes[name] for name in ("name", "nickname") if name in attributes} == seen


def test_an_alias_is_nobody_elses_name(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(
        PoolName="aliases", AliasAttributes=["preferred_username"], UsernameConfiguration={"CaseSensitive": False})["UserPool"]["Id"]
    made = identity.admin_create_user(UserPoolId=pool, Username="alice", MessageAction="SUPPRESS")["User"]
    sub = next(entry["Value"] for entry in made["Attributes"] if entry["Name"] == "sub")
    for alias in ("alice", "ALICE", sub):
        kind, _ = refused(
            identity.admin_create_user, UserPoolId=pool, Username="mallory", MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "preferred_username", "Value": alias}])
        assert kind == "AliasExistsException", alias
    assert refused(identity.admin_create_user, UserPoolId=pool, Username=sub, MessageAction="SUPPRESS")[0] == "UsernameExistsException"
    assert identity.admin_get_user(UserPoolId=pool, Username=sub)["Username"] == "alice"


def test_values_of_custom_attributes_are_of_their_type_and_within_their_bounds(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(PoolName="bounds", Schema=[
        {"Name": "level", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MinValue": "1", "MaxValue": "9"}},
        {"Name": "code", "AttributeDataType": "String", "StringAttributeConstraints": {"MinLength": "2", "MaxLength": "4"}},
        {"Name": "paid", "AttributeDataType": "Boolean"},
    ])["UserPool"]["Id"]

    def create(**attributes: str) -> dict:
        return {
            "UserPoolId": pool, "Username": f"user-{'-'.join(attributes.values())}", "MessageAction": "SUPPRESS",
            "UserAttributes": [{"Name": f"custom:{name}", "Value": value} for name, value in attributes.items()]}

    identity.admin_create_user(**create(level="9", code="abcd", paid="true"))
    for wrong in ({"level": "10"}, {"level": "0"}, {"level": "many"}, {"code": "a"}, {"code": "abcde"}, {"paid": "perhaps"}):
        assert refused(identity.admin_create_user, **create(**wrong))[0] == "InvalidParameterException", wrong


def test_a_client_that_hides_who_exists_tells_nobody_apart(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(PoolName="hidden")["UserPool"]["Id"]
    client = identity.create_user_pool_client(
        UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        PreventUserExistenceErrors="ENABLED")["UserPoolClient"]["ClientId"]
    for name in ("ada", "disabled"):
        identity.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
        identity.admin_set_user_password(UserPoolId=pool, Username=name, Password="Permanent-1!", Permanent=True)
    identity.admin_disable_user(UserPoolId=pool, Username="disabled")

    def sign_in(name: str, password: str) -> dict:
        return {"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": name, "PASSWORD": password}}

    for name in ("ada", "disabled", "nobody"):
        assert refused(identity.initiate_auth, **sign_in(name, "wrong")) == ("NotAuthorizedException", "Incorrect username or password.")
        kind, message = refused(identity.initiate_auth, **sign_in(name, "x" * 257))
        assert kind == "InvalidParameterException" and "at 'password'" in message and "xxx" not in message
    assert refused(identity.initiate_auth, **sign_in("disabled", "Permanent-1!")) == ("NotAuthorizedException", "User is disabled.")
    assert "IdToken" in identity.initiate_auth(**sign_in("ada", "Permanent-1!"))["AuthenticationResult"]


def test_a_temporary_password_is_replaced_only_by_one_that_somebody_knows(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(PoolName="resend")["UserPool"]["Id"]
    client = identity.create_user_pool_client(
        UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
    user = {"UserPoolId": pool, "Username": "ada"}
    identity.admin_create_user(**user, TemporaryPassword="Temporary-1!")
    kind, message = refused(identity.admin_create_user, **user, MessageAction="RESEND")
    assert kind == "InvalidParameterException" and "no messages are sent" in message and "TemporaryPassword" in message
    for password in ("Temporary-1!", "Temporary-2!"):
        made = identity.admin_create_user(**user, MessageAction="RESEND", TemporaryPassword=password)["User"]
        assert made["UserLastModifiedDate"] == identity.admin_get_user(**user)["UserLastModifiedDate"]
        answer = identity.initiate_auth(
            ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "ada", "PASSWORD": password})
        assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_a_pages_token_goes_on_with_its_own_list(cluster):
    identity = boto(cluster, "cognito-idp")
    pools = [identity.create_user_pool(PoolName="pages")["UserPool"]["Id"] for _ in range(2)]
    for pool in pools:
        for number in range(3):
            identity.admin_create_user(UserPoolId=pool, Username=f"user-{number}", MessageAction="SUPPRESS")
            identity.create_group(UserPoolId=pool, GroupName=f"group-{number}")
    token = identity.list_users(UserPoolId=pools[0], Limit=2)["PaginationToken"]
    invalid = ("InvalidParameterException", "Invalid pagination token given.")
    assert refused(identity.list_users, UserPoolId=pools[1], Limit=2, PaginationToken=token) == invalid
    assert refused(identity.list_groups, UserPoolId=pools[0], Limit=2, NextToken=token) == invalid
    assert refused(identity.list_users, UserPoolId=pools[0], Limit=2, PaginationToken=token[:-4] + "AAAA") == invalid
    rest = identity.list_users(UserPoolId=pools[0], Limit=2, PaginationToken=token)
    assert [user["Username"] for user in rest["Users"]] == ["user-2"] and "PaginationToken" not in rest
    for operation, items in (("list_groups", "Groups"), ("list_user_pools", "UserPools")):
        arguments = {"UserPoolId": pools[0]} if operation == "list_groups" else {}
        pages = list(identity.get_paginator(operation).paginate(**arguments, PaginationConfig={"PageSize": 1}))
        assert sum(len(page[items]) for page in pages) >= 2


def test_a_filter_is_one_condition(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(PoolName="filters")["UserPool"]["Id"]
    identity.admin_create_user(
        UserPoolId=pool, Username="ada", MessageAction="SUPPRESS", UserAttributes=[{"Name": "name", "Value": 'Ada "the countess"'}])
    for wrong in ('username = "ada" and name = "x"', 'username = "a"da"', 'username = "ada', r'username = "ada\"', 'username = "ada" "x"'):
        assert refused(identity.list_users, UserPoolId=pool, Filter=wrong) == ("InvalidParameterException", "Error while parsing filter."), wrong
    for right in ('username = "ada"', r'name = "Ada \"the countess\""', r'name ^= "Ada \"the"'):
        assert [user["Username"] for user in identity.list_users(UserPoolId=pool, Filter=right)["Users"]] == ["ada"], right


def test_values_of_standard_attributes_are_within_their_bounds(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(PoolName="standard")["UserPool"]["Id"]

    def create(name: str, value: str) -> dict:
        return {"UserPoolId": pool, "Username": "ada", "MessageAction": "SUPPRESS", "UserAttributes": [{"Name": name, "Value": value}]}

    for name, value in (("birthdate", "1815"), ("birthdate", "10 December 1815"), ("updated_at", "-1"), ("updated_at", "now")):
        kind, message = refused(identity.admin_create_user, **create(name, value))
        assert kind == "InvalidParameterException" and message.startswith(f"Attributes did not conform to the schema: {name}: "), value
    identity.admin_create_user(**create("birthdate", "1815-12-10"))


def test_a_verified_address_moves_to_a_new_user_where_that_is_asked_for(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(PoolName="moved", AliasAttributes=["email"])["UserPool"]["Id"]
    address = [{"Name": "email", "Value": "ada@example.com"}, {"Name": "email_verified", "Value": "true"}]
    create = {"UserPoolId": pool, "MessageAction": "SUPPRESS", "UserAttributes": address}
    identity.admin_create_user(**create, Username="ada")
    assert refused(identity.admin_create_user, **create, Username="countess")[0] == "AliasExistsException"
    identity.admin_create_user(**create, Username="countess", ForceAliasCreation=True)
    assert identity.admin_get_user(UserPoolId=pool, Username="ada@example.com")["Username"] == "countess"
    before = {entry["Name"]: entry["Value"] for entry in identity.admin_get_user(UserPoolId=pool, Username="ada")["UserAttributes"]}
    assert (before["email"], before["email_verified"]) == ("ada@example.com", "false")


def test_a_pool_shows_what_the_service_always_shows(cluster):
    identity = boto(cluster, "cognito-idp")
    made = identity.create_user_pool(PoolName="shown", Schema=[{"Name": "tier", "AttributeDataType": "String"}])["UserPool"]
    described = identity.describe_user_pool(UserPoolId=made["Id"])["UserPool"]
    for pool in made, described:
        attributes = {entry["Name"]: entry for entry in pool["SchemaAttributes"]}
        assert attributes["sub"]["Required"] and not attributes["sub"]["Mutable"]
        assert attributes["email"]["StringAttributeConstraints"] == {"MinLength": "0", "MaxLength": "2048"}
        assert attributes["updated_at"]["AttributeDataType"] == "Number" and "custom:tier" in attributes
        assert pool["EmailConfiguration"] == {"EmailSendingAccount": "COGNITO_DEFAULT"}
        assert pool["VerificationMessageTemplate"] == {"DefaultEmailOption": "CONFIRM_WITH_CODE"}
        assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] and pool["MfaConfiguration"] == "OFF"


def test_what_a_list_is_asked_for_exists(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(PoolName="lists", Schema=[{"Name": "tier", "AttributeDataType": "String"}])["UserPool"]["Id"]
    identity.admin_create_user(
        UserPoolId=pool, Username="ada", MessageAction="SUPPRESS", UserAttributes=[{"Name": "custom:tier", "Value": "gold"}])
    assert refused(identity.list_users, UserPoolId=pool, AttributesToGet=["custom:tier", "custom:teir"]) == (
        "InvalidParameterException", "One or more requested attributes do not exist.")
    shown = identity.list_users(UserPoolId=pool, AttributesToGet=["custom:tier", "birthdate"])["Users"][0]["Attributes"]
    assert shown == [{"Name": "custom:tier", "Value": "gold"}]


# What the README says is refused by name, by what it is for.
OPERATIONS = {
    "revoking tokens": ("RevokeToken", "GlobalSignOut", "AdminUserGlobalSignOut", "GetTokensFromRefreshToken"),
    "passwords": ("ChangePassword", "ForgotPassword", "ConfirmForgotPassword", "AdminResetUserPassword"),
    "changing users": (
        "UpdateUserAttributes", "AdminUpdateUserAttributes", "DeleteUserAttributes", "AdminDeleteUserAttributes", "VerifyUserAttribute",
        "GetUserAttributeVerificationCode"),
    "changing the schema, clients and groups": ("AddCustomAttributes", "UpdateUserPoolClient", "UpdateGroup"),
    "MFA": ("SetUserPoolMfaConfig", "SetUserMFAPreference", "AdminSetUserMFAPreference", "AssociateSoftwareToken", "VerifySoftwareToken"),
    "self sign-up": ("SignUp", "ConfirmSignUp", "AdminConfirmSignUp", "ResendConfirmationCode"),
    "managed login and OAuth 2.0": ("CreateUserPoolDomain", "CreateManagedLoginBranding", "SetUICustomization", "CreateResourceServer"),
    "other identity providers and threat protection": ("CreateIdentityProvider", "AdminLinkProviderForUser", "SetRiskConfiguration"),
}


def minimal(shape):
    """A value of the shape with nothing in it but what must be there, as botocore would have it."""
    match shape.type_name:
        case "structure": return {name: minimal(shape.members[name]) for name in shape.required_members}
        case "list": return [minimal(shape.member)] * shape.metadata.get("min", 0)
        case "map": return {}
        case "boolean": return False
        case "integer" | "long": return 1
        case "blob": return b""
    return shape.enum[0] if shape.enum else "x" * max(shape.metadata.get("min", 1), 1)


@pytest.mark.parametrize("operations", OPERATIONS.values(), ids=OPERATIONS)
def test_what_is_not_done_is_refused_by_its_name(cluster, operations):
    identity = boto(cluster, "cognito-idp")
    methods = {operation: method for method, operation in identity.meta.method_to_api_mapping.items()}
    for name in operations:
        request = minimal(identity.meta.service_model.operation_model(name).input_shape)
        assert refused(getattr(identity, methods[name]), **request) == (
            "UnsupportedOperationException", f"{name} is not supported by this user pool service."), name


def test_other_ways_to_sign_in_than_by_password_are_refused_by_their_names(cluster, tenant):
    identity = boto(cluster, "cognito-idp")
    # As a client has it whose administrator has said nothing, and more.
    client = identity.create_user_pool_client(
        UserPoolId=tenant.pool, ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH"])["UserPoolClient"]["ClientId"]
    parameters = {"USERNAME": tenant.users[0].username, "SRP_A": "a1"}
    for flow in ("USER_SRP_AUTH", "CUSTOM_AUTH", "USER_AUTH"):
        said = ("UnsupportedOperationException", f"{flow} is not supported by this user pool service.")
        assert refused(identity.initiate_auth, ClientId=client, AuthFlow=flow, AuthParameters=parameters) == said
        assert refused(identity.admin_initiate_auth, UserPoolId=tenant.pool, ClientId=client, AuthFlow=flow, AuthParameters=parameters) == said
    for challenge in ("PASSWORD_VERIFIER", "SMS_MFA", "SOFTWARE_TOKEN_MFA", "MFA_SETUP", "CUSTOM_CHALLENGE", "DEVICE_SRP_AUTH"):
        assert refused(
            identity.respond_to_auth_challenge, ClientId=client, ChallengeName=challenge, Session="x" * 20, ChallengeResponses=parameters) == (
            "UnsupportedOperationException", f"{challenge} is not supported by this user pool service.")


def test_a_verified_address_or_a_preferred_name_signs_in(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(
        PoolName="aliases", AliasAttributes=["email", "phone_number", "preferred_username"], UsernameConfiguration={"CaseSensitive": False},
    )["UserPool"]["Id"]
    client = identity.create_user_pool_client(
        UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
    attributes = {
        "email": "ada@example.com", "email_verified": "true", "phone_number": "+4930123456", "phone_number_verified": "false",
        "preferred_username": "countess"}
    identity.admin_create_user(
        UserPoolId=pool, Username="ada", MessageAction="SUPPRESS",
        UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()])
    identity.admin_set_user_password(UserPoolId=pool, Username="ada", Password="Permanent-1!", Permanent=True)

    def sign_in(name: str) -> dict:
        return {"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": name, "PASSWORD": "Permanent-1!"}}

    for name in ("ada", "ada@example.com", "ADA@example.com", "countess"):
        token = identity.initiate_auth(**sign_in(name))["AuthenticationResult"]["IdToken"]
        assert jwt.decode(token, options={"verify_signature": False})["cognito:username"] == "ada", name
    # Nobody has verified this one.
    assert refused(identity.initiate_auth, **sign_in("+4930123456"))[0] == "UserNotFoundException"


def test_the_life_of_a_group(cluster, tenant):
    identity = boto(cluster, "cognito-idp")
    group = {"UserPoolId": tenant.pool, "GroupName": "team"}
    made = identity.create_group(**group, Description="a team", Precedence=3)["Group"]
    assert identity.get_group(**group)["Group"] == made and (made["Description"], made["Precedence"]) == ("a team", 3)
    assert "team" in [entry["GroupName"] for entry in identity.list_groups(UserPoolId=tenant.pool)["Groups"]]

    def members() -> list[str]:
        return [user["Username"] for user in identity.list_users_in_group(**group)["Users"]]

    def groups() -> list[str]:
        return jwt.decode(tenant.tokens(user)["IdToken"], options={"verify_signature": False}).get("cognito:groups", [])

    user = tenant.users[0]
    assert members() == groups() == []
    identity.admin_add_user_to_group(**group, Username=user.username)
    assert members() == [user.username] and groups() == ["team"]
    listed = identity.admin_list_groups_for_user(UserPoolId=tenant.pool, Username=user.username)["Groups"]
    assert [entry["GroupName"] for entry in listed] == ["team"]
    identity.admin_remove_user_from_group(**group, Username=user.username)
    assert members() == groups() == []
    identity.delete_group(**group)
    assert "team" not in [entry["GroupName"] for entry in identity.list_groups(UserPoolId=tenant.pool)["Groups"]]


def test_identity_pools_are_refused_by_name(cluster):
    pools = boto(cluster, "cognito-identity")
    for call, request in (
        (pools.create_identity_pool, {"IdentityPoolName": "mine", "AllowUnauthenticatedIdentities": False}),
        (pools.get_id, {"IdentityPoolId": "us-east-1:00000000-0000-0000-0000-000000000000"}),
    ):
        name = pools.meta.method_to_api_mapping[call.__name__]
        assert refused(call, **request) == ("UnknownOperationException", f"AWSCognitoIdentityService.{name} is not supported.")
