#!/usr/bin/env python3
"""Writes botocore-signed.json: requests signed by botocore, as they go on the wire. Run it again with another botocore to compare."""

import datetime
import json
import pathlib
import random
import sys
import unittest.mock

import botocore
import botocore.auth
import botocore.awsrequest
import botocore.credentials

DATE = datetime.datetime(2026, 11, 21, 10, 50, 0, tzinfo=datetime.timezone.utc)
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
PATHS = [
    "/", "/notes", "/dev/notes/0190a2f2-5a3f-7cc3-98c4-dc0c0c07398f", "/a%20b", "/a+b", "/%C3%A9", "/a%2Fb", "/~-._", "/a:b@c!$&'()*+,=;", "/%7Euser",
    "/trailing/", "/UPPER/lower", "/%25", "/a%2fb"]
QUERIES = [
    "", "limit=2", "b=2&a=1", "a=2&a=1", "a", "a=", "=a", "a=b=c", "q=a%20b", "q=a+b", "x=%C3%A9&X=1", "a-b=1&a=2&a.b=3", "path=/x/y?z", "q=~-._", "e=%2f%2F",
    "a&&b", "k=!$'()*,;:@"]


def target(url: str) -> str:
    return url.split("//", 1)[1][len("localhost:8080"):]


def header_form(rng: random.Random, path: str, query: str) -> dict:
    method = rng.choice(["GET", "POST", "PUT", "DELETE"])
    body = rng.choice([b"", b"{}", "{\"title\": \"é\"}".encode()]) if method in ("POST", "PUT") else b""
    token = rng.choice([None, None, "FwoGZXIvYXdzEA//session+token=="])
    headers = rng.choice([
        {}, {"Content-Type": "application/json"}, {"X-Custom": "  a   b  "}, {"Accept": "*/*", "Content-Type": "text/plain; charset=utf-8"}])
    url = f"http://localhost:8080{path}" + (f"?{query}" if query else "")
    request = botocore.awsrequest.AWSRequest(method=method, url=url, data=body, headers=headers)
    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials("AKIDEXAMPLE", SECRET, token), "execute-api", "us-east-1")
    signer.add_auth(request)
    return {
        "form": "header", "method": method, "target": target(url), "body": body.decode(),
        "headers": [["Host", "localhost:8080"], *([name, value] for name, value in request.headers.items())]}


def query_form(rng: random.Random, path: str, query: str) -> dict:
    token = rng.choice([None, "FwoGZXIvYXdzEA//session+token=="])
    url = f"http://localhost:8080{path}" + (f"?{query}" if query else "")
    request = botocore.awsrequest.AWSRequest(method="GET", url=url)
    signer = botocore.auth.SigV4QueryAuth(
        botocore.credentials.Credentials("AKIDEXAMPLE", SECRET, token), "execute-api", "us-east-1", expires=rng.choice([1, 60, 604800]))
    signer.add_auth(request)
    return {"form": "query", "method": "GET", "target": target(request.url), "body": "", "headers": [["Host", "localhost:8080"]]}


def main() -> None:
    rng = random.Random(4)
    cases = []
    with unittest.mock.patch.object(botocore.auth, "get_current_datetime", lambda *_, **__: DATE):
        for number, path in enumerate(PATHS):
            for query in QUERIES if number < 2 else rng.sample(QUERIES, 3):
                cases.append(header_form(rng, path, query))
        for path in PATHS:
            cases.append(query_form(rng, path, rng.choice(["", "a=1", "q=a%20b&b=", "x=%C3%A9"])))
    document = {"botocore": botocore.__version__, "date": DATE.strftime("%Y%m%dT%H%M%SZ"), "cases": cases}
    pathlib.Path(__file__).with_name("botocore-signed.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
