"""Book a seat, and cancel: the ledger's only writers."""

from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import localdate

from bookings.errors import BookingNotFound, CancellationClosed, LimitReached
from bookings.models import CANCELLATION, Booking
from evently.audit.services import record
from evently.statements import Argument, IdOf, Statement, insert, made, together
from events import counts, next_seat
from events import gate as gates
from events.errors import EventNotFound, SeatNotFound, SeatUnavailable
from events.gate import Ahead, Gate
from events.models import Event, Seat
from events.services import mark_booked, require_on_sale, require_open_sales
from notifications.models import Notification
from notifications.services import compose, notify
from waitlists import services as waitlists
from waitlists.models import WaitlistEntry

# What a sale looks at, of all that an event is; in the order of the model's fields.
SALE_FACTS = ["id", "name", "status", "max_per_user", "sales_start", "sales_end"]


def book_any_seat(*, event_id: int, user_id: int) -> Booking | WaitlistEntry:
    """Book the next available seat or, when the event is full, put the user in its line.

    An open offer of the user's is accepted instead, even while other seats are on sale, and
    outside the time of sales.
    Shared gate to sell; exclusive to accept, and before anybody is told that the event is full.
    Repeating books another seat, but never adds a second entry.

    Raises: EventNotFound, EventNotOnSale, SalesNotStarted, SalesEnded, LimitReached.
    """
    ahead = [_sale_ahead(event_id, user_id), *next_seat.ahead_of_sale(event_id)]
    return gates.run(event_id, partial(_book_any_seat, user_id=user_id), ahead=ahead)


def book_seat(
    *, event_id: int, user_id: int, seat_id: int | None = None, seat_number: str | None = None
) -> Booking:
    """Book this very seat, named by its id, its number, or both; never the line.

    A seat whose hold has expired is given to the line or the sale first, in a transaction of its
    own, so that a refusal doesn't undo it. Whoever had an offer and books another seat has made
    up their mind: the offered seat is released.

    Raises: EventNotFound, EventNotOnSale, SalesNotStarted, SalesEnded, LimitReached,
    SeatNotFound, SeatUnavailable.
    """
    seat = {"id": seat_id, "seat_number": seat_number}
    chosen = {name: value for name, value in seat.items() if value is not None}
    book = partial(_book_seat, user_id=user_id, chosen=chosen)
    ahead = [_sale_ahead(event_id, user_id)]
    return waitlists.lapsing_first(event_id, lambda: gates.run(event_id, book, ahead=ahead))


def accept_offer(*, entry_id: int) -> Booking:
    """Book the seat that is kept for this entry, after the end of the sales too. Exclusive gate.

    Raises: EntryNotFound, NoOpenOffer, EventNotFound, EventNotOnSale, LimitReached.
    """

    def accept(gate: Gate) -> Booking:
        event = require_on_sale(Event.objects.filter(id=gate.event_id).first())
        return _accept(gate, event, entry_id)

    return gates.run_exclusively(waitlists.event_of(entry_id), accept)


def cancel_booking(*, booking_id: int, by_staff: bool = False) -> None:
    """Cancel, and release the seat: to the first in line, or to the sale. Repeating is harmless.

    From the event's `cancel_until` on only staff cancel. Shared gate while nobody waits, else
    exclusive.

    Raises: BookingNotFound, CancellationClosed.
    """
    # Read before the gate, so only a hint; `release` looks again and asks for more if it must.
    line = WaitlistEntry.objects.filter(event=OuterRef("event")).waiting()
    hint = Booking.objects.filter(id=booking_id).annotate(has_line=Exists(line))
    found = hint.values_list("event_id", "has_line").first()
    if found is None:
        raise BookingNotFound
    event_id, has_line = found
    run = gates.run_exclusively if has_line else gates.run
    run(event_id, partial(_cancel, booking_id=booking_id, by_staff=by_staff))


def _book_any_seat(gate: Gate, user_id: int) -> Booking | WaitlistEntry:
    if gate.is_exclusive:
        waitlists.lapse_expired(gate)
    event, offered_entry_id = _sale(gate, user_id)
    if offered_entry_id:
        gate.require_exclusive()
        return _accept(gate, event, offered_entry_id)
    _refuse_beyond_limit(gate, event, user_id)

    seat = next_seat.take_next_seat(gate)
    if seat is not None:
        return _record(gate, event, seat, user_id)

    gate.require_exclusive()
    entry, _ = waitlists.add_to_line(gate, event=event, user_id=user_id)
    return entry


