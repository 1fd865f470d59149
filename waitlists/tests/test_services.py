"""The line: joining, leaving, who gets a seat that is given back. One rule a test."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.services import book_any_seat, cancel_booking
from events.errors import EventNotFound, EventNotOnSale
from events.gate import ExclusiveNeeded
from events.services import block_seats
from tests import gates
from tests.factories import (
    NOW,
    EventFactory,
    UserFactory,
    expire_offer,
    make_booking,
    make_entry,
    make_full_event,
)
from waitlists import services
from waitlists.errors import EntryNotFound, SeatsAvailable
from waitlists.models import WaitlistEntry
from waitlists.releasing import unblock_seats
from waitlists.tests.line import give_back, make_offer, reread, seats_of, states, told

pytestmark = pytest.mark.django_db

NOBODYS_ID = 2**40


def statements_to_release(seats, people):
    """Count what it takes to unblock so many seats of an event with so many people in line."""
    event = EventFactory(total_seats=seats)
    ids = list(event.seats.values_list("id", flat=True))
    block_seats(event_id=event.id, seat_ids=ids)
    for _ in range(people):
        make_entry(event)
    with CaptureQueriesContext(connection) as counted:
        unblock_seats(event_id=event.id, seat_ids=ids)
    return len(counted)


@pytest.mark.parametrize("people", [0, 8])
def test_release_of_many_seats_takes_no_more_statements_than_of_two(people):
    few = statements_to_release(2, min(people, 1))

    assert statements_to_release(9, people) == few


def test_join_of_full_event_is_the_end_of_its_line(stranger):
    event, _ = make_full_event()
    make_entry(event)

    entry, is_new = services.join(event_id=event.id, user_id=stranger.id)

    assert (entry.user_id, entry.status, is_new) == (stranger.id, "waiting", True)
    assert list(WaitlistEntry.objects.waiting())[-1] == entry
    assert told(entry) == ["waitlist_joined"]


def test_join_with_seats_on_sale_is_refused(event, stranger):
    with pytest.raises(SeatsAvailable):
        services.join(event_id=event.id, user_id=stranger.id)

    assert not WaitlistEntry.objects.exists()


def test_join_twice_is_the_same_entry(stranger):
    event, _ = make_full_event()
    first, _ = services.join(event_id=event.id, user_id=stranger.id)

    assert services.join(event_id=event.id, user_id=stranger.id) == (first, False)
    assert told(first) == ["waitlist_joined"]


def test_join_with_an_open_offer_is_the_same_entry_though_a_seat_is_on_sale():
    event, [_, second] = make_full_event(seats=2)
    entry = make_offer(event)
    cancel_booking(booking_id=second.id)

    assert services.join(event_id=event.id, user_id=entry.user_id) == (entry, False)
    assert states(entry) == ["offered"]


def test_join_of_event_without_seats_is_possible(stranger):
    event = EventFactory(total_seats=0)

    assert services.join(event_id=event.id, user_id=stranger.id)[1] is True


@pytest.mark.parametrize(
    ("status", "refusal"), [("draft", EventNotFound), ("cancelled", EventNotOnSale)]
)
def test_join_of_event_not_on_sale_is_refused(status, refusal, stranger):
    event = EventFactory(status=status)

    with pytest.raises(refusal):
        services.join(event_id=event.id, user_id=stranger.id)


def test_join_of_unknown_event_is_not_found(stranger):
    with pytest.raises(EventNotFound):
        services.join(event_id=NOBODYS_ID, user_id=stranger.id)


def test_join_that_is_refused_leaves_expired_offers_lapsed(stranger):
    expired = make_offer()
    expire_offer(expired)

    with pytest.raises(SeatsAvailable):
        services.join(event_id=expired.event_id, user_id=stranger.id)

    assert states(expired) == ["lapsed"]
    assert seats_of(expired.event) == ["available"]


def test_leave_while_waiting_moves_up_whoever_is_behind():
    event, _ = make_full_event()
    first, second = make_entry(event), make_entry(event)

    services.leave(entry_id=first.id)

    assert states(first, second) == ["left", "waiting"]
    assert WaitlistEntry.objects.with_position().get(id=second.id).position == 1


def test_leave_with_an_offer_gives_the_seat_to_the_next():
    first = make_offer()
    second = make_entry(first.event)

    services.leave(entry_id=first.id)

    second = reread(second)
    assert (states(first), second.status) == (["left"], "offered")
    assert second.offered_seat.held_for_id == second.user_id


def test_leave_with_an_offer_while_nobody_waits_puts_the_seat_on_sale():
    entry = make_offer()

    services.leave(entry_id=entry.id)

    assert seats_of(entry.event) == ["available"]


def test_leave_twice_does_nothing_twice():
    entry = make_offer()
    services.leave(entry_id=entry.id)
    ended_at = reread(entry).ended_at
    booking = make_booking(entry.event)

    services.leave(entry_id=entry.id)

    assert reread(entry).ended_at == ended_at
    booking.seat.refresh_from_db()
    assert booking.seat.status == "booked"


def test_leave_of_unknown_entry_is_not_found():
    with pytest.raises(EntryNotFound):
        services.leave(entry_id=NOBODYS_ID)


def test_release_holds_the_seat_for_the_head_of_the_line():
    event, [booking] = make_full_event()
    first, second = make_entry(event), make_entry(event)

    give_back(event, booking)

    first = reread(first)
    assert (first.status, first.offered_seat_id) == ("offered", booking.seat_id)
    assert first.offered_seat.held_for_id == first.user_id
    assert told(first) == ["waitlist_joined", "seat_offered"]
    assert states(second) == ["waiting"]


def test_release_while_nobody_waits_puts_the_seat_on_sale():
    event, [booking] = make_full_event()

    give_back(event, booking)

    assert seats_of(event) == ["available"]


def test_release_of_several_seats_is_first_come_first_served():
    event, bookings = make_full_event(seats=3)
    line = [make_entry(event) for _ in range(2)]

    give_back(event, *bookings)

    offered = [entry.offered_seat.seat_number for entry in map(reread, line)]
    assert offered == ["Seat-1", "Seat-2"]
    assert seats_of(event) == ["held", "held", "available"]


def test_release_of_fewer_seats_than_wait_leaves_the_last_waiting():
    event, bookings = make_full_event(seats=2)
    line = [make_entry(event) for _ in range(3)]

    give_back(event, *bookings)

    assert states(*line) == ["offered", "offered", "waiting"]


def test_release_under_the_shared_gate_while_somebody_waits_needs_the_exclusive_one():
    event, [booking] = make_full_event()
    make_entry(event)

    with pytest.raises(ExclusiveNeeded), gates.shared(event.id) as gate:
        services.release(gate, event=event, seats=[booking.seat])

    assert seats_of(event) == ["booked"]


def test_release_serves_the_line_of_that_event_only():
    event, [booking] = make_full_event()
    elsewhere = make_entry(make_full_event()[0])

    give_back(event, booking)

    assert (seats_of(event), states(elsewhere)) == (["available"], ["waiting"])


def test_position_counts_those_waiting_in_their_own_line():
    make_entry(make_full_event()[0])
    event, [booking, _] = make_full_event(seats=2)
    line = [make_entry(event) for _ in range(4)]
    give_back(event, booking)
    services.leave(entry_id=line[2].id)

    positions = {
        entry.id: entry.position
        for entry in WaitlistEntry.objects.with_position().filter(event=event)
    }

    assert [positions[entry.id] for entry in line] == [None, 1, None, 2]


def test_the_line_is_ordered_by_id_and_never_by_the_clock():
    event, [booking] = make_full_event()
    first, second = make_entry(event), make_entry(event)
    WaitlistEntry.objects.filter(id=second.id).update(created_at=NOW)

    give_back(event, booking)

    assert states(first, second) == ["offered", "waiting"]


def test_nobody_is_waitlisted_while_a_seat_is_on_sale(event):
    people = [UserFactory() for _ in range(event.total_seats + 1)]

    outcomes = [book_any_seat(event_id=event.id, user_id=person.id) for person in people]

    assert [outcome.status for outcome in outcomes] == ["active"] * 3 + ["waiting"]


def test_current_leaves_out_an_expired_offer_that_nobody_has_swept():
    expired, still_open = make_offer(), make_offer()
    expire_offer(expired)

    assert list(WaitlistEntry.objects.current()) == [still_open]


def test_gate_is_needed_by_whoever_adds_to_the_line(event, stranger):
    with pytest.raises(ExclusiveNeeded), gates.shared(event.id) as gate:
        services.add_to_line(gate, event=event, user_id=stranger.id)
