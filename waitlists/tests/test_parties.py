"""Parties in the line: who gets which seats, and how long anybody is passed over."""

from datetime import timedelta

import pytest

from bookings.choosing import Wish
from bookings.holds import make_hold, release_hold
from bookings.integrity import breaches
from bookings.offering_back import offer_back
from bookings.orders import make_order
from bookings.services import accept_offer, book_any_seat, book_seat, cancel_booking
from events.errors import SeatNotFound
from events.models import MAX_TOGETHER, Seat
from events.services import block_seats
from notifications.models import Notification
from tests.factories import (
    NOW,
    EventFactory,
    UserFactory,
    expire_hold,
    make_booking,
    make_hall,
)
from waitlists.errors import NoOpenOffer, PartyFitsNowhere, SeatsAvailable
from waitlists.lapsing import lapse_all
from waitlists.models import WaitlistEntry
from waitlists.releasing import offer_seats
from waitlists.services import join, leave

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hall():
    """A sold-out hall of two rows with six seats each; return its event."""
    event = make_hall({"name": "A", "seats": 6}, {"name": "B", "seats": 6})
    for _ in range(12):
        book_any_seat(event_id=event.id, user_id=UserFactory().id)
    return event


@pytest.fixture(autouse=True)
def promises_kept():
    """Whatever a test does, no promise is broken at its end."""
    yield
    assert breaches() == []


def wait(event, size=1, adjacent="no"):
    entry, _ = join(event_id=event.id, user_id=UserFactory().id, party_size=size, adjacent=adjacent)
    return entry


def cancel(event, *numbers):
    """Let the holders of these seats cancel, one after the other."""
    for number in numbers:
        seat = Seat.objects.get(event=event, seat_number=number)
        cancel_booking(booking_id=seat.booking_set.get(status="active").id)


def kept_for(entry):
    seats = Seat.objects.filter(event=entry.event_id, held_for=entry.user_id).kept_for_line()
    return list(seats.order_by("position").values_list("seat_number", flat=True))


def status_of(entry):
    return WaitlistEntry.objects.get(id=entry.id).status


def on_sale(event):
    seats = Seat.objects.filter(event=event).available().order_by("position")
    return list(seats.values_list("seat_number", flat=True))


def test_a_party_of_four_is_seated_side_by_side_as_singles_cancel(hall):
    # A family of four wants to sit together, and the hall is sold out.
    family = wait(hall, 4, "required")

    # The first three who cancel leave seats that the family can't use: others may buy them.
    cancel(hall, "A-1", "B-6", "A-4")
    assert on_sale(hall) == ["A-1", "A-4", "B-6"]
    late_buyer = UserFactory()
    book_seat(event_id=hall.id, user_id=late_buyer.id, seat_number="A-1")

    # Three times it was passed over; from now on, what comes free is kept for it.
    cancel(hall, "A-3", "A-6")
    assert (status_of(family), kept_for(family)) == ("waiting", ["A-3", "A-6"])
    assert on_sale(hall) == ["A-4", "B-6"]

    # Four side by side are free at last: two that were kept, one on sale, and the last one.
    cancel(hall, "A-5")
    assert (status_of(family), kept_for(family)) == ("offered", ["A-3", "A-4", "A-5", "A-6"])
    told = Notification.objects.get(user=family.user_id, kind="seat_offered")
    assert told.message.startswith("We keep A-3, A-4, A-5, A-6 at Ball for you until ")


def test_a_freed_seat_that_fits_no_party_goes_to_the_single_behind_it(hall):
    party, single = wait(hall, 2, "required"), wait(hall)

    cancel(hall, "A-2")

    assert (kept_for(party), kept_for(single)) == ([], ["A-2"])
    party.refresh_from_db()
    assert party.passed_over == 1


def test_a_party_is_served_before_a_single_behind_it_as_soon_as_seats_fit(hall):
    party, single = wait(hall, 2, "required"), wait(hall)
    cancel(hall, "A-2")
    leave(entry_id=single.id)

    cancel(hall, "A-1")

    assert kept_for(party) == ["A-1", "A-2"]


def test_seats_are_gathered_before_singles_once_a_party_has_lost_patience(hall, settings):
    settings.EVENTLY_PARTY_PATIENCE = 1
    party, first, second = wait(hall, 2), wait(hall), wait(hall)

    cancel(hall, "A-1", "B-1")

    assert kept_for(first) == ["A-1"]
    assert (status_of(party), kept_for(party), kept_for(second)) == ("waiting", ["B-1"], [])


