"""Whatever is called in whatever order, one after the other: the little machine knows the answer.

Hypothesis chooses the calls and, when one goes wrong, looks for the fewest that do. The machine is
the one that concurrent histories are checked against (`reliability/machine.py`), to which staff's
calls about seats, offers and the line are added here. After every call the rows are what it says,
and no promise is broken.
"""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from bookings import cancelling
from bookings.cancelling import begin_cancelling, cancel_next_batch, finish_cancelled_events
from bookings.event_services import change_event, delete_event
from bookings.integrity import breaches
from bookings.models import Booking
from bookings.services import accept_offer, book_any_seat, book_seat, cancel_booking
from evently.api.errors import DomainRefusal
from events.counts import fold_all
from events.models import Event, Seat
from events.services import block_seats
from notifications.models import Notification
from reliability.history import Answer, Call
from reliability.line import lapse, release
from reliability.machine import after, cancel_bookings
from reliability.machine import begin_cancelling as begun
from reliability.state import AVAILABLE, BLOCKED, State, rows_of
from tests.factories import NOW, EventFactory, UserFactory
from tests.walking import walk
from waitlists.lapsing import cancel_offer, lapse_all
from waitlists.models import WaitlistEntry
from waitlists.releasing import offer_seats, unblock_seats
from waitlists.services import join, leave, move_entry

SEATS, PEOPLE = 3, 4
BOOKINGS_PER_BATCH = 1  # so that there is something between the batches
DONE = Answer("done")

users = st.integers(0, PEOPLE - 1)
places = st.integers(0, SEATS - 1)
rows = st.integers(0, 30)  # of those that there are, counted round and round


