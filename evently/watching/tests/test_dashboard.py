"""The dashboard: the front page of the staff site."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.services import book_any_seat, cancel_booking
from evently.watching.models import WorkerPass, note_pass
from events.counts import fold_all
from notifications.models import Notification
from tests.factories import EventFactory, make_entry, make_full_event
from tests.staff import superuser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(db):
    return superuser()


def shown(staff, **asked):
    return staff.get("/staff/", asked).context


def coming(**facts):
    start = timezone.now() + timedelta(days=3)
    return EventFactory(start_time=start, end_time=start + timedelta(hours=2), **facts)


def test_dashboard_counts_today_s_bookings_and_cancellations(staff, holder):
    event = EventFactory(total_seats=3)
    made = [book_any_seat(event_id=event.id, user_id=holder.id) for _ in range(2)]
    cancel_booking(booking_id=made[0].id)

    page = shown(staff)

    assert page["today"] == {"booked": 2, "cancelled": 1}
    assert page["yesterday"] == {"booked": 0, "cancelled": 0}
    assert [bar.booked for bar in page["bars"]] == [0] * 29 + [2]


@pytest.mark.parametrize(("asked", "days"), [("7", 7), ("90", 90), ("8", 30), ("x", 30), ("", 30)])
def test_dashboard_shows_as_many_days_as_are_offered(staff, asked, days):
    assert len(shown(staff, days=asked)["bars"]) == days


def test_dashboard_names_coming_events_and_those_that_are_nearly_full(staff, holder):
    EventFactory(start_time=timezone.now() - timedelta(days=9), end_time=timezone.now())
    coming(name="Cancelled", status="cancelled")
    empty, full = coming(name="Empty", total_seats=2), coming(name="Full", total_seats=1)
    book_any_seat(event_id=full.id, user_id=holder.id)
    fold_all()  # as the worker does every few seconds

    page = shown(staff)

    assert {event["event_id"] for event in page["next_events"]} == {empty.id, full.id}
    [nearly_full] = page["nearly_full"]
    assert (nearly_full["event_id"], nearly_full["utilization"]) == (full.id, 1.0)


def test_dashboard_names_lines_and_offers(staff, stranger, holder):
    event, [booking] = make_full_event()
    make_entry(event, holder)
    make_entry(event, stranger)
    cancel_booking(booking_id=booking.id)

    page = shown(staff)

    assert [(line["event_id"], line["waiting"]) for line in page["longest_lines"]] == [
        (event.id, 1)
    ]
    assert [offer.user for offer in page["offers"]] == [holder]


def test_dashboard_tells_of_deliveries_that_fail(staff, holder):
    book_any_seat(event_id=EventFactory().id, user_id=holder.id)
    Notification.objects.update(attempts=2)

    deliveries = shown(staff)["deliveries"]

    assert (deliveries["failing"], deliveries["given_up"]) == (1, 0)
    Notification.objects.update(attempts=10, deliver_at=None)
    assert shown(staff)["deliveries"]["given_up"] == 1


def test_dashboard_warns_of_a_silent_worker(staff):
    assert shown(staff)["worker_is_silent"]

    note_pass()
    assert not shown(staff)["worker_is_silent"]

    WorkerPass.objects.update(at=timezone.now() - timedelta(minutes=3))
    assert shown(staff)["worker_is_silent"]


def queries_of(staff):
    with CaptureQueriesContext(connection) as queries:
        shown(staff)
    return len(queries)


def test_dashboard_takes_the_same_queries_for_more_rows(staff, holder):
    book_any_seat(event_id=coming(total_seats=1).id, user_id=holder.id)
    with_one = queries_of(staff)
    for _ in range(3):
        book_any_seat(event_id=coming(total_seats=1).id, user_id=holder.id)

    assert queries_of(staff) == with_one