def test_patience_also_ends_by_time(hall, settings):
    party, first = wait(hall, 2), wait(hall)
    cancel(hall, "A-1")
    hour = timedelta(minutes=settings.EVENTLY_PARTY_PATIENCE_MINUTES)
    since = WaitlistEntry.objects.get(id=party.id).passed_over_since
    WaitlistEntry.objects.filter(id=party.id).update(passed_over_since=since - hour)
    second = wait(hall)

    cancel(hall, "B-1")

    assert (kept_for(first), kept_for(party), kept_for(second)) == (["A-1"], ["B-1"], [])


def test_seats_gathered_too_long_go_to_those_behind_and_patience_begins_anew(hall, settings):
    settings.EVENTLY_PARTY_PATIENCE = 1
    party, _, second = wait(hall, 2), wait(hall), wait(hall)
    cancel(hall, "A-1", "B-1")
    Seat.objects.filter(held_for=party.user_id).update(held_until=NOW)

    assert lapse_all() == 1

    party.refresh_from_db()
    assert (kept_for(party), kept_for(second)) == ([], ["B-1"])
    assert (party.status, party.passed_over) == ("waiting", 1)


def test_seats_in_a_row_without_room_for_a_party_are_not_gathered(settings):
    settings.EVENTLY_PARTY_PATIENCE = 1
    event = make_hall({"name": "A", "seats": 2}, {"name": "B", "seats": 3})
    for _ in range(5):
        book_any_seat(event_id=event.id, user_id=UserFactory().id)
    party = wait(event, 3, "required")

    cancel(event, "B-1", "A-1", "B-2")

    assert (on_sale(event), kept_for(party)) == (["A-1", "B-1"], ["B-2"])


def test_leaving_while_seats_are_gathered_passes_them_on(hall, settings):
    settings.EVENTLY_PARTY_PATIENCE = 1
    party, _, second = wait(hall, 2), wait(hall), wait(hall)
    cancel(hall, "A-1", "B-1")

    leave(entry_id=party.id)

    assert kept_for(second) == ["B-1"]


def test_accepting_all_that_is_wanted_passes_on_what_was_gathered_beyond(hall, settings):
    settings.EVENTLY_PARTY_PATIENCE = 0
    party = wait(hall, 2, "required")
    cancel(hall, "A-1", "A-3", "A-5", "B-1")
    single = wait(hall)

    accept_offer(entry_id=party.id, quantity=2)

    assert (status_of(party), kept_for(party), kept_for(single)) == ("accepted", [], ["A-5"])
    assert on_sale(hall) == ["B-1"]


def test_accepting_more_than_is_wanted_of_what_is_gathered_is_refused(hall, settings):
    settings.EVENTLY_PARTY_PATIENCE = 0
    party = wait(hall, 2, "required")
    cancel(hall, "A-1", "A-3", "A-5")
    seat_ids = list(Seat.objects.filter(held_for=party.user_id).values_list("id", flat=True))

    for chosen in ({"quantity": 3}, {"seat_ids": seat_ids}):
        with pytest.raises(SeatNotFound):
            accept_offer(entry_id=party.id, **chosen)

    assert (status_of(party), kept_for(party)) == ("waiting", ["A-1", "A-3", "A-5"])


def test_a_lapsed_offer_of_a_party_gives_all_its_seats_to_the_next(hall, settings):
    settings.EVENTLY_PARTY_PATIENCE = 1
    party, first, second = wait(hall, 2), wait(hall), wait(hall)
    cancel(hall, "A-1", "B-1", "B-2")
    Seat.objects.filter(held_for=party.user_id).update(held_until=NOW)

    assert lapse_all() == 1

    assert (kept_for(first), status_of(party), kept_for(second)) == (["A-1"], "lapsed", ["B-1"])
    assert on_sale(hall) == ["B-2"]


def test_blocked_seats_that_fit_nobody_stay_blocked_when_they_are_offered(hall):
    wait(hall, 3)
    cancel(hall, "A-1", "A-2")
    seat_ids = list(Seat.objects.filter(event=hall).available().values_list("id", flat=True))
    block_seats(event_id=hall.id, seat_ids=seat_ids)

    offered = offer_seats(event_id=hall.id, seat_ids=seat_ids)

    assert (offered, on_sale(hall)) == (0, [])


