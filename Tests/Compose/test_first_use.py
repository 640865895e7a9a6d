"""The first use, through the published port, by clients that know nothing but the address."""

import subprocess

import pytest

import clients
import walkthrough
from clients import aws, boto, eventually


def test_the_walk_through_with_curl(stack):
    walk = walkthrough.Walk(stack.ready)
    walk.run()
    assert not walk.failed


@pytest.mark.parametrize("flag,version", [("--http1.1", "1.1"), ("--http2", "2")])
def test_both_versions_of_http_by_a_trusted_certificate(stack, flag, version):
    done = subprocess.run(
        ["curl", "-sS", flag, "-o", "/dev/null", "-w", "%{http_version} %{http_code} %{ssl_verify_result}", f"{stack.url}/dev/notes"],
        capture_output=True, text=True)
    assert done.stdout == f"{version} 401 0", done


def test_the_aws_cli(stack):
    assert aws(stack, "sts", "get-caller-identity")["Arn"] == f"arn:aws:iam::{stack.account}:root"
    pool = aws(stack, "cognito-idp", "create-user-pool", "--pool-name", "cli")["UserPool"]["Id"]
    assert pool in [entry["Id"] for entry in aws(stack, "cognito-idp", "list-user-pools", "--max-results", "60")["UserPools"]]


def test_boto3_and_an_event_that_went_through_kafka(stack, tenant):
    token = tenant.tokens(tenant.users[0])["IdToken"]
    notes = clients.Notes(stack.url, token)
    made = notes.create("by boto3", "and curl")
    assert made.status == 201
    assert eventually(lambda: [event for event in notes.events() if event.get("noteId") == made.json["noteId"]], 20)
    assert boto(stack, "cognito-idp").describe_user_pool(UserPoolId=tenant.pool)["UserPool"]["Id"] == tenant.pool
