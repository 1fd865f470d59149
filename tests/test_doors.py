"""Every endpoint and everybody: nobody, a stranger, the owner, an admin, the admin role alone."""

import json

import pytest

from bookings.services import cancel_booking
from conftest import Client
from tests.factories import NotificationFactory, make_booking, make_entry, make_full_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def bare_admin():
    """The admin role, and nobody in it."""
    return Client().as_admin()


NEW_EVENT = {
    "name": "Gala",
    "venue": "City Hall",
    "start_time": "2031-07-01T19:00:00Z",
    "end_time": "2031-07-01T23:00:00Z",
    "total_seats": 3,
}
CALLERS = ["client", "as_stranger", "as_holder", "as_admin", "bare_admin"]
FOR_ALL = [200, 200, 200, 200, 200]
OF_ONE_ROW = [401, 404, 200, 200, 200]
FOR_USERS = [401, 200, 200, 200, 401]
FOR_ADMINS = [401, 403, 403, 200, 200]

# Each call, its body, and what nobody, a stranger, the owner, an admin and the bare role get.
DOORS = {
    "GET /events": (None, FOR_ALL),
    "GET /events/{event}": (None, FOR_ALL),
    "GET /events/{event}/seats": (None, FOR_ALL),
    "POST /bookings": ({"user_id": "{holder}", "event_id": "{event}"}, [201, 403, 201, 201, 201]),
    "GET /bookings/{booking}": (None, OF_ONE_ROW),
    "DELETE /bookings/{booking}": (None, [401, 404, 204, 204, 204]),
    "GET /users/me": (None, FOR_USERS),
    "GET /users/me/bookings": (None, FOR_USERS),
    "GET /users/me/notifications": (None, FOR_USERS),
    "PATCH /users/me/notifications/{notification}": ({"is_read": True}, OF_ONE_ROW),
    "POST /users/me/notifications/read-all": (None, [401, 204, 204, 204, 401]),
    "GET /waitlists/me": (None, FOR_USERS),
    "POST /waitlists": ({"event_id": "{full}"}, [401, 201, 200, 201, 401]),
    "GET /waitlists/{entry}": (None, OF_ONE_ROW),
    "DELETE /waitlists/{entry}": (None, [401, 404, 204, 204, 204]),
    "POST /waitlists/{offered}/accept": (None, [401, 404, 201, 201, 201]),
    "GET /admin/events": (None, FOR_ADMINS),
    "POST /admin/events": (NEW_EVENT, [401, 403, 403, 201, 201]),
    "GET /admin/events/{event}": (None, FOR_ADMINS),
    "PUT /admin/events/{event}": (NEW_EVENT, FOR_ADMINS),
    "PATCH /admin/events/{event}": ({"name": "Gala"}, FOR_ADMINS),
    "DELETE /admin/events/{unsold}": (None, [401, 403, 403, 204, 204]),
    "GET /admin/bookings": (None, FOR_ADMINS),
    "GET /admin/users": (None, FOR_ADMINS),
    "GET /admin/audit": (None, FOR_ADMINS),
    "POST /admin/users": (
        {"username": "newcomer", "email": "newcomer@example.org"},
        [401, 403, 403, 201, 201],
    ),
    "GET /healthz": (None, FOR_ALL),
    "GET /readyz": (None, FOR_ALL),
    "GET /metrics": (None, FOR_ALL),  # on this machine
    "GET /schema": (None, FOR_ALL),
    "GET /docs": (None, FOR_ALL),
    "GET /redoc": (None, FOR_ALL),
}


@pytest.fixture
def rows(event, holder):
    """Return the ids of rows of the holder's, and of events."""
    full, _ = make_full_event()
    waiting = make_entry(full, holder)
    unsold, [booking] = make_full_event()
    offered = make_entry(unsold, holder)
    cancel_booking(booking_id=booking.id)
    return {
        "event": event.id,
        "holder": holder.id,
        "booking": make_booking(event, holder).id,
        "notification": NotificationFactory(user=holder).id,
        "full": full.id,
        "entry": waiting.id,
        "unsold": unsold.id,
        "offered": offered.id,
    }


def call(client, door, body, rows):
    method, path = door.split()
    filled = {
        name: rows[value[1:-1]] if str(value).startswith("{") else value
        for name, value in (body or {}).items()
    }
    return client.generic(method, path.format_map(rows), json.dumps(filled), "application/json")


@pytest.mark.parametrize(
    ("door", "caller", "status"),
    [
        pytest.param(door, caller, status, id=f"{door} by {caller}")
        for door, (_, statuses) in DOORS.items()
        for caller, status in zip(CALLERS, statuses, strict=True)
    ],
)
def test_door_opens_for_whom_it_should(door, caller, status, rows, request):
    response = call(request.getfixturevalue(caller), door, DOORS[door][0], rows)

    assert response.status_code == status


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("caller", "status"), list(zip(CALLERS, FOR_ADMINS, strict=True)))
def test_analytics_open_for_admins_only(caller, status, request):
    assert request.getfixturevalue(caller).get("/admin/analytics").status_code == status


@pytest.mark.parametrize(
    "door", [door for door, (_, statuses) in DOORS.items() if statuses[1] == 404]
)
def test_anothers_row_is_answered_as_a_missing_one(door, rows, as_stranger):
    missing = dict.fromkeys(rows, 2**40)

    anothers = call(as_stranger, door, DOORS[door][0], rows)
    nobodys = call(as_stranger, door, DOORS[door][0], missing)

    for response in (anothers, nobodys):
        for name in ("X-Request-ID", "RateLimit"):
            response.headers.pop(name)
    assert anothers.status_code == nobodys.status_code == 404
    assert anothers.serialize() == nobodys.serialize()
