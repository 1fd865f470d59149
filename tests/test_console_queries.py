"""How many queries each page of the console takes, session and user included.

The numbers stand here to be seen when they change. A page takes as many with more rows.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evently.users.services import create_token
from tests.factories import (
    EventFactory,
    UserFactory,
    make_booking,
    make_entry,
    make_full_event,
    make_hold,
    make_order,
)
from tests.staff import superuser

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = {
    "/staff/": 13,
    "/staff/events/event/": 9,
    "/staff/events/event/?status__exact=published": 9,
    "/staff/events/event/add/": 3,
    "/staff/events/event/{event}/change/": 10,
    "/staff/events/event/{event}/history/": 6,
    "/staff/events/event/{event}/seats/": 7,
    "/staff/events/event/{event}/cancel_this/": 7,
    "/staff/events/event/cancelling/?id={event}": 4,
    "/staff/events/event/import/": 3,
    "/staff/events/event/export/": 3,
    "/staff/events/seat/": 5,
    "/staff/events/seat/{seat}/change/": 4,
    "/staff/bookings/booking/": 7,
    "/staff/bookings/booking/?q=holder": 7,
    "/staff/bookings/booking/{booking}/change/": 7,
    "/staff/bookings/booking/{booking}/history/": 6,
    "/staff/bookings/booking/{booking}/cancel_this/": 5,
    "/staff/bookings/booking/export/": 3,
    "/staff/bookings/order/": 7,
    "/staff/bookings/order/?q=holder": 7,
    "/staff/bookings/order/?left=some&_facets=True": 9,
    "/staff/bookings/order/{order}/change/": 5,
    "/staff/bookings/order/{order}/history/": 6,
    "/staff/bookings/order/{order}/cancel_this/": 6,
    "/staff/bookings/order/export/": 3,
    "/staff/events/hold/": 7,
    "/staff/events/hold/{hold}/change/": 5,
    "/staff/events/hold/{hold}/give_this_back/": 5,
    "/staff/waitlists/waitlistentry/": 7,
    "/staff/waitlists/waitlistentry/{entry}/change/": 5,
    "/staff/waitlists/waitlistentry/{entry}/move/": 4,
    "/staff/notifications/notification/": 5,
    "/staff/users/user/": 6,
    "/staff/users/user/{user}/change/": 8,
    "/staff/users/apitoken/": 5,
    "/staff/auth/group/": 5,
    "/staff/audit/auditrecord/": 5,
}


@pytest.fixture
def rows(holder):
    """Make one of everything; return the ids that addresses are made of."""
    event, [booking] = make_full_event()
    entry = make_entry(event, holder)
    hall = EventFactory(total_seats=4)
    create_token(user=holder)
    return {
        "event": event.id,
        "seat": booking.seat_id,
        "booking": booking.id,
        "entry": entry.id,
        "order": make_order(hall, holder).id,
        "hold": make_hold(hall, holder, ("Seat-3", "Seat-4")).id,
        "user": holder.id,
    }


@pytest.fixture
def staff(db):
    return superuser()


def queries_of(staff, address):
    staff.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert staff.get(address).status_code == 200
    # Without what begins, limits and ends transactions, which each database does in its own way.
    return sum(query["sql"].startswith("SELECT") and " FROM " in query["sql"] for query in queries)


@pytest.mark.parametrize("address", PAGES)
def test_page_takes_these_queries_with_one_row_and_with_more(staff, rows, address):
    with_one = queries_of(staff, address.format(**rows))
    for _ in range(2):
        event, _ = make_full_event(name="Gala")
        make_entry(event, UserFactory())
        make_booking(EventFactory(), UserFactory())
        make_order(EventFactory(), UserFactory())
        make_hold(EventFactory(), UserFactory())
        create_token(user=UserFactory())

    assert (with_one, queries_of(staff, address.format(**rows))) == (PAGES[address],) * 2
