"""The figures over HTTP: their shape, their range, their days."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from bookings.models import Booking
from bookings.recount import recount
from bookings.services import cancel_booking
from tests.counting import queries_of
from tests.factories import EventFactory, make_booking, make_entry, make_full_event

# A snapshot begins its own transaction, so there must be none around the test.
pytestmark = pytest.mark.django_db(transaction=True)

NO_TOTALS = {
    "events": 0,
    "seats": 0,
    "bookings": 0,
    "active": 0,
    "cancelled": 0,
    "waiting": 0,
}


def booked_at(moment, event, seat_number, cancelled_at=None):
    """Make a booking of a time in the past."""
    booking = make_booking(event, seat_number=seat_number)
    if cancelled_at:
        cancel_booking(booking_id=booking.id)
    Booking.objects.filter(id=booking.id).update(created_at=moment, cancelled_at=cancelled_at)
    recount(event_id=event.id)


def at(day, hour=12):
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def days(body):
    return [(day["date"], day["booked"], day["cancelled"]) for day in body["daily"]]


@pytest.fixture
def busy_event():
    """Four seats; three bookings from the 1st to the 4th of March, one cancelled on the 4th."""
    event = EventFactory(name="Concert", total_seats=4, start_time=datetime(2026, 7, 1, tzinfo=UTC))
    booked_at(at(1), event, "Seat-1")
    booked_at(at(2), event, "Seat-2", cancelled_at=at(4))
    booked_at(at(4), event, "Seat-3")
    return event


def test_figures_are_answered_in_full(as_admin, busy_event):
    full, _ = make_full_event(name="Ball", start_time=datetime(2026, 8, 1, tzinfo=UTC))
    make_entry(full)
    Booking.objects.filter(event=full).update(created_at=at(2, 23))
    recount(event_id=full.id)

    response = as_admin.get("/admin/analytics?since=2026-03-01&until=2026-03-04")

    body = response.json()
    assert response.status_code == 200
    assert timezone.now() >= datetime.fromisoformat(body.pop("generated_at")) > at(4)
    assert body == {
        "timezone": "UTC",
        "since": "2026-03-01",
        "until": "2026-03-04",
        "totals": {
            "events": 2,
            "seats": 5,
            "bookings": 4,
            "active": 3,
            "cancelled": 1,
            "waiting": 1,
        },
        "cancellation_rate": 0.25,
        "daily": [
            {"date": "2026-03-01", "booked": 1, "cancelled": 0},
            {"date": "2026-03-02", "booked": 2, "cancelled": 0},
            {"date": "2026-03-03", "booked": 0, "cancelled": 0},
            {"date": "2026-03-04", "booked": 1, "cancelled": 1},
        ],
        "events": [
            {
                "event_id": full.id,
                "name": "Ball",
                "start_time": "2026-08-01T00:00:00+00:00",
                "total_seats": 1,
                "booked_seats": 1,
                "available_seats": 0,
                "waiting": 1,
                "cancelled": 0,
                "utilization": 1.0,
            },
            {
                "event_id": busy_event.id,
                "name": "Concert",
                "start_time": "2026-07-01T00:00:00+00:00",
                "total_seats": 4,
                "booked_seats": 2,
                "available_seats": 2,
                "waiting": 0,
                "cancelled": 1,
                "utilization": 0.5,
            },
        ],
    }


def test_figures_of_an_empty_database_are_zero(as_admin):
    body = as_admin.get("/admin/analytics").json()

    today = body["since"]
    assert (body["totals"], body["cancellation_rate"], body["events"]) == (NO_TOTALS, 0.0, [])
    assert body["until"] == today
    assert days(body) == [(today, 0, 0)]


def test_figures_reach_from_the_first_booking_to_today_without_gaps(as_admin, busy_event):
    body = as_admin.get("/admin/analytics").json()

    today = datetime.fromisoformat(body["generated_at"]).date()
    assert (body["since"], body["until"]) == ("2026-03-01", today.isoformat())
    assert len(body["daily"]) == (today - at(1).date()).days + 1
    assert body["totals"]["bookings"] == 3


@pytest.mark.parametrize(
    ("query", "bookings", "cancelled", "rate"),
    [
        ("since=2026-03-02", 2, 1, 0.5),
        ("until=2026-03-02", 2, 1, 0.5),
        ("since=2026-03-02&until=2026-03-03", 1, 1, 1.0),
        ("since=2026-03-03&until=2026-03-03", 0, 0, 0.0),
        ("until=2026-02-01", 0, 0, 0.0),
        ("since=2026-03-01&until=2026-03-04", 3, 1, 0.3333),
    ],
)
def test_totals_are_of_the_bookings_made_in_the_range(
    as_admin, busy_event, query, bookings, cancelled, rate
):
    body = as_admin.get(f"/admin/analytics?{query}").json()

    assert body["totals"] == {
        "events": 1,
        "seats": 4,
        "bookings": bookings,
        "active": bookings - cancelled,
        "cancelled": cancelled,
        "waiting": 0,
    }
    assert body["cancellation_rate"] == rate


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", "03-01"), ("Asia/Tokyo", "03-02"), ("America/New_York", "03-01")]
)
def test_days_are_those_of_the_servers_time_zone(as_admin, event, settings, zone, day):
    settings.TIME_ZONE = zone
    booked_at(at(1, hour=15), event, "Seat-1")

    body = as_admin.get("/admin/analytics?since=2026-03-01&until=2026-03-02").json()

    assert body["timezone"] == zone
    assert [date for date, booked, _ in days(body) if booked] == [f"2026-{day}"]


def test_today_is_that_of_the_servers_time_zone(as_admin, settings):
    settings.TIME_ZONE = "Pacific/Kiritimati"  # always a day ahead of Honolulu

    ahead = as_admin.get("/admin/analytics").json()["until"]
    settings.TIME_ZONE = "Pacific/Honolulu"
    behind = as_admin.get("/admin/analytics").json()["until"]

    assert ahead > behind


def test_events_are_the_latest_hundred_or_as_many_as_are_asked_for(as_admin):
    made = [
        EventFactory(total_seats=0, start_time=datetime(2030, 1, 1 + n % 9, tzinfo=UTC)).id
        for n in range(101)
    ]

    def listed(query):
        return [
            event["event_id"]
            for event in as_admin.get(f"/admin/analytics?{query}").json()["events"]
        ]

    latest_first = sorted(made, key=lambda id: (made.index(id) % 9, id), reverse=True)
    assert listed("") == latest_first[:100]
    assert listed("events_limit=2") == latest_first[:2]
    assert listed("events_limit=1000000") == latest_first


def test_figures_cost_the_same_for_one_event_and_three(as_admin):
    make_full_event()
    one = queries_of(lambda: as_admin.get("/admin/analytics"))
    make_full_event()
    make_full_event()

    assert queries_of(lambda: as_admin.get("/admin/analytics")) == one
