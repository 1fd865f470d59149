"""What doesn't grow: the pages that counts and figures cost, however much there is to count."""

from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import connection

from analytics.queries import figures
from bookings.recount import recount
from evently.users.models import User
from events import gate as gates
from events.models import Event, Seat
from events.next_seat import forget_all, take_next_seat
from events.services import create_event
from tests.buffers import buffers_of, pack
from tests.factories import NOW, EventFactory, UserFactory
from waitlists.models import WaitlistEntry
from waitlists.services import move_entry

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

# Everything that the figures read: what another test has left would decide about the plan.
COUNTED = [
    "events_event",
    "events_seatcount",
    "events_daycount",
    "events_seatchange",
    "waitlists_waitlistentry",
]
# A page or two more are the server's: what was deleted just now may still be visible to a look of
# its own.
SLACK = 10
# Of the past, and cancelled, since many of them fit on a seat.
BOOKINGS = """
INSERT INTO bookings_booking (event_id, seat_id, user_id, status, created_at, cancelled_at)
SELECT event_id, id, %s, 'cancelled', at, at
FROM events_seat, (SELECT now() - number %% 30 * interval '1 day' AS at
                   FROM generate_series(1, %s) AS number) AS times
WHERE position = 1
"""


def book(each):
    """Let every event have so many more bookings, over thirty days, and count them."""
    with connection.cursor() as cursor:
        cursor.execute(BOOKINGS, [UserFactory().id, each])
    for event_id in Event.objects.values_list("id", flat=True):
        recount(event_id=event_id)
    pack(*COUNTED)


def test_figures_of_100_times_as_many_bookings_touch_no_more_pages():
    EventFactory.create_batch(5)
    book(each=100)
    few, few_pages = figures(), buffers_of(figures)
    book(each=9_900)
    many, many_pages = figures(), buffers_of(figures)

    assert (few["totals"]["bookings"], many["totals"]["bookings"]) == (500, 50_000)
    assert 0 < many_pages <= few_pages + SLACK


def available_seats():
    return [event.available_seats for event in Event.objects.with_available_seats()]


def hall(seats):
    times = {
        "start_time": datetime(2030, 6, 1, tzinfo=UTC),
        "end_time": datetime(2030, 6, 2, tzinfo=UTC),
    }
    return create_event(name="Hall", venue="Arena", total_seats=seats, **times)


def test_available_seats_of_a_great_hall_touch_as_many_pages_as_of_a_small_one():
    hall(100)
    pack(*COUNTED)
    small, small_pages = available_seats(), buffers_of(available_seats)
    Event.objects.all().delete()
    hall(50_000)
    pack(*COUNTED)

    assert (small, available_seats()) == ([100], [50_000])
    assert buffers_of(available_seats) == small_pages > 0


def test_next_seat_of_a_great_hall_almost_sold_touches_no_more_pages_than_of_a_small_empty_one():
    small, great = hall(1_000), hall(50_000)
    Seat.objects.filter(event=great, position__lte=49_950).update(status="booked")
    pack("events_seat")

    positions = [gates.run(event.id, take_next_seat).position for event in (small, great)]
    forget_all()
    pages = [buffers_of(partial(gates.run, event.id, take_next_seat)) for event in (small, great)]

    assert positions == [1, 49_951]
    assert 0 < pages[1] <= pages[0]


def line_of(people):
    """Make an event's line, whose last one is moved to the head: everybody's place is another."""
    event = EventFactory(total_seats=0)
    users = User.objects.bulk_create(UserFactory.build_batch(people))
    line = WaitlistEntry.objects.bulk_create(
        WaitlistEntry(event=event, user=user, created_at=NOW) for user in users
    )
    pack("waitlists_waitlistentry")
    move_entry(entry_id=line[-1].id, position=1, reason="Came by train")
    return line


def heads(line):
    return list(WaitlistEntry.objects.filter(event=line[0].event).waiting()[:2])


def test_head_of_a_long_line_touches_no_more_pages_than_of_a_short_one():
    short, long = line_of(100), line_of(5_000)
    pack("waitlists_waitlistentry")

    assert [heads(short), heads(long)] == [[line[-1], line[0]] for line in (short, long)]
    pages = [buffers_of(partial(heads, line)) for line in (short, long)]
    assert 0 < pages[1] <= pages[0] + SLACK
