"""Nobody's greed is felt by others: what one caller may ask, and hold, of the gateway."""

import contextlib
import re
import select
import socket
import struct
import subprocess
import threading
import time
import urllib.parse
import uuid

import botocore.exceptions
import pytest

import cluster as harness
from clients import Notes, boto, curl, eventually, signed, tenant as make_tenant, tool, with_users

MEBIBYTE = 1 << 20


class Uploads:
    """Requests that send a part of their body, and then nothing, until the end of the block."""

    def __init__(self, url: str, source: str = "127.0.0.1") -> None:
        place = urllib.parse.urlsplit(url)
        self.address = (place.hostname, place.port)
        self.source = source
        self.open: list[socket.socket] = []

    def __enter__(self) -> "Uploads":
        return self

    def __exit__(self, *_: object) -> None:
        for one in self.open:
            one.close()

    def begin(self, request: str, *fields: str, length: int, sent: int) -> None:
        one = socket.create_connection(self.address, timeout=10, source_address=(self.source, 0))
        self.open.append(one)
        one.sendall("\r\n".join([f"{request} HTTP/1.1", "Host: x", f"Content-Length: {length}", *fields, "", ""]).encode())
        with contextlib.suppress(OSError):
            # It may be refused, and closed, before all is out.
            one.sendall(b"x" * sent)

    def answers(self) -> list[int | None]:
        """The statuses; none where the gateway waits for more."""
        select.select(self.open, [], [], 5)
        time.sleep(0.3)
        statuses = []
        for one in self.open:
            one.setblocking(False)
            try:
                statuses.append(int(one.recv(4096).split()[1]))
            except BlockingIOError:
                statuses.append(None)
        return statuses


def test_bodies_that_one_user_holds_back_are_in_nobody_elses_way(cluster, tenant):
    greedy, other = (tenant.tokens(user)["IdToken"] for user in tenant.users[:2])
    with Uploads(cluster.url) as uploads:
        for _ in range(16):
            uploads.begin("POST /dev/notes", f"Authorization: {greedy}", length=10 * MEBIBYTE, sent=9 * MEBIBYTE)
        statuses = uploads.answers()
        assert set(statuses) == {None, 429}, statuses
        assert Notes(cluster.url, other).create("of somebody else", "x").status == 201
        assert tenant.tokens(tenant.users[1])
    assert eventually(lambda: Notes(cluster.url, greedy).create("afterwards", "x").status == 201)


def test_bodies_that_one_tenants_users_hold_back_are_in_no_other_tenants_way(cluster, pool):
    greedy, other = with_users(pool, 4), make_tenant(cluster, users=1)
    tokens = [greedy.tokens(user)["IdToken"] for user in greedy.users]
    neighbour = Notes(cluster.url, other.tokens(other.users[0])["IdToken"])
    with Uploads(cluster.url) as uploads:
        # All of each user's share; of all users' together, it is all that there is.
        for token in tokens * 2:
            uploads.begin("POST /dev/notes", f"Authorization: {token}", length=10 * MEBIBYTE, sent=8 * MEBIBYTE)
        statuses = uploads.answers()
        assert set(statuses) == {None, 503}, statuses
        assert neighbour.create("of another tenant", "x" * 100_000).status == 201


