"""Groups after the same seats, and holds as they run out, are ordered, or are given back."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError

from bookings import choosing
from bookings.choosing import Wish
from bookings.errors import HoldEnded, SeatsTaken, SeatsUnavailable
from bookings.holds import make_hold, release_hold
from bookings.models import Booking, Order
from bookings.orders import make_order, order_hold
from bookings.services import book_any_seat, book_seat
from evently.transactions import database_now
from events.errors import SeatUnavailable
from events.halls import available_ids
from events.models import Hold, Seat
from events.services import create_event
from tests import factories
from tests.factories import EventFactory, UserFactory
from tests.races.cues import BOOKING_MADE, GATE_PASSED, HOLD_READ, LINE_READ, SEATS_READ
from tests.races.promises import broken_promises
from tests.races.stage import until
from waitlists.lapsing import lapse_all
from waitlists.models import WaitlistEntry

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

BLOCK = Wish(quantity=4, adjacent="required")


def hall(rows):
    """A hall of rows of four."""
    start = database_now() + timedelta(days=30)
    return create_event(
        name="Concert",
        venue="City Hall",
        start_time=start,
        end_time=start + timedelta(hours=3),
        total_seats=4 * rows,
        seats_per_row=4,
    )


def seats_of(hold):
    seats = Seat.objects.filter(hold=hold).order_by("position")
    return list(seats.values_list("seat_number", flat=True))


# --- Two groups after one block -----------------------------------------------------------------


def two_groups(stage, event):
    """The second group asks when the first one has taken its seats but for the rest."""
    ask = partial(make_hold, event_id=event.id, wish=BLOCK)
    first = stage.start(ask, user_id=UserFactory().id, pause_after=SEATS_READ)
    second = stage.start(ask, user_id=UserFactory().id)
    first.resume()
    return first.outcome, second.outcome


def test_two_groups_after_one_block_get_a_block_each(stage):
    first, second = two_groups(stage, hall(rows=2))

    assert seats_of(first) == ["A-1", "A-2", "A-3", "A-4"]
    assert seats_of(second) == ["B-1", "B-2", "B-3", "B-4"]
    assert broken_promises() == set()


def test_two_groups_after_the_only_block_are_one_too_many(stage):
    first, refusal = two_groups(stage, hall(rows=1))

    assert len(seats_of(first)) == 4
    assert isinstance(refusal, SeatsUnavailable)
    assert refusal.members == {"available_seats": 0, "nearby": []}
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_seat_locks")
def test_two_groups_without_the_seat_locks_get_the_same_block(stage):
    first, second = two_groups(stage, hall(rows=2))

    assert (len(seats_of(first)), seats_of(second)) == (4, [])
    assert broken_promises() == {"2", "12"}


def test_as_many_groups_as_there_are_blocks_are_all_seated(stage):
    event = hall(rows=6)
    people = [UserFactory().id for _ in range(6)]
    crowd = stage.start_together(
        partial(make_order, event_id=event.id, user_id=id, wish=BLOCK) for id in people
    )

    orders = [actor.outcome for actor in crowd]
    rows = [{booking.seat.row for booking in order.bookings.all()} for order in orders]
    assert sorted(row for [row] in rows) == list("ABCDEF")
    assert broken_promises() == set()


# --- A block that is let go ---------------------------------------------------------------------


def ask_for_a_block_that_is_let_go(stage):
    """Somebody is about to take the only block when a group asks for it, and then fails."""
    event = hall(rows=1)
    ask = partial(make_hold, event_id=event.id, wish=BLOCK)
    first = stage.start(ask, user_id=UserFactory().id, pause_after=SEATS_READ)
    second = stage.start(ask, user_id=UserFactory().id)
    first.fail()
    assert isinstance(first.outcome, Exception)
    return second.outcome


def test_a_block_that_is_let_go_is_the_next_groups(stage):
    hold = ask_for_a_block_that_is_let_go(stage)

    assert len(seats_of(hold)) == 4
    assert broken_promises() == set()


def test_a_block_that_is_let_go_is_nobodys_if_groups_are_refused_under_the_shared_gate(
    stage, monkeypatch
):
    def refuse_at_once(gate, wish, busy):
        chosen = [id for id in available_ids(gate.event_id) if id not in busy]
        if not chosen:
            raise SeatsUnavailable
        return among_others(gate, wish, busy)

    among_others = choosing._choose_among_others
    monkeypatch.setattr(choosing, "_choose_among_others", refuse_at_once)

    refusal = ask_for_a_block_that_is_let_go(stage)

    assert isinstance(refusal, SeatsUnavailable)
    assert Seat.objects.available().count() == 4


# --- A group and a single buyer -----------------------------------------------------------------


def buy_a_seat_of_a_group(stage, event):
    """Somebody books a seat when a group has taken it but for the rest."""
    wish = Wish(seat_numbers=["Seat-1", "Seat-2"])
    group = stage.start(
        make_hold, event_id=event.id, user_id=UserFactory().id, wish=wish, pause_after=SEATS_READ
    )
    buyer = stage.start(
        book_seat, event_id=event.id, user_id=UserFactory().id, seat_number="Seat-2"
    )
    group.resume()
    return group.outcome, buyer.outcome


def test_a_buyer_of_a_groups_seat_comes_too_late(stage, event):
    hold, refusal = buy_a_seat_of_a_group(stage, event)

    assert seats_of(hold) == ["Seat-1", "Seat-2"]
    assert isinstance(refusal, SeatUnavailable)
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_seat_locks")
def test_a_buyer_of_a_groups_seat_without_the_seat_locks_has_it_and_the_group_too(stage, event):
    hold, booking = buy_a_seat_of_a_group(stage, event)

    assert booking.seat.seat_number in seats_of(hold)
    assert "2" in broken_promises()


def test_a_group_after_a_buyers_seat_is_told_which_one_it_is(stage, event, holder):
    buyer = stage.start(
        book_any_seat, event_id=event.id, user_id=holder.id, pause_after=BOOKING_MADE
    )
    wish = Wish(seat_numbers=["Seat-1", "Seat-2"])
    group = stage.start(make_hold, event_id=event.id, user_id=UserFactory().id, wish=wish)
    buyer.resume()

    assert buyer.outcome.seat.seat_number == "Seat-1"
    assert isinstance(group.outcome, SeatsTaken)
    taken = [seat["seat_number"] for seat in group.outcome.members["unavailable"]]
    assert taken == ["Seat-1"]
    assert broken_promises() == set()


# --- The end of a hold --------------------------------------------------------------------------


def order_as_it_runs_out(stage, event, holder, pause_after):
    """The deadline passes when the order has come through the gate; then the worker comes."""
    hold = factories.make_hold(event, holder)
    deadline = database_now() + timedelta(seconds=1)
    Hold.objects.update(expires_at=deadline)
    Seat.objects.filter(hold=hold).update(held_until=deadline)
    order = stage.start(order_hold, hold_id=hold.id, user_id=holder.id, pause_after=pause_after)
    until(lambda: database_now() > deadline)
    worker = stage.start(lapse_all)
    order.resume()
    return order.outcome, worker.outcome


@pytest.mark.parametrize("pause_after", [GATE_PASSED, HOLD_READ])
def test_an_order_that_came_in_time_is_made_though_the_hold_runs_out(
    stage, event, holder, pause_after
):
    order, lapsed = order_as_it_runs_out(stage, event, holder, pause_after)

    assert (order.bookings.count(), lapsed) == (2, 0)
    assert Hold.objects.get().status == "ordered"
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate", "without_hold_locks", "without_seat_locks")
def test_an_order_as_the_hold_runs_out_without_gate_and_locks_books_what_was_given_back(
    stage, event, holder
):
    order, lapsed = order_as_it_runs_out(stage, event, holder, SEATS_READ)

    assert (order.bookings.count(), lapsed) == (2, 1)
    assert "12" in broken_promises()


def order_twice(stage, event, holder):
    """The second order is asked for when the first is made but for the commit."""
    hold = factories.make_hold(event, holder)
    order = partial(order_hold, hold_id=hold.id, user_id=holder.id)
    first = stage.start(order, pause_after=BOOKING_MADE)
    second = stage.start(order)
    first.resume()
    return first.outcome, second.outcome


def test_two_orders_of_one_hold_are_one(stage, event, holder):
    order, refusal = order_twice(stage, event, holder)

    assert [order] == list(Order.objects.all())
    assert isinstance(refusal, HoldEnded)
    assert Booking.objects.count() == 2
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_hold_locks", "without_seat_locks")
def test_two_orders_of_one_hold_without_the_locks_are_kept_apart_by_the_ledger_alone(
    stage, event, holder
):
    _, trouble = order_twice(stage, event, holder)

    assert isinstance(trouble, IntegrityError)


def join_beside_a_release(stage):
    """Somebody asks for a seat when a release has seen the empty line and isn't through yet."""
    event = EventFactory(total_seats=2)
    hold = factories.make_hold(event)
    release = stage.start(release_hold, hold_id=hold.id, pause_after=LINE_READ)
    buyer = stage.start(book_any_seat, event_id=event.id, user_id=UserFactory().id)
    release.resume()
    assert release.outcome is None
    return buyer.outcome


def test_a_buyer_beside_a_release_gets_a_seat(stage):
    booking = join_beside_a_release(stage)

    assert [booking] == list(Booking.objects.active())
    assert not WaitlistEntry.objects.exists()
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_a_buyer_beside_a_release_without_the_gate_waits_beside_seats_on_sale(stage):
    entry = join_beside_a_release(stage)

    assert [entry] == list(WaitlistEntry.objects.waiting())
    assert broken_promises() == {"4 and 5"}
