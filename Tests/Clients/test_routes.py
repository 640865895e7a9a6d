"""An API document of the operator's own, which is read again while the gateway runs: CORS, made-over answers, JWT and IAM authorizers."""

import pathlib
import subprocess

import pytest

import cluster as clusters
from clients import Notes, Tenant, boto, curl, eventually, presigned, signed, tenant
from cluster import Cluster, Folder

DOCUMENT = """openapi: "3.0.1"
info: {title: own, version: "1"}
servers: [{url: "http://api.test/{basePath}", variables: {basePath: {default: dev}}}]
x-amazon-apigateway-cors:
  allowOrigins: ["https://app.test"]
  allowMethods: [GET, POST]
  allowHeaders: [authorization, content-type]
  exposeHeaders: [etag]
  allowCredentials: true
  maxAge: 60
x-amazon-apigateway-gateway-responses:
  UNAUTHORIZED:
    statusCode: 401
    responseParameters: {gatewayresponse.header.X-Login: "'https://login.test'"}
    responseTemplates: {application/json: '{"error": $context.error.messageString, "id": "$context.requestId"}'}
components:
  securitySchemes:
    UserPools:
      type: apiKey
      name: Authorization
      in: header
      x-amazon-apigateway-authtype: cognito_user_pools
      x-amazon-apigateway-authorizer: {type: cognito_user_pools, providerARNs: ["arn:aws:cognito-idp:*:*:userpool/*"]}
    IAM: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}
MORE_SCHEMES
paths:
  /notes:
    get: {responses: {}, security: [{UserPools: []}], x-amazon-apigateway-integration: INTEGRATION}
  /signed:
    get: {responses: {}, security: [{IAM: []}], x-amazon-apigateway-integration: INTEGRATION}
  /scoped:
    get: {responses: {}, security: [{UserPools: [aws.cognito.signin.user.admin]}], x-amazon-apigateway-integration: INTEGRATION}
MORE_PATHS
"""
INTEGRATION = '{type: http_proxy, httpMethod: GET, uri: "http://notes.strongroom.internal/notes"}'


def document(schemes: str = "", paths: str = "", integration: str = INTEGRATION) -> str:
    return DOCUMENT.replace("MORE_SCHEMES", schemes).replace("MORE_PATHS", paths).replace("INTEGRATION", integration)


def write(file: pathlib.Path, schemes: str = "", paths: str = "") -> None:
    # As an editor saves: whole or not at all.
    new = file.with_suffix(".new")
    new.write_text(document(schemes, paths))
    new.rename(file)


def with_jwt(file: pathlib.Path, made: Tenant) -> None:
    """Adds a route for tokens of one pool and one of its clients."""
    cluster = made.cluster
    write(
        file,
        f"    Tokens: {{type: oauth2, x-amazon-apigateway-authorizer: {{type: jwt, identitySource: $request.header.Authorization, "
        f'jwtConfiguration: {{issuer: "{cluster.url}/{made.pool}", audience: ["{made.client}"]}}}}}}',
        "  /tokens:\n    get: {responses: {}, security: [{Tokens: []}], x-amazon-apigateway-integration: INTEGRATION}")


def test_an_api_document_of_ones_own():
    with Folder() as folder:
        routes = folder / "routes.yaml"
        write(routes)
        cluster = clusters.start(folder, "--routes", str(routes))
        try:
            check_cors(cluster)
            check_made_over(cluster)
            check_iam(cluster)
            made = tenant(cluster)
            tokens = made.tokens(made.users[0])
            notes = Notes(cluster.url, tokens["IdToken"])
            assert notes.list().status == 200
            # A scope wants a token that has scopes.
            assert notes.call("GET", "/dev/scoped").status == 401
            assert Notes(cluster.url, tokens["AccessToken"]).call("GET", "/dev/scoped").json == {"notes": [], "count": 0}
            # The shipped document's other routes are not there, not even for a valid token.
            assert notes.create("none", "").status == 403
            check_reload(cluster, routes, made)
        finally:
            cluster.kill()


