"""The AWS CLI and boto3 against the gateway's address: the second seed's commands, and the errors they show people."""

import base64
import json

import botocore.exceptions
import pytest

import cluster as clusters
from clients import aws, boto, curl
from clients import tenant as make_tenant


def claims(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_the_second_seeds_commands(cluster):
    pool = aws(cluster, "cognito-idp", "create-user-pool", "--pool-name", "demo-auth-pool")["UserPool"]["Id"]
    assert pool.startswith(f"{cluster.region}_")
    client = aws(
        cluster, "cognito-idp", "create-user-pool-client", "--user-pool-id", pool, "--client-name", "demo-client",
        "--explicit-auth-flows", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")["UserPoolClient"]["ClientId"]
    made = aws(
        cluster, "cognito-idp", "admin-create-user", "--user-pool-id", pool, "--username", "demo@example.com",
        "--temporary-password", "TempPass1!", "--message-action", "SUPPRESS")
    assert made["User"]["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    aws(cluster, "cognito-idp", "admin-set-user-password", "--user-pool-id", pool, "--username", "demo@example.com",
        "--password", "DemoPass123!", "--permanent")
    token = aws(
        cluster, "cognito-idp", "initiate-auth", "--client-id", client, "--auth-flow", "USER_PASSWORD_AUTH",
        "--auth-parameters", "USERNAME=demo@example.com,PASSWORD=DemoPass123!", "--query", "AuthenticationResult.IdToken",
        "--output", "text")
    assert claims(token)["token_use"] == "id" and claims(token)["aud"] == client
    assert claims(token)["iss"] == f"{cluster.url}/{pool}"
    assert curl(f"{cluster.url}/dev/notes").json == {"message": "Unauthorized"}
    assert curl(f"{cluster.url}/dev/notes", "-H", f"Authorization: Bearer {token}").json == {"notes": [], "count": 0}


def test_who_am_i(cluster):
    identity = aws(cluster, "sts", "get-caller-identity")
    assert identity == {"UserId": cluster.account, "Account": cluster.account, "Arn": f"arn:aws:iam::{cluster.account}:root"}
    assert boto(cluster, "sts").get_caller_identity()["Arn"] == identity["Arn"]


def test_a_wrong_secret_is_told_as_aws_tells_it(cluster):
    done = aws(cluster, "sts", "get-caller-identity", environment={"AWS_SECRET_ACCESS_KEY": "x" * 40}, check=False)
    assert done.returncode != 0 and "SignatureDoesNotMatch" in done.stderr or "InvalidSignature" in done.stderr
    done = aws(cluster, "cognito-idp", "list-user-pools", "--max-results", "1",
               environment={"AWS_ACCESS_KEY_ID": "AKIAAAAAAAAAAAAAAAAA"}, check=False)
    assert done.returncode != 0 and ("UnrecognizedClient" in done.stderr or "InvalidClientTokenId" in done.stderr)


def test_a_cluster_of_another_region_takes_commands_for_that_region_alone(folder):
    running = clusters.start(folder, "--region", "us-west-2")
    try:
        pool = aws(running, "cognito-idp", "create-user-pool", "--pool-name", "mine", "--region", "us-west-2")["UserPool"]
        assert pool["Id"].startswith("us-west-2_") and pool["Arn"].startswith("arn:aws:cognito-idp:us-west-2:")
        for command in (("sts", "get-caller-identity"), ("cognito-idp", "describe-user-pool", "--user-pool-id", pool["Id"])):
            refused = aws(running, *command, "--region", "us-east-1", check=False)
            assert refused.returncode != 0 and ("SignatureDoesNotMatch" in refused.stderr or "InvalidSignature" in refused.stderr), refused
    finally:
        assert running.interrupt() == 0


def test_iam_users_keys_and_policies_take_effect(cluster, tenant):
    iam = boto(cluster, "iam")
    name = f"operator-{tenant.client[:8]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    credentials = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    assert boto(cluster, "sts", **credentials).get_caller_identity()["Arn"].endswith(f":user/{name}")

    operator = boto(cluster, "cognito-idp", **credentials)
    with pytest.raises(operator.exceptions.ClientError) as refused:
        operator.admin_create_user(UserPoolId=tenant.pool, Username="by-operator", MessageAction="SUPPRESS")
    assert refused.value.response["Error"]["Code"] in ("AccessDeniedException", "NotAuthorizedException")

    document = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "cognito-idp:AdminCreateUser",
        "Resource": f"arn:aws:cognito-idp:{cluster.region}:{cluster.account}:userpool/{tenant.pool}"}]}
    iam.put_user_policy(UserName=name, PolicyName="create", PolicyDocument=json.dumps(document))
    operator.admin_create_user(UserPoolId=tenant.pool, Username="by-operator", MessageAction="SUPPRESS")


def test_a_policy_with_a_condition_is_refused_not_ignored(cluster, tenant):
    iam = boto(cluster, "iam")
    name = f"conditional-{tenant.client[:8]}"
    iam.create_user(UserName=name)
    document = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]}
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        iam.put_user_policy(UserName=name, PolicyName="conditional", PolicyDocument=json.dumps(document))
    assert refused.value.response["Error"]["Code"] == "MalformedPolicyDocument"


