"""Whatever groups and parties do in whatever order: every seat is explained, nobody is wronged.

The other machine (`tests/test_state_machine.py`) says of single people's calls what they must be
answered. Here holds, orders, parties, parts of offers and seats offered back come on top, and what
must be so after every call is told by what the rows are, and were before it.
"""

from collections import Counter
from typing import NamedTuple

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from bookings.choosing import Wish
from bookings.errors import SeatsUnavailable
from bookings.event_services import change_event
from bookings.holds import make_hold, refresh_hold, release_hold
from bookings.integrity import breaches
from bookings.models import Booking, Order
from bookings.offering_back import offer_back, take_back
from bookings.orders import cancel_order, make_order, order_hold
from bookings.services import accept_offer, book_any_seat, book_seat, cancel_booking
from evently.api.errors import DomainRefusal
from events.counts import fold_all
from events.models import Event, Hold, Seat
from events.services import block_seats
from notifications.models import Notification
from tests.factories import NOW, UserFactory, expire_hold, make_hall
from tests.walking import walk
from waitlists.errors import SeatsAvailable
from waitlists.lapsing import cancel_offer, lapse_all
from waitlists.models import WaitlistEntry
from waitlists.releasing import offer_seats, unblock_seats
from waitlists.services import join, leave, move_entry

ROWS = {"A": 4, "B": 2}
SEATS, PEOPLE = sum(ROWS.values()), 5
PATIENCE = 2

users = st.integers(0, PEOPLE - 1)
places = st.integers(0, SEATS - 1)
chosen_places = st.lists(places, min_size=1, max_size=3, unique=True)
sizes = st.integers(1, 3)
adjacencies = st.sampled_from(["required", "preferred", "no"])
rows = st.integers(0, 30)  # of those that there are, counted round and round


class Party(NamedTuple):
    """What somebody in line asks for, what they are kept, and how patient they are."""

    place: int
    user: int
    size: int
    adjacent: str
    status: str
    kept: frozenset
    offered_at: object
    passed_over: int
    is_impatient: bool


class Sight(NamedTuple):
    """The rows at one moment: seats by id, and the live entries by id, from the head on."""

    seats: dict
    line: dict

    def of(self, status):
        return {seat.id for seat in self.seats.values() if seat.status == status}

    @property
    def put_up(self):
        """Return the seats that are offered back and kept for nobody, and by whom."""
        ids = [s.id for s in self.seats.values() if s.is_offered_back and not s.held_for_id]
        theirs = Booking.objects.active().filter(seat__in=ids)
        return dict(theirs.values_list("seat", "user"))

    @property
    def to_be_had(self):
        return self.of("available") | set(self.put_up)


