"""People who are moved in the line while a seat comes back, or while somebody leaves."""

import pytest

from bookings.services import cancel_booking
from evently.audit.models import AuditRecord
from tests.factories import EventFactory, make_entry, make_full_event
from tests.races.cues import LINE_COUNTED, LINE_READ
from tests.races.promises import broken_promises
from waitlists.errors import NotWaiting
from waitlists.models import WaitlistEntry
from waitlists.services import leave, move_entry

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

TO_THE_HEAD = {"position": 1, "reason": "Came by train"}


def states(*entries):
    found = WaitlistEntry.objects.in_bulk([entry.id for entry in entries])
    return [found[entry.id].status for entry in entries]


def moved():
    records = AuditRecord.objects.filter(action="entry_moved").order_by("id")
    return list(records.values_list("subject_id", flat=True))


def move_beside_a_cancel(stage, booking, entry):
    """Somebody is moved to the head when a cancel has read who is there and not offered yet."""
    canceller = stage.start(cancel_booking, booking_id=booking.id, pause_after=LINE_READ)
    mover = stage.start(move_entry, entry_id=entry.id, **TO_THE_HEAD)
    canceller.resume()
    assert (canceller.outcome, mover.outcome) == (None, True)


def test_a_move_beside_a_cancel_comes_after_the_head_was_offered_the_seat(stage):
    event, [booking] = make_full_event()
    first, second, third = (make_entry(event) for _ in range(3))

    move_beside_a_cancel(stage, booking, third)

    assert states(first, second, third) == ["offered", "waiting", "waiting"]
    assert list(WaitlistEntry.objects.waiting()) == [third, second]
    assert moved() == [third.id]
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_a_move_beside_a_cancel_without_the_gate_passes_by_who_was_just_made_the_head(stage):
    event, [booking] = make_full_event()
    first, second, third = (make_entry(event) for _ in range(3))

    move_beside_a_cancel(stage, booking, third)

    assert states(first, second, third) == ["offered", "waiting", "waiting"]
    third.refresh_from_db()
    assert third.place == first.id  # ahead of who was offered the seat


def cancel_beside_a_move(stage, booking, entry):
    """A seat comes back when a move has seen that the person waits, and not moved them yet."""
    mover = stage.start(move_entry, entry_id=entry.id, **TO_THE_HEAD, pause_after=LINE_COUNTED)
    canceller = stage.start(cancel_booking, booking_id=booking.id)
    mover.resume()
    assert (canceller.outcome, mover.outcome) == (None, True)


def test_a_cancel_beside_a_move_offers_the_seat_to_who_is_moved_to_the_head(stage):
    event, [booking] = make_full_event()
    first, second = make_entry(event), make_entry(event)

    cancel_beside_a_move(stage, booking, second)

    assert states(first, second) == ["waiting", "offered"]
    assert moved() == [second.id]
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_a_cancel_beside_a_move_without_the_gate_offers_the_seat_to_the_old_head(stage):
    event, [booking] = make_full_event()
    first, second = make_entry(event), make_entry(event)

    cancel_beside_a_move(stage, booking, second)

    assert states(first, second) == ["offered", "waiting"]
    assert moved() == [second.id]


def move_the_head_beside_its_offer(stage, booking, head):
    """The head is to be moved back when a cancel is just offering it the seat."""
    canceller = stage.start(cancel_booking, booking_id=booking.id, pause_after=LINE_READ)
    to_the_back = {"position": 2, "reason": "Asked for it"}
    mover = stage.start(move_entry, entry_id=head.id, **to_the_back)
    canceller.resume()
    assert canceller.outcome is None
    return mover.outcome


def test_a_move_of_who_is_being_offered_a_seat_is_refused(stage):
    event, [booking] = make_full_event()
    first, second = make_entry(event), make_entry(event)

    outcome = move_the_head_beside_its_offer(stage, booking, first)

    assert isinstance(outcome, NotWaiting)
    assert (states(first, second), moved()) == (["offered", "waiting"], [])
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_a_move_without_the_gate_of_who_is_being_offered_a_seat_comes_too_late(stage):
    event, [booking] = make_full_event()
    first, second = make_entry(event), make_entry(event)

    outcome = move_the_head_beside_its_offer(stage, booking, first)

    assert outcome is True
    assert (states(first, second), moved()) == (["offered", "waiting"], [first.id])
    second.refresh_from_db()
    assert second.place == first.id  # ahead of who was offered the seat


def leave_beside_a_move(stage, head, entry):
    """The head leaves when a move has counted the line, and not moved anybody yet."""
    back = {"position": 3, "reason": "Asked for it"}
    mover = stage.start(move_entry, entry_id=entry.id, **back, pause_after=LINE_COUNTED)
    leaver = stage.start(leave, entry_id=head.id)
    mover.resume()
    assert (mover.outcome, leaver.outcome) == (True, None)


def test_a_leave_beside_a_move_comes_after_it(stage):
    event = EventFactory(total_seats=0)
    head, second, third, fourth = (make_entry(event) for _ in range(4))

    leave_beside_a_move(stage, head, second)

    assert list(WaitlistEntry.objects.waiting()) == [third, second, fourth]
    assert moved() == [second.id]
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_a_leave_beside_a_move_without_the_gate_lets_others_be_moved(stage):
    event = EventFactory(total_seats=0)
    head, second, third, fourth = (make_entry(event) for _ in range(4))

    leave_beside_a_move(stage, head, second)

    assert list(WaitlistEntry.objects.waiting()) == [second, fourth, third]
    assert moved() == [second.id]
