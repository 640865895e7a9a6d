"""What the service model lets a request say, and what becomes of it: it is acted upon, stored and shown, or refused by name."""

import json
import urllib.error
import urllib.request

import pytest

from clients import boto, signed
from test_user_pools import refused

# What may be sent and is neither read nor refused, and why that takes nothing from anybody.
IGNORED = {
    "ClientMetadata": "goes to triggers, and those are refused",
    "ValidationData": "goes to triggers, and those are refused",
    "AnalyticsMetadata": "goes to Amazon Pinpoint, and AnalyticsConfiguration is refused",
    "ContextData": "is weighed by threat protection, and AdvancedSecurityMode is refused",
    "UserContextData": "is weighed by threat protection, and AdvancedSecurityMode is refused",
}


def supported(identity) -> list[str]:
    """The operations that the service serves: the others are refused by their name."""
    model = identity.meta.service_model
    return [name for name in model.operation_names if post(identity, name, {"UserPoolId": 5, "AccessToken": 5})[0] != "UnsupportedOperationException"]


def post(identity, operation: str, body: object) -> tuple[str, str]:
    """The error's type and message that a body gets which botocore would not write."""
    credentials = identity._request_signer._credentials
    headers = {
        "content-type": "application/x-amz-json-1.1", "x-amz-target": f"AWSCognitoIdentityProviderService.{operation}"}
    data = json.dumps(body).encode()
    url = identity.meta.endpoint_url + "/"
    headers = signed(
        url, "cognito-idp", credentials.access_key, credentials.secret_key, method="POST", body=data, region=identity.meta.region_name, headers=headers)
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
            return "", answer.read().decode()
    except urllib.error.HTTPError as error:
        answer = json.loads(error.read())
        return answer["__type"], answer["message"]


def members(shape, around=lambda value: value, names=()):
    """Each member of a structure, and of what is in it: its names from the outside, its type, and a request that has a value there."""
    for name, member in shape.members.items():
        def request(value, name=name, around=around):
            return around({name: value})

        yield from values(member, request, (*names, name))


def values(shape, request, names):
    yield names, shape.type_name, request
    if shape.type_name == "structure":
        yield from members(shape, request, names)
    elif shape.type_name == "list":
        yield from values(shape.member, lambda value: request([value]), names)
    elif shape.type_name == "map":
        yield from values(shape.value, lambda value: request({"a": value}), names)