@pytest.mark.parametrize(("size", "adjacent"), [(2, "no"), (2, "preferred"), (2, "required")])
def test_nobody_waits_for_what_is_on_sale(hall, size, adjacent):
    wait(hall, 5)
    cancel(hall, "A-1", "A-2")

    with pytest.raises(SeatsAvailable):
        wait(hall, size, adjacent)


def test_a_party_waits_where_only_single_seats_are_on_sale(hall):
    wait(hall, 5)
    cancel(hall, "A-1", "A-3")

    assert wait(hall, 2, "required").status == "waiting"


@pytest.mark.parametrize(("size", "adjacent"), [(13, "no"), (7, "required")])
def test_nobody_waits_for_what_the_hall_has_no_room_for(hall, size, adjacent):
    with pytest.raises(PartyFitsNowhere):
        wait(hall, size, adjacent)


@pytest.mark.parametrize("is_ordered", [False, True])
def test_seat_bought_in_an_offers_stead_isnt_kept_for_a_party_as_well(hall, is_ordered):
    single, pair = wait(hall), wait(hall, 2)
    cancel(hall, "A-1", "A-2")  # the first is the single's, the second on sale
    chosen = Seat.objects.get(event=hall, seat_number="A-2")
    buyer = {"event_id": hall.id, "user_id": single.user_id}

    if is_ordered:
        make_order(**buyer, wish=Wish(seat_ids=[chosen.id]))
    else:
        book_seat(**buyer, seat_id=chosen.id)

    assert (status_of(single), status_of(pair)) == ("left", "waiting")
    assert on_sale(hall) == ["A-1"]


def test_entry_that_has_ended_accepts_nothing_of_what_its_owner_is_kept_now(hall):
    earlier = wait(hall)
    leave(entry_id=earlier.id)
    pair, _ = join(event_id=hall.id, user_id=earlier.user_id, party_size=2)
    cancel(hall, "A-1", "A-2")

    with pytest.raises(NoOpenOffer):
        accept_offer(entry_id=earlier.id, quantity=1)

    assert (status_of(earlier), status_of(pair)) == ("left", "offered")
    assert kept_for(pair) == ["A-1", "A-2"]


@pytest.mark.parametrize("ends", ["released", "lapsed"])
def test_seat_that_a_partys_owner_held_by_themselves_is_gathered_for_it(hall, ends, settings):
    settings.EVENTLY_PARTY_PATIENCE = 0
    cancel(hall, "A-1")
    party = wait(hall, 2)
    wish = Wish(seat_numbers=["A-1"])
    held = make_hold(event_id=hall.id, user_id=party.user_id, wish=wish)

    if ends == "released":
        release_hold(hold_id=held.id)
    else:
        expire_hold(held)
        lapse_all()

    held.refresh_from_db()
    seat = Seat.objects.get(event=hall, seat_number="A-1")
    assert (held.status, seat.held_for, seat.hold) == (ends, party.user, None)
    assert breaches() == []


# --- Neighbours behind more single seats than a party may want ----------------------------------


def make_scattered(blocked, seats):
    event = EventFactory(total_seats=seats)
    taken = event.seats.filter(position__in=blocked).values_list("id", flat=True)
    block_seats(event_id=event.id, seat_ids=list(taken))
    return event


def test_a_newcomer_is_offered_a_seat_on_sale_with_its_neighbour_that_is_offered_back():
    event = make_scattered(blocked=range(2, 2 * MAX_TOGETHER + 1, 2), seats=2 * MAX_TOGETHER + 3)
    offer_back(booking_id=make_booking(event, seat_number="Seat-102").id)

    party = wait(event, 2, "required")

    assert kept_for(party) == ["Seat-101", "Seat-102"]


def test_a_party_that_wants_fewer_now_is_offered_what_is_on_sale(settings):
    settings.EVENTLY_PARTY_PATIENCE = 0
    blocked = [*range(2, 2 * MAX_TOGETHER + 3, 2), 2 * MAX_TOGETHER + 3]
    event = make_scattered(blocked, seats=2 * MAX_TOGETHER + 5)
    single = make_booking(event, seat_number="Seat-3")
    party = wait(event, 3, "required")
    cancel_booking(booking_id=single.id)

    accept_offer(entry_id=party.id, quantity=1)

    assert kept_for(party) == ["Seat-104", "Seat-105"]
