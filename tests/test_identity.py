"""Who is calling: open headers, headers behind a gateway; in any mode, whom a booking is for."""

import pytest

from bookings.models import Booking
from conftest import Client
from evently.users.services import create_token

SECRET = "a gateway's secret of 32 characters and more"
NEXT_SECRET = "the secret that is to replace it, as long as that"
NOT_AUTHENTICATED = {
    "type": "urn:evently:problem:not_authenticated",
    "title": "Not authenticated",
    "status": 401,
    "detail": "Authentication credentials were not provided.",
    "code": "not_authenticated",
}
USER_MISMATCH = {
    "type": "urn:evently:problem:user_mismatch",
    "title": "User mismatch",
    "status": 403,
    "detail": "Only an admin may book for somebody else.",
    "code": "user_mismatch",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def behind_gateway(settings):
    settings.EVENTLY_GATEWAY_SECRET = SECRET
    return {"X-Gateway-Secret": SECRET}


@pytest.fixture
def with_tokens(settings):
    settings.EVENTLY_AUTH = "tokens"


@pytest.fixture
def bare_admin():
    """The admin role, and nobody in it."""
    return Client().as_admin()


def bearer(user):
    _, secret = create_token(user=user)
    return {"Authorization": f"Bearer {secret}"}


def answer(response):
    return response.status_code, response.json()


def booker_of(response):
    assert response.status_code == 201
    return Booking.objects.get(id=response.json()["id"]).user


# --- Open header mode ---------------------------------------------------------------------------


def test_x_user_id_names_the_caller(as_holder, holder):
    response = as_holder.get("/users/me")

    assert answer(response) == (
        200,
        {"id": holder.id, "username": "holder", "email": "holder@example.org", "role": "user"},
    )


def test_x_user_id_of_an_admin_is_enough_for_the_admin_endpoints(client, admin):
    assert client.as_user(admin).get("/admin/events").status_code == 200


def test_authorization_header_counts_for_nothing_in_header_mode(client, admin):
    response = client.get("/users/me", headers=bearer(admin))

    assert answer(response) == (401, NOT_AUTHENTICATED)
    assert response["WWW-Authenticate"] == 'X-User-ID realm="evently"'


# --- Behind a gateway ---------------------------------------------------------------------------


def test_headers_with_the_gateway_secret_count(behind_gateway, as_holder, holder):
    response = as_holder.get("/users/me", headers=behind_gateway)

    assert (response.status_code, response.json()["id"]) == (200, holder.id)


def test_role_alone_with_the_gateway_secret_counts(behind_gateway, bare_admin):
    assert bare_admin.get("/admin/events", headers=behind_gateway).status_code == 200


def test_headers_without_the_gateway_secret_are_nobodys(behind_gateway, as_holder):
    assert answer(as_holder.get("/users/me")) == (401, NOT_AUTHENTICATED)


def test_headers_without_the_gateway_secret_are_not_even_read(behind_gateway, client):
    assert client.get("/events", headers={"X-User-ID": "nonsense"}).status_code == 200


# --- While one secret replaces the other --------------------------------------------------------


@pytest.fixture
def with_two_secrets(settings):
    settings.EVENTLY_GATEWAY_SECRET = NEXT_SECRET
    settings.EVENTLY_GATEWAY_SECRET_FALLBACK = SECRET


@pytest.mark.parametrize("secret", [SECRET, NEXT_SECRET])
def test_headers_with_either_secret_count(secret, with_two_secrets, as_holder):
    response = as_holder.get("/users/me", headers={"X-Gateway-Secret": secret})

    assert response.status_code == 200


@pytest.mark.parametrize("secret", ["", SECRET + NEXT_SECRET, f"{SECRET},{NEXT_SECRET}"])
def test_headers_with_neither_secret_are_nobodys(secret, with_two_secrets, as_holder):
    response = as_holder.get("/users/me", headers={"X-Gateway-Secret": secret})

    assert answer(response) == (401, NOT_AUTHENTICATED)


def test_headers_with_the_old_secret_are_nobodys_once_it_is_gone(with_two_secrets, settings):
    settings.EVENTLY_GATEWAY_SECRET_FALLBACK = ""

    response = Client().as_admin().get("/admin/users", headers={"X-Gateway-Secret": SECRET})

    assert answer(response) == (401, NOT_AUTHENTICATED)


def test_old_secret_alone_opens_nothing(settings, as_holder, client, event, holder):
    settings.EVENTLY_GATEWAY_SECRET_FALLBACK = SECRET

    wish = {"user_id": holder.id, "event_id": event.id}

    assert as_holder.get("/users/me").status_code == 401
    assert client.post("/bookings", wish).status_code == 401


# --- Whom a booking is for ----------------------------------------------------------------------


def test_booking_in_open_mode_needs_no_header(client, event, holder):
    response = client.post("/bookings", {"user_id": holder.id, "event_id": event.id})

    assert booker_of(response) == holder


def test_booking_without_user_id_is_the_callers(as_holder, event, holder):
    assert booker_of(as_holder.post("/bookings", {"event_id": event.id})) == holder


def test_booking_with_the_callers_own_user_id_is_the_callers(as_holder, event, holder):
    response = as_holder.post("/bookings", {"user_id": holder.id, "event_id": event.id})

    assert booker_of(response) == holder


def test_booking_for_another_is_refused(as_stranger, event, holder):
    response = as_stranger.post("/bookings", {"user_id": holder.id, "event_id": event.id})

    assert answer(response) == (403, USER_MISMATCH)
    assert not Booking.objects.exists()


def test_booking_for_another_by_an_admin_is_the_others(as_admin, event, holder):
    response = as_admin.post("/bookings", {"user_id": holder.id, "event_id": event.id})

    assert booker_of(response) == holder


def test_booking_for_another_by_the_role_alone_is_the_others(bare_admin, event, holder):
    response = bare_admin.post("/bookings", {"user_id": holder.id, "event_id": event.id})

    assert booker_of(response) == holder


def test_booking_of_an_admin_without_user_id_is_the_admins(as_admin, event, admin):
    assert booker_of(as_admin.post("/bookings", {"event_id": event.id})) == admin


@pytest.mark.parametrize("role", ["client", "bare_admin"])
def test_booking_for_nobody_is_invalid(role, request, event):
    response = request.getfixturevalue(role).post("/bookings", {"event_id": event.id})

    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"field": "user_id", "code": "required", "detail": "This field is required."}
    ]


