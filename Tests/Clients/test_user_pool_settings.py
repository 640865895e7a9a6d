"""What the service model lets a request say, and what becomes of it."""

import pytest

from clients import boto
from test_user_pools import refused


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


def test_a_number_is_held_to_its_last_digit(cluster):
    identity = boto(cluster, "cognito-idp")
    pool = identity.create_user_pool(PoolName="digits", Schema=[
        {"Name": "level", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MaxValue": "9007199254740992"}}])["UserPool"]["Id"]
    assert refused(
        identity.admin_create_user, UserPoolId=pool, Username="ada", MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "custom:level", "Value": "9007199254740993"}]) == (
        "InvalidParameterException", "Attributes did not conform to the schema: custom:level: Number must be no more than 9007199254740992.\n")