class Groups(RuleBasedStateMachine):
    """Everything that groups may ask of one small hall."""

    @initialize(limit=st.sampled_from([None, 3, 4]))
    def open_the_sale(self, limit):
        self.users = [UserFactory().id for _ in range(PEOPLE)]
        self.open_a_hall(limit)

    def open_a_hall(self, limit):
        hall = ({"name": name, "seats": seats} for name, seats in ROWS.items())
        self.event = make_hall(*hall, max_per_user=limit)
        self.is_on_sale = True
        self.seat_ids = list(self.event.seats.order_by("position").values_list("id", flat=True))
        self.numbers = dict(self.event.seats.values_list("id", "seat_number"))
        self.before = self.look()

    # --- What people ask for --------------------------------------------------------------------

    @rule(user=users)
    def book(self, user):
        self.ask(book_any_seat, user_id=self.users[user], event_id=self.event.id)

    @rule(user=users, place=places)
    def book_this(self, user, place):
        seat = {"event_id": self.event.id, "seat_id": self.seat_ids[place]}
        self.ask(book_seat, user_id=self.users[user], **seat)

    @rule(service=st.sampled_from([make_hold, make_order]), user=users, chosen=chosen_places)
    def take_these(self, service, user, chosen):
        wish = Wish(seat_ids=[self.seat_ids[place] for place in chosen])
        self.ask(service, event_id=self.event.id, user_id=self.users[user], wish=wish)

    @rule(
        service=st.sampled_from([make_hold, make_order]),
        user=users,
        size=sizes,
        adjacent=adjacencies,
    )
    def take_so_many(self, service, user, size, adjacent):
        wish = Wish(quantity=size, adjacent=adjacent)
        refusal = self.ask(service, event_id=self.event.id, user_id=self.users[user], wish=wish)
        if isinstance(refusal, SeatsUnavailable):
            assert not fits(self.look(), size, adjacent, self.look().of("available"))

    @precondition(lambda self: self.all_of(Hold))
    @rule(row=rows, service=st.sampled_from([refresh_hold, release_hold]))
    def refresh_or_release(self, row, service):
        self.ask(service, hold_id=self.one_of(Hold, row).id)

    @precondition(lambda self: self.all_of(Hold))
    @rule(row=rows)
    def order_what_is_held(self, row):
        hold = self.one_of(Hold, row)
        self.ask(order_hold, hold_id=hold.id, user_id=hold.user_id)

    @precondition(lambda self: self.all_of(Booking))
    @rule(row=rows)
    def cancel(self, row):
        self.ask(cancel_booking, booking_id=self.one_of(Booking, row).id)

    @precondition(lambda self: self.all_of(Order))
    @rule(row=rows)
    def cancel_an_order(self, row):
        self.ask(cancel_order, order_id=self.one_of(Order, row).id)

    @rule(user=users, size=sizes, adjacent=adjacencies)
    def join(self, user, size, adjacent):
        party = {"party_size": size, "adjacent": adjacent}
        refusal = self.ask(join, event_id=self.event.id, user_id=self.users[user], **party)
        if isinstance(refusal, SeatsAvailable):
            assert fits(self.look(), size, adjacent, self.look().of("available"))

    @precondition(lambda self: self.before.line)
    @rule(row=rows)
    def leave(self, row):
        self.ask(leave, entry_id=self.somebody(row))

    @precondition(lambda self: self.before.line)
    @rule(row=rows)
    def accept(self, row):
        self.ask(accept_offer, entry_id=self.somebody(row))

    @precondition(lambda self: self.all_of(WaitlistEntry))
    @rule(row=rows, quantity=sizes)
    def accept_so_many(self, row, quantity):
        entry_id = self.one_of(WaitlistEntry, row).id  # it may have ended
        self.ask(accept_offer, entry_id=entry_id, quantity=quantity)

    @precondition(lambda self: self.kept)
    @rule(row=rows, chosen=chosen_places)
    def accept_these(self, row, chosen):
        entry_id = self.kept[row % len(self.kept)]
        kept = sorted(self.before.line[entry_id].kept)
        seat_ids = {kept[place % len(kept)] for place in chosen}
        self.ask(accept_offer, entry_id=entry_id, seat_ids=sorted(seat_ids))

    @precondition(lambda self: self.all_of(Booking))
    @rule(row=rows, service=st.sampled_from([offer_back, offer_back, take_back]))
    def offer_back_or_take_back(self, row, service):
        self.ask(service, booking_id=self.one_of(Booking, row).id)

    # --- What comes by itself, and what staff do ------------------------------------------------

    @rule()
    def let_deadlines_pass(self):
        for hold in self.all_of(Hold):
            if hold.status == "open":
                expire_hold(hold)
        Seat.objects.filter(event=self.event.id, held_until__isnull=False).update(held_until=NOW)
        self.before = self.look()

    @rule()
    def let_the_worker_lapse(self):
        self.ask(lapse_all)

    @rule()
    def let_the_worker_fold(self):
        fold_all()

    @precondition(lambda self: self.before.line)
    @rule(row=rows)
    def cancel_an_offer(self, row):
        self.ask(cancel_offer, entry_id=self.somebody(row))

    @rule(chosen=chosen_places, service=st.sampled_from([block_seats, unblock_seats, offer_seats]))
    def block_or_unblock(self, chosen, service):
        seat_ids = [self.seat_ids[place] for place in chosen]
        self.ask(service, event_id=self.event.id, seat_ids=seat_ids)

    @precondition(lambda self: self.before.line)
    @rule(row=rows, position=st.integers(1, PEOPLE))
    def move(self, row, position):
        moved = {"entry_id": self.somebody(row), "position": position, "reason": "Came by train"}
        self.ask(move_entry, **moved)

    @precondition(lambda self: self.is_on_sale and len(self.all_of(Booking)) > SEATS)
    @rule()
    def cancel_event(self):
        self.ask(change_event, event_id=self.event.id, changes={"status": "cancelled"})
        self.is_on_sale = False

    @precondition(lambda self: not self.is_on_sale)
    @rule(limit=st.sampled_from([None, 3, 4]))
    def open_another_sale(self, limit):
        self.open_a_hall(limit)

    # --- What must be so after every call -------------------------------------------------------

    @invariant()
    def no_promise_is_broken(self):
        assert breaches() == []

    @invariant()
    def every_seat_is_in_the_one_state_that_its_rows_explain(self):
        sight = self.look()
        active = Booking.objects.filter(event=self.event.id).active()
        booked = Counter(active.values_list("seat", flat=True))
        holds = {hold.id: hold for hold in self.all_of(Hold) if hold.status == "open"}
        kept = Counter(seat_id for party in sight.line.values() for seat_id in party.kept)
        for seat in sight.seats.values():
            in_hold = holds.get(seat.hold_id)
            explained = {
                "booked": booked[seat.id] == 1,
                "held": (in_hold is not None and in_hold.user_id == seat.held_for_id)
                or (kept[seat.id] == 1 and not booked[seat.id]),
            }
            said = [status for status, is_so in explained.items() if is_so]
            assert said == [seat.status] * (seat.status in explained), (seat.seat_number, said)

    @invariant()
    def nobody_has_more_than_they_may(self):
        if self.event.max_per_user is None:
            return
        booked = Booking.objects.filter(event=self.event.id).active()
        theirs = Counter(booked.values_list("user", flat=True))
        held = Seat.objects.filter(event=self.event.id, hold__isnull=False, held_until__gt=NOW)
        theirs.update(held.values_list("held_for", flat=True))
        assert max(theirs.values(), default=0) <= self.event.max_per_user

    @invariant()
    def nobody_waits_for_what_is_there(self):
        """Neither on sale, nor offered back by somebody else, nor together with what they keep."""
        sight = self.look()
        for party in sight.line.values():
            if party.status == "waiting":
                put_up = {seat for seat, user in sight.put_up.items() if user != party.user}
                there = sight.of("available") | put_up | party.kept
                assert not fits(sight, party.size, party.adjacent, there), party

    def ask(self, service, **asked):
        """Call, and compare the rows with what they were; return what came of it."""
        is_reset = self.is_reset_by(service)
        try:
            outcome = service(**asked)
        except DomainRefusal as refusal:
            outcome = refusal
        before, self.before = self.before, self.look()
        self.compare(before, self.before, service, is_reset)
        return outcome

    def compare(self, before, after, service, is_reset):
        news = {
            entry_id: party
            for entry_id, party in after.line.items()
            if party.status == "offered"
            and party.offered_at != getattr(before.line.get(entry_id), "offered_at", None)
        }
        if service is not accept_offer:  # of the rest of an offer, people chose themselves
            for party in news.values():
                assert len(party.kept) == party.size
                assert party.user not in {before.put_up.get(seat_id) for seat_id in party.kept}
                assert fits(after, party.size, party.adjacent, party.kept)
        if service is move_entry or is_reset:
            return
        on_sale = after.to_be_had - before.to_be_had
        gatherer = first_impatient(before)
        for entry_id, party in after.line.items():
            was = before.line.get(entry_id)
            if was is None or party.size == 1 or (was.status, party.status) != ("waiting",) * 2:
                continue
            behind = [other for other in news.values() if other.place > party.place]
            gone = {seat_id for other in behind for seat_id in other.kept} | on_sale
            if not gone or party.size != was.size:
                continue
            assert (
                party.passed_over > was.passed_over
                or party.passed_over >= PATIENCE
                or party.kept != was.kept
            ), (service, was, party)
            if entry_id == gatherer and first_impatient(after) == entry_id:
                self.nothing_that_helps_is_gone(before, after, party, gone)

    def nothing_that_helps_is_gone(self, before, after, party, gone):
        """What came free in this call was kept for the first who has lost patience."""
        came_free = gone - before.to_be_had
        if party.adjacent != "required":
            assert not came_free, (party, came_free)
            return
        helps = {seat for seat in came_free if self.has_room(seat, party.size)}
        assert not helps or len(party.kept) >= 2 * party.size, (party, helps)

    def has_room(self, seat_id, size):
        return ROWS[self.numbers[seat_id][0]] >= size

    def is_reset_by(self, service):
        """Tell whether seats that are gathered run out with this call: patience begins anew."""
        return any(
            party.status == "waiting" and seat.held_until <= NOW
            for party in self.before.line.values()
            for seat in map(self.before.seats.get, party.kept)
        )

    def look(self):
        seats = {seat.id: seat for seat in Seat.objects.filter(event=self.event.id)}
        kept = {}
        for seat in seats.values():
            if seat.held_for_id and not seat.hold_id:
                kept.setdefault(seat.held_for_id, set()).add(seat.id)
        entries = WaitlistEntry.objects.filter(event=self.event.id).live()
        parties = sorted(((entry.place or entry.id), entry.id, entry) for entry in entries)
        return Sight(
            seats,
            {
                entry_id: Party(
                    place,
                    entry.user_id,
                    entry.party_size,
                    entry.adjacent,
                    entry.status,
                    frozenset(kept.get(entry.user_id, ())),
                    entry.offered_at,
                    entry.passed_over,
                    entry.passed_over >= PATIENCE,
                )
                for place, entry_id, entry in parties
            },
        )

    def all_of(self, model):
        return list(model.objects.filter(event=self.event.id).order_by("id"))

    def one_of(self, model, row):
        some = self.all_of(model)
        return some[-1 - row % len(some)]

    def somebody(self, row):
        line = list(self.before.line)
        return line[row % len(line)]

    @property
    def kept(self):
        return [entry_id for entry_id, party in self.before.line.items() if party.kept]

    def teardown(self):
        for model in (Notification, Booking, Order, WaitlistEntry, Seat, Hold, Event):
            model.objects.all().delete()


def first_impatient(sight):
    impatient = (
        entry_id
        for entry_id, party in sight.line.items()
        if party.status == "waiting" and party.is_impatient
    )
    return next(impatient, None)


def fits(sight, size, adjacent, seat_ids):
    """Tell whether so many of these seats can be had together, by looking at every block."""
    if adjacent != "required" or size == 1:
        return len(seat_ids) >= size
    at = {(sight.seats[id].row, sight.seats[id].place) for id in seat_ids}
    return any(all((row, place + step) in at for step in range(size)) for row, place in at)


@pytest.mark.timeout(3600)
@pytest.mark.django_db(transaction=True)
def test_groups_and_parties_in_any_order_break_no_promise(settings):
    settings.EVENTLY_PARTY_PATIENCE = PATIENCE
    walk(Groups, walks=2)
