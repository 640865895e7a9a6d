"""The first use, through the published port, by clients that know nothing but the address."""

import clients
import walkthrough
from clients import aws, boto, eventually


def test_the_walk_through_with_curl(stack):
    walk = walkthrough.Walk(stack.ready)
    walk.run()
    assert not walk.failed


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