def test_every_member_of_the_model_is_read_or_refused_by_name(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(PoolName="walk")["UserPool"]["Id"]
    walked, ignored, silent = 0, set(), []
    for operation in supported(identity):
        shape = identity.meta.service_model.operation_model(operation).input_shape
        base = {"UserPoolId": pool} if "UserPoolId" in shape.members else {}
        for names, kind, request in members(shape):
            mark = {names[0], f"{operation}.{names[0]}"} & IGNORED.keys()
            # Of a type that the member hasn't: whoever reads it says so.
            error, message = post(identity, operation, base | request(5 if kind == "string" else "x"))
            is_read = error == "SerializationException" and message.startswith(names[-1])
            is_refused = error == "InvalidParameterException" and message in [f"{name} is not supported." for name in names]
            if mark and not (is_read or is_refused):
                ignored |= mark
            elif not (is_read or is_refused):
                silent.append((operation, ".".join(names), error, message[:100]))
            walked += 1
    assert not silent, "\n".join(map(str, silent))
    assert ignored == IGNORED.keys() and walked > 300


def test_nothing_is_ignored_but_what_triggers_analytics_and_threat_protection_would_get(cluster, tenant):
    """A session that a sign-in goes on with is none of these, so it is refused, as all that it belongs to is."""
    identity = boto(cluster, "cognito-idp")
    user = tenant.users[0]
    parameters = {"USERNAME": user.username, "PASSWORD": user.password}
    sign_in = {"ClientId": tenant.client, "AuthParameters": parameters, "Session": "x" * 20}
    said = ("InvalidParameterException", "Session is not supported.")
    assert refused(identity.initiate_auth, AuthFlow="USER_PASSWORD_AUTH", **sign_in) == said
    assert refused(identity.admin_initiate_auth, UserPoolId=tenant.pool, AuthFlow="ADMIN_USER_PASSWORD_AUTH", **sign_in) == said


def test_an_address_is_nobodys_preferred_name(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(PoolName="addresses", AliasAttributes=["email", "preferred_username"])["UserPool"]["Id"]
    client = identity.create_user_pool_client(
        UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
    create = {"UserPoolId": pool, "MessageAction": "SUPPRESS", "TemporaryPassword": "Temporary-1!"}
    address = "victim@corp.example"
    taken = (
        "InvalidParameterException", "preferred_username cannot be of email format, since user pool is configured for email alias.")
    assert refused(
        identity.admin_create_user, **create, Username="trudy", UserAttributes=[{"Name": "preferred_username", "Value": address}]) == taken
    identity.admin_create_user(**create, Username="mallory")
    session = identity.initiate_auth(
        ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "mallory", "PASSWORD": "Temporary-1!"})["Session"]
    assert refused(
        identity.respond_to_auth_challenge, ClientId=client, ChallengeName="NEW_PASSWORD_REQUIRED", Session=session,
        ChallengeResponses={
            "USERNAME": "mallory", "NEW_PASSWORD": "Permanent-1!", "userAttributes.preferred_username": address.upper()}) == taken
    identity.admin_create_user(
        **create, Username="victim", UserAttributes=[{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "true"}])
    assert identity.admin_get_user(UserPoolId=pool, Username=address)["Username"] == "victim"


@pytest.mark.parametrize("wrong", [
    {"UserPoolTags": {"a": "x" * 257}},
    {"AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 3, "Name": "verified_email"}]}},
    {"AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}, {"Priority": 1, "Name": "verified_phone_number"}]}},
    {"UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["name"]}},
    {"EmailConfiguration": {"EmailSendingAccount": "MINE"}},
    {"VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM"}},
    {"AdminCreateUserConfig": {"UnusedAccountValidityDays": 366}},
    {"EmailVerificationMessage": "Your code"},
    {"SmsVerificationMessage": "Your code"},
    {"Schema": [{"Name": "email", "AttributeDataType": "Number"}]},
    {"Schema": [{"AttributeDataType": "String"}]},
    {"KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY"}},
    {"IssuerConfiguration": {"Type": "UPDATED"}},
])
def test_a_pools_settings_are_held_against_the_model(cluster, wrong):
    assert refused(boto(cluster, "cognito-idp").create_user_pool, PoolName="wrong", **wrong)[0] == "InvalidParameterException"


@pytest.mark.parametrize("error, wrong", [
    ("InvalidParameterException", {"CallbackURLs": ["http://example.com"]}),
    ("InvalidParameterException", {"LogoutURLs": ["https://example.com/#x"]}),
    ("InvalidParameterException", {"CallbackURLs": ["https://example.com"], "DefaultRedirectURI": "https://example.com/"}),
    ("InvalidOAuthFlowException", {"AllowedOAuthFlows": ["client_credentials"]}),
    ("InvalidOAuthFlowException", {"AllowedOAuthFlows": ["client_credentials", "code"], "GenerateSecret": True}),
    ("InvalidOAuthFlowException", {"AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["openid"], "GenerateSecret": True}),
    ("InvalidOAuthFlowException", {"AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid"]}),
    ("InvalidParameterException", {"AllowedOAuthFlowsUserPoolClient": True, "CallbackURLs": ["https://example.com"]}),
    ("InvalidParameterException", {"EnablePropagateAdditionalUserContextData": True}),
    ("ScopeDoesNotExistException", {"AllowedOAuthScopes": ["openid", "notes/read"]}),
    ("InvalidParameterException", {"SupportedIdentityProviders": ["Google"]}),
    ("InvalidParameterException", {"ClientSecret": "s" * 32}),
])
def test_what_a_client_says_of_oauth_is_checked(cluster, tenant, error, wrong):
    assert refused(boto(cluster, "cognito-idp").create_user_pool_client, UserPoolId=tenant.pool, ClientName="wrong", **wrong)[0] == error


def test_a_number_is_held_to_its_last_digit(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(PoolName="digits", Schema=[
        {"Name": "level", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MaxValue": "9007199254740992"}}])["UserPool"]["Id"]
    assert refused(
        identity.admin_create_user, UserPoolId=pool, Username="ada", MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "custom:level", "Value": "9007199254740993"}]) == (
        "InvalidParameterException", "Attributes did not conform to the schema: custom:level: Number must be no more than 9007199254740992.\n")


STORED = {
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
    "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 3,
        "InviteMessageTemplate": {"SMSMessage": "{username} {####}", "EmailMessage": "{username} {####}", "EmailSubject": "Welcome"}},
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
    "AutoVerifiedAttributes": ["email"],
    "UserPoolTags": {"team": "notes"},
    "UserPoolTier": "PLUS",
    "UserPoolAddOns": {"AdvancedSecurityMode": "OFF"},
    "EmailConfiguration": {
        "EmailSendingAccount": "DEVELOPER", "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/a@example.com", "From": "a@example.com"},
    "SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "x"},
    "VerificationMessageTemplate": {
        "DefaultEmailOption": "CONFIRM_WITH_LINK", "EmailMessageByLink": "{##Here##}", "EmailSubjectByLink": "Welcome"},
    "EmailVerificationMessage": "It is {####}", "EmailVerificationSubject": "Code", "SmsVerificationMessage": "It is {####}",
    "SmsAuthenticationMessage": "It is {####}",
}


def test_what_a_pool_has_no_effect_of_yet_is_stored_and_shown(cluster):
    identity = boto(cluster, "cognito-idp")
    made = identity.create_user_pool(PoolName="stored", **STORED)["UserPool"]
    updated = identity.create_user_pool(PoolName="updated")["UserPool"]
    assert "UsernameConfiguration" not in updated and "UserPoolAddOns" not in updated and "SignInPolicy" not in updated["Policies"]
    asked = {"UsernameConfiguration": {"CaseSensitive": True}, "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}}
    shown = identity.create_user_pool(PoolName="asked", **asked)["UserPool"]
    assert (shown["UsernameConfiguration"], shown["Policies"]["SignInPolicy"]) == (asked["UsernameConfiguration"], asked["Policies"]["SignInPolicy"])
    identity.update_user_pool(UserPoolId=updated["Id"], **STORED)
    for pool in (made, *(identity.describe_user_pool(UserPoolId=one["Id"])["UserPool"] for one in (made, updated))):
        assert {name: pool.get(name) for name in STORED} == STORED


def test_what_a_client_has_no_effect_of_yet_is_stored_and_shown(cluster, tenant):
    identity = boto(cluster, "cognito-idp")
    stored = {
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_TOKEN_EXCHANGE_DELEGATION", "ALLOW_TOKEN_EXCHANGE_IMPERSONATION"],
        "RefreshTokenRotation": {"Feature": "DISABLED", "RetryGracePeriodSeconds": 10}, "EnableTokenRevocation": False, "EnablePropagateAdditionalUserContextData": True, "CallbackURLs": ["https://app.test/in"],
        "DefaultRedirectURI": "https://app.test/in", "LogoutURLs": ["https://app.test/out"], "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email"], "AllowedOAuthFlowsUserPoolClient": True, "SupportedIdentityProviders": ["COGNITO"]}
    made = identity.create_user_pool_client(UserPoolId=tenant.pool, ClientName="stored", GenerateSecret=True, **stored)["UserPoolClient"]
    described = identity.describe_user_pool_client(UserPoolId=tenant.pool, ClientId=made["ClientId"])["UserPoolClient"]
    for client in made, described:
        assert {name: client.get(name) for name in stored} == stored


@pytest.mark.parametrize("named, wrong", [
    ("KeyConfiguration", {"KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"}}),
    ("IssuerConfiguration", {"IssuerConfiguration": {"Type": "ORIGINAL"}}),
    ("DcrConfiguration", {"DcrConfiguration": {"EnableStatus": "Enabled"}}),
    ("AcrConfiguration", {"AcrConfiguration": {"a": {"AcrValue": "b"}}}),
    ("DeviceConfiguration", {"DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True}}),
    ("AdvancedSecurityMode", {"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}}),
    ("MfaConfiguration ON", {"MfaConfiguration": "ON"}),
    ("MfaConfiguration OPTIONAL", {"MfaConfiguration": "OPTIONAL"}),
    ("LambdaConfig", {"LambdaConfig": {"PreSignUp": "arn:aws:lambda:us-east-1:000000000000:function:a"}}),
    ("AllowedFirstAuthFactors other than PASSWORD", {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}}),
    ("AttributeDataType DateTime", {"Schema": [{"Name": "born", "AttributeDataType": "DateTime"}]}),
    ("Mutable false of the standard attribute email", {"Schema": [{"Name": "email", "Mutable": False}]}),
    ("Required attribute email", {"Schema": [{"Name": "email", "Required": True}]}),
    ("A constraint of the standard attribute email", {"Schema": [{"Name": "email", "StringAttributeConstraints": {"MaxLength": "10"}}]}),
    ("AttributeDataType Number of the standard attribute email", {"Schema": [{"Name": "email", "AttributeDataType": "Number"}]}),
])
def test_what_a_pool_cannot_have_is_refused_by_name(cluster, named, wrong):
    assert refused(boto(cluster, "cognito-idp").create_user_pool, PoolName="refused", **wrong) == ("InvalidParameterException", f"{named} is not supported.")


def test_what_a_client_cannot_have_is_refused_by_name(cluster, tenant):
    create = boto(cluster, "cognito-idp").create_user_pool_client
    for named, wrong in (
        ("ClientSecret", {"ClientSecret": "s" * 32}),
        ("AnalyticsConfiguration", {"AnalyticsConfiguration": {"ApplicationId": "a"}}),
        ("Identity provider Google", {"SupportedIdentityProviders": ["COGNITO", "Google"]}),
        ("RefreshTokenRotation", {"RefreshTokenRotation": {"Feature": "ENABLED"}}),
    ):
        assert refused(create, UserPoolId=tenant.pool, ClientName="refused", **wrong) == ("InvalidParameterException", f"{named} is not supported.")
