"""How the seats of a new event are named: one after the other, or in rows."""

import pytest

from events.errors import TooManyRows
from events.models import Event
from events.services import MAX_ROWS, create_event
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def make(**seats):
    end = NOW.replace(year=NOW.year + 1)
    event = create_event(name="Gala", venue="Opera", start_time=NOW, end_time=end, **seats)
    return list(event.seats.order_by("position").values_list("seat_number", flat=True))


def test_seats_without_rows_are_counted():
    assert make(total_seats=3) == ["Seat-1", "Seat-2", "Seat-3"]


def test_seats_in_rows_are_named_by_row_and_number():
    assert make(total_seats=4, seats_per_row=2) == ["A-1", "A-2", "B-1", "B-2"]


def test_rows_go_on_after_z_with_two_letters():
    names = make(total_seats=MAX_ROWS, seats_per_row=1)

    assert [names[place] for place in (0, 25, 26, 51, 52, 701)] == [
        "A-1", "Z-1", "AA-1", "AZ-1", "BA-1", "ZZ-1",
    ]  # fmt: skip
    assert len(set(names)) == MAX_ROWS


def test_more_rows_than_letters_name_are_refused():
    with pytest.raises(TooManyRows):
        make(total_seats=MAX_ROWS + 1, seats_per_row=1)

    assert not Event.objects.exists()
