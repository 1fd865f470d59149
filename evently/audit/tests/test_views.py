"""The record at `GET /admin/audit`."""

from datetime import timedelta

import pytest

from bookings.services import cancel_booking
from evently.audit.models import AuditRecord
from evently.audit.services import record
from tests.counting import queries_of
from tests.factories import NOW, make_booking

pytestmark = pytest.mark.django_db


def actions(response):
    assert response.status_code == 200, response.content
    return [row["action"] for row in response.json()]


@pytest.fixture
def four(db):
    """Four records of different kinds, an hour apart."""
    hour = timedelta(hours=1)
    record("booking_made", at=NOW, event_id=1, booking_id=11, user_id=21)
    record("seat_offered", at=NOW + hour, event_id=1, entry_id=12, user_id=22)
    record("event_changed", at=NOW + 2 * hour, event_id=2)
    record("token_created", at=NOW + 3 * hour, token_id=11, user_id=21)


def test_record_is_shown_whole(as_admin, as_holder, holder, event):
    as_holder.post("/bookings", {"event_id": event.id}, headers={"X-Request-ID": "5e" * 16})

    [row] = as_admin.get("/admin/audit").json()
    shown = AuditRecord.objects.get()
    assert row == {
        "id": shown.id,
        "at": shown.at.isoformat(),
        "actor_kind": "user",
        "actor_id": holder.id,
        "action": "booking_made",
        "event_id": event.id,
        "subject": "booking",
        "subject_id": shown.subject_id,
        "user_id": holder.id,
        "request_id": "5e" * 16,
        "before": None,
        "after": {"status": "active", "seat_number": "Seat-1"},
    }


def test_list_is_newest_first(as_admin, event):
    cancel_booking(booking_id=make_booking(event).id)

    assert actions(as_admin.get("/admin/audit")) == ["booking_cancelled", "booking_made"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("event_id=1", ["seat_offered", "booking_made"]),
        ("user_id=21", ["token_created", "booking_made"]),
        ("action=event_changed", ["event_changed"]),
        ("subject=entry", ["seat_offered"]),
        ("subject=token&subject_id=11", ["token_created"]),
        ("since=2026-03-01T14:00:00Z", ["token_created", "event_changed"]),
        ("until=2026-03-01T14:00:00Z", ["seat_offered", "booking_made"]),
        ("since=2026-03-01T13:00&until=2026-03-01T13:01", ["seat_offered"]),
        ("event_id=1&user_id=22", ["seat_offered"]),
        ("event_id=3", []),
        ("actor_id=1", []),
    ],
)
def test_list_is_narrowed(query, found, as_admin, four):
    assert actions(as_admin.get(f"/admin/audit?{query}")) == found


def test_list_is_narrowed_by_who_acted(as_admin, as_holder, holder, event):
    as_holder.post("/bookings", {"event_id": event.id})
    make_booking(event, holder, "Seat-2")

    assert actions(as_admin.get(f"/admin/audit?actor_id={holder.id}")) == ["booking_made"]


def test_list_costs_the_same_number_of_queries_for_more_rows(as_admin):
    record("user_created", user_id=1)
    one = queries_of(lambda: as_admin.get("/admin/audit"))
    record("user_created", user_id=2)
    record("user_created", user_id=3)

    assert queries_of(lambda: as_admin.get("/admin/audit")) == one


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_record_takes_no_changes(method, as_admin):
    assert getattr(as_admin, method)("/admin/audit").status_code == 405
