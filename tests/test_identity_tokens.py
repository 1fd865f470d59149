"""Who is calling: tokens of ours, what each may do, how long, and when it was used."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.models import Booking
from evently.users.models import ApiToken
from evently.users.services import create_token, note_use
from tests.factories import UserFactory

NOT_AUTHENTICATED = {
    "type": "urn:evently:problem:not_authenticated",
    "title": "Not authenticated",
    "status": 401,
    "detail": "Authentication credentials were not provided.",
    "code": "not_authenticated",
}
UNKNOWN = {
    "type": "urn:evently:problem:authentication_failed",
    "title": "Authentication failed",
    "status": 401,
    "detail": "This token is unknown, expired or revoked.",
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


@pytest.fixture(autouse=True)
def with_tokens(settings):
    settings.EVENTLY_AUTH = "tokens"


def bearer(user, **values):
    _, secret = create_token(user=user, **values)
    return {"Authorization": f"Bearer {secret}"}


def answer(response):
    return response.status_code, response.json()


def written(queries):
    return [query["sql"] for query in queries if not query["sql"].startswith("SELECT")]


# --- Whom a token names -------------------------------------------------------------------------


def test_token_names_its_user(client, holder):
    response = client.get("/users/me", headers=bearer(holder))

    assert (response.status_code, response.json()["id"]) == (200, holder.id)


def test_token_is_taken_whatever_the_case_of_the_scheme(client, holder):
    headers = {"Authorization": bearer(holder)["Authorization"].replace("Bearer", "BEARER")}

    assert client.get("/users/me", headers=headers).status_code == 200


def test_token_of_an_admin_has_the_role(client, admin):
    assert client.get("/admin/events", headers=bearer(admin)).status_code == 200


def test_identity_headers_beside_a_token_are_ignored(as_admin, holder):
    assert as_admin.get("/users/me", headers=bearer(holder)).json()["id"] == holder.id
    assert as_admin.get("/admin/events", headers=bearer(holder)).status_code == 403


def test_no_token_is_answered_with_the_scheme_to_use(client):
    response = client.get("/users/me")

    assert answer(response) == (401, NOT_AUTHENTICATED)
    assert response["WWW-Authenticate"] == 'Bearer realm="evently"'


def test_token_that_has_expired_is_unknown(client, holder):
    now = timezone.now()

    expired = client.get("/events", headers=bearer(holder, expires_at=now - timedelta(seconds=2)))
    lasting = client.get("/events", headers=bearer(holder, expires_at=now + timedelta(minutes=1)))

    assert answer(expired) == (401, UNKNOWN)
    assert expired["WWW-Authenticate"] == 'Bearer realm="evently", error="invalid_token"'
    assert lasting.status_code == 200


# --- Scopes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scopes", "call", "needed"),
    [
        (["book", "admin"], "GET /events", "read"),
        (["book", "admin"], "GET /users/me", "read"),
        (["book", "admin"], "HEAD /users/me/bookings", "read"),
        (["read", "admin"], "POST /bookings", "book"),
        (["read", "admin"], "DELETE /bookings/1", "book"),
        (["read", "admin"], "PATCH /users/me/notifications/1", "book"),
        (["read", "book"], "GET /admin/users", "admin"),
        (["read", "book"], "POST /admin/events", "admin"),
        (["read", "book"], "DELETE /admin/events/1", "admin"),
    ],
)
def test_token_without_the_scope_is_refused(scopes, call, needed, client, admin):
    method, path = call.split()

    response = client.generic(method, path, "{}", headers=bearer(admin, scopes=scopes))

    assert response["WWW-Authenticate"] == f'Bearer error="insufficient_scope", scope="{needed}"'
    assert response.status_code == 403
    if method != "HEAD":
        assert response.json() == INSUFFICIENT_SCOPE


def test_token_for_reading_reads(client, holder):
    headers = bearer(holder, scopes=["read"])

    assert client.get("/users/me/bookings", headers=headers).status_code == 200


def test_token_for_booking_books(client, event, holder):
    headers = bearer(holder, scopes=["book"])

    response = client.post("/bookings", {"event_id": event.id}, headers=headers)

    assert response.status_code == 201
    assert Booking.objects.get().user == holder


def test_token_for_administering_needs_no_other_scope(client, admin):
    headers = bearer(admin, scopes=["admin"])

    assert client.get("/admin/users", headers=headers).status_code == 200


def test_scope_makes_nobody_an_admin(client, holder):
    status, body = answer(client.get("/admin/users", headers=bearer(holder)))

    assert (status, body["code"]) == (403, "permission_denied")


def test_admin_whose_token_lacks_the_scope_reaches_only_their_own(client, event, holder, admin):
    booking = client.post("/bookings", {"event_id": event.id}, headers=bearer(holder)).json()
    path = f"/bookings/{booking['id']}"

    narrow = client.get(path, headers=bearer(admin, scopes=["read", "book"]))
    wide = client.get(path, headers=bearer(admin))

    assert (narrow.status_code, wide.status_code) == (404, 200)


def test_admin_who_is_one_no_more_has_the_role_no_more(client, admin):
    headers = bearer(admin)
    admin.is_staff = False
    admin.save()

    assert client.get("/admin/users", headers=headers).status_code == 403


@pytest.mark.parametrize("scopes", [[], ["root"], ["read", "READ"], [""]])
def test_token_with_unknown_scopes_or_none_is_not_made(scopes, holder):
    with pytest.raises(ValueError, match="Scopes are one or more of read, book, admin"):
        create_token(user=holder, scopes=scopes)


@pytest.mark.parametrize("scope", ["", "root", "book read"])
def test_database_itself_refuses_an_unknown_scope(scope, holder):
    token, _ = create_token(user=holder)

    with pytest.raises(IntegrityError, match="api_token_has_known_scopes"):
        ApiToken.objects.filter(id=token.id).update(scope=scope)


# --- Last use -----------------------------------------------------------------------------------


def test_first_use_is_noted(client, holder):
    before = timezone.now()

    client.get("/users/me", headers=bearer(holder))

    assert before <= ApiToken.objects.get().last_used_at <= timezone.now()


def test_use_within_a_minute_writes_nothing_and_asks_once(client, holder):
    headers = bearer(holder)
    client.get("/users/me", headers=headers)

    with CaptureQueriesContext(connection) as queries:
        client.get("/users/me", headers=headers)

    assert (len(queries), written(queries)) == (1, [])


def test_use_after_a_minute_is_noted_again(client, holder):
    headers = bearer(holder)
    earlier = timezone.now() - timedelta(seconds=61)
    ApiToken.objects.update(last_used_at=earlier)

    client.get("/users/me", headers=headers)

    assert ApiToken.objects.get().last_used_at > earlier


def test_use_that_another_request_noted_meanwhile_is_not_noted_again(holder):
    token, _ = create_token(user=holder)
    noted_at = timezone.now() - timedelta(seconds=1)
    ApiToken.objects.update(last_used_at=noted_at)

    note_use(token=token)  # as it was read before

    assert ApiToken.objects.get().last_used_at == noted_at


def test_refused_token_is_not_noted_as_used(client):
    client.get("/users/me", headers=bearer(UserFactory(is_active=False)))

    assert ApiToken.objects.get().last_used_at is None
