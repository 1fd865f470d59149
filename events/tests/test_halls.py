"""Seats chosen in a hall that is in the database."""

import pytest

from events.halls import available_ids, hall_of
from events.models import Seat
from tests.factories import EventFactory, make_hall

pytestmark = pytest.mark.django_db


def numbers(seat_ids):
    named = dict(Seat.objects.values_list("id", "seat_number"))
    return [named[seat_id] for seat_id in seat_ids]


def choose(event, quantity, adjacent):
    return hall_of(event.id).choose(available_ids(event.id), quantity=quantity, adjacent=adjacent)


def test_choose_in_a_hall_with_rows_returns_the_middle_of_the_first_that_fits():
    event = make_hall({"name": "A", "seats": 4, "blocked": [2, 3]}, {"name": "B", "seats": 6})

    assert numbers(choose(event, 2, "required")) == ["B-3", "B-4"]


def test_choose_beside_an_aisle_finds_no_neighbours_across_it():
    event = make_hall({"name": "A", "seats": 4, "gaps_after": [1, 2, 3]})

    assert choose(event, 2, "required") is None


def test_choose_in_a_hall_without_rows_takes_neighbours_by_number():
    event = EventFactory(total_seats=5)
    Seat.objects.filter(event=event, seat_number="Seat-2").update(status="booked")

    assert numbers(choose(event, 2, "required")) == ["Seat-3", "Seat-4"]


def test_hall_of_an_event_is_read_once(django_assert_num_queries):
    event = make_hall({"name": "A", "seats": 4})

    with django_assert_num_queries(1):
        assert hall_of(event.id) is hall_of(event.id)


def test_hall_of_an_event_without_seats_has_nothing_to_choose():
    assert choose(EventFactory(total_seats=0), 1, "no") is None