def test_booking_for_an_unknown_user_is_not_found(client, event):
    response = client.post("/bookings", {"user_id": 2**40, "event_id": event.id})

    assert answer(response) == (
        404,
        {
            "type": "urn:evently:problem:user_not_found",
            "title": "User not found",
            "status": 404,
            "detail": "There is no such user.",
            "code": "user_not_found",
        },
    )


def test_booking_behind_a_gateway_needs_more_than_the_body(behind_gateway, client, event, holder):
    wish = {"user_id": holder.id, "event_id": event.id}

    assert answer(client.post("/bookings", wish)) == (401, NOT_AUTHENTICATED)
    assert answer(client.post("/bookings", wish, headers=behind_gateway)) == (
        401,
        NOT_AUTHENTICATED,
    )
    assert not Booking.objects.exists()


def test_booking_behind_a_gateway_is_the_callers(behind_gateway, as_holder, event, holder):
    response = as_holder.post("/bookings", {"event_id": event.id}, headers=behind_gateway)

    assert booker_of(response) == holder


def test_booking_for_another_behind_a_gateway_is_for_admins_only(
    behind_gateway, as_stranger, bare_admin, event, holder
):
    wish = {"user_id": holder.id, "event_id": event.id}

    refused = as_stranger.post("/bookings", wish, headers=behind_gateway)
    allowed = bare_admin.post("/bookings", wish, headers=behind_gateway)

    assert answer(refused) == (403, USER_MISMATCH)
    assert booker_of(allowed) == holder


def test_booking_with_tokens_needs_more_than_the_body(with_tokens, client, event, holder):
    response = client.post("/bookings", {"user_id": holder.id, "event_id": event.id})

    assert answer(response) == (401, NOT_AUTHENTICATED)
    assert not Booking.objects.exists()


def test_booking_for_another_with_tokens_is_for_admins_only(
    with_tokens, client, event, holder, stranger, admin
):
    wish = {"user_id": holder.id, "event_id": event.id}

    refused = client.post("/bookings", wish, headers=bearer(stranger))
    allowed = client.post("/bookings", wish, headers=bearer(admin))

    assert answer(refused) == (403, USER_MISMATCH)
    assert booker_of(allowed) == holder