def test_sign_in_errors_are_boto3_exceptions(cluster, tenant):
    identity = boto(cluster, "cognito-idp")
    user = tenant.users[0]

    def sign_in(username, password, client=tenant.client):
        return identity.initiate_auth(
            ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": username, "PASSWORD": password})

    with pytest.raises(identity.exceptions.NotAuthorizedException, match="Incorrect username or password."):
        sign_in(user.username, "Wrong-password-1!")
    with pytest.raises(identity.exceptions.ResourceNotFoundException):
        sign_in(user.username, user.password, client="a" * 26)
    with pytest.raises(identity.exceptions.UsernameExistsException):
        identity.admin_create_user(UserPoolId=tenant.pool, Username=user.username, MessageAction="SUPPRESS")
    with pytest.raises(identity.exceptions.InvalidPasswordException):
        identity.admin_set_user_password(UserPoolId=tenant.pool, Username=user.username, Password="short", Permanent=True)
    with pytest.raises(identity.exceptions.ResourceNotFoundException):
        identity.describe_user_pool(UserPoolId=f"{cluster.region}_AAAAAAAAA")


def test_refreshing_and_reading_oneself(cluster, tenant):
    identity = boto(cluster, "cognito-idp")
    user = tenant.users[0]
    tokens = tenant.tokens(user)
    fresh = identity.initiate_auth(
        ClientId=tenant.client, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )["AuthenticationResult"]
    assert "RefreshToken" not in fresh
    assert claims(fresh["IdToken"])["auth_time"] == claims(tokens["IdToken"])["auth_time"]
    assert claims(fresh["IdToken"])["jti"] != claims(tokens["IdToken"])["jti"]
    me = identity.get_user(AccessToken=fresh["AccessToken"])
    assert me["Username"] == user.username
    with pytest.raises(identity.exceptions.NotAuthorizedException):
        identity.get_user(AccessToken=fresh["IdToken"])


def test_a_client_with_a_secret_asks_for_its_hash(cluster, tenant):
    identity = boto(cluster, "cognito-idp")
    client = identity.create_user_pool_client(
        UserPoolId=tenant.pool, ClientName="server", GenerateSecret=True, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]
    parameters = {"USERNAME": tenant.users[0].username, "PASSWORD": tenant.users[0].password}
    with pytest.raises(identity.exceptions.NotAuthorizedException, match="SECRET_HASH was not received"):
        identity.initiate_auth(ClientId=client["ClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
    import hashlib
    import hmac
    digest = hmac.new(client["ClientSecret"].encode(), (parameters["USERNAME"] + client["ClientId"]).encode(), hashlib.sha256).digest()
    answer = identity.initiate_auth(
        ClientId=client["ClientId"], AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={**parameters, "SECRET_HASH": base64.b64encode(digest).decode()})
    assert answer["AuthenticationResult"]["TokenType"] == "Bearer"


def test_what_was_made_is_listed_and_described(cluster):
    tenant = make_tenant(cluster)
    identity = boto(cluster, "cognito-idp")
    pools = [pool["Id"] for page in identity.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 5}) for pool in page["UserPools"]]
    assert tenant.pool in pools and len(pools) == len(set(pools))
    assert identity.describe_user_pool(UserPoolId=tenant.pool)["UserPool"]["Id"] == tenant.pool
    clients = identity.list_user_pool_clients(UserPoolId=tenant.pool)["UserPoolClients"]
    assert [client["ClientId"] for client in clients] == [tenant.client]
    users = {user["Username"] for user in identity.list_users(UserPoolId=tenant.pool)["Users"]}
    assert users == {user.username for user in tenant.users}


def test_discovery_and_keys_verify_a_token(cluster, tenant):
    import jwt
    document = curl(f"{cluster.url}/{tenant.pool}/.well-known/openid-configuration").json
    assert document["issuer"] == f"{cluster.url}/{tenant.pool}"
    keys = jwt.PyJWKSet.from_dict(curl(document["jwks_uri"]).json)
    tokens = tenant.tokens(tenant.users[0])
    for name, use in (("IdToken", "id"), ("AccessToken", "access")):
        kid = jwt.get_unverified_header(tokens[name])["kid"]
        verified = jwt.decode(
            tokens[name], keys[kid].key, algorithms=["RS256"], issuer=document["issuer"],
            audience=tenant.client if use == "id" else None, options={"verify_aud": use == "id"})
        assert verified["token_use"] == use and verified["sub"] == tenant.users[0].sub
    assert jwt.get_unverified_header(tokens["IdToken"])["kid"] != jwt.get_unverified_header(tokens["AccessToken"])["kid"]
    # What managed login and OAuth 2.0 would have is not there, and nothing says that it were.
    assert not [name for name in document if name.endswith("_endpoint")]
    for path in ("/login", "/signup", "/oauth2/authorize", "/oauth2/token", "/oauth2/revoke", "/oauth2/userInfo", "/logout"):
        answer = curl(f"{cluster.url}{path}", "-d", f"grant_type=authorization_code&client_id={tenant.client}&code=x")
        assert (answer.status, answer.json) == (403, {"message": "Missing Authentication Token"}), path
