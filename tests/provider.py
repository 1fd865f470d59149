"""An identity provider of our own: real keys, real signatures, real HTTP on this machine."""

import hmac
import json
import threading
import time
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_encode

ISSUER = "https://id.example"
AUDIENCE = "evently"
ALGORITHM_OF = {
    rsa.RSAPrivateKey: jwt.algorithms.RSAAlgorithm,
    ec.EllipticCurvePrivateKey: jwt.algorithms.ECAlgorithm,
    ed25519.Ed25519PrivateKey: jwt.algorithms.OKPAlgorithm,
}


@cache
def private_key(name, kind="RSA"):
    """Make a key once: an RSA key takes a tenth of a second."""
    match kind:
        case "RSA":
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        case "EC":
            return ec.generate_private_key(ec.SECP256R1())
        case "OKP":
            return ed25519.Ed25519PrivateKey.generate()


def public_jwk(kid, kind="RSA", **members):
    key = private_key(kid, kind)
    [algorithm] = [found for base, found in ALGORITHM_OF.items() if isinstance(key, base)]
    return algorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid} | members


def claims(username="holder", **others):
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": username, "iat": now, "exp": now + 300}
    return {name: value for name, value in (usual | others).items() if value is not None}


def token(
    username="holder",
    *,
    kid="first",
    kind="RSA",
    key=None,
    algorithm="RS256",
    header=None,
    **others,
):
    """Sign a token; a claim that is None is left out."""
    return jwt.encode(
        claims(username, **others),
        key or private_key(kid, kind),
        algorithm,
        headers={"kid": kid} | (header or {}),
    )


def encoded(part):
    text = json.dumps(part) if isinstance(part, dict) else part
    return base64url_encode(text.encode()).decode()


def unsigned(header):
    return f"{encoded(header)}.{encoded(claims())}."


def with_claims(signed, **others):
    """Put other claims into a signed token."""
    head, _, signature = signed.split(".")
    return f"{head}.{encoded(claims(**others))}.{signature}"


def signed_with_the_public_key(kid):
    """Use what everybody knows as the secret of HS256; PyJWT refuses to do it in one step."""
    public = private_key(kid).public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = f"{encoded({'alg': 'HS256', 'kid': kid})}.{encoded(claims())}"
    return f"{head}.{base64url_encode(hmac.digest(secret, head.encode(), 'sha256')).decode()}"


class Provider(ThreadingHTTPServer):
    """Serves a set of keys, and counts how often it is asked for."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.requests = 0
        self.status = 200
        self.headers = {}
        self.is_silent, self.is_closing = threading.Event(), threading.Event()
        self.offer(public_jwk("first"))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/keys"

    def offer(self, *keys):
        self.body = json.dumps({"keys": keys}).encode()


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests += 1
        if self.server.is_silent.is_set():
            self.server.is_closing.wait()
            return
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(BrokenPipeError):  # who had enough, hangs up
            self.wfile.write(self.server.body)

    def log_message(self, *args):
        pass


@contextmanager
def provider():
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield server
    finally:
        server.is_closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
