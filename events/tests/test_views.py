"""The events as everybody sees them."""

from datetime import UTC, datetime

import pytest

from events.models import Seat
from tests.counting import queries_of
from tests.factories import EventFactory, make_booking

pytestmark = pytest.mark.django_db


def ids(response):
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()]


def at(day):
    return datetime(2030, 6, day, 19, tzinfo=UTC)


# --- The list -----------------------------------------------------------------------------------


def test_events_are_shown_in_full(client):
    event = EventFactory(name="Concert", description="Loud.", timezone="Europe/Berlin")
    make_booking(event)

    response = client.get("/events")

    assert response.json() == [
        {
            "id": event.id,
            "name": "Concert",
            "venue": "City Hall",
            "start_time": "2030-06-01T21:00:00+02:00",
            "end_time": "2030-06-02T00:00:00+02:00",
            "description": "Loud.",
            "timezone": "Europe/Berlin",
            "status": "published",
            "total_seats": 3,
            "available_seats": 2,
            "max_per_user": None,
            "sales_start": None,
            "sales_end": None,
            "cancel_until": None,
        }
    ]
    assert response["X-Total-Count"] == "1"


def test_events_of_an_empty_house_are_an_empty_array(client):
    response = client.get("/events")

    assert (response.json(), response["X-Total-Count"]) == ([], "0")
    assert "Link" not in response


def test_events_come_with_the_latest_start_first_and_without_drafts(client):
    early = EventFactory(start_time=at(1))
    late = EventFactory(start_time=at(2), status="cancelled")
    late_too = EventFactory(start_time=at(2))
    EventFactory(start_time=at(3), status="draft")

    assert ids(client.get("/events")) == [late_too.id, late.id, early.id]


def test_events_upcoming_leave_out_what_has_ended_and_put_the_soonest_first(client):
    EventFactory(start_time=datetime(2020, 1, 1, tzinfo=UTC))
    far = EventFactory(start_time=datetime(2098, 1, 1, tzinfo=UTC))
    begun = EventFactory(
        start_time=datetime(2020, 1, 1, tzinfo=UTC), end_time=datetime(2099, 1, 1, tzinfo=UTC)
    )

    assert ids(client.get("/events?upcoming=true")) == [begun.id, far.id]
    assert len(ids(client.get("/events?upcoming=false"))) == 3


def test_events_include_available_seats_by_position(client):
    event = EventFactory(total_seats=3)
    make_booking(event, seat_number="Seat-2")
    first, _, third = event.seats.order_by("position")

    [shown] = client.get("/events?include=seats").json()

    assert shown["seats"] == [
        {"id": first.id, "seat_number": "Seat-1"},
        {"id": third.id, "seat_number": "Seat-3"},
    ]


