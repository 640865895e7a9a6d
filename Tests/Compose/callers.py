"""One of each kind of call, by clients that have been there before and by one that has not."""

from __future__ import annotations

import dataclasses
import json

import clients


@dataclasses.dataclass
class Callers:
    """`tenant` has been seen by every service and cache; each of `strangers` by identity alone, and is used up by one call."""

    stack: object
    tenant: clients.Tenant
    tokens: dict[str, str]
    strangers: list[tuple[clients.Tenant, str]]

    @classmethod
    def prepare(cls, stack, strangers: int) -> "Callers":
        tenant = clients.tenant(stack, users=1)
        tokens = tenant.tokens(tenant.users[0])
        notes = clients.Notes(stack.url, tokens["IdToken"])
        assert notes.create("before", "anything").status == 201 and notes.list().status == 200
        assert notes.call("GET", "/audit/events").status == 200 and notes.call("GET", "/audit/completeness").status == 200
        new = [clients.tenant(stack, users=1) for _ in range(strangers)]
        return cls(stack, tenant, tokens, [(one, one.tokens(one.users[0])["IdToken"]) for one in new])

    def call(self, kind: str) -> clients.Answer:
        return getattr(self, kind)()

    def sign_in(self) -> clients.Answer:
        user = self.tenant.users[0]
        return self.unsigned("InitiateAuth", ClientId=self.tenant.client, AuthFlow="USER_PASSWORD_AUTH",
                             AuthParameters={"USERNAME": user.username, "PASSWORD": user.password})

    def refresh_tokens(self) -> clients.Answer:
        return self.unsigned("InitiateAuth", ClientId=self.tenant.client, AuthFlow="REFRESH_TOKEN_AUTH",
                             AuthParameters={"REFRESH_TOKEN": self.tokens["RefreshToken"]})

    def key_set(self) -> clients.Answer:
        return clients.curl(f"{self.stack.url}/{self.tenant.pool}/.well-known/jwks.json")

    def read_notes(self) -> clients.Answer:
        return clients.Notes(self.stack.url, self.tokens["IdToken"]).list()

    def write_a_note(self) -> clients.Answer:
        return clients.Notes(self.stack.url, self.tokens["IdToken"]).create("title", "content")

    def a_stranger_reads_notes(self) -> clients.Answer:
        _, token = self.strangers.pop()
        return clients.Notes(self.stack.url, token).list()

    def read_the_audit_log(self) -> clients.Answer:
        return clients.Notes(self.stack.url, self.tokens["IdToken"]).call("GET", "/audit/events")

    def ask_for_completeness(self) -> clients.Answer:
        return clients.Notes(self.stack.url, self.tokens["IdToken"]).call("GET", "/audit/completeness")

    def manage_users(self) -> clients.Answer:
        return self.signed("cognito-idp", "application/x-amz-json-1.1", json.dumps({"UserPoolId": self.tenant.pool}),
                           "X-Amz-Target: AWSCognitoIdentityProviderService.ListUsers")

    def manage_roles(self) -> clients.Answer:
        return self.signed("iam", "application/x-www-form-urlencoded", "Action=ListRoles&Version=2010-05-08")

    def unsigned(self, operation: str, **members) -> clients.Answer:
        return clients.curl(
            self.stack.url + "/", "-X", "POST", "-H", "Content-Type: application/x-amz-json-1.1",
            "-H", f"X-Amz-Target: AWSCognitoIdentityProviderService.{operation}", "-d", json.dumps(members))

    def signed(self, service: str, content_type: str, body: str, *headers: str) -> clients.Answer:
        key = f"{self.stack.ready['rootAccessKeyId']}:{self.stack.ready['rootSecretAccessKey']}"
        return clients.curl(
            self.stack.url + "/", "-X", "POST", "--aws-sigv4", f"aws:amz:{self.stack.region}:{service}", "--user", key,
            "-H", f"Content-Type: {content_type}", *(argument for header in headers for argument in ("-H", header)), "-d", body)
