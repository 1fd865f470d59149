"""Every writing call of the API, and the rows that it is made on."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings

from bookings import cancelling
from bookings.choosing import Wish
from bookings.holds import make_hold
from bookings.models import Booking
from bookings.offering_back import offer_back as put_up
from bookings.orders import order_hold
from bookings.services import book_any_seat, cancel_booking
from evently.users.models import User
from evently.users.services import create_user
from events.models import Event, Hold, Seat
from events.services import create_event
from notifications.models import Notification
from reliability.crash.points import Request
from waitlists.models import WaitlistEntry
from waitlists.services import join

START = datetime(2031, 7, 1, 19, tzinfo=UTC)
FACTS = {
    "name": "Gala",
    "venue": "City Hall",
    "start_time": START.isoformat(),
    "end_time": (START + timedelta(hours=4)).isoformat(),
    "total_seats": 3,
}
OTHER_FACTS = FACTS | {"name": "Great Gala", "venue": "Opera House"}


@dataclass(frozen=True)
class Write:
    """A writing call: its name, and what makes its rows and says what is sent."""

    name: str
    prepare: Callable[[], Request]
    again: int | None = None  # what the same call answers once it is done, where that differs
    bookings_per_batch: int = cancelling.BOOKINGS_PER_BATCH  # as an event is cancelled


def sold() -> Request:
    return _by(_person(), "POST", "/bookings", {"event_id": _event(seats=2).id})


def chosen() -> Request:
    wish = {"event_id": _event(seats=2).id, "seat_number": "Seat-2"}
    return _by(_person(), "POST", "/bookings", wish)


def chosen_after_a_lapse() -> Request:
    entry, _ = _offer()
    _expire(entry)
    wish = {"event_id": entry.event_id, "seat_number": "Seat-1"}
    return _by(_person(), "POST", "/bookings", wish)


def waitlisted() -> Request:
    event, _ = _full_event()
    return _by(_person(), "POST", "/bookings", {"event_id": event.id})


def waitlisted_after_a_lapse() -> Request:
    """The seat whose offer has run out goes to the next; whoever asks comes behind them."""
    entry, event = _offer()
    _join(event)
    _expire(entry)
    return _by(_person(), "POST", "/bookings", {"event_id": event.id})


def accepting() -> Request:
    entry, event = _offer()
    return _by(entry.user, "POST", "/bookings", {"event_id": event.id})


def another_seat_than_offered() -> Request:
    event, bookings = _full_event(seats=2)
    entry = _join(event)
    for booking in bookings:
        cancel_booking(booking_id=booking.id)
    return _by(entry.user, "POST", "/bookings", {"event_id": event.id, "seat_number": "Seat-2"})


def accept() -> Request:
    entry, _ = _offer()
    return _by(entry.user, "POST", f"/waitlists/{entry.id}/accept")


def cancel() -> Request:
    _, [booking] = _full_event()
    return _by(booking.user, "DELETE", f"/bookings/{booking.id}")


def cancel_with_a_line() -> Request:
    event, [booking] = _full_event()
    _join(event)
    _join(event)
    return _by(booking.user, "DELETE", f"/bookings/{booking.id}")


def cancel_for_who_has_lost_patience() -> Request:
    _, [booking, *_] = _impatient_party(size=2)
    return _by(booking.user, "DELETE", f"/bookings/{booking.id}")


def hold() -> Request:
    wish = {"event_id": _event(seats=3).id, "seat_numbers": ["Seat-1", "Seat-3"]}
    return _by(_person(), "POST", "/holds", wish)


def hold_what_has_run_out() -> Request:
    held = _hold()
    now = datetime.now(UTC)
    Hold.objects.update(created_at=now - timedelta(minutes=10), expires_at=now)
    Seat.objects.filter(hold=held).update(held_until=now)
    return _by(_person(), "POST", "/holds", {"event_id": held.event_id, "quantity": 3})


def refresh() -> Request:
    held = _hold()
    return _by(held.user, "POST", f"/holds/{held.id}/refresh")


def release() -> Request:
    held = _hold()
    return _by(held.user, "DELETE", f"/holds/{held.id}")


def release_with_a_line() -> Request:
    held = _hold()
    book_any_seat(event_id=held.event_id, user_id=_person().id)
    _join(held.event)
    return _by(held.user, "DELETE", f"/holds/{held.id}")


def order() -> Request:
    return _by(_person(), "POST", "/orders", {"event_id": _event(seats=3).id, "quantity": 2})


def order_of_a_hold() -> Request:
    held = _hold()
    return _by(held.user, "POST", "/orders", {"hold_id": held.id})


def cancel_order_with_a_line() -> Request:
    held = _hold()
    ordered = order_hold(hold_id=held.id, user_id=held.user_id)
    book_any_seat(event_id=held.event_id, user_id=_person().id)
    _join(held.event)
    return _by(held.user, "DELETE", f"/orders/{ordered.id}")


def offer_back() -> Request:
    event, [booking] = _full_event()
    _join(event)
    return _by(booking.user, "POST", f"/bookings/{booking.id}/offer-back")


def take_back() -> Request:
    _, [booking] = _full_event()
    put_up(booking_id=booking.id)
    return _by(booking.user, "DELETE", f"/bookings/{booking.id}/offer-back")


def accept_what_was_offered_back() -> Request:
    event, [booking] = _full_event()
    entry = _join(event)
    put_up(booking_id=booking.id)
    return _by(entry.user, "POST", f"/waitlists/{entry.id}/accept")


def accept_for_a_party() -> Request:
    party = _offer_to_a_party()
    return _by(party.user, "POST", f"/waitlists/{party.id}/accept")


def accept_a_part() -> Request:
    party = _offer_to_a_party()
    return _by(party.user, "POST", f"/waitlists/{party.id}/accept", {"quantity": 1})


def accept_what_is_gathered() -> Request:
    """Of two seats that are gathered for three people, one; the other two go on waiting."""
    party, bookings = _impatient_party(size=3)
    for booking in bookings[:2]:
        cancel_booking(booking_id=booking.id)
    return _by(party.user, "POST", f"/waitlists/{party.id}/accept", {"quantity": 1})


def join_line() -> Request:
    event, _ = _full_event()
    return _by(_person(), "POST", "/waitlists", {"event_id": event.id})


def join_as_a_party() -> Request:
    """Of the two seats that it wants, one is on sale and one is offered back: it has them."""
    event, bookings = _full_event(seats=2)
    cancel_booking(booking_id=bookings[0].id)
    put_up(booking_id=bookings[1].id)
    party = {"event_id": event.id, "party_size": 2, "adjacent": "required"}
    return _by(_person(), "POST", "/waitlists", party)


def leave() -> Request:
    event, _ = _full_event()
    entry = _join(event)
    return _by(entry.user, "DELETE", f"/waitlists/{entry.id}")


def leave_an_offer() -> Request:
    entry, event = _offer()
    _join(event)
    return _by(entry.user, "DELETE", f"/waitlists/{entry.id}")


def create() -> Request:
    return _by_staff("POST", "/admin/events", FACTS)


def replace() -> Request:
    return _by_staff("PUT", f"/admin/events/{_busy_event().id}", OTHER_FACTS)


def change() -> Request:
    return _by_staff("PATCH", f"/admin/events/{_busy_event().id}", {"venue": "Opera House"})


def cancel_event() -> Request:
    return _by_staff("PATCH", f"/admin/events/{_busy_event().id}", {"status": "cancelled"})


def publish() -> Request:
    return _by_staff("POST", f"/admin/events/{_event(seats=2, status='draft').id}/publish")


def cancel_by_a_step() -> Request:
    return _by_staff("POST", f"/admin/events/{_busy_event().id}/cancel")


def delete() -> Request:
    event, [booking] = _full_event()
    _join(event)
    cancel_booking(booking_id=booking.id)
    _join(event)
    return _by_staff("DELETE", f"/admin/events/{event.id}")


def mark_read() -> Request:
    booking = book_any_seat(event_id=_event(seats=2).id, user_id=_person().id)
    note = Notification.objects.get(user=booking.user)
    return _by(booking.user, "PATCH", f"/users/me/notifications/{note.id}", {"is_read": True})


def mark_all_read() -> Request:
    _, [booking] = _full_event()
    cancel_booking(booking_id=booking.id)
    return _by(booking.user, "POST", "/users/me/notifications/read-all")


def make_user() -> Request:
    return _by_staff("POST", "/admin/users", {"username": "anna", "email": "anna@example.org"})


WRITES = [
    Write("POST /bookings: sold", sold),
    Write("POST /bookings: chosen seat", chosen),
    Write("POST /bookings: chosen seat, its offer has run out", chosen_after_a_lapse),
    Write("POST /bookings: waitlisted", waitlisted),
    Write("POST /bookings: waitlisted, an offer has run out", waitlisted_after_a_lapse),
    Write("POST /bookings: accepting", accepting),
    Write("POST /bookings: another seat than offered", another_seat_than_offered),
    Write("POST /waitlists/{id}/accept", accept),
    Write("POST /waitlists/{id}/accept: by a party", accept_for_a_party),
    Write("POST /waitlists/{id}/accept: a part of an offer", accept_a_part),
    Write("POST /waitlists/{id}/accept: of what is gathered", accept_what_is_gathered),
    Write("POST /waitlists/{id}/accept: offered back", accept_what_was_offered_back),
    Write("POST /bookings/{id}/offer-back: one waits", offer_back),
    Write("DELETE /bookings/{id}/offer-back", take_back),
    Write("DELETE /bookings/{id}: nobody waits", cancel),
    Write("DELETE /bookings/{id}: two wait", cancel_with_a_line),
    Write("DELETE /bookings/{id}: gathered for a party", cancel_for_who_has_lost_patience),
    Write("POST /holds: chosen seats", hold),
    Write("POST /holds: so many, a hold has run out", hold_what_has_run_out),
    Write("POST /holds/{id}/refresh", refresh),
    Write("DELETE /holds/{id}: nobody waits", release),
    Write("DELETE /holds/{id}: one waits", release_with_a_line),
    Write("POST /orders: so many", order),
    Write("POST /orders: of a hold", order_of_a_hold),
    Write("DELETE /orders/{id}: one waits", cancel_order_with_a_line),
    Write("POST /waitlists", join_line),
    Write("POST /waitlists: a party, a seat is offered back", join_as_a_party),
    Write("DELETE /waitlists/{id}: waiting", leave),
    Write("DELETE /waitlists/{id}: offered, one waits", leave_an_offer),
    Write("POST /admin/events", create),
    Write("PUT /admin/events/{id}", replace),
    Write("PATCH /admin/events/{id}: venue", change),
    Write("PATCH /admin/events/{id}: cancelled", cancel_event),
    Write("PATCH /admin/events/{id}: cancelled by batches", cancel_event, bookings_per_batch=1),
    Write("POST /admin/events/{id}/publish", publish),
    Write("POST /admin/events/{id}/cancel", cancel_by_a_step),
    Write("POST /admin/events/{id}/cancel: by batches", cancel_by_a_step, bookings_per_batch=1),
    Write("DELETE /admin/events/{id}", delete, again=404),
    Write("PATCH /users/me/notifications/{id}", mark_read),
    Write("POST /users/me/notifications/read-all", mark_all_read),
    Write("POST /admin/users", make_user),
]


def _by(user: User, method: str, path: str, body: Any = None) -> Request:
    return _request({"X-User-ID": str(user.id)}, method, path, body)


def _by_staff(method: str, path: str, body: Any = None) -> Request:
    admin = create_user(username="admin", email="admin@example.org", role="admin")
    headers = {"X-User-ID": str(admin.id), "X-User-Role": "admin"}
    return _request(headers, method, path, body)


def _request(headers: dict[str, str], method: str, path: str, body: Any) -> Request:
    always = {"X-Request-ID": "the-one-request"}
    if method == "POST":
        always["Idempotency-Key"] = "the-one-key"
    return Request(method, path, "" if body is None else json.dumps(body), headers | always)


def _person() -> User:
    name = f"person-{User.objects.count()}"
    return create_user(username=name, email=f"{name}@example.org", role="user")


def _event(seats: int, status: str = Event.Status.PUBLISHED) -> Event:
    return create_event(
        name="Concert",
        venue="City Hall",
        start_time=START,
        end_time=START + timedelta(hours=3),
        total_seats=seats,
        status=status,
    )


def _full_event(seats: int = 1) -> tuple[Event, list[Booking]]:
    event = _event(seats)
    sell = partial(book_any_seat, event_id=event.id)
    return event, [sell(user_id=_person().id) for _ in range(seats)]


def _join(event: Event, **party: Any) -> WaitlistEntry:
    entry, _ = join(event_id=event.id, user_id=_person().id, **party)
    return entry


def _hold() -> Hold:
    """Two of an event's three seats, kept for somebody."""
    wish = Wish(seat_numbers=["Seat-1", "Seat-2"])
    return make_hold(event_id=_event(seats=3).id, user_id=_person().id, wish=wish)


