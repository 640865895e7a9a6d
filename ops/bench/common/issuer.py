"""Stands in for the identity service in benches: mints as many users' tokens as wanted, without a password hash for each, and serves the key sets.

The tokens are what Sources/Services/Identity issues: same header, same claims, an RS256 signature, about 1.1 kB.
"""
import base64
import hashlib
import http.server
import json
import random
import threading
import time
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Pool:
    """One tenant with its key. `seed` makes names and user ids repeatable."""

    def __init__(self, region: str, public_url: str, seed: int):
        chooser = random.Random(seed)
        self.id = f"{region}_{''.join(chooser.choices('ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789', k=9))}"
        self.client = "".join(chooser.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=26))
        self.issuer = f"{public_url}/{self.id}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = base64.b64encode(hashlib.sha256(self.id.encode()).digest()).decode()

    def jwks(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        octets = lambda n: base64url(n.to_bytes((n.bit_length() + 7) // 8, "big"))
        return json.dumps({"keys": [
            {"alg": "RS256", "e": octets(numbers.e), "kid": self.kid, "kty": "RSA", "n": octets(numbers.n), "use": "sig"}]}).encode()

    def token(self, user: int, lifetime: int = 3600, groups: list[str] | None = None) -> str:
        now = int(time.time())
        sub = str(uuid.UUID(int=random.Random(f"{self.id}/{user}").getrandbits(128), version=4))
        claims = {
            "sub": sub, "email_verified": True, "iss": self.issuer, "cognito:username": f"user-{user:06}", "origin_jti": str(uuid.uuid4()),
            "aud": self.client, "event_id": str(uuid.uuid4()), "token_use": "id", "auth_time": now, "exp": now + lifetime, "iat": now,
            "jti": str(uuid.uuid4()), "email": f"user-{user:06}@example.com",
        }
        if groups:
            claims["cognito:groups"] = groups
        head = base64url(json.dumps({"kid": self.kid, "alg": "RS256"}, separators=(",", ":")).encode())
        signed = f"{head}.{base64url(json.dumps(claims, separators=(',', ':')).encode())}"
        return f"{signed}.{base64url(self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def public_pem(self) -> bytes:
        from cryptography.hazmat.primitives import serialization
        return self.key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class KeyServer:
    """Answers `GET /{poolId}/.well-known/jwks.json` on a loopback port, as the identity service would."""

    def __init__(self, pools: list[Pool]):
        sets = {f"/{pool.id}/.well-known/jwks.json": pool.jwks() for pool in pools}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = sets.get(self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