def test_events_include_the_first_500_seats_of_each(client):
    great, other = EventFactory(total_seats=502), EventFactory(total_seats=1)
    make_booking(great, seat_number="Seat-1")
    make_booking(other)

    seats = {event["id"]: event["seats"] for event in client.get("/events?include=seats").json()}

    assert [seat["seat_number"] for seat in seats[great.id]] == [f"Seat-{n}" for n in range(2, 502)]
    assert seats[other.id] == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("search=CONCERT", ["Late concert", "Early concert"]),
        ("search=hall", ["Early concert", "Ball"]),
        ("search=100%25", []),
        ("search=_", []),
        ("search=nowhere", []),
        ("venue=city%20HALL", ["Early concert", "Ball"]),
        ("venue=City", []),
        ("starts_after=2030-06-02T19:00:00Z", ["Late concert", "Early concert"]),
        ("starts_before=2030-06-02T19:00:00Z", ["Ball"]),
        ("starts_after=2030-06-02T19:00:00Z&starts_before=2030-06-03T19:00:00Z", ["Early concert"]),
        ("starts_after=2030-06-02T21:00:00%2B02:00&search=ball", []),
        ("available=true", ["Late concert", "Early concert"]),
        ("available=false", ["Ball"]),
        ("ordering=start_time", ["Ball", "Early concert", "Late concert"]),
        ("ordering=-end_time", ["Late concert", "Early concert", "Ball"]),
        ("ordering=name", ["Ball", "Early concert", "Late concert"]),
        ("ordering=-name", ["Late concert", "Early concert", "Ball"]),
        ("ordering=id", ["Early concert", "Ball", "Late concert"]),
        ("ordering=-id", ["Late concert", "Ball", "Early concert"]),
        ("ordering=name&upcoming=true", ["Ball", "Early concert", "Late concert"]),
        ("ordering=&search=&venue=&upcoming=", ["Late concert", "Early concert", "Ball"]),
    ],
)
def test_events_are_narrowed_and_ordered(client, query, names):
    EventFactory(name="Early concert", start_time=at(2))
    EventFactory(name="Ball", start_time=at(1), total_seats=0)
    EventFactory(name="Late concert", start_time=at(3), venue="Arena")

    response = client.get(f"/events?{query}")

    assert [event["name"] for event in response.json()] == names
    assert response["X-Total-Count"] == str(len(names))


def test_time_to_narrow_by_without_an_offset_is_the_servers(client, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    event = EventFactory(start_time=datetime(2030, 6, 1, 15, tzinfo=UTC))

    assert ids(client.get("/events?starts_after=2030-06-02T00:00:00")) == [event.id]
    assert ids(client.get("/events?starts_after=2030-06-02T00:00:01")) == []


@pytest.mark.parametrize("query", ["", "?include=seats", "?upcoming=true&available=true&search=c"])
def test_events_cost_the_same_for_one_and_three(client, query):
    EventFactory()
    one = queries_of(lambda: client.get(f"/events{query}"))
    EventFactory.create_batch(2)

    assert queries_of(lambda: client.get(f"/events{query}")) == one


# --- One event and its seats --------------------------------------------------------------------


def test_event_is_shown_as_in_the_list(client, event):
    assert client.get(f"/events/{event.id}").json() == client.get("/events").json()[0]


def test_event_that_is_a_draft_is_not_found(client):
    draft = EventFactory(status="draft")

    paths = (f"/events/{draft.id}", f"/events/{draft.id}/seats")

    assert [client.get(path).status_code for path in paths] == [404, 404]


def test_seat_map_shows_every_seat_with_its_status(client):
    event = EventFactory(total_seats=4)
    make_booking(event, seat_number="Seat-2")
    Seat.objects.filter(event=event, seat_number="Seat-3").update(status="blocked")
    seats = event.seats.order_by("position")

    response = client.get(f"/events/{event.id}/seats")

    assert response.json() == [
        {"id": seat.id, "seat_number": f"Seat-{number}", "status": status}
        for number, (seat, status) in enumerate(
            zip(seats, ["available", "booked", "blocked", "available"], strict=True), start=1
        )
    ]


def test_seat_map_narrowed_by_status(client):
    event = EventFactory(total_seats=3)
    make_booking(event, seat_number="Seat-2")

    response = client.get(f"/events/{event.id}/seats?status=available")

    assert [seat["seat_number"] for seat in response.json()] == ["Seat-1", "Seat-3"]
    assert response["X-Total-Count"] == "2"


def test_seat_map_costs_the_same_for_one_and_three(client):
    one, three = (EventFactory(total_seats=n).id for n in (1, 3))

    assert queries_of(lambda: client.get(f"/events/{one}/seats")) == queries_of(
        lambda: client.get(f"/events/{three}/seats")
    )


@pytest.mark.parametrize("path", ["/events", "/events/{}", "/events/{}/seats"])
def test_what_the_client_has_already_is_304_until_it_changes(client, event, path):
    path = path.format(event.id)
    first = client.get(path)

    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    make_booking(event)
    changed = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["X-Request-ID"]
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
