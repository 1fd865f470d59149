"""The writing calls about several seats at once, and the rows that each is made on."""

from datetime import UTC, datetime, timedelta

from django.conf import settings

from bookings.choosing import Wish
from bookings.holds import make_hold
from bookings.models import Booking
from bookings.offering_back import offer_back as put_up
from bookings.orders import order_hold
from bookings.services import book_any_seat, cancel_booking
from events.models import Hold, Seat
from reliability.crash.points import Request
from reliability.crash.prepared import Write, by, make_event, make_full_event, make_person, wait
from waitlists.models import WaitlistEntry


def hold() -> Request:
    wish = {"event_id": make_event(seats=3).id, "seat_numbers": ["Seat-1", "Seat-3"]}
    return by(make_person(), "POST", "/holds", wish)


def hold_what_has_run_out() -> Request:
    held = _hold()
    now = datetime.now(UTC)
    Hold.objects.update(created_at=now - timedelta(minutes=10), expires_at=now)
    Seat.objects.filter(hold=held).update(held_until=now)
    return by(make_person(), "POST", "/holds", {"event_id": held.event_id, "quantity": 3})


def refresh() -> Request:
    held = _hold()
    return by(held.user, "POST", f"/holds/{held.id}/refresh")


def release() -> Request:
    held = _hold()
    return by(held.user, "DELETE", f"/holds/{held.id}")


def release_with_a_line() -> Request:
    held = _hold()
    book_any_seat(event_id=held.event_id, user_id=make_person().id)
    wait(held.event)
    return by(held.user, "DELETE", f"/holds/{held.id}")


def order() -> Request:
    return by(make_person(), "POST", "/orders", {"event_id": make_event(seats=3).id, "quantity": 2})


def other_seats_than_offered() -> Request:
    """What was on offer is released; alone it doesn't fit the party that waits."""
    event, bookings = make_full_event(seats=3)
    entry = wait(event)
    wait(event, party_size=2)
    for booking in bookings[:2]:
        cancel_booking(booking_id=booking.id)
    wish = {"event_id": event.id, "seat_numbers": ["Seat-2"]}
    return by(entry.user, "POST", "/orders", wish)


def order_of_a_hold() -> Request:
    held = _hold()
    return by(held.user, "POST", "/orders", {"hold_id": held.id})


def cancel_order_with_a_line() -> Request:
    held = _hold()
    ordered = order_hold(hold_id=held.id, user_id=held.user_id)
    book_any_seat(event_id=held.event_id, user_id=make_person().id)
    wait(held.event)
    return by(held.user, "DELETE", f"/orders/{ordered.id}")


def offer_back() -> Request:
    event, [booking] = make_full_event()
    wait(event)
    return by(booking.user, "POST", f"/bookings/{booking.id}/offer-back")


def take_back() -> Request:
    _, [booking] = make_full_event()
    put_up(booking_id=booking.id)
    return by(booking.user, "DELETE", f"/bookings/{booking.id}/offer-back")


def accept_what_was_offered_back() -> Request:
    event, [booking] = make_full_event()
    entry = wait(event)
    put_up(booking_id=booking.id)
    return by(entry.user, "POST", f"/waitlists/{entry.id}/accept")


def accept_for_a_party() -> Request:
    party = _offer_to_a_party()
    return by(party.user, "POST", f"/waitlists/{party.id}/accept")


def accept_a_part() -> Request:
    party = _offer_to_a_party()
    return by(party.user, "POST", f"/waitlists/{party.id}/accept", {"quantity": 1})


def accept_what_is_gathered() -> Request:
    """Of two seats that are gathered for three people, one; the other two go on waiting."""
    party, bookings = _impatient_party(size=3)
    for booking in bookings[:2]:
        cancel_booking(booking_id=booking.id)
    return by(party.user, "POST", f"/waitlists/{party.id}/accept", {"quantity": 1})


def cancel_for_who_has_lost_patience() -> Request:
    _, [booking, *_] = _impatient_party(size=2)
    return by(booking.user, "DELETE", f"/bookings/{booking.id}")


def join_as_a_party() -> Request:
    """Of the two seats that it wants, one is on sale and one is offered back: it has them."""
    event, bookings = make_full_event(seats=2)
    cancel_booking(booking_id=bookings[0].id)
    put_up(booking_id=bookings[1].id)
    party = {"event_id": event.id, "party_size": 2, "adjacent": "required"}
    return by(make_person(), "POST", "/waitlists", party)


GROUP_WRITES = [
    Write("POST /waitlists/{id}/accept: by a party", accept_for_a_party),
    Write("POST /waitlists/{id}/accept: a part of an offer", accept_a_part),
    Write("POST /waitlists/{id}/accept: of what is gathered", accept_what_is_gathered),
    Write("POST /waitlists/{id}/accept: offered back", accept_what_was_offered_back),
    Write("POST /bookings/{id}/offer-back: one waits", offer_back),
    Write("DELETE /bookings/{id}/offer-back", take_back),
    Write("DELETE /bookings/{id}: gathered for a party", cancel_for_who_has_lost_patience),
    Write("POST /holds: chosen seats", hold),
    Write("POST /holds: so many, a hold has run out", hold_what_has_run_out),
    Write("POST /holds/{id}/refresh", refresh),
    Write("DELETE /holds/{id}: nobody waits", release),
    Write("DELETE /holds/{id}: one waits", release_with_a_line),
    Write("POST /orders: so many", order),
    Write("POST /orders: other seats than offered", other_seats_than_offered),
    Write("POST /orders: of a hold", order_of_a_hold),
    Write("DELETE /orders/{id}: one waits", cancel_order_with_a_line),
    Write("POST /waitlists: a party, a seat is offered back", join_as_a_party),
]


def _hold() -> Hold:
    """Two of an event's three seats, kept for somebody."""
    wish = Wish(seat_numbers=["Seat-1", "Seat-2"])
    return make_hold(event_id=make_event(seats=3).id, user_id=make_person().id, wish=wish)


def _offer_to_a_party() -> WaitlistEntry:
    """Return a party of two that both seats of an event are kept for."""
    event, bookings = make_full_event(seats=2)
    party = wait(event, party_size=2, adjacent="required")
    for booking in bookings:
        cancel_booking(booking_id=booking.id)
    return party


def _impatient_party(size: int) -> tuple[WaitlistEntry, list[Booking]]:
    """Return a party that seats are gathered for, and the bookings of a full event."""
    event, bookings = make_full_event(seats=3)
    party = wait(event, party_size=size)
    WaitlistEntry.objects.update(passed_over=settings.EVENTLY_PARTY_PATIENCE)
    return party, bookings
