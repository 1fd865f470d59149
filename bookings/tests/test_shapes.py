"""What is told of several seats together."""

import pytest

from bookings.shapes import are_neighbours
from tests.factories import make_hall

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("chosen", "is_so"), [(["A-2", "A-1"], True), (["A-1", "A-3"], False), (["A-4", "B-1"], False)]
)
def test_are_neighbours_tells_whether_seats_are_one_block(chosen, is_so):
    event = make_hall({"name": "A", "seats": 4}, {"name": "B", "seats": 4})
    seats = event.seats.filter(seat_number__in=chosen)

    assert are_neighbours(seats.values("section", "row", "place", "position")) is is_so
