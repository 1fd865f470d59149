"""Seats chosen in a hall that is in the database."""

from datetime import timedelta

import pytest

from events.halls import available_ids, hall_of
from events.models import Seat
from events.services import create_event
from tests.factories import NOW, EventFactory

pytestmark = pytest.mark.django_db

ROW = {"seats": 4, "gaps_after": [], "blocked": [], "accessible": []}


def make_hall(*rows):
    layout = {"sections": [{"name": "", "rows": [ROW | row for row in rows]}]}
    times = {"start_time": NOW, "end_time": NOW + timedelta(hours=2)}
    return create_event(name="Ball", venue="City Hall", layout=layout, **times)


def numbers(seat_ids):
    named = dict(Seat.objects.values_list("id", "seat_number"))
    return [named[seat_id] for seat_id in seat_ids]


def choose(event, quantity, adjacent):
    return hall_of(event.id).choose(available_ids(event.id), quantity=quantity, adjacent=adjacent)


def test_choose_in_a_hall_with_rows_returns_the_middle_of_the_first_that_fits():
    event = make_hall({"name": "A", "blocked": [2, 3]}, {"name": "B", "seats": 6})

    assert numbers(choose(event, 2, "required")) == ["B-3", "B-4"]


def test_choose_beside_an_aisle_finds_no_neighbours_across_it():
    event = make_hall({"name": "A", "gaps_after": [1, 2, 3]})

    assert choose(event, 2, "required") is None


def test_choose_in_a_hall_without_rows_takes_neighbours_by_number():
    event = EventFactory(total_seats=5)
    Seat.objects.filter(event=event, seat_number="Seat-2").update(status="booked")

    assert numbers(choose(event, 2, "required")) == ["Seat-3", "Seat-4"]


@pytest.mark.parametrize(
    ("chosen", "is_so"), [(["A-2", "A-1"], True), (["A-1", "A-3"], False), (["A-4", "B-1"], False)]
)
def test_are_adjacent_tells_whether_seats_are_one_block(chosen, is_so):
    event = make_hall({"name": "A"}, {"name": "B"})
    seat_ids = Seat.objects.filter(event=event, seat_number__in=chosen).values_list("id", flat=True)

    assert hall_of(event.id).are_adjacent(list(seat_ids)) is is_so


def test_hall_of_an_event_is_read_once(django_assert_num_queries):
    event = make_hall({"name": "A"})

    with django_assert_num_queries(1):
        assert hall_of(event.id) is hall_of(event.id)


def test_hall_of_an_event_without_seats_has_nothing_to_choose():
    assert choose(EventFactory(total_seats=0), 1, "no") is None