def check_cors(cluster: Cluster) -> None:
    url = f"{cluster.url}/dev/notes"
    allowed = curl(url, "-X", "OPTIONS", "-H", "Origin: https://app.test", "-H", "Access-Control-Request-Method: GET")
    assert allowed.status == 204 and allowed.body == b"", allowed
    assert allowed.headers["access-control-allow-origin"] == "https://app.test"
    assert allowed.headers["access-control-allow-credentials"] == "true"
    assert allowed.headers["access-control-max-age"] == "60"
    assert "GET" in allowed.headers["access-control-allow-methods"]
    assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
    stranger = curl(url, "-X", "OPTIONS", "-H", "Origin: https://evil.test", "-H", "Access-Control-Request-Method: GET")
    assert "access-control-allow-origin" not in stranger.headers, stranger
    # A browser must be able to read why it was turned away.
    refused = curl(url, "-H", "Origin: https://app.test")
    assert refused.status == 401 and refused.headers["access-control-allow-origin"] == "https://app.test", refused


def check_made_over(cluster: Cluster) -> None:
    answer = curl(f"{cluster.url}/dev/notes")
    assert answer.status == 401, answer
    assert answer.headers["x-login"] == "https://login.test"
    assert answer.json == {"error": "Unauthorized", "id": answer.headers["x-amzn-requestid"]}


def check_iam(cluster: Cluster) -> None:
    url = f"{cluster.url}/dev/signed"
    iam = boto(cluster, "iam")
    iam.create_user(UserName="caller")
    key = iam.create_access_key(UserName="caller")["AccessKey"]

    def call(secret: str = key["SecretAccessKey"]):
        headers = signed(url, "execute-api", key["AccessKeyId"], secret)
        return curl(url, *[word for name, value in headers.items() for word in ("-H", f"{name}: {value}")])

    without = call()
    assert without.status == 403 and "is not authorized to perform: execute-api:Invoke" in without.json["Message"], without
    iam.put_user_policy(
        UserName="caller", PolicyName="invoke",
        PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}')
    # It gets past the gateway; the notes service has no notes for whoever is no user of a pool.
    assert eventually(lambda: call().status != 403 or "execute-api:Invoke" not in call().body.decode()), call()
    wrong = call("0" * 40)
    assert wrong.status == 403 and "signature" in wrong.json["message"], wrong
    # The same in the query of a URL: it gets as far, and no further.
    address = presigned(f"{url}?limit=1", "execute-api", key["AccessKeyId"], key["SecretAccessKey"])
    assert (curl(address).status, curl(address).body) == (call().status, call().body), curl(address)
    # Without a word on how long, as long as a header.
    keys = ("execute-api", key["AccessKeyId"], key["SecretAccessKey"])
    assert curl(presigned(url, *keys, seconds=0, age=290)).status == call().status
    assert curl(presigned(url, *keys, seconds=0, age=310)).status == 403
    # A week is the longest that one may say.
    assert curl(presigned(url, *keys, seconds=604_800, age=604_700)).status == call().status
    late = curl(presigned(url, *keys, seconds=604_800, age=604_810))
    assert late.status == 403 and late.headers["x-amzn-errortype"] == "InvalidSignatureException", late
    for changed in (address.replace("limit=1", "limit=2"), address.replace("X-Amz-Expires=60", "X-Amz-Expires=61"),
                    presigned(url, "execute-api", key["AccessKeyId"], "0" * 40), presigned(url, "sts", key["AccessKeyId"], key["SecretAccessKey"])):
        refused = curl(changed)
        assert refused.status == 403 and refused.headers["x-amzn-errortype"] == "InvalidSignatureException", refused


def check_reload(cluster: Cluster, routes: pathlib.Path, made: Tenant) -> None:
    tokens = made.tokens(made.users[0])
    url = f"{cluster.url}/dev/tokens"

    def call(token: str):
        return curl(url, "-H", f"Authorization: Bearer {token}")

    assert call(tokens["IdToken"]).status == 403
    with_jwt(routes, made)
    assert eventually(lambda: call(tokens["IdToken"]).status == 200), call(tokens["IdToken"])
    assert call(tokens["IdToken"]).json == {"notes": [], "count": 0}
    bad = call(tokens["IdToken"][:-4] + "AAAA")
    assert bad.status == 401 and bad.headers["www-authenticate"].startswith("Bearer"), bad
    other = tenant(cluster)
    assert call(other.tokens(other.users[0])["IdToken"]).status == 401
    # A mistake leaves the routes as they are.
    routes.write_text("openapi: [")
    assert not eventually(lambda: call(tokens["IdToken"]).status != 200, 3)
    assert 'route="/tokens"' in metrics(cluster)
    write(routes)
    assert eventually(lambda: call(tokens["IdToken"]).status == 403)
    # A route that is gone is counted no more, so that no document makes the metrics grow for ever.
    assert 'route="/tokens"' not in metrics(cluster) and 'route="/signed"' in metrics(cluster)


