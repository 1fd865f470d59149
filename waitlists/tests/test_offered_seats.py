"""Blocked seats that staff offer to the line, past the sale."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.event_services import change_event
from evently.audit.models import AuditRecord
from events.errors import EventNotFound, EventNotOnSale
from events.models import Event, SeatChange
from events.services import block_seats
from tests.factories import EventFactory, make_entry
from waitlists.errors import NobodyWaits
from waitlists.releasing import offer_seats
from waitlists.services import move_entry
from waitlists.tests.line import reread, seats_of, states, told

pytestmark = pytest.mark.django_db

NOBODYS_ID = 2**40


def make_blocked_event(seats=3, **values):
    event = EventFactory(total_seats=seats, **values)
    block_seats(event_id=event.id, seat_ids=ids_of(event))
    return event


def ids_of(event):
    return list(event.seats.order_by("-position").values_list("id", flat=True))


def offered_to(entry):
    seat = reread(entry).offered_seat
    return seat and (seat.seat_number, seat.held_for_id == entry.user_id)


def test_offered_seats_go_to_the_first_in_line_by_position():
    event = make_blocked_event()
    line = [make_entry(event) for _ in range(4)]
    _, *chosen = ids_of(event)[::-1]

    assert offer_seats(event_id=event.id, seat_ids=chosen) == 2

    assert [offered_to(entry) for entry in line] == [("Seat-2", True), ("Seat-3", True), None, None]
    assert seats_of(event) == ["blocked", "held", "held"]
    assert told(line[0]) == ["waitlist_joined", "seat_offered"]


def test_offered_seats_go_first_to_whoever_was_moved_to_the_head():
    event = make_blocked_event()
    first, second = make_entry(event), make_entry(event)
    move_entry(entry_id=second.id, position=1, reason="Came by train")

    offer_seats(event_id=event.id, seat_ids=ids_of(event)[:1])

    assert states(first, second) == ["waiting", "offered"]


def test_more_seats_than_people_stay_blocked_and_nothing_counts_as_available():
    event = make_blocked_event()
    entry = make_entry(event)
    SeatChange.objects.all().delete()

    assert offer_seats(event_id=event.id, seat_ids=ids_of(event)) == 1

    assert offered_to(entry) == ("Seat-1", True)
    assert seats_of(event) == ["held", "blocked", "blocked"]
    assert not SeatChange.objects.exists()


def test_offered_seats_are_recorded_as_no_longer_blocked():
    event = make_blocked_event(seats=2)
    entry = make_entry(event)

    offer_seats(event_id=event.id, seat_ids=ids_of(event))

    [seat, _] = event.seats.order_by("position")
    records = AuditRecord.objects.filter(action__in=["seats_unblocked", "seat_offered"])
    assert list(records.order_by("id").values_list("action", "subject_id", "before", "after")) == [
        (
            "seat_offered",
            entry.id,
            {"status": "waiting"},
            {"status": "offered", "seat_number": "Seat-1"},
        ),
        ("seats_unblocked", seat.id, {"status": "blocked"}, {"status": "held"}),
    ]


def test_seats_that_arent_blocked_or_are_another_events_stay_as_they_are():
    event, another = make_blocked_event(seats=1), make_blocked_event(seats=1)
    entry = make_entry(event)
    offer_seats(event_id=event.id, seat_ids=ids_of(event))
    behind = make_entry(event)

    number = offer_seats(event_id=event.id, seat_ids=ids_of(event) + ids_of(another))

    assert number == 0
    assert states(entry, behind) == ["offered", "waiting"]
    assert (seats_of(event), seats_of(another)) == (["held"], ["blocked"])


def test_offer_while_nobody_waits_is_refused_and_leaves_the_seats_blocked():
    event = make_blocked_event()

    with pytest.raises(NobodyWaits):
        offer_seats(event_id=event.id, seat_ids=ids_of(event))

    assert seats_of(event) == ["blocked"] * 3


def test_offer_of_a_cancelled_events_seats_is_refused():
    event = make_blocked_event()
    make_entry(event)
    change_event(event_id=event.id, changes={"status": "cancelled"})

    with pytest.raises(EventNotOnSale):
        offer_seats(event_id=event.id, seat_ids=ids_of(event))


def test_offer_of_a_drafts_seats_is_refused():
    event = make_blocked_event(status=Event.Status.DRAFT)

    with pytest.raises(EventNotOnSale):
        offer_seats(event_id=event.id, seat_ids=ids_of(event))


def test_offer_of_unknown_events_seats_is_not_found():
    with pytest.raises(EventNotFound):
        offer_seats(event_id=NOBODYS_ID, seat_ids=[1])


def statements_to_offer(seats, people):
    event = make_blocked_event(seats)
    for _ in range(people):
        make_entry(event)
    with CaptureQueriesContext(connection) as counted:
        offer_seats(event_id=event.id, seat_ids=ids_of(event))
    return len(counted)


def test_offer_of_many_seats_takes_no_more_statements_than_of_two():
    few = statements_to_offer(2, 2)

    assert statements_to_offer(9, 20) == few
