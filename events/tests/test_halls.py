"""Seats chosen in a hall that is in the database, and by the first of those available alone."""

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import halls
from events.halls import Hall, HallRow, available_ids, choose_available, hall_of
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


def test_choose_available_reads_no_more_of_a_great_hall_than_tell(monkeypatch):
    event = make_hall(*({"name": name, "seats": halls.FIRST // 2} for name in "ABC"))
    monkeypatch.setattr(halls, "available_ids", None)  # it would read them all

    assert numbers(choose_available(event.id, quantity=2, adjacent="required")) == [
        "A-125", "A-126",
    ]  # fmt: skip


# --- The first of the available seats, against all of them --------------------------------------


@st.composite
def great_halls(draw):
    """A hall, and which of its seats are available: `.`, and `w` where they are accessible."""
    ids, rows, available = count(1), [], []
    shapes = st.tuples(st.text("...._xw", min_size=1, max_size=12), st.booleans())
    for order, (picture, has_shape) in enumerate(draw(st.lists(shapes, min_size=1, max_size=5))):
        row = HallRow("", order, width=len(picture) if has_shape else 0)
        for place, sign in enumerate(picture):
            if sign != "_":
                row.seat_ids[place] = next(ids)
                row.accessible |= (sign == "w") << place
                available += [row.seat_ids[place]] if sign in ".w" else []
        if row.seat_ids:
            rows.append(row)
    return Hall(rows), available


@pytest.mark.once
@settings(max_examples=100, deadline=None)
@given(
    great_halls(),
    st.integers(1, 4),
    st.sampled_from(["required", "preferred", "no"]),
    st.booleans(),
)
def test_choice_by_the_first_seats_is_that_of_all_or_none(hall, quantity, adjacent, accessible):
    hall, available = hall
    wish = {"quantity": quantity, "adjacent": adjacent, "accessible": accessible}
    best = hall.choose(available, **wish)

    for number in range(1, len(available) + 1):
        assert hall.choose_in_front(available[:number], **wish) in (None, best)
