"""Making events, and the events as staff see them."""

from datetime import UTC, datetime

import pytest

from events.models import Event
from tests.counting import queries_of
from tests.factories import EventFactory, make_full_event

MOMENTS = ("_time", "_start", "_end", "_until")
GALA = {
    "name": "Exclusive Gala",
    "venue": "City Hall",
    "start_time": "2026-07-01T19:00:00",
    "end_time": "2026-07-01T23:00:00",
    "total_seats": 50,
}

pytestmark = pytest.mark.django_db


def test_created_event_is_answered_in_full_with_its_place(as_admin):
    response = as_admin.post("/admin/events", GALA)

    event = Event.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"/admin/events/{event.id}"
    assert response.json() == {
        "id": event.id,
        "name": "Exclusive Gala",
        "venue": "City Hall",
        "start_time": "2026-07-01T19:00:00+00:00",
        "end_time": "2026-07-01T23:00:00+00:00",
        "description": "",
        "timezone": "UTC",
        "status": "published",
        "total_seats": 50,
        "available_seats": 50,
        "max_per_user": None,
        "sales_start": None,
        "sales_end": None,
        "cancel_until": None,
    }
    assert list(event.seats.order_by("position").values_list("seat_number", "status")) == [
        (f"Seat-{n}", "available") for n in range(1, 51)
    ]


@pytest.mark.parametrize(
    ("zone", "start", "shown"),
    [
        ("Europe/Berlin", "2026-07-01T19:00:00", "2026-07-01T19:00:00+02:00"),
        ("Europe/Berlin", "2026-07-01T17:00:00Z", "2026-07-01T19:00:00+02:00"),
        ("America/New_York", "2026-01-01T19:00", "2026-01-01T19:00:00-05:00"),
        ("UTC", "2026-07-01T19:00:00.123456+05:30", "2026-07-01T13:30:00.123456+00:00"),
    ],
)
def test_time_without_an_offset_is_read_in_the_events_time_zone(as_admin, zone, start, shown):
    wish = GALA | {"timezone": zone, "start_time": start, "end_time": "2026-07-02T00:00:00Z"}

    assert as_admin.post("/admin/events", wish).json()["start_time"] == shown


def test_other_times_without_an_offset_are_read_in_the_events_time_zone_too(as_admin):
    times = {
        "sales_start": "2026-05-01T10:00:00",
        "sales_end": "2026-07-01T16:00:00Z",
        "cancel_until": "2026-02-01T12:00:00",
    }

    created = as_admin.post("/admin/events", GALA | {"timezone": "Europe/Berlin"} | times).json()

    assert {name: created[name] for name in times} == {
        "sales_start": "2026-05-01T10:00:00+02:00",
        "sales_end": "2026-07-01T18:00:00+02:00",
        "cancel_until": "2026-02-01T12:00:00+01:00",
    }


def test_event_without_a_time_zone_is_in_the_servers(as_admin, settings):
    settings.TIME_ZONE = "Asia/Tokyo"

    created = as_admin.post("/admin/events", GALA).json()

    assert (created["timezone"], created["start_time"]) == (
        "Asia/Tokyo",
        "2026-07-01T19:00:00+09:00",
    )
    assert Event.objects.get().start_time == datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "extreme",
    [
        {"total_seats": 0},
        {"name": "x" * 200, "venue": "é" * 200},
        {"start_time": "1999-07-01T19:00:00Z"},
        {"start_time": "1900-01-01T00:00:00Z", "end_time": "2999-12-31T00:00:00Z"},
        {"status": "draft"},
        {"description": "x" * 10_000},
        {"max_per_user": 1},
        {"max_per_user": 100_000},
        {"max_per_user": None},
        {"sales_start": None, "sales_end": None},
        {"sales_start": "1900-01-01T00:00:00Z", "sales_end": "2999-12-31T00:00:00Z"},
        {"sales_start": "2999-12-31T00:00:00Z"},
        {"sales_end": "1900-01-01T00:00:00Z"},
        {"cancel_until": None},
        {"cancel_until": "2999-12-31T00:00:00Z"},
    ],
)
def test_event_at_the_limits_is_created(as_admin, extreme):
    created = as_admin.post("/admin/events", GALA | extreme)

    assert created.status_code == 201
    assert {name: created.json()[name] for name in extreme} == {
        name: value.replace("Z", "+00:00") if name.endswith(MOMENTS) and value else value
        for name, value in extreme.items()
    }


def test_unknown_fields_of_a_new_event_are_ignored(as_admin):
    response = as_admin.post("/admin/events", GALA | {"id": 7, "available_seats": 1, "x": [{}]})

    assert (response.status_code, response.json()["available_seats"]) == (201, 50)
    assert response.json()["id"] == Event.objects.get().id


def names(response):
    return [event["name"] for event in response.json()]


def test_staff_see_drafts_too(as_admin):
    draft = EventFactory(name="Draft", status="draft", start_time=datetime(2030, 6, 1, tzinfo=UTC))
    EventFactory(name="Published", start_time=datetime(2030, 6, 2, tzinfo=UTC))

    assert names(as_admin.get("/admin/events")) == ["Published", "Draft"]
    assert names(as_admin.get("/admin/events?status=draft")) == ["Draft"]
    assert as_admin.get(f"/admin/events/{draft.id}").json()["status"] == "draft"


def test_events_of_staff_cost_the_same_for_one_and_three(as_admin):
    make_full_event()
    one = queries_of(lambda: as_admin.get("/admin/events?include=seats"))
    make_full_event()
    make_full_event()

    assert queries_of(lambda: as_admin.get("/admin/events?include=seats")) == one


def test_create_event_that_is_cancelled_already_is_refused(as_admin):
    answer = as_admin.post("/admin/events", GALA | {"status": "cancelled"})

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["status"]
