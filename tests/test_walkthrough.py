"""The eleven calls that a newcomer types, in order, against the server as `make run` serves it."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.served import fresh_database, served

AS_USER_1 = {"X-User-ID": "1"}
AS_ADMIN = {"X-User-Role": "admin"}
GALA = {
    "name": "Exclusive Gala",
    "venue": "Grand Ballroom",
    "start_time": "2026-07-01T19:00:00",
    "end_time": "2026-07-01T23:00:00",
    "total_seats": 50,
}


@pytest.fixture
def call(tmp_path):
    """Call the served API; return status and decoded body."""
    with fresh_database(tmp_path) as database_url, served(database_url) as url:

        def call(method, path, body=None, headers=None):
            data = None if body is None else json.dumps(body).encode()
            headers = {"Content-Type": "application/json"} | (headers or {})
            request = Request(url + path, data, headers, method=method)
            try:
                answer = urlopen(request, timeout=30)
            except HTTPError as error:
                answer = error
            with answer:
                content = answer.read()
                return answer.status, json.loads(content) if content else None

        yield call


def test_walkthrough_answers_as_promised(call):
    status, events = call("GET", "/events")
    assert status == 200
    by_id = {event["id"]: event for event in events}
    assert by_id[1]["total_seats"] == 50
    assert by_id[1]["available_seats"] > 25
    assert by_id[2]["available_seats"] == 0

    status, booking = call("POST", "/bookings", {"user_id": 1, "event_id": 1})
    assert status == 201
    assert (booking["user_id"], booking["event_id"], booking["status"]) == (1, 1, "active")

    status, bookings = call("GET", "/users/me/bookings", headers=AS_USER_1)
    assert status == 200
    assert [each["id"] for each in bookings] == [booking["id"], 1]

    assert call("DELETE", "/bookings/1", headers=AS_USER_1) == (204, None)

    status, notifications = call("GET", "/users/me/notifications", headers=AS_USER_1)
    assert status == 200
    assert [(each["kind"], each["booking_id"]) for each in notifications[:2]] == [
        ("booking_cancelled", 1),
        ("booking_confirmed", booking["id"]),
    ]

    status, entries = call("GET", "/waitlists/me", headers=AS_USER_1)
    assert status == 200
    assert [(each["id"], each["event_id"], each["position"]) for each in entries] == [(1, 2, 1)]

    assert call("DELETE", "/waitlists/1", headers=AS_USER_1) == (204, None)

    status, gala = call("POST", "/admin/events", GALA, AS_ADMIN)
    assert status == 201
    assert (gala["name"], gala["available_seats"]) == ("Exclusive Gala", 50)
    assert gala["start_time"] == "2026-07-01T19:00:00+00:00"

    renamed = {name: by_id[1][name] for name in ("venue", "start_time", "end_time")}
    status, event = call("PUT", "/admin/events/1", renamed | {"name": "Renamed"}, AS_ADMIN)
    assert (status, event["name"], event["total_seats"]) == (200, "Renamed", 50)

    assert call("DELETE", "/admin/events/3", headers=AS_ADMIN) == (204, None)

    status, figures = call("GET", "/admin/analytics", headers=AS_ADMIN)
    assert status == 200
    assert {event["event_id"] for event in figures["events"]} == {1, 2, 4, 5, 6, gala["id"]}


def test_60_buyers_over_http_get_10_seats_and_50_places_in_line(call):
    _, event = call("POST", "/admin/events", GALA | {"total_seats": 10}, AS_ADMIN)
    for number in range(60):
        person = {"username": f"buyer-{number}", "email": f"buyer-{number}@example.org"}
        call("POST", "/admin/users", person, AS_ADMIN)
    _, people = call("GET", "/admin/users?search=buyer-&limit=100", headers=AS_ADMIN)

    def buy(person):
        return call("POST", "/bookings", {"user_id": person["id"], "event_id": event["id"]})

    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(buy, people))

    assert sorted(status for status, _ in answers) == [201] * 10 + [202] * 50
    assert len({answer["seat_id"] for status, answer in answers if status == 201}) == 10
    positions = [entry["waitlist_entry"]["position"] for status, entry in answers if status == 202]
    assert max(positions) == 50
