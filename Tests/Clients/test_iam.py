"""IAM and STS by boto3: every action the authorizer has, the errors it gives for the rest, and how soon a change takes effect."""

import io
import json
import pathlib
import socket
import subprocess
import time
import uuid

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import jwt
import pycurl
import pytest
import requests
from aws_requests_auth.aws_auth import AWSRequestsAuth

import clients
from clients import Notes, boto, curl, eventually, presigned, tool

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "cognito-idp.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
TRUST_IN_OTHERS = TRUST.replace("cognito-idp", "ec2").replace("Allow", "Deny")


def policy(action: str, resource: str = "*", effect: str = "Allow") -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": resource}]})


def fresh(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex[:8]}"


def refused(call, **parameters) -> tuple[str, int]:
    """The code and status of the error that the call gives."""
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**parameters)
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_the_life_of_a_role(cluster):
    iam = boto(cluster, "iam")
    name = fresh("role")
    made = iam.create_role(RoleName=name, Path="/team/", AssumeRolePolicyDocument=TRUST, Description="a <b> & c")["Role"]
    assert made["Arn"] == f"arn:aws:iam::{cluster.account}:role/team/{name}"
    assert made["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert iam.get_role(RoleName=name)["Role"] == made
    assert name in [role["RoleName"] for role in iam.list_roles(PathPrefix="/team/")["Roles"]]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy("execute-api:Invoke"))
    assert iam.get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"] == json.loads(policy("execute-api:Invoke"))
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["p"]
    assert refused(iam.delete_role, RoleName=name) == ("DeleteConflict", 409)
    iam.delete_role_policy(RoleName=name, PolicyName="p")
    iam.delete_role(RoleName=name)
    assert refused(iam.get_role, RoleName=name) == ("NoSuchEntity", 404)


def test_lists_come_in_pages_that_boto3_follows(cluster):
    iam = boto(cluster, "iam")
    names = sorted(fresh("page") for _ in range(5))
    for name in names:
        iam.create_user(UserName=name, Path="/pages/")
    pages = list(iam.get_paginator("list_users").paginate(PathPrefix="/pages/", PaginationConfig={"PageSize": 2}))
    assert [user["UserName"] for page in pages for user in page["Users"]] == names
    assert len(pages) == 3


def test_access_keys(cluster):
    iam = boto(cluster, "iam")
    name = fresh("user")
    iam.create_user(UserName=name)
    keys = [iam.create_access_key(UserName=name)["AccessKey"] for _ in range(2)]
    assert refused(iam.create_access_key, UserName=name) == ("LimitExceeded", 409)
    listed = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    assert sorted(key["AccessKeyId"] for key in listed) == sorted(key["AccessKeyId"] for key in keys)
    first = {"aws_access_key_id": keys[0]["AccessKeyId"], "aws_secret_access_key": keys[0]["SecretAccessKey"]}
    assert boto(cluster, "sts", **first).get_caller_identity()["Arn"].endswith(f"user/{name}")
    iam.update_access_key(UserName=name, AccessKeyId=keys[0]["AccessKeyId"], Status="Inactive")

    def is_out():
        try:
            boto(cluster, "sts", **first).get_caller_identity()
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
        return None
    assert eventually(is_out, seconds=1) == "InvalidClientTokenId"
    assert refused(iam.delete_user, UserName=name) == ("DeleteConflict", 409)
    for key in keys:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)
    assert refused(iam.get_user, UserName=name) == ("NoSuchEntity", 404)


def test_what_can_never_match_or_be_shown_is_refused(cluster):
    iam = boto(cluster, "iam")
    # Root is no user; of its keys another tool takes care.
    for call, more in ((iam.create_access_key, {}), (iam.list_access_keys, {}), (iam.delete_access_key, {"AccessKeyId": "A" * 16})):
        assert refused(call, **more) == ("ValidationError", 400)
    assert refused(iam.list_users, PathPrefix="ops") == ("ValidationError", 400)
    assert refused(iam.create_role, RoleName=fresh("role"), AssumeRolePolicyDocument=TRUST, Description="a\x01b") == ("ValidationError", 400)
    assert signed(cluster, "iam", "GET", "?Action=ListUsers&Marker=&Version=2010-05-08").status == 400


