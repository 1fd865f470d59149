"""Who is calling: tokens that an identity provider signs, with real keys."""

import json
import time

import jwt
import pytest

from bookings.models import Booking
from evently.users.services import create_token
from tests.factories import UserFactory
from tests.provider import (
    AUDIENCE,
    ISSUER,
    claims,
    encoded,
    private_key,
    provider,
    public_jwk,
    signed_with_the_public_key,
    token,
    unsigned,
    with_claims,
)

NOT_VALID = {
    "type": "urn:evently:problem:authentication_failed",
    "title": "Authentication failed",
    "status": 401,
    "detail": "This token isn't valid.",
    "code": "authentication_failed",
}
INSUFFICIENT_SCOPE = {
    "type": "urn:evently:problem:insufficient_scope",
    "title": "Insufficient scope",
    "status": 403,
    "detail": "The token lacks the scope that this call needs.",
    "code": "insufficient_scope",
}

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def id_provider():
    """One server for all tests: its address is known, so its keys are kept between them."""
    with provider() as server:
        server.offer(
            public_jwk("first"),
            public_jwk("for PS256 only", alg="PS256"),
            public_jwk("curve", "EC"),
            public_jwk("edwards", "OKP"),
            public_jwk("for encryption", use="enc"),
        )
        yield server


@pytest.fixture(autouse=True)
def with_provider(id_provider, settings):
    settings.EVENTLY_AUTH = "jwt"
    settings.EVENTLY_JWT_JWKS = id_provider.url
    settings.EVENTLY_JWT_ISSUER = ISSUER
    settings.EVENTLY_JWT_AUDIENCE = AUDIENCE
    return settings


def ask(client, bearer, call="GET /users/me", body=None):
    method, path = call.split()
    headers = {"Authorization": f"Bearer {bearer}"}
    return client.generic(method, path, json.dumps(body), "application/json", headers=headers)


def answer(response):
    return response.status_code, response.json()


# --- Believed -----------------------------------------------------------------------------------


def test_token_names_its_user_by_username(client, holder):
    response = ask(client, token("holder"))

    assert (response.status_code, response.json()["id"]) == (200, holder.id)


def test_token_may_name_its_user_by_another_claim(client, holder, settings):
    settings.EVENTLY_JWT_USER_CLAIM = "preferred_username"

    response = ask(client, token("f81d4fae-7dec", preferred_username="holder"))

    assert response.json()["id"] == holder.id


@pytest.mark.parametrize(
    ("kid", "kind", "algorithm"),
    [
        ("first", "RSA", "RS256"),
        ("first", "RSA", "RS512"),
        ("for PS256 only", "RSA", "PS256"),
        ("curve", "EC", "ES256"),
        ("edwards", "OKP", "EdDSA"),
    ],
)
def test_token_of_an_allowed_algorithm_is_believed(kid, kind, algorithm, client, holder, settings):
    settings.EVENTLY_JWT_ALGORITHMS = ["RS256", "RS512", "PS256", "ES256", "EdDSA"]

    assert ask(client, token(kid=kid, kind=kind, algorithm=algorithm)).status_code == 200


@pytest.mark.parametrize("times", [{"exp": -50}, {"nbf": 50}, {"iat": 50}])
def test_token_within_the_leeway_is_believed(times, client, holder):
    now = int(time.time())
    moments = {name: now + seconds for name, seconds in times.items()}

    assert ask(client, token(**moments)).status_code == 200


def test_token_for_several_audiences_is_believed_if_we_are_one(client, holder):
    assert ask(client, token(aud=["shop", AUDIENCE])).status_code == 200


def test_token_pays_no_heed_to_keys_that_it_brings_along(client, holder):
    header = {"jku": "http://127.0.0.1:1/keys", "x5u": "http://127.0.0.1:1/certificate"}

    assert ask(client, token(header=header)).status_code == 200


# --- Not believed -------------------------------------------------------------------------------


