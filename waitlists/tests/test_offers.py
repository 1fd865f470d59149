"""Offers: their deadline, how they lapse and how else they end. One rule a test."""

from datetime import timedelta

import pytest

from evently.transactions import database_now
from events.services import block_seats
from tests import gates
from tests.factories import EventFactory, expire_offer, make_entry, make_full_event
from waitlists import lapsing, releasing, services
from waitlists.errors import EntryNotFound, NoOpenOffer
from waitlists.models import WaitlistEntry
from waitlists.tests.line import give_back, make_offer, reread, seats_of, states, told

pytestmark = pytest.mark.django_db


def offer_beside_a_start(settings, *, starts_in, offer_minutes=30):
    """Make an offer; return its event, the moment it was made and its deadline."""
    settings.EVENTLY_OFFER_MINUTES = offer_minutes
    event, [booking] = make_full_event(start_time=database_now() + starts_in)
    entry = make_entry(event)
    now = give_back(event, booking)
    return event, now, reread(entry).offer_expires_at


def test_deadline_is_the_minutes_that_are_set(settings):
    _, now, deadline = offer_beside_a_start(settings, starts_in=timedelta(days=1), offer_minutes=45)

    assert deadline == now + timedelta(minutes=45)


def test_deadline_is_never_past_a_start_that_lies_ahead(settings):
    event, _, deadline = offer_beside_a_start(settings, starts_in=timedelta(minutes=10))

    assert deadline == event.start_time


def test_deadline_of_an_event_that_has_begun_is_the_full_time(settings):
    _, now, deadline = offer_beside_a_start(settings, starts_in=-timedelta(minutes=10))

    assert deadline == now + timedelta(minutes=30)


def test_shorten_deadlines_moves_a_deadline_up_to_the_new_start():
    entry = make_offer()
    entry.event.start_time = database_now() + timedelta(minutes=5)

    with gates.exclusive(entry.event_id) as gate:
        lapsing.shorten_deadlines(gate, event=entry.event)

    assert reread(entry).offer_expires_at == entry.event.start_time


@pytest.mark.parametrize("starts_in", [timedelta(hours=1), -timedelta(minutes=5)])
def test_shorten_deadlines_leaves_a_deadline_before_the_start_or_after_the_fact(starts_in):
    entry = make_offer()
    entry.event.start_time = database_now() + starts_in

    with gates.exclusive(entry.event_id) as gate:
        lapsing.shorten_deadlines(gate, event=entry.event)

    assert reread(entry).offer_expires_at == entry.offer_expires_at


def lapse(event):
    with gates.exclusive(event.id) as gate:
        return lapsing.lapse_expired(gate)


def test_lapse_passes_the_seat_to_the_next():
    first = make_offer()
    second = make_entry(first.event)
    expire_offer(first)

    assert lapse(first.event) == 1

    assert states(first, second) == ["lapsed", "offered"]
    assert told(first) == ["waitlist_joined", "seat_offered", "offer_lapsed"]
    assert told(second) == ["waitlist_joined", "seat_offered"]


def test_lapse_while_nobody_waits_puts_the_seat_on_sale():
    entry = make_offer()
    expire_offer(entry)

    lapse(entry.event)

    assert seats_of(entry.event) == ["available"]


def test_lapse_leaves_an_open_offer():
    entry = make_offer()

    assert lapse(entry.event) == 0
    assert states(entry) == ["offered"]


def test_lapse_twice_tells_once():
    entry = make_offer()
    expire_offer(entry)
    lapse(entry.event)

    assert lapse(entry.event) == 0
    assert told(entry).count("offer_lapsed") == 1


def test_whoever_let_an_offer_lapse_may_join_again_at_the_back():
    first = make_offer()
    second, third = make_entry(first.event), make_entry(first.event)
    expire_offer(first)
    lapse(first.event)

    again, is_new = services.join(event_id=first.event_id, user_id=first.user_id)

    assert (is_new, states(second)) == (True, ["offered"])
    assert list(WaitlistEntry.objects.waiting()) == [third, again]


def test_lapse_all_goes_through_every_event():
    entries = [make_offer(), make_offer()]
    still_open = make_offer()
    for entry in entries:
        expire_offer(entry)

    assert lapsing.lapse_all() == 2

    assert states(*entries, still_open) == ["lapsed", "lapsed", "offered"]


def test_lapse_all_again_does_nothing():
    expire_offer(make_offer())
    lapsing.lapse_all()

    assert lapsing.lapse_all() == 0


def test_take_offer_ends_the_entry_and_hands_over_the_seat():
    entry = make_offer()

    with gates.exclusive(entry.event_id) as gate:
        _, [seat] = services.take_offer(gate, entry_id=entry.id)

    assert (seat, states(entry)) == (entry.offered_seat, ["accepted"])


def test_take_offer_that_has_expired_is_refused():
    entry = make_offer()
    expire_offer(entry)

    with pytest.raises(NoOpenOffer), gates.exclusive(entry.event_id) as gate:
        services.take_offer(gate, entry_id=entry.id)


def test_take_offer_of_another_event_is_not_found():
    entry = make_offer()

    with pytest.raises(EntryNotFound), gates.exclusive(EventFactory().id) as gate:
        services.take_offer(gate, entry_id=entry.id)


def test_cancel_offer_passes_the_seat_to_the_next():
    first = make_offer()
    second = make_entry(first.event)

    lapsing.cancel_offer(entry_id=first.id)

    assert states(first, second) == ["lapsed", "offered"]
    assert told(first)[-1] == "offer_lapsed"


def test_cancel_offer_of_somebody_waiting_is_refused():
    entry = make_entry(make_full_event()[0])

    with pytest.raises(NoOpenOffer):
        lapsing.cancel_offer(entry_id=entry.id)

    assert states(entry) == ["waiting"]


def test_unblock_gives_seats_to_the_line_first():
    event = EventFactory(total_seats=2)
    block_seats(event_id=event.id, seat_ids=[seat.id for seat in event.seats.all()])
    entry = make_entry(event)

    unblocked = releasing.unblock_seats(
        event_id=event.id, seat_ids=[seat.id for seat in event.seats.all()]
    )

    assert (unblocked, states(entry)) == (2, ["offered"])
    assert seats_of(event) == ["held", "available"]


def test_unblock_leaves_seats_that_are_not_blocked():
    event, [booking] = make_full_event()

    assert releasing.unblock_seats(event_id=event.id, seat_ids=[booking.seat_id]) == 0
    assert seats_of(event) == ["booked"]


def test_close_line_ends_every_live_entry_and_tells_each():
    offered = make_offer()
    waiting = make_entry(offered.event)
    gone = make_entry(offered.event)
    services.leave(entry_id=gone.id)

    with gates.exclusive(offered.event_id) as gate:
        services.close_line(gate, event=offered.event, kind="event_cancelled")

    assert states(offered, waiting, gone) == ["closed", "closed", "left"]
    assert told(offered)[-1] == told(waiting)[-1] == "event_cancelled"
    assert told(gone) == ["waitlist_joined"]