def _offer() -> tuple[WaitlistEntry, Event]:
    """Return an entry that the only seat of an event is kept for."""
    event, [booking] = _full_event()
    entry = _join(event)
    cancel_booking(booking_id=booking.id)
    return entry, event


def _offer_to_a_party() -> WaitlistEntry:
    """Return a party of two that both seats of an event are kept for."""
    event, bookings = _full_event(seats=2)
    party = _join(event, party_size=2, adjacent="required")
    for booking in bookings:
        cancel_booking(booking_id=booking.id)
    return party


def _impatient_party(size: int) -> tuple[WaitlistEntry, list[Booking]]:
    """Return a party that seats are gathered for, and the bookings of a full event."""
    event, bookings = _full_event(seats=3)
    party = _join(event, party_size=size)
    WaitlistEntry.objects.update(passed_over=settings.EVENTLY_PARTY_PATIENCE)
    return party, bookings


def _expire(entry: WaitlistEntry) -> None:
    Seat.objects.filter(waitlistentry=entry).update(held_until=datetime.now(UTC))


def _busy_event() -> Event:
    """An event of three seats with a holder, an open offer, and somebody in line."""
    event, bookings = _full_event(seats=3)
    _join(event)
    _join(event)
    cancel_booking(booking_id=bookings[0].id)
    return event
