"""Lists touch no more pages of the database when there is more of what they don't show."""

import pytest
from django.db import connection

from evently.users.models import User
from tests.buffers import buffers_of, pack
from tests.factories import EventFactory

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

# A row's own, and for each of two rows that it refers to a page, and one or two of an index.
PAGES_PER_ROW = 6
# One more than is shown.
ROWS = 21


def add_bookings(user, *, seats, times=1, status="active"):
    """Write bookings of each of the seats; of one seat there can be many cancelled ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bookings_booking "
            "(event_id, seat_id, user_id, status, created_at, cancelled_at) "
            "SELECT event_id, id, %s, %s, now(), CASE WHEN %s = 'cancelled' THEN now() END "
            "FROM events_seat, generate_series(1, %s) WHERE id = ANY(%s)",
            [user.id, status, status, times, [seat.id for seat in seats]],
        )
    pack("bookings_booking")


@pytest.fixture
def seats(holder, stranger):
    """A hall of which the holder has booked 30 seats, and the stranger all others but the first."""
    first, *others = EventFactory(total_seats=2_000).seats.order_by("position")
    add_bookings(holder, seats=others[:30])
    add_bookings(stranger, seats=others[30:])
    pack("events_event", "events_seat", "users_user")
    return [first]


@pytest.mark.parametrize("query", ["", "?limit=20"])
@pytest.mark.parametrize(
    ("whose", "number"), [("holder", 1), ("holder", 20_000), ("stranger", 100_000)]
)
def test_my_bookings_cost_the_same_among_many_cancelled_ones(
    as_holder, seats, query, whose, number
):
    user = User.objects.get(username=whose)
    add_bookings(user, seats=seats, times=number, status="cancelled")

    pages = buffers_of(lambda: as_holder.get(f"/users/me/bookings{query}"))

    assert len(as_holder.get(f"/users/me/bookings{query}").json()) == 20
    assert pages <= ROWS * PAGES_PER_ROW


@pytest.mark.parametrize("query", ["", "?limit=20", "?ordering=name", "?upcoming=true"])
def test_events_cost_the_same_with_great_halls_that_are_half_sold(client, query):
    EventFactory.create_batch(19)
    hall = EventFactory(total_seats=20_000)
    hall.seats.filter(position__lte=10_000).update(status="booked")
    pack("events_event", "events_seat", "events_seatcount", "events_seatchange")

    pages = buffers_of(lambda: client.get(f"/events{query}"))

    assert len(client.get(f"/events{query}").json()) == 20
    assert pages <= ROWS * PAGES_PER_ROW