A_STRANGERS = private_key("a stranger's")
WRONG = {
    "no token of three parts": lambda: "nonsense",
    "three empty parts": lambda: "..",
    "another issuer": lambda: token(iss="https://evil.example"),
    "an issuer with a slash more": lambda: token(iss=ISSUER + "/"),
    "no issuer": lambda: token(iss=None),
    "another audience": lambda: token(aud="shop"),
    "no audience": lambda: token(aud=None),
    "expired": lambda: token(exp=int(time.time()) - 70),
    "no expiry": lambda: token(exp=None),
    "an expiry that is no number": lambda: token(exp="tomorrow"),
    "an endless expiry": lambda: token(exp=float("inf")),
    "not yet valid": lambda: token(nbf=int(time.time()) + 90),
    "issued tomorrow": lambda: token(iat=int(time.time()) + 90_000),
    "no name": lambda: token(None),
    "an empty name": lambda: token(""),
    "a null character in the name": lambda: token("hol\0der"),
    "half a character in the name": lambda: token("\ud800"),
    "too long a name": lambda: token("x" * 151),
    "a list of scopes": lambda: token(scope=["read"]),
    "none": lambda: unsigned({"alg": "none", "kid": "first"}),
    "None": lambda: unsigned({"alg": "None", "kid": "first"}),
    "no algorithm": lambda: unsigned({"kid": "first"}),
    "an algorithm that is a list": lambda: unsigned({"alg": ["RS256"], "kid": "first"}),
    "HS256 with the public key": lambda: signed_with_the_public_key("first"),
    "an algorithm that isn't allowed": lambda: token(algorithm="PS384"),
    "an algorithm that isn't the key's": lambda: token(kid="for PS256 only", algorithm="RS256"),
    "an algorithm of another kind of key": lambda: token(
        kid="first", key=private_key("curve", "EC"), algorithm="ES256"
    ),
    "a key for encryption": lambda: token(kid="for encryption"),
    "a stranger's key": lambda: token(key=A_STRANGERS),
    "a stranger's key that it brings along": lambda: token(
        key=A_STRANGERS, header={"jwk": public_jwk("a stranger's")}
    ),
    "a stranger's key that it points to": lambda: token(
        key=A_STRANGERS, header={"jku": "http://127.0.0.1:1/keys"}
    ),
    "an unknown kid": lambda: token(kid="unknown"),
    "no kid": lambda: jwt.encode(claims(), private_key("first"), "RS256"),
    "a kid that is a number": lambda: unsigned({"alg": "RS256", "kid": 1}),
    "a kid that is a path": lambda: token(kid="../../../../etc/passwd"),
    "a kid that is an address": lambda: token(kid="http://127.0.0.1:1/keys"),
    "a kid that is SQL": lambda: token(kid="' OR 1=1 --"),
    "a huge kid": lambda: token(kid="k" * 50_000),
    "a header that is critical": lambda: token(header={"crit": ["exp"], "exp": 1}),
    "a header of endless depth": lambda: f"{encoded('[' * 50_000)}.e30.e30",
    "another's name put in": lambda: with_claims(token("stranger"), username="holder"),
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_token_with_anything_wrong_is_not_believed(make, client, holder, stranger, settings):
    settings.EVENTLY_JWT_ALGORITHMS = ["RS256", "PS256", "ES256", "HS256", "none"]

    response = ask(client, make())

    assert answer(response) == (401, NOT_VALID)
    assert response["WWW-Authenticate"] == 'Bearer realm="evently", error="invalid_token"'


@pytest.mark.parametrize("username", ["nobody", "HOLDER", "inactive"])
def test_token_of_somebody_we_dont_know_is_refused(username, client, holder):
    UserFactory(username="inactive", is_active=False)

    status, body = answer(ask(client, token(username)))

    assert (status, body["code"], body["detail"]) == (
        401,
        "authentication_failed",
        "No such user.",
    )


def test_call_without_a_token_is_answered_with_the_scheme_alone(client):
    response = client.get("/users/me")

    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="evently"')


@pytest.mark.parametrize(
    "headers",
    [
        {"X-User-ID": "{admin}", "X-User-Role": "admin"},
        {"Authorization": "Bearer {token}"},
    ],
)
def test_ways_in_of_other_modes_are_none(headers, client, admin):
    _, secret = create_token(user=admin)
    filled = {name: value.format(admin=admin.id, token=secret) for name, value in headers.items()}

    assert client.get("/users/me", headers=filled).status_code == 401


# --- Roles and scopes ---------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["admin", ["user", "admin"]])
def test_admin_by_database_and_claim_is_one(role, client, admin):
    assert ask(client, token("admin", role=role), "GET /admin/users").status_code == 200


def test_admin_by_another_claim_is_one(client, admin, settings):
    settings.EVENTLY_JWT_ROLE_CLAIM = "groups"

    response = ask(client, token("admin", groups=["admin"]), "GET /admin/users")

    assert response.status_code == 200


@pytest.mark.parametrize("role", [None, "user", "Admin", ["administrators"], {"admin": 1}, 1])
def test_admin_by_database_alone_is_none(role, client, admin):
    status, body = answer(ask(client, token("admin", role=role), "GET /admin/users"))

    assert (status, body["code"]) == (403, "permission_denied")


def test_admin_by_claim_alone_is_none(client, holder):
    status, body = answer(ask(client, token("holder", role="admin"), "GET /admin/users"))

    assert (status, body["code"]) == (403, "permission_denied")


@pytest.mark.parametrize(
    ("scope", "call", "needed"),
    [
        ("book admin", "GET /users/me", "read"),
        ("openid profile", "GET /events", "read"),
        ("", "GET /users/me", "read"),
        ("read", "POST /bookings", "book"),
        ("read book", "GET /admin/users", "admin"),
    ],
)
def test_token_without_the_scope_is_refused(scope, call, needed, client, admin):
    response = ask(client, token("admin", role="admin", scope=scope), call, {})

    assert answer(response) == (403, INSUFFICIENT_SCOPE)
    assert response["WWW-Authenticate"] == (f'Bearer error="insufficient_scope", scope="{needed}"')


def test_token_with_the_scope_books(client, event, holder):
    response = ask(client, token(scope="book"), "POST /bookings", {"event_id": event.id})

    assert response.status_code == 201
    assert Booking.objects.get().user == holder


def test_admin_whose_token_lacks_the_scope_acts_for_themselves_alone(client, event, holder, admin):
    wish = {"event_id": event.id, "user_id": holder.id}

    response = ask(client, token("admin", role="admin", scope="book"), "POST /bookings", wish)

    assert (response.status_code, response.json()["code"]) == (403, "user_mismatch")


def test_booking_with_a_provider_needs_more_than_the_body(client, event, holder):
    response = client.post("/bookings", {"user_id": holder.id, "event_id": event.id})

    assert response.status_code == 401
    assert not Booking.objects.exists()
