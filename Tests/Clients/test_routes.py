"""An API document of the operator's own, which is read again while the gateway runs: CORS, made-over answers, JWT and IAM authorizers."""

import pathlib

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
MORE_PATHS
"""
INTEGRATION = '{type: http_proxy, httpMethod: GET, uri: "http://notes.strongroom.internal/notes"}'


def write(file: pathlib.Path, schemes: str = "", paths: str = "") -> None:
    text = DOCUMENT.replace("MORE_SCHEMES", schemes).replace("MORE_PATHS", paths).replace("INTEGRATION", INTEGRATION)
    # As an editor saves: whole or not at all.
    new = file.with_suffix(".new")
    new.write_text(text)
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
            notes = Notes(cluster.url, made.tokens(made.users[0])["IdToken"])
            assert notes.list().status == 200
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
