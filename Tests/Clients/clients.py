"""Foreign clients: the AWS CLI, boto3, curl, botocore's signer, kcat. None of them knows anything of the cluster but its address."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import uuid

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials

from cluster import Cluster, User


def tool(name: str) -> str:
    """The path of a client, which must be there: nothing is skipped."""
    beside = pathlib.Path(sys.executable).parent / name
    path = str(beside) if beside.exists() else shutil.which(name)
    assert path, f"{name} is not installed; make test installs it"
    return path


def boto(cluster: Cluster, service: str, **credentials: str):
    """A boto3 client; as root unless told."""
    keys = credentials or {
        "aws_access_key_id": cluster.ready["rootAccessKeyId"], "aws_secret_access_key": cluster.ready["rootSecretAccessKey"]}
    return boto3.client(
        service, endpoint_url=cluster.url, region_name=cluster.region,
        config=botocore.config.Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=30), **keys)


def aws(cluster: Cluster, *arguments: str, environment: dict[str, str] | None = None, check: bool = True):
    """Runs the AWS CLI as root; its JSON output, or the finished process where `check` is off."""
    done = subprocess.run(
        [sys.executable, tool("aws"), *arguments], capture_output=True, text=True, timeout=60,
        env={**os.environ, **cluster.root_environment, **(environment or {})})
    if not check:
        return done
    assert done.returncode == 0, f"aws {' '.join(arguments)}: {done.stderr}"
    return json.loads(done.stdout) if done.stdout.strip().startswith(("{", "[")) else done.stdout.strip()


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def curl(url: str, *arguments: str) -> Answer:
    """One request by curl. Of repeated headers the last counts; names are lower-case."""
    done = subprocess.run(
        [tool("curl"), "-sS", "-D", "/dev/stderr", "--path-as-is", "--max-time", "30", *arguments, url], capture_output=True, timeout=40)
    # The last block of header lines belongs to the answer; blocks before it are 100-continue.
    blocks = [block for block in done.stderr.decode("latin-1").split("\r\n\r\n") if block.startswith("HTTP/")]
    assert done.returncode == 0 and blocks, f"curl {url}: exit {done.returncode}: {done.stderr.decode('latin-1')}"
    lines = blocks[-1].split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return Answer(int(lines[0].split()[1]), headers, done.stdout)


def curl_many(urls: str, *arguments: str) -> dict[int, int]:
    """Requests to all URLs of a curl pattern, many at a time; how many answers had which status."""
    done = subprocess.run(
        [tool("curl"), "-sS", "--parallel", "--parallel-max", "16", "--max-time", "120", "-o", "/dev/null", "-w", "%{http_code}\n", *arguments, urls],
        capture_output=True, timeout=130, text=True)
    assert done.returncode == 0, done.stderr
    return dict(collections.Counter(int(line) for line in done.stdout.split()))


def signed(url: str, service: str, key: str, secret: str, *, method: str = "GET", body: bytes = b"", region: str = "us-east-1",
           headers: dict[str, str] | None = None) -> dict[str, str]:
    """The headers botocore signs a request with, those given among them."""
    request = botocore.awsrequest.AWSRequest(method=method, url=url, data=body, headers=headers or {})
    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(key, secret), service, region)
    request.headers["X-Amz-Content-SHA256"] = signer.payload(request)
    signer.add_auth(request)
    return dict(request.headers.items())


class Presigner(botocore.auth.SigV4QueryAuth):
    """As botocore presigns, but at another time, and without saying for how long where that is 0, as the SDK for Go does."""

    def __init__(self, key: str, secret: str, service: str, region: str, *, seconds: int, age: int) -> None:
        super().__init__(botocore.credentials.Credentials(key, secret), service, region, expires=seconds)
        self.date = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age)

    def add_auth(self, request) -> None:
        request.context["timestamp"] = self.date.strftime("%Y%m%dT%H%M%SZ")
        self._modify_request_before_signing(request)
        request.url = request.url.replace("&X-Amz-Expires=0", "")
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(text, request))


def presigned(
        url: str, service: str, key: str, secret: str, *, method: str = "GET", seconds: int = 60, region: str = "us-east-1", age: int = 0) -> str:
    """The URL with botocore's signature in its query."""
    request = botocore.awsrequest.AWSRequest(method=method, url=url)
    Presigner(key, secret, service, region, seconds=seconds, age=age).add_auth(request)
    return request.url


@dataclasses.dataclass
class Tenant:
    """A user pool with an app client without a secret and users, made as any administrator would."""

    cluster: Cluster
    pool: str
    client: str
    users: list[User]

    def tokens(self, user: User) -> dict[str, str]:
        answer = boto(self.cluster, "cognito-idp").initiate_auth(
            ClientId=self.client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": user.username, "PASSWORD": user.password})
        return answer["AuthenticationResult"]


def pool(cluster: Cluster) -> Tenant:
    """A tenant without users."""
    identity = boto(cluster, "cognito-idp")
    made = identity.create_user_pool(PoolName=f"pool-{uuid.uuid4().hex[:8]}")["UserPool"]["Id"]
    client = identity.create_user_pool_client(
        UserPoolId=made, ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    return Tenant(cluster, made, client, [])


def with_users(tenant: Tenant, count: int) -> Tenant:
    """The tenant as users see it who were made just now."""
    identity = boto(tenant.cluster, "cognito-idp")
    made = []
    for number in range(count):
        user = User(f"user{number}-{uuid.uuid4().hex[:6]}", f"Pass-{uuid.uuid4().hex[:12]}-A1!")
        answer = identity.admin_create_user(UserPoolId=tenant.pool, Username=user.username, MessageAction="SUPPRESS")
        user.sub = next(entry["Value"] for entry in answer["User"]["Attributes"] if entry["Name"] == "sub")
        identity.admin_set_user_password(UserPoolId=tenant.pool, Username=user.username, Password=user.password, Permanent=True)
        made.append(user)
    return dataclasses.replace(tenant, users=made)


def tenant(cluster: Cluster, users: int = 2) -> Tenant:
    return with_users(pool(cluster), users)


@dataclasses.dataclass
class Notes:
    """One user's view of the notes API, by curl."""

    url: str
    token: str

    def call(self, method: str, path: str, *arguments: str, body: object = None) -> Answer:
        data = () if body is None else ("--data-binary", body if isinstance(body, str) else json.dumps(body))
        return curl(f"{self.url}{path}", "-X", method, "-H", f"Authorization: {self.token}", *data, *arguments)

    def create(self, title: str, content: str, *arguments: str) -> Answer:
        return self.call("POST", "/dev/notes", *arguments, body={"title": title, "content": content})

    def list(self, query: str = "") -> Answer:
        return self.call("GET", f"/dev/notes{query}")

    def read(self, note: str) -> Answer:
        return self.call("GET", f"/dev/notes/{note}")

    def delete(self, note: str) -> Answer:
        return self.call("DELETE", f"/dev/notes/{note}")

    def events(self, query: str = "") -> list[dict]:
        answer = self.call("GET", f"/audit/events{query}")
        assert answer.status == 200, answer
        return [with_note(event) for event in answer.json["events"]]


def with_note(event: dict) -> dict:
    """The event, with the id of the note it is about beside the rest."""
    resource = event.get("resource", {})
    return event | ({"noteId": resource["id"]} if resource.get("type") == "note" else {})


def eventually(what, seconds: float = 10):
    """Calls `what` until it returns something true, which is returned."""
    deadline = time.monotonic() + seconds
    while True:
        value = what()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(0.02)