class Services(RuleBasedStateMachine):
    """Everything that people and staff may ask of one event, and what they must be answered."""

    @initialize()
    def open_the_sale(self):
        self.users = [UserFactory().id for _ in range(PEOPLE)]
        self.event = EventFactory(total_seats=SEATS)
        self.state = State(seats=(AVAILABLE,) * SEATS)

    @rule(user=users)
    def book(self, user):
        user = self.users[user]
        self.ask("book", book_any_seat, event_id=self.event.id, user_id=user, by=user)

    @rule(user=users, place=places)
    def book_this(self, user, place):
        user, seat = self.users[user], f"Seat-{place + 1}"
        asked = {"event_id": self.event.id, "user_id": user, "seat_number": seat}
        self.ask("book_seat", book_seat, **asked, by=user, place=place)

    @precondition(lambda self: self.bookings)
    @rule(row=rows)
    def cancel(self, row):
        row = self.bookings[row % len(self.bookings)]
        self.ask("cancel", cancel_booking, booking_id=row, row=row)

    @rule(user=users)
    def join(self, user):
        user = self.users[user]
        self.ask("join", join, event_id=self.event.id, user_id=user, by=user)

    @precondition(lambda self: self.entries)
    @rule(row=rows)
    def leave(self, row):
        row = self.entries[row % len(self.entries)]
        self.ask("leave", leave, entry_id=row, row=row)

    @precondition(lambda self: self.entries)
    @rule(row=rows)
    def accept(self, row):
        row = self.entries[row % len(self.entries)]
        owner = WaitlistEntry.objects.get(id=row).user_id
        self.ask("accept", accept_offer, entry_id=row, row=row, by=owner)

    @rule()
    def let_deadlines_pass(self):
        Seat.objects.filter(event=self.event.id, status="held").update(held_until=NOW)
        [self.state] = after(self.state, Call("expire", 0), DONE)

    @rule()
    def let_the_worker_lapse(self):
        lapse_all()
        [self.state] = lapse(self.state)

    @rule()
    def let_the_worker_fold(self):
        fold_all()

    @precondition(lambda self: self.held)
    @rule(row=rows)
    def cancel_an_offer(self, row):
        place = self.held[row % len(self.held)]
        kept = self.state.seats[place].kept
        cancel_offer(entry_id=kept.entry)
        ended = self.state.ended | {(kept.entry, kept.user, "lapsed")}
        self.state = self.state._replace(ended=ended)
        self.release(place)

    @precondition(lambda self: self.state.is_on_sale)
    @rule(chosen=st.sets(places))
    def block(self, chosen):
        block_seats(event_id=self.event.id, seat_ids=self.seat_ids(chosen))
        self.state = self.state._replace(
            seats=tuple(
                BLOCKED if place in chosen and seat == AVAILABLE else seat
                for place, seat in enumerate(self.state.seats)
            )
        )

    @precondition(lambda self: self.state.is_on_sale)
    @rule(chosen=st.sets(places))
    def unblock(self, chosen):
        unblock_seats(event_id=self.event.id, seat_ids=self.seat_ids(chosen))
        for place in sorted(chosen):
            if self.state.seats[place] == BLOCKED:
                self.release(place)

    @precondition(lambda self: self.state.line)
    @rule(chosen=st.sets(places))
    def offer_blocked_seats(self, chosen):
        offer_seats(event_id=self.event.id, seat_ids=self.seat_ids(chosen))
        for place in sorted(chosen):
            if self.state.seats[place] == BLOCKED and self.state.line:
                self.release(place)

    @precondition(lambda self: self.state.line)
    @rule(row=rows, position=st.integers(1, PEOPLE + 1))
    def move(self, row, position):
        entry = self.state.line[row % len(self.state.line)]
        move_entry(entry_id=entry.id, position=position, reason="Came by train")
        line = [other for other in self.state.line if other != entry]
        line.insert(position - 1, entry)
        self.state = self.state._replace(line=tuple(line))

    @precondition(lambda self: self.state.is_on_sale)
    @rule(venue=st.sampled_from(["City Hall", "Opera House"]))
    def change(self, venue):
        change_event(event_id=self.event.id, changes={"venue": venue})

    @precondition(lambda self: self.state.is_on_sale and self.is_old)
    @rule()
    def cancel_event(self):
        cancel = {"event_id": self.event.id, "changes": {"status": "cancelled"}}
        self.ask("cancel_event", change_event, **cancel)

    @precondition(lambda self: self.state.is_on_sale and self.is_old)
    @rule()
    def begin_cancelling_event(self):
        self.state = begun(self.state)
        assert begin_cancelling(event_id=self.event.id) == self.number_booked

    @precondition(lambda self: not self.state.is_on_sale)
    @rule()
    def cancel_a_batch(self):
        self.state = cancel_bookings(self.state, BOOKINGS_PER_BATCH)
        assert cancel_next_batch(event_id=self.event.id) == self.number_booked

    @rule()
    def let_the_worker_finish_cancelling(self):
        finish_cancelled_events()
        if not self.state.is_on_sale:
            self.state = cancel_bookings(self.state, SEATS)

    @precondition(lambda self: self.is_old)
    @rule()
    def delete_event(self):
        self.ask("delete", delete_event, event_id=self.event.id)

    @precondition(lambda self: not self.state.is_on_sale)
    @rule()
    def open_another_sale(self):
        self.event = EventFactory(total_seats=SEATS)
        self.state = State(seats=(AVAILABLE,) * SEATS)

    @invariant()
    def rows_are_what_the_machine_says(self):
        assert self.rows() == rows_of(self.state)

    @invariant()
    def line_is_in_the_order_that_the_machine_says(self):
        line = WaitlistEntry.objects.with_position().filter(event=self.event.id).waiting()
        said = [(entry.id, number) for number, entry in enumerate(self.state.line, start=1)]
        assert list(line.values_list("id", "position")) == said

    @invariant()
    def no_promise_is_broken(self):
        assert breaches() == []

    def ask(self, kind, service, *, by=0, row=0, place=0, **asked):
        """Call the service; let the machine judge its answer, and go on from there."""
        answer = answered(kind, service, asked)
        call = Call(kind, 0, 0, answer, by, row, place)
        # Offers that have run out may lapse first; the rows tell whether they did.
        states = [
            following
            for state in (self.state, *lapse(self.state))
            for following in after(state, call, answer)
        ]
        fitting = [state for state in states if rows_of(state) == self.rows()]
        assert fitting, (call, self.state, self.rows())
        self.state = fitting[0]

    def release(self, place):
        [self.state] = release(self.state, [place])

    def rows(self):
        event = Event.objects.filter(id=self.event.id).first()
        if event is None:
            return rows_of(State(status="deleted"))
        seats = Seat.objects.filter(event=event).order_by("position")
        place = {seat.id: number for number, seat in enumerate(seats)}
        return (
            event.status,
            tuple((seat.status, seat.held_for_id, None, False) for seat in seats),
            tuple(
                (row.id, row.user_id, place[row.seat_id], row.status)
                for row in Booking.objects.filter(event=event).order_by("id")
            ),
            tuple(
                (
                    *(row.id, row.user_id, row.status, place.get(row.offered_seat_id)),
                    row.party_size if row.is_live else None,
                )
                for row in WaitlistEntry.objects.filter(event=event).order_by("id")
            ),
            *((), ()),  # neither holds nor orders
        )

    def seat_ids(self, chosen):
        seats = Seat.objects.filter(event=self.event.id, position__in=[n + 1 for n in chosen])
        return list(seats.values_list("id", flat=True))

    @property
    def bookings(self):
        return [row[0] for row in rows_of(self.state)[2]]

    @property
    def entries(self):
        return [row[0] for row in rows_of(self.state)[3]]

    @property
    def held(self):
        return [n for n, seat in enumerate(self.state.seats) if seat.status == "held"]

    @property
    def number_booked(self):
        return sum(seat.status == "booked" for seat in self.state.seats)

    @property
    def is_old(self):
        """Tell whether enough has happened, so that an event isn't ended before it is used."""
        return len(self.bookings) + len(self.entries) > 4

    def teardown(self):
        for model in (Notification, Booking, WaitlistEntry, Seat, Event):
            model.objects.all().delete()


def answered(kind, service, asked):
    """Call, and return the answer in the machine's words."""
    try:
        outcome = service(**asked)
    except DomainRefusal as refusal:
        return Answer("refused", code=refusal.code)
    match outcome:
        case Booking():
            return Answer("booked", outcome.id, outcome.seat.position - 1)
        case WaitlistEntry():
            return Answer("waitlisted", outcome.id)
        case (WaitlistEntry() as entry, is_new):
            return Answer("joined" if is_new else "waiting", entry.id)
    return DONE


@pytest.mark.timeout(3600)
@pytest.mark.django_db(transaction=True)
def test_services_in_any_order_answer_as_the_machine_does(monkeypatch):
    monkeypatch.setattr(cancelling, "BOOKINGS_PER_BATCH", BOOKINGS_PER_BATCH)
    walk(Services, walks=4)
