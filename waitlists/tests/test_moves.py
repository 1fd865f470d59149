"""Moving a person in the line: where they are then, and who is offered a seat first."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evently.audit.models import AuditRecord
from tests.factories import NOW, EventFactory, UserFactory, make_entry, make_full_event
from waitlists.errors import EntryNotFound, MoveUnclear, NotWaiting
from waitlists.models import WaitlistEntry
from waitlists.places import PLACE
from waitlists.services import leave, move_entry
from waitlists.tests.line import give_back, make_offer, reread, states, told

pytestmark = pytest.mark.django_db

NOBODYS_ID = 2**40
REASON = "Their wheelchair doesn't fit elsewhere"


@pytest.fixture
def line(db):
    """Four people in line."""
    event, _ = make_full_event()
    return [make_entry(event) for _ in range(4)]


def move(entry, position, reason=REASON):
    move_entry(entry_id=entry.id, position=position, reason=reason)


def order_of(line):
    """Return where those in line were at first, from the head on, by position as it is shown."""
    entries = WaitlistEntry.objects.with_position().filter(event=line[0].event).waiting()
    shown = [(entry.position, line.index(entry)) for entry in entries]
    assert [position for position, _ in shown] == list(range(1, len(shown) + 1))
    return [at_first for _, at_first in shown]


def places_of(line):
    return set(WaitlistEntry.objects.filter(event=line[0].event).values_list(PLACE, flat=True))


def moves():
    records = AuditRecord.objects.filter(action="entry_moved").order_by("id")
    return list(records.values_list("subject_id", "before", "after"))


@pytest.mark.parametrize(
    ("who", "position", "order"),
    [
        (3, 1, [3, 0, 1, 2]),
        (2, 2, [0, 2, 1, 3]),
        (0, 3, [1, 2, 0, 3]),
        (1, 4, [0, 2, 3, 1]),
        (0, 5, [1, 2, 3, 0]),
        (0, 2**70, [1, 2, 3, 0]),
        (1, 2, [0, 1, 2, 3]),
        (3, 99, [0, 1, 2, 3]),
    ],
)
def test_move_puts_a_person_at_the_position_and_leaves_the_others_in_order(
    line, who, position, order
):
    move(line[who], position)

    assert order_of(line) == order
    assert places_of(line) == {entry.id for entry in line}


def test_moves_one_after_the_other_each_begin_where_the_last_one_ended(line):
    move(line[3], 1)
    move(line[0], 4)
    move(line[1], 1)

    assert order_of(line) == [1, 3, 2, 0]
    assert places_of(line) == {entry.id for entry in line}


def test_move_beyond_those_who_left_counts_who_still_waits(line):
    leave(entry_id=line[1].id)

    move(line[3], 2)

    assert order_of(line) == [0, 3, 2]


def test_whoever_joins_after_a_move_comes_last(line):
    move(line[0], 4)

    line.append(make_entry(line[0].event))

    assert order_of(line) == [1, 2, 3, 0, 4]


def test_move_leaves_the_line_of_another_event_alone(line):
    event, _ = make_full_event()
    elsewhere = [make_entry(event) for _ in range(2)]

    move(line[3], 1)

    assert order_of(elsewhere) == [0, 1]


def test_released_seats_are_offered_in_the_order_after_a_move():
    event, bookings = make_full_event(seats=2)
    line = [make_entry(event) for _ in range(3)]
    move(line[2], 1)

    give_back(event, *bookings)

    assert states(*line) == ["offered", "waiting", "offered"]
    seats = [reread(line[n]).offered_seat.seat_number for n in (2, 0)]
    assert seats == ["Seat-1", "Seat-2"]


def test_move_is_recorded_with_its_reason_and_nobody_is_told(line):
    move(line[3], 99, reason=REASON)
    move(line[2], 1, reason=f" {REASON}\n")

    before, after = {"position": 3}, {"position": 1, "reason": REASON}
    assert moves() == [(line[2].id, before, after)]
    record = AuditRecord.objects.get(action="entry_moved")
    about = (record.event_id, record.subject, record.user_id)
    assert about == (line[2].event_id, "entry", line[2].user_id)
    assert {tuple(told(entry)) for entry in line} == {("waitlist_joined",)}


def test_move_beyond_the_end_is_recorded_as_the_end(line):
    move(line[0], 99)

    assert moves() == [(line[0].id, {"position": 1}, {"position": 4, "reason": REASON})]


@pytest.mark.parametrize(
    ("position", "reason"),
    [(0, REASON), (-1, REASON), (1, ""), (1, " \n"), (1, "x" * 201)],
)
def test_move_without_a_position_or_a_reason_is_refused(line, position, reason):
    with pytest.raises(MoveUnclear):
        move(line[3], position, reason)

    assert (order_of(line), moves()) == ([0, 1, 2, 3], [])


def test_move_with_a_reason_of_200_characters_is_done(line):
    move(line[3], 1, "x" * 200)

    assert order_of(line) == [3, 0, 1, 2]


def test_move_of_who_has_an_offer_is_refused():
    entry = make_offer()

    with pytest.raises(NotWaiting):
        move(entry, 1)

    assert moves() == []


def test_move_of_who_has_left_is_refused(line):
    leave(entry_id=line[3].id)

    with pytest.raises(NotWaiting):
        move(line[3], 1)


def test_move_of_unknown_entry_is_not_found(db):
    with pytest.raises(EntryNotFound):
        move_entry(entry_id=NOBODYS_ID, position=1, reason=REASON)


def statements_to_move_in_a_line_of(people):
    event = EventFactory(total_seats=0)
    users = UserFactory.create_batch(people)
    line = WaitlistEntry.objects.bulk_create(
        WaitlistEntry(event=event, user=user, created_at=NOW) for user in users
    )
    with CaptureQueriesContext(connection) as counted:
        move(line[-1], 1)
    assert order_of(line) == [people - 1, *range(people - 1)]
    return len(counted)


def test_move_in_a_long_line_takes_no_more_statements_than_in_a_short_one():
    few = statements_to_move_in_a_line_of(3)

    assert statements_to_move_in_a_line_of(300) == few


@pytest.mark.postgresql
def test_move_takes_5_statements_under_the_gate():
    # Besides: whose event it is, a savepoint and its release in a test's own transaction.
    assert statements_to_move_in_a_line_of(3) == 8