def _book_seat(gate: Gate, user_id: int, chosen: dict) -> Booking:
    event, offered_entry_id = _sale(gate, user_id)
    _refuse_beyond_limit(gate, event, user_id)
    seat = Seat.objects.filter(event_id=event.id, **chosen).lock().first()
    if seat is None:
        raise SeatNotFound
    if seat.is_held and not seat.hold_is_open(gate.now):
        raise waitlists.LapseFirst
    if offered_entry_id and seat.held_for_id == user_id:
        gate.require_exclusive()
        return _accept(gate, event, offered_entry_id)
    if not seat.is_available:
        raise SeatUnavailable

    if offered_entry_id:
        require_open_sales(event, gate.now)  # it is the offered seat that was promised
        gate.require_exclusive()
        _give_up_offer(gate, user_id)
    return _record(gate, event, seat, user_id)


def _event_and_offer() -> QuerySet:
    theirs = WaitlistEntry.objects.filter(event=OuterRef("pk"), user_id=Argument("user_id"))
    offer = {
        "offered_entry_id": theirs.offered().values("id"),
        "offered_until": theirs.offered().values("offered_seat__held_until"),
    }
    events = Event.objects.filter(id=Argument("event_id")).order_by()
    return events.annotate(**offer).values_list(*SALE_FACTS, *offer)


_EVENT_AND_OFFER = Statement(_event_and_offer)


def _sale(gate: Gate, user_id: int) -> tuple[Event, int | None]:
    """Return the event on sale and the user's open offer in it, read in one statement.

    Without an offer its sales have to be open.
    """
    row = gate.first(_EVENT_AND_OFFER, event_id=gate.event_id, user_id=user_id)
    if row is None:
        raise EventNotFound
    *facts, offered_entry_id, offered_until = row
    is_open = offered_until is not None and offered_until > gate.now
    event = require_on_sale(Event.from_db(None, SALE_FACTS, facts))
    if not is_open:
        require_open_sales(event, gate.now)
    return event, offered_entry_id if is_open else None


def _sale_ahead(event_id: int, user_id: int) -> Ahead:
    return Ahead(_EVENT_AND_OFFER, {"event_id": event_id, "user_id": user_id})


def _refuse_beyond_limit(gate: Gate, event: Event, user_id: int) -> None:
    if event.max_per_user is None:
        next_seat.remember_no_limit(event.id)
        return
    if next_seat.forget_no_limit(event.id):
        gate.require_exclusive()  # a seat may be locked already, and the user's lock comes first
    gate.lock_user(user_id)
    booked = Booking.objects.filter(event_id=event.id, user_id=user_id).active().count()
    if booked >= event.max_per_user:
        raise LimitReached


def _accept(gate: Gate, event: Event, entry_id: int) -> Booking:
    entry, [seat] = waitlists.take_offer(gate, entry_id=entry_id)
    _refuse_beyond_limit(gate, event, entry.user_id)
    return _record(gate, event, seat, entry.user_id)


def _give_up_offer(gate: Gate, user_id: int) -> None:
    entry = waitlists.live_entry(gate, user_id=user_id)
    if entry is not None:
        waitlists.give_up(gate, entry=entry)


def _record(gate: Gate, event: Event, seat: Seat, user_id: int) -> Booking:
    available = -1 if seat.is_available else 0
    booking = made(Booking, user_id=user_id, created_at=gate.now)
    booking.event, booking.seat = event, seat
    with together():
        mark_booked(seat)
        insert([booking])
        notify([_compose("booking_confirmed", gate, booking)])
        record("booking_made", at=gate.now, after=booking.facts, **_ids(booking))
        counts.count_change(gate, available=available, booked=1)
    return booking


def _cancel(gate: Gate, booking_id: int, by_staff: bool) -> None:
    bookings = Booking.objects.filter(event_id=gate.event_id, id=booking_id)
    booking = bookings.lock().select_related("event", "seat").first()
    if booking is None:
        raise BookingNotFound
    if not booking.is_active:
        return
    if not by_staff and booking.event.is_past_cancelling(gate.now):
        raise CancellationClosed
    bookings.update(status=Booking.Status.CANCELLED, cancelled_at=gate.now)
    notify([_compose("booking_cancelled", gate, booking)])
    record("booking_cancelled", at=gate.now, **CANCELLATION, **_ids(booking))
    on_sale = waitlists.release(gate, event=booking.event, seats=[booking.seat])
    made_on = localdate(booking.created_at)
    counts.count_change(gate, available=on_sale, cancelled=1, made_on=made_on)


def _compose(kind: str, gate: Gate, booking: Booking) -> Notification:
    return compose(
        kind=kind,
        user_id=booking.user_id,
        now=gate.now,
        event_id=booking.event_id,
        booking_id=_id_of(booking),
        event=booking.event.name,
        seat=booking.seat.seat_number,
    )


def _ids(booking: Booking) -> dict[str, Any]:
    return {
        "booking_id": _id_of(booking),
        "event_id": booking.event_id,
        "seat_id": booking.seat_id,
        "user_id": booking.user_id,
    }


def _id_of(booking: Booking) -> int | IdOf:
    return booking.id or IdOf(booking)