def test_every_call_needs_its_callers_own_permission(cluster):
    iam = boto(cluster, "iam")
    name = fresh("user")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    own = boto(cluster, "iam", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    assert refused(own.list_users) == ("AccessDenied", 403)
    assert refused(own.put_user_policy, UserName=name, PolicyName="all", PolicyDocument=policy("*")) == ("AccessDenied", 403)
    iam.put_user_policy(UserName=name, PolicyName="self", PolicyDocument=policy("iam:Get*", arn))
    assert own.get_user()["User"]["UserName"] == name
    assert refused(own.list_users) == ("AccessDenied", 403)
    assert refused(own.get_role, RoleName="strongroom-user") == ("AccessDenied", 403)


def test_the_root_principal_is_as_old_as_the_account(cluster):
    iam = boto(cluster, "iam")
    root = iam.get_user()["User"]
    assert root["Arn"].endswith(":root") and root["CreateDate"] == iam.get_role(RoleName="strongroom-user")["Role"]["CreateDate"]


def statement(resource: str = "*", more: str = "") -> str:
    return f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"{resource}"{more}}}]}}'


@pytest.mark.parametrize("document,said", [
    (statement(more=',"Condition":{}'), "Condition"),
    (statement(more=',"Condition":{"StringEquals":{"aws:username":"ada"}}'), "Condition"),
    (statement("arn:aws:s3:::${aws:username}"), "Policy variables are not supported by this service: arn:aws:s3:::${aws:username}"),
    (statement(more=',"Principal":"*"'), ""),
    (statement(more=',"Effect":"Deny"'), ""),
    ("not JSON", ""),
])
def test_a_policy_that_cannot_be_kept_to_is_refused(cluster, document, said):
    iam = boto(cluster, "iam")
    for call, owner in ((iam.put_role_policy, {"RoleName": "strongroom-user"}), (iam.put_user_policy, {"UserName": "nobody"})):
        with pytest.raises(botocore.exceptions.ClientError) as error:
            call(**owner, PolicyName="x", PolicyDocument=document)
        assert error.value.response["Error"]["Code"] == "MalformedPolicyDocument" and said in error.value.response["Error"]["Message"]
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_what_is_not_implemented_is_refused_by_name(cluster):
    iam = boto(cluster, "iam")
    with pytest.raises(botocore.exceptions.ClientError) as error:
        iam.attach_role_policy(RoleName="strongroom-user", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    assert error.value.response["Error"] == {
        "Type": "Sender", "Code": "InvalidAction", "Message": "Could not find operation AttachRolePolicy for version 2010-05-08"}
    assert refused(
        iam.create_user, UserName=fresh("user"), PermissionsBoundary="arn:aws:iam::aws:policy/PowerUserAccess") == ("InvalidParameterValue", 400)


@pytest.mark.parametrize(("service", "call", "parameters"), [
    ("iam", "create_policy", {"PolicyName": "p", "PolicyDocument": policy("*")}),
    ("iam", "attach_user_policy", {"UserName": "ada", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
    ("iam", "list_attached_role_policies", {"RoleName": "strongroom-user"}),
    ("iam", "update_role", {"RoleName": "strongroom-user", "Description": "changed"}),
    ("iam", "update_assume_role_policy", {"RoleName": "strongroom-user", "PolicyDocument": policy("*")}),
    ("iam", "tag_role", {"RoleName": "strongroom-user", "Tags": [{"Key": "k", "Value": "v"}]}),
    ("iam", "put_user_permissions_boundary", {"UserName": "ada", "PermissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess"}),
    ("sts", "assume_role", {"RoleArn": "arn:aws:iam::000000000000:role/strongroom-user", "RoleSessionName": "ada"}),
    ("sts", "get_session_token", {}),
    ("sts", "get_federation_token", {"Name": "ada"}),
])
def test_managed_policies_tags_and_sessions_are_no_actions(cluster, service, call, parameters):
    client = boto(cluster, service)
    with pytest.raises(botocore.exceptions.ClientError) as error:
        getattr(client, call)(**parameters)
    name = client.meta.method_to_api_mapping[call]
    assert error.value.response["Error"]["Code"] == "InvalidAction"
    assert error.value.response["Error"]["Message"] == f"Could not find operation {name} for version {client.meta.service_model.api_version}"


@pytest.mark.parametrize(("call", "parameters"), [
    ("assume_role_with_web_identity", {"WebIdentityToken": "a.b.c"}),
    ("assume_role_with_saml", {"PrincipalArn": "arn:aws:iam::000000000000:saml-provider/p", "SAMLAssertion": "PHNhbWw+"}),
])
def test_sessions_that_are_asked_for_without_a_signature_are_told_that_it_is_missing(cluster, call, parameters):
    """What proves who asks is in their parameters, so no client signs them, and of what isn't signed nobody reads the action."""
    sts = boto(cluster, "sts")
    more = {"RoleSessionName": "ada"} if "web" in call else {}
    assert refused(getattr(sts, call), RoleArn="arn:aws:iam::000000000000:role/strongroom-user", **more, **parameters) == ("MissingAuthenticationToken", 403)


@pytest.mark.parametrize(("bytes_of_policy", "code", "status"), [(20_000, "LimitExceeded", 409), (100_000, "RequestEntityTooLarge", 413)])
def test_what_is_too_large_is_refused_in_xml(cluster, bytes_of_policy, code, status):
    document = policy("execute-api:Invoke", "x" * bytes_of_policy)
    assert refused(boto(cluster, "iam").put_role_policy, RoleName="strongroom-user", PolicyName="x", PolicyDocument=document) == (code, status)


def test_a_changed_policy_of_every_user_takes_effect_within_a_second(cluster, tenant):
    iam = boto(cluster, "iam")
    notes = Notes(cluster.url, tenant.tokens(tenant.users[0])["IdToken"])
    assert notes.list().status == 200
    iam.put_role_policy(
        RoleName="strongroom-user", PolicyName="fence", PolicyDocument=policy(
            "execute-api:Invoke", f"arn:aws:execute-api:{cluster.region}:{cluster.account}:strongroom/*/DELETE/notes/fenced", effect="Deny"))
    try:
        denied = eventually(lambda: (answer := notes.delete("fenced")).status == 403 and answer, seconds=1)
        assert denied and denied.json == {
            "Message": "User is not authorized to access this resource with an explicit deny in an identity-based policy"}
        assert notes.list().status == 200
    finally:
        iam.delete_role_policy(RoleName="strongroom-user", PolicyName="fence")
    assert eventually(lambda: notes.delete("fenced").status != 403, seconds=1)


@pytest.mark.parametrize("document, statement", [
    ({"Version": "2020-01-01"}, {}), ({"Foo": 1}, {}), ({"Statement": []}, {}), ({"Statement": ["x"]}, {}),
    ({}, {"Foo": 1}), ({}, {"Sid": "a b"}), ({}, {"NotPrincipal": "*"}), ({}, {"Principal": {"Foo": "x"}}), ({}, {"Principal": {"AWS": []}}),
    ({}, {"Principal": "x"}), ({}, {"Action": [5]}), ({}, {"Action": []}), ({}, {"NotAction": "sts:*"}), ({}, {"Effect": "allow"}),
    ({}, {"Condition": []}), ({}, {"Resource": "*"}),
])
def test_a_trust_policy_has_the_grammar_of_one(cluster, document, statement):
    whole = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    text = json.dumps({"Version": "2012-10-17", "Statement": {**whole, **statement}, **document})
    assert refused(boto(cluster, "iam").create_role, RoleName=fresh("role"), AssumeRolePolicyDocument=text) == ("MalformedPolicyDocument", 400)


def test_a_trust_policy_is_measured_without_its_white_space(cluster):
    iam = boto(cluster, "iam")
    iam.create_role(RoleName=fresh("role"), AssumeRolePolicyDocument=TRUST + " " * 9000)
    long = TRUST.replace("sts:AssumeRole", "sts:" + "x" * 9000)
    assert refused(iam.create_role, RoleName=fresh("role"), AssumeRolePolicyDocument=long) == ("LimitExceeded", 409)


@pytest.mark.parametrize("trust", [TRUST, TRUST_IN_OTHERS], ids=["trusted", "nobody is trusted"])
def test_a_groups_role_holds_for_its_members_and_for_nobody_else(cluster, tenant, trust):
    """Whoever it says may assume it: a trust policy is kept and shown, and not evaluated."""
    iam, identity = boto(cluster, "iam"), boto(cluster, "cognito-idp")
    name = fresh("readers")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(
        "execute-api:Invoke", f"arn:aws:execute-api:{cluster.region}:{cluster.account}:strongroom/*/POST/notes", effect="Deny"))
    member, other = tenant.users
    identity.create_group(UserPoolId=tenant.pool, GroupName="readers", RoleArn=role)
    identity.admin_add_user_to_group(UserPoolId=tenant.pool, GroupName="readers", Username=member.username)
    try:
        tokens = tenant.tokens(member)
        reader = Notes(cluster.url, tokens["IdToken"])
        assert reader.create("refused", "").status == 403 and reader.list().status == 200
        for token in ("IdToken", "AccessToken"):
            assert jwt.decode(tokens[token], options={"verify_signature": False})["cognito:roles"] == [role]
        assert Notes(cluster.url, tenant.tokens(other)["IdToken"]).create("written", "").status == 201
    finally:
        identity.delete_group(UserPoolId=tenant.pool, GroupName="readers")
        iam.delete_role_policy(RoleName=name, PolicyName="p")
        iam.delete_role(RoleName=name)


def test_who_has_more_roles_than_are_evaluated_for_one_is_denied_everything_and_nobody_else_is(cluster, tenant):
    """Six policies as large as may be, of patterns that nearly fit everywhere; the gateway holds each request's path against all of them."""
    iam, identity = boto(cluster, "iam"), boto(cluster, "cognito-idp")
    pattern = "arn:aws:execute-api:*:*:strongroom/*" + "a" * 468 + "b*"
    document = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": [pattern + str(n % 10) for n in range(19)]}]}, separators=(",", ":"))
    member, other = tenant.users
    roles = [fresh("large") for _ in range(6)]
    try:
        statuses = []
        for role in roles:
            arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
            iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=document)
            identity.create_group(UserPoolId=tenant.pool, GroupName=role, RoleArn=arn)
            identity.admin_add_user_to_group(UserPoolId=tenant.pool, GroupName=role, Username=member.username)
            statuses.append(Notes(cluster.url, tenant.tokens(member)["IdToken"]).call("GET", "/notes/" + "a" * 1400).status)
        assert statuses == [404] * 4 + [403] * 2
        assert Notes(cluster.url, tenant.tokens(other)["IdToken"]).list().status == 200
    finally:
        for role in roles:
            identity.delete_group(UserPoolId=tenant.pool, GroupName=role)
            iam.delete_role_policy(RoleName=role, PolicyName="p")
            iam.delete_role(RoleName=role)


def signed(cluster, service: str, method: str, query: str = "", body: str = "", accept: str = "*/*"):
    """By botocore's signer, for `service`, whatever is asked."""
    request = botocore.awsrequest.AWSRequest(
        method, f"{cluster.url}/{query}", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"} if body else {})
    keys = botocore.credentials.Credentials(cluster.ready["rootAccessKeyId"], cluster.ready["rootSecretAccessKey"])
    botocore.auth.SigV4Auth(keys, service, cluster.region).add_auth(request)
    fields = [part for name, value in request.headers.items() for part in ("-H", f"{name}: {value}")]
    return curl(request.url, "-X", method, "-H", f"Accept: {accept}", *fields, *(("--data-binary", body) if body else ()))


def test_a_signature_for_one_api_is_none_for_the_other(cluster):
    list_users, own_name = "Action=ListUsers&Version=2010-05-08", "Action=GetCallerIdentity&Version=2011-06-15"
    for call in (lambda service, form: signed(cluster, service, "POST", body=form), lambda service, form: signed(cluster, service, "GET", f"?{form}")):
        assert call("iam", list_users).status == 200 and call("sts", own_name).status == 200
        for service, form, right in (("sts", list_users, "iam"), ("iam", own_name, "sts")):
            refused = call(service, form)
            assert refused.status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in refused.body, refused
            assert f"scoped to correct service: &apos;{right}&apos;" in refused.body.decode().replace("'", "&apos;"), refused


def test_parameters_may_be_in_the_url_and_only_there(cluster):
    answer = signed(cluster, "iam", "GET", "?Action=ListUsers&MaxItems=1&Version=2010-05-08")
    assert answer.status == 200 and b"<ListUsersResult>" in answer.body
    both = signed(cluster, "iam", "POST", "?Action=ListUsers&Version=2010-05-08", "MaxItems=1")
    assert both.status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in both.body


def test_a_hash_of_the_body_may_be_announced_unsigned_if_it_is_the_bodys(cluster):
    """As aws-requests-auth sends it: what it announces is compared with the body, whose hash is signed."""
    signer = AWSRequestsAuth(
        aws_access_key=cluster.ready["rootAccessKeyId"], aws_secret_access_key=cluster.ready["rootSecretAccessKey"],
        aws_host=cluster.url.partition("//")[2], aws_region="us-east-1", aws_service="sts")
    form = "Action=GetCallerIdentity&Version=2011-06-15"
    assert requests.get(f"{cluster.url}/?{form}", auth=signer, timeout=30).status_code == 200
    prepared = requests.Request("POST", f"{cluster.url}/", data=form, auth=signer).prepare()
    assert "x-amz-content-sha256" not in prepared.headers["Authorization"]
    with requests.Session() as session:
        assert session.send(prepared, timeout=30).status_code == 200
        prepared.headers["x-amz-content-sha256"] = "0" * 64
        refused = session.send(prepared, timeout=30)
    assert refused.status_code == 403 and "SignatureDoesNotMatch" in refused.text, refused.text


@pytest.mark.parametrize("prefix", ["/team/", "%2fteam%2f", "/te~m(a)/", "/%74eam/"])
def test_a_query_may_be_signed_in_awss_own_form_however_it_is_sent(cluster, prefix):
    """As libcurl signs it, which PyPI's pycurl brings along; botocore signs what it sends."""
    assert "/8." in pycurl.version.split()[1], pycurl.version
    for signed, sent in ((prefix, prefix), (prefix, "/other/")):
        answer = io.BytesIO()
        client = pycurl.Curl()
        target = f"{cluster.url}/?Action=ListRoles&Version=2010-05-08&PathPrefix="
        client.setopt(pycurl.URL, target + signed)
        if sent != signed:
            client.setopt(pycurl.REQUEST_TARGET, (target + sent).removeprefix(cluster.url))
        client.setopt(pycurl.AWS_SIGV4, f"aws:amz:{cluster.region}:iam")
        client.setopt(pycurl.USERPWD, f"{cluster.ready['rootAccessKeyId']}:{cluster.ready['rootSecretAccessKey']}")
        client.setopt(pycurl.WRITEFUNCTION, answer.write)
        client.perform()
        assert client.getinfo(pycurl.RESPONSE_CODE) == (200 if sent == signed else 403), answer.getvalue()


def test_a_presigned_url_says_who_signed_it(cluster):
    """As HashiCorp Vault and aws-iam-authenticator use it: whoever is handed the URL learns from STS who made it."""
    sts = boto(cluster, "sts")
    own = sts.get_caller_identity()["Arn"]
    for method in ("GET", "POST"):
        url = sts.generate_presigned_url("get_caller_identity", HttpMethod=method, ExpiresIn=60)
        answer = curl(url, "-X", method)
        assert answer.status == 200 and f"<Arn>{own}</Arn>" in answer.body.decode(), answer
        assert answer.headers["content-type"].startswith("text/xml")
        # For this action alone, and only as it was signed.
        other = curl(url.replace("GetCallerIdentity", "ListUsers"), "-X", method)
        assert other.status == 403 and "<Code>SignatureDoesNotMatch</Code>" in other.body.decode(), other
        added = curl(url, "-X", method, "--data", "Action=ListUsers&Version=2010-05-08")
        assert added.status == 403 and "<Code>SignatureDoesNotMatch</Code>" in added.body.decode(), added
    # Good for a quarter of an hour, whatever it says (EKS's says a minute), or if it says nothing, as of the SDK for Go.
    key, secret = cluster.ready["rootAccessKeyId"], cluster.ready["rootSecretAccessKey"]
    address = f"{cluster.url}/?Action=GetCallerIdentity&Version=2011-06-15"
    for seconds in (60, 0):
        assert curl(presigned(address, "sts", key, secret, seconds=seconds, age=890)).status == 200
        late = curl(presigned(address, "sts", key, secret, seconds=seconds, age=910))
        assert late.status == 403 and "Signature expired" in late.body.decode(), late
    # What is no such proof is good for as long as it says.
    listing = f"{cluster.url}/?Action=ListUsers&Version=2010-05-08"
    for seconds, age, status in ((60, 50, 200), (60, 70, 403), (3_600, 890, 200), (3_600, 910, 403)):
        assert curl(presigned(listing, "iam", key, secret, seconds=seconds, age=age)).status == status, (seconds, age)
    # aws-iam-authenticator reads JSON, and nothing else.
    asked = json.loads(curl(url, "-X", method, "-H", "Accept: application/json").body)["GetCallerIdentityResponse"]
    assert asked["GetCallerIdentityResult"] == {key: value for key, value in sts.get_caller_identity().items() if key != "ResponseMetadata"}
    assert asked["ResponseMetadata"]["RequestId"]
    for changed, code in ((url.replace("GetCallerIdentity", "ListUsers"), "SignatureDoesNotMatch"), (url.replace("2011-06-15", "1999-01-01"), "SignatureDoesNotMatch")):
        no = curl(changed, "-X", method, "-H", "Accept: application/json")
        assert no.status == 403 and no.headers["content-type"] == "application/json" and json.loads(no.body)["Error"]["Code"] == code, no
    # So are those that the authorizer makes.
    for form, code in (("Action=Nothing&Version=2011-06-15", "InvalidAction"), ("Version=2011-06-15", "MissingAction")):
        unknown = signed(cluster, "sts", "POST", body=form, accept="application/json, text/plain")
        assert unknown.status == 400 and json.loads(unknown.body)["Error"]["Code"] == code, unknown
    # XML to whoever asks for something else first, or for JSON in some way only.
    for accept in ("text/xml, application/json", "application/json-seq", "application/json;q=0, text/xml"):
        assert signed(cluster, "sts", "POST", body="Action=GetCallerIdentity&Version=2011-06-15", accept=accept).headers["content-type"] == "text/xml"
    # What can't be read is refused as STS refuses it.
    broken = curl(url.replace("X-Amz-Expires=60", "X-Amz-Expires=0"), "-X", "POST")
    assert broken.status == 403 and "<Code>IncompleteSignature</Code>" in broken.body.decode(), broken


def test_a_body_that_comes_slowly_is_let_in_by_what_holds_when_it_is_there(cluster, tenant):
    iam = boto(cluster, "iam")
    notes = Notes(cluster.url, tenant.tokens(tenant.users[0])["IdToken"])
    host, _, port = cluster.url.partition("//")[2].partition(":")
    body = json.dumps({"title": "late", "content": "x" * 10_000}).encode()
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        fields = (f"Authorization: {notes.token}", f"Content-Length: {len(body)}", "Expect: 100-continue")
        connection.sendall("\r\n".join(("POST /dev/notes HTTP/1.1", "Host: x", *fields, "", "")).encode())
        # It asks for the body of those only whom it lets in.
        assert connection.recv(4_096).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body[:5_000])
        iam.put_role_policy(RoleName="strongroom-user", PolicyName="closed", PolicyDocument=policy("execute-api:Invoke", effect="Deny"))
        try:
            begun = time.monotonic()
            assert eventually(lambda: notes.list().status == 403)
            # What was decided within a second of the body's end may still hold.
            time.sleep(max(0, 1.1 - (time.monotonic() - begun)))
            connection.sendall(body[5_000:])
            assert connection.recv(4_096).startswith(b"HTTP/1.1 403 ")
        finally:
            iam.delete_role_policy(RoleName="strongroom-user", PolicyName="closed")
    assert eventually(lambda: notes.list().status == 200)
    assert "late" not in [note["title"] for note in notes.list().json["notes"]]


def test_an_api_call_whose_body_comes_slowly_needs_a_key_that_still_is(cluster):
    """Whoever has a leaked key would keep a call open, and make a key of their own when the leaked one is deleted."""
    iam = boto(cluster, "iam")
    name, made = fresh("user"), fresh("made")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=policy("iam:CreateUser"))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    body = f"Action=CreateUser&UserName={made}&Version=2010-05-08".encode()
    fields = clients.signed(
        f"{cluster.url}/", "iam", key["AccessKeyId"], key["SecretAccessKey"], method="POST", body=body, region=cluster.region,
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
    address = cluster.url.partition("//")[2]
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = [f"{name}: {value}" for name, value in fields.items()]
        connection.sendall("\r\n".join(("POST / HTTP/1.1", f"Host: {address}", *head, f"Content-Length: {len(body)}", "Expect: 100-continue", "", "")).encode())
        assert connection.recv(4_096).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body[:10])
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        time.sleep(1.1)
        connection.sendall(body[10:])
        answer = connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 403 ") and b"<Code>InvalidClientTokenId</Code>" in answer, answer
    assert refused(iam.get_user, UserName=made) == ("NoSuchEntity", 404)


def test_a_slow_request_is_noted_once(cluster, tenant):
    notes = Notes(cluster.url, tenant.tokens(tenant.users[0])["IdToken"])
    trace = uuid.uuid4().hex
    slowly = subprocess.Popen(
        [tool("curl"), "-sS", "-H", f"Authorization: {notes.token}", "-H", f"traceparent: 00-{trace}-00f067aa0ba902b7-01", "-H", "Expect:",
         "-T", "-", "-X", "POST", f"{cluster.url}/dev/notes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with slowly:
        slowly.stdin.write(b'{"title": ')
        slowly.stdin.flush()
        time.sleep(1.2)
        assert json.loads(slowly.communicate(b'"slow"}', timeout=20)[0])["title"] == "slow"

    def line() -> list[tuple[str, object]]:
        for text in pathlib.Path(cluster.ready["log"]).read_text().split("\n")[:-1]:
            members = json.loads(text, object_pairs_hook=list)
            if trace in text and ("service", "gateway") in members:
                return members
        return []

    members = eventually(line)
    assert len({name for name, _ in members}) == len(members) and ("user", tenant.users[0].sub) in members, members
