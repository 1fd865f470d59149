"""The figures, against a recomputation by hand, and read in one moment."""

import random
from datetime import UTC, date, datetime, time, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.queries import MAX_DAYS, figures
from analytics.tests.by_hand import counted_by_hand, random_ranges, scatter_bookings
from bookings.recount import recount
from bookings.services import cancel_booking
from events.counts import fold_all
from events.errors import EventNotFound
from tests.factories import EventFactory, make_booking, make_entry, make_full_event

# A snapshot begins its own transaction, so there must be none around the test.
pytestmark = pytest.mark.django_db(transaction=True)

# Where the clocks change: also at midnight, which then happens twice, or not at all.
PLACES = [
    ("UTC", date(2026, 3, 1)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Pacific/Auckland", date(2026, 4, 5)),
    ("America/Havana", date(2026, 11, 1)),
    ("Africa/Cairo", date(2026, 4, 24)),
]


@pytest.mark.parametrize(("zone", "around"), PLACES)
def test_figures_equal_what_is_counted_by_hand(zone, around, settings):
    settings.TIME_ZONE = zone
    rng = random.Random(f"{zone} {around}")
    scatter_bookings(rng, ZoneInfo(zone), around)

    for since, until in random_ranges(rng, around):
        found = figures(since=since, until=until)

        del found["generated_at"]
        assert found == counted_by_hand(ZoneInfo(zone), since, until)


def test_figures_of_empty_database_are_zero():
    found = figures(until=date(2026, 3, 1))

    del found["generated_at"]
    assert found == {
        "timezone": "UTC",
        "since": date(2026, 3, 1),
        "until": date(2026, 3, 1),
        "totals": dict.fromkeys(
            ["events", "seats", "bookings", "active", "cancelled", "waiting"], 0
        ),
        "cancellation_rate": 0.0,
        "daily": [{"date": date(2026, 3, 1), "booked": 0, "cancelled": 0}],
        "events": [],
    }


def test_figures_without_a_range_reach_from_the_first_booking_to_today(event):
    today = timezone.localdate()
    booked_on(event, today - timedelta(days=2))

    found = figures()

    assert (found["since"], found["until"]) == (today - timedelta(days=2), today)
    assert [day["booked"] for day in found["daily"]] == [1, 0, 0]


def test_figures_without_since_reach_no_further_than_the_longest_range(event):
    until = date(2026, 3, 1)
    booked_on(event, until - timedelta(days=MAX_DAYS + 1), seat_number="Seat-1")
    booked_on(event, until - timedelta(days=MAX_DAYS), seat_number="Seat-2")

    found = figures(until=until)

    assert (found["since"], found["totals"]["bookings"]) == (until - timedelta(days=MAX_DAYS), 1)


def test_figures_until_before_the_first_booking_have_one_empty_day(event):
    booked_on(event, date(2026, 3, 1))

    found = figures(until=date(1900, 1, 1))

    assert found["daily"] == [{"date": date(1900, 1, 1), "booked": 0, "cancelled": 0}]


def test_figures_since_a_day_ahead_have_that_day(event):
    found = figures(since=date(2999, 12, 31))

    assert (found["since"], found["until"]) == (date(2999, 12, 31), date(2999, 12, 31))


def test_figures_count_a_later_cancellation_in_the_totals_only(event):
    booking = booked_on(event, date(2026, 3, 1))
    cancel_booking(booking_id=booking.id)

    found = figures(since=date(2026, 3, 1), until=date(2026, 3, 1))

    assert (found["totals"]["cancelled"], found["cancellation_rate"]) == (1, 1.0)
    assert found["daily"] == [{"date": date(2026, 3, 1), "booked": 1, "cancelled": 0}]


def test_figures_of_one_event_leave_out_the_others(event):
    make_booking(event)
    full, [first, _] = make_full_event(seats=2, name="Full", start_time=datetime.now(UTC))
    make_entry(full)
    make_entry(full)
    cancel_booking(booking_id=first.id)  # now held for the first in line

    found = figures(event_id=full.id)

    assert found["totals"] == {
        "events": 1,
        "seats": 2,
        "bookings": 2,
        "active": 1,
        "cancelled": 1,
        "waiting": 1,
    }
    assert found["events"] == [
        {
            "event_id": full.id,
            "name": "Full",
            "start_time": full.start_time,
            "timezone": "UTC",
            "total_seats": 2,
            "booked_seats": 1,
            "available_seats": 0,
            "waiting": 1,
            "cancelled": 1,
            "utilization": 0.5,
        }
    ]


@pytest.mark.parametrize("event_id", [1, 10**30])
def test_figures_of_unknown_event_are_refused(event_id):
    with pytest.raises(EventNotFound):
        figures(event_id=event_id)


def test_figures_list_the_events_that_start_last():
    _, late, middle = (
        EventFactory(start_time=datetime(2030, month, 1, tzinfo=UTC)) for month in (1, 3, 2)
    )

    found = figures(events_limit=2)

    assert [event["event_id"] for event in found["events"]] == [late.id, middle.id]
    assert found["totals"]["events"] == 3


def test_figures_tell_the_moment_they_were_read():
    before = timezone.now()

    assert before <= figures()["generated_at"] <= timezone.now()


def test_figures_take_as_many_statements_for_three_events_as_for_one(event):
    make_booking(event)
    for_one = statements()
    for _ in range(2):
        make_booking(EventFactory())

    assert statements() == for_one


@pytest.mark.postgresql
def test_figures_do_not_see_a_booking_twice_that_is_folded_meanwhile(event):
    make_booking(event)

    assert figures_while_a_worker_folds() == (1, 1)


@pytest.mark.postgresql
def test_figures_without_the_snapshot_see_a_booking_twice_that_is_folded_meanwhile(event):
    """The sabotage twin: it shows that the test above could fail."""
    make_booking(event)

    assert figures_while_a_worker_folds(without="REPEATABLE READ, READ ONLY") == (2, 2)


def figures_while_a_worker_folds(without=None):
    """Return the bookings of all and of the event, where a worker commits in between."""

    def fold():
        try:
            fold_all()
        finally:
            connection.close()  # the thread's own

    def interleave(execute, sql, params, many, context):
        if without and without in sql:
            sql = sql.replace(without, "READ COMMITTED")
        found = execute(sql, params, many, context)
        if "events_seatchange" in sql and not workers:
            workers.append(thread := Thread(target=fold))
            thread.start()
            thread.join()
        return found

    workers = []
    with connection.execute_wrapper(interleave):
        found = figures()
    return found["totals"]["bookings"], found["events"][0]["booked_seats"]


def statements():
    with CaptureQueriesContext(connection) as captured:
        figures()
    return len(captured)


def booked_on(event, day, **values):
    booking = make_booking(event, **values)
    booking.created_at = timezone.make_aware(datetime.combine(day, time(12)))
    booking.save()
    recount(event_id=event.id)
    return booking