@pytest.mark.parametrize("way", ["closed", "reset"])
def test_what_a_broken_off_upload_held_is_free_again(cluster, tenant, way):
    token = tenant.tokens(tenant.users[0])["IdToken"]
    for _ in range(6):
        with Uploads(cluster.url) as uploads:
            uploads.begin("POST /dev/notes", f"Authorization: {token}", length=10 * MEBIBYTE, sent=5 * MEBIBYTE)
            time.sleep(0.1)
            if way == "reset":
                uploads.open[0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # Six of them held more than a user's share; none does any more.
    assert eventually(lambda: Notes(cluster.url, token).create("afterwards", "x" * 300).status == 201, seconds=5)


def test_a_forged_signature_takes_nothing_of_the_principals(cluster):
    """An access key's id is no secret: presigned URLs show it."""
    scope = f"{cluster.ready['rootAccessKeyId']}/{time.strftime('%Y%m%d', time.gmtime())}/{cluster.region}/iam/aws4_request"
    forged = (
        f"Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
        f"X-Amz-Date: {time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    with Uploads(cluster.url, source="127.0.0.3") as uploads:
        for _ in range(48):
            uploads.begin("POST /", *forged, length=131_000, sent=130_000)
        assert uploads.answers().count(None) < 40
        assert boto(cluster, "iam").list_users()["Users"] is not None


@pytest.mark.parametrize(("request_line", "length", "sent"), [
    ("GET {jwks}", 10 * MEBIBYTE, MEBIBYTE), ("POST /", 10 * MEBIBYTE, 130_000), ("POST /", 131_000, 130_000)])
def test_bodies_of_strangers_are_in_nobody_elses_way(cluster, request_line, length, sent):
    # Whose keys the gateway has yet to ask for.
    tenant = make_tenant(cluster)
    notes = Notes(cluster.url, tenant.tokens(tenant.users[0])["IdToken"])
    with Uploads(cluster.url, source="127.0.0.2") as uploads:
        for _ in range(48):
            uploads.begin(
                request_line.format(jwks=f"/{tenant.pool}/.well-known/jwks.json"),
                "X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth", length=length, sent=sent)
        statuses = uploads.answers()
        # Longer than a call may be, or, beyond the network's share, too much at a time.
        assert set(statuses) <= {None, 413, 429, 400} and statuses.count(None) < 40, statuses
        assert notes.create("meanwhile", "x").status == 201
        # From another network somebody signs in.
        assert tenant.tokens(tenant.users[1])


def test_many_networks_together_keep_nobody_from_signing_in(cluster, tenant):
    with contextlib.ExitStack() as networks:
        for number in range(20, 30):
            uploads = networks.enter_context(Uploads(cluster.url, source=f"127.0.0.{number}"))
            for _ in range(33):
                uploads.begin("POST /", "X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth", length=131_000, sent=130_000)
        # What is short finds room when nothing else does.
        assert tenant.tokens(tenant.users[1])


# Behind the paths of the shipped document.
SIGNED = """  /signed:
    get:
      responses: {}
      security: [{IAM: []}]
      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: "http://notes.strongroom.internal/notes"}
"""


def test_a_caller_beyond_the_rate_is_told_so_and_others_are_not(folder):
    (folder / "routes.yaml").write_text((harness.ROOT / "ops/config/gateway/api.yaml").read_text() + SIGNED)
    with harness.Processes(folder, services=("authorizer", "identity", "notes", "audit")) as services:
        services.start("gateway", environment={
            "STRONGROOM_THROTTLE_RATE": "5", "STRONGROOM_THROTTLE_BURST": "20", "STRONGROOM_ROUTES": str(folder / "routes.yaml")})
        root = boto(services, "iam")
        root.create_user(UserName="caller")
        key = root.create_access_key(UserName="caller")["AccessKey"]
        tenant = make_tenant(services, users=2)
        first, second = (Notes(services.url, tenant.tokens(user)["IdToken"]) for user in tenant.users)
        # The rate is the user's, whichever of their tokens it is.
        again = Notes(services.url, tenant.tokens(tenant.users[0])["IdToken"])
        answers = [(first, again)[number % 2].list() for number in range(40)]
        refused = [answer for answer in answers if answer.status == 429]
        assert answers[0].status == 200 and len(refused) > 5
        assert refused[0].json == {"message": "Too Many Requests"} and refused[0].headers["x-amzn-errortype"] == "TooManyRequestsException"
        assert second.list().status == 200
        assert eventually(lambda: first.list().status == 200)
        # Open routes know no user, and no rate.
        keys = f"{services.url}/{tenant.pool}/.well-known/jwks.json"
        assert {curl(keys).status for _ in range(30)} == {200}
        # A principal of IAM has a rate, too: on a route it is told as a user is, by an AWS API as that tells it.
        signature = signed(f"{services.url}/dev/signed", "execute-api", key["AccessKeyId"], key["SecretAccessKey"])
        fields = [part for name, value in signature.items() for part in ("-H", f"{name}: {value}")]
        answers = [curl(f"{services.url}/dev/signed", *fields) for _ in range(40)]
        refused = [answer for answer in answers if answer.status == 429]
        assert answers[0].status == 403 and len(refused) > 5 and refused[0].json == {"message": "Too Many Requests"}, answers[0]
        with pytest.raises(botocore.exceptions.ClientError) as throttled:
            for _ in range(40):
                root.list_users()
        assert throttled.value.response["Error"]["Code"] == "Throttling"
        assert throttled.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_user_has_a_thousand_requests_a_second_unless_told_otherwise(cluster, tenant):
    """By h2load, with connections that ask for as much as they get."""
    token = tenant.tokens(tenant.users[0])["IdToken"]
    count, started = 6_000, time.monotonic()
    said = subprocess.run(
        [tool("h2load"), "--h1", "-n", str(count), "-c", "8", "-H", f"Authorization: {token}", f"{cluster.url}/dev/notes"],
        check=True, capture_output=True, text=True, timeout=120).stdout
    seconds = time.monotonic() - started
    succeeded, refused = (int(number) for number in re.search(r"status codes: (\d+) 2xx, 0 3xx, (\d+) 4xx, 0 5xx", said).groups())
    # The burst, and the rate for as long as it has taken; a machine that is slower than the rate refuses nobody.
    assert 2_000 <= succeeded <= 2_000 + 1_000 * seconds + 10 and succeeded + refused == count, said
    assert tenant.tokens(tenant.users[1]) and eventually(lambda: Notes(cluster.url, token).list().status == 200)


def test_a_field_that_only_looks_like_content_type_changes_nothing(cluster, tenant):
    notes = Notes(cluster.url, tenant.tokens(tenant.users[0])["IdToken"])
    assert notes.call("GET", "/dev/notes", "-H", "Content_Type: text/plain").status == 200
    assert notes.call("POST", "/dev/notes", "-H", "Content.Type: text/plain", "--data", "{}").status == 201


def peak_memory(process) -> int:
    """In bytes."""
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) << 10


def one_with_large_pages(services, folder, notes: int):
    """A tenant of two users; the first has notes of which each byte is six in JSON."""
    tenant = make_tenant(services, users=2)
    greedy, other = (Notes(services.url, tenant.tokens(user)["IdToken"]) for user in tenant.users)
    (folder / "body").write_text('{"content": "' + "\\u0001" * 150_000 + '"}')
    for _ in range(notes):
        assert greedy.call("POST", "/dev/notes", "--data-binary", f"@{folder}/body").status == 201
    return tenant, greedy, other


def test_answers_that_nobody_takes_fill_no_memory_and_are_in_nobody_elses_way(folder):
    with harness.Processes(folder) as services:
        tenant, greedy, other = one_with_large_pages(services, folder, notes=26)
        page = greedy.list()
        assert page.status == 200 and len(page.body) <= 4 * MEBIBYTE + 1_000_000 and page.json["nextToken"]
        made = other.create("small", "x").json
        place = urllib.parse.urlsplit(services.url)
        with contextlib.ExitStack() as unread:
            for _ in range(150):
                one = unread.enter_context(socket.create_connection((place.hostname, place.port), timeout=10))
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                one.sendall(f"GET /dev/notes HTTP/1.1\r\nHost: x\r\nAuthorization: {greedy.token}\r\n\r\n".encode())
            for _ in range(5):
                assert other.list().json["notes"] == [made]
            assert tenant.tokens(tenant.users[1])
            peaks = {service: peak_memory(services.running[service]) // MEBIBYTE for service in ("notes", "gateway")}
            # As containers they may have 512 and 256 MB.
            assert peaks["notes"] < 400 and peaks["gateway"] < 200, peaks
        assert eventually(lambda: greedy.list().status == 200)


def test_a_user_who_asks_for_many_pages_and_leaves_keeps_nobody_waiting(folder):
    with harness.Processes(folder) as services:
        _, greedy, other = one_with_large_pages(services, folder, notes=6)
        made = other.create("small", "x").json
        place = urllib.parse.urlsplit(services.url)
        asked = f"GET /dev/notes HTTP/1.1\r\nHost: x\r\nAuthorization: {greedy.token}\r\n\r\n".encode()
        stopping = threading.Event()

        def ask_and_leave() -> None:
            while not stopping.is_set():
                with contextlib.suppress(OSError), contextlib.ExitStack() as asking:
                    for _ in range(50):
                        asking.enter_context(socket.create_connection((place.hostname, place.port), timeout=5)).sendall(asked)
                    time.sleep(0.05)

        asking = [threading.Thread(target=ask_and_leave) for _ in range(2)]
        for one in asking:
            one.start()
        try:
            time.sleep(1)
            # Curl gives up after thirty seconds; what is waited for is the few pages that one user may have under way.
            longest = 0.0
            for _ in range(5):
                started = time.monotonic()
                answer = other.list()
                assert answer.status == 200 and answer.json["notes"] == [made], (answer, time.monotonic() - started)
                longest = max(longest, time.monotonic() - started)
            assert longest < 10, longest
        finally:
            stopping.set()
            for one in asking:
                one.join()
        assert peak_memory(services.running["notes"]) < 400 * MEBIBYTE


def test_queries_that_one_tenant_has_waiting_keep_no_other_from_the_log(folder):
    """For a place of the log that never comes: each of them would hold a connection of the gateway's to the audit service."""
    with harness.Processes(folder) as services:
        hostile, quiet = make_tenant(services, 8), make_tenant(services, 1)
        other = Notes(services.url, quiet.tokens(quiet.users[0])["IdToken"])
        assert eventually(lambda: other.call("GET", "/audit/events").status == 200)
        place = urllib.parse.urlsplit(services.url)
        with contextlib.ExitStack() as stack:
            waiting = []
            for user in hostile.users:
                token = hostile.tokens(user)["IdToken"]
                for _ in range(250):
                    one = stack.enter_context(socket.create_connection((place.hostname, place.port), timeout=20))
                    one.sendall(f"GET /dev/audit/events?waitFor=notes.0.{uuid.uuid4()}.5 HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n"
                                .encode())
                    waiting.append(one)
            started = time.monotonic()
            answer = other.call("GET", "/audit/events")
            assert answer.status == 200 and time.monotonic() - started < 5, (answer, time.monotonic() - started)
            answers = [one.recv(65_536) for one in waiting]
        refused = [answer for answer in answers if answer.split()[1] == b"429"]
        # Eight of each user wait until they are told that it doesn't come; nobody waits for longer than that.
        assert len(refused) == len(answers) - 64 and all(answer.split()[1] in (b"429", b"504") for answer in answers)
        ours = [answer for answer in refused if b"Too many queries wait for the log" in answer]
        assert ours and all(b"retry-after: 1" in answer.lower() for answer in ours)


@pytest.mark.parametrize("way", ["a chunk too many", "beyond the share"])
def test_what_is_left_of_a_refused_body_is_no_request(cluster, tenant, way):
    """Request smuggling: whatever the refusal leaves unread must not be taken for what comes next on the connection."""
    smuggled = f"GET /{tenant.pool}/.well-known/jwks.json?smuggled HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    token = tenant.tokens(tenant.users[0])["IdToken"]
    with Uploads(cluster.url) as uploads, contextlib.closing(socket.create_connection(uploads.address, timeout=10)) as one:
        if way == "a chunk too many":
            first, second = b"x" * 131_062, b"\r\n0\r\n\r\n" + smuggled
            one.sendall(
                b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nX-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth\r\n\r\n"
                + b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(first), first, len(second), second))
        else:
            for sent in (9 * MEBIBYTE, 7 * MEBIBYTE - 1_000):
                uploads.begin("POST /dev/notes", f"Authorization: {token}", length=10 * MEBIBYTE, sent=sent)
            time.sleep(0.5)
            body = smuggled + b" " * 5_000
            one.sendall(f"POST /dev/notes HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        answers = b""
        while piece := one.recv(65_536):
            answers += piece
        assert answers.startswith(b"HTTP/1.1 413 " if way == "a chunk too many" else b"HTTP/1.1 429 "), answers
        assert answers.count(b"HTTP/1.1 ") == 1 and b"connection: close" in answers.lower(), answers


def test_who_goes_away_in_the_middle_of_a_body_pages_nobody(cluster, tenant):
    """An alert counts what fails of the cluster's own doing: strangers must not set it off."""
    def counted(status: str) -> int:
        text = curl(f"{cluster.ready['operations']}/metrics").body.decode()
        return sum(int(float(line.split()[-1])) for line in text.splitlines() if line.startswith("strongroom_requests_total{") and f'status="{status}"' in line)

    failed, gone = counted("5xx"), counted("4xx")
    address = urllib.parse.urlsplit(cluster.url)
    heads = [
        "POST / HTTP/1.1\r\nX-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth",
        f"POST /dev/notes HTTP/1.1\r\nAuthorization: {tenant.tokens(tenant.users[0])['IdToken']}",
        f"GET /{tenant.pool}/.well-known/jwks.json HTTP/1.1"]
    for head in heads * 3:
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(f"{head}\r\nHost: x\r\nContent-Length: 100000\r\n\r\n".encode() + b"a" * 20_000)
            time.sleep(0.05)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert eventually(lambda: counted("4xx") == gone + 9)
    assert counted("5xx") == failed