def metrics(cluster: Cluster) -> str:
    return curl(f"{cluster.ready['operations']}/metrics").body.decode()


LAMBDA = """    Lambda:
      type: apiKey
      name: Authorization
      in: header
      x-amazon-apigateway-authtype: custom
      x-amazon-apigateway-authorizer: {type: TYPE, authorizerUri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations"}"""
INTEGRATION_TYPE = "/paths/~1notes/get/x-amazon-apigateway-integration/type: an integration of type"


def mapped(more: str) -> str:
    return document(integration=f"{INTEGRATION[:-1]}, {more}}}")


def with_operation(more: str) -> str:
    return document(paths=f"  /more:\n    get: {{responses: {{}}, security: [], {more}, x-amazon-apigateway-integration: INTEGRATION}}")


REFUSED = {
    "a Lambda authorizer of tokens": (document(LAMBDA.replace("TYPE", "token")), "an authorizer of type token is not supported"),
    "a Lambda authorizer of requests": (document(LAMBDA.replace("TYPE", "request")), "an authorizer of type request is not supported"),
    **{f"an integration of type {kind}": (document(integration=f"{{type: {kind}}}"), f"{INTEGRATION_TYPE} {kind} is not supported")
       for kind in ("mock", "http", "aws", "aws_proxy")},
    "request validators": (
        "x-amazon-apigateway-request-validators: {all: {validateRequestBody: true}}\n" + document(),
        "x-amazon-apigateway-request-validators is not supported"),
    "a request validator of the API": (
        "x-amazon-apigateway-request-validator: all\n" + document(), "x-amazon-apigateway-request-validator is not supported"),
    "a request validator of an operation": (
        with_operation("x-amazon-apigateway-request-validator: all"), "x-amazon-apigateway-request-validator is not supported"),
    "where API keys come from": ("x-amazon-apigateway-api-key-source: HEADER\n" + document(), "x-amazon-apigateway-api-key-source is not supported"),
    "API keys": (
        document("    api_key: {type: apiKey, name: x-api-key, in: header}"),
        "/components/securitySchemes/api_key: x-amazon-apigateway-authorizer is missing"),
    "a mapping of requests": (mapped('requestTemplates: {application/json: "{}"}'), "requestTemplates is not supported"),
    "a mapping of fields": (
        mapped('requestParameters: {integration.request.header.X: "method.request.header.Y"}'),
        "the request parameter integration.request.header.X is not supported"),
    "a mapping of answers": (
        mapped('responses: {default: {statusCode: "200", responseTemplates: {application/json: "{}"}}}'), "responseTemplates is not supported"),
    "a mapping of statuses": (mapped('responses: {default: {statusCode: "404"}}'), "a mapped response is not supported"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_gateway_does_not_do_is_refused_by_name_in_the_document(folder, what):
    """There is no gateway without a good document, and one that runs keeps the routes it has, as above."""
    text, said = REFUSED[what]
    (folder / "routes.yaml").write_text(text)
    subprocess.run([clusters.binary(), "keys", "init", "--secrets", str(folder / "secrets")], check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run(
        [clusters.binary(), "gateway", "--secrets", str(folder / "secrets/gateway"), "--listen", "127.0.0.1:0", "--operations", "127.0.0.1:0",
         "--routes", str(folder / "routes.yaml")], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "routes.yaml" in done.stderr and said in done.stderr, done


def test_nobody_is_given_a_websocket(cluster, notes):
    answer = notes[0].call(
        "GET", "/dev/notes", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "-H", "Sec-WebSocket-Version: 13")
    assert (answer.status, answer.json) == (200, {"notes": [], "count": 0}) and "upgrade" not in answer.headers
