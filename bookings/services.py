"""Book a seat, and cancel. Several at once are an order's business (`orders`)."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from bookings.errors import BookingNotFound, CancellationClosed
from bookings.ledger import cancel_bookings, compose_word, give_back, ids_of, lock_booking
from bookings.models import Booking, Order
from bookings.offering_back import hand_over, next_offered_back
from bookings.orders import record_order
from bookings.sales import give_up_offer, refuse_beyond_limit, sale, sale_ahead
from evently.audit.services import record
from evently.statements import insert, made, together
from events import counts, next_seat
from events import gate as gates
from events.errors import SeatNotFound, SeatUnavailable
from events.gate import Gate
from events.models import Event, Seat
from events.services import mark_booked, require_on_sale, require_open_sales
from notifications.services import notify
from waitlists import services as waitlists
from waitlists.models import WaitlistEntry
from waitlists.releasing import serve_line


def book_any_seat(*, event_id: int, user_id: int) -> Booking | WaitlistEntry:
    """Book the next available seat or, when the event is full, put the user in its line.

    An open offer of the user's is accepted instead, even while other seats are on sale, and
    outside the time of sales.
    Shared gate to sell; exclusive to accept, and before anybody is told that the event is full.
    Repeating books another seat, but never adds a second entry.

    Raises: EventNotFound, EventNotOnSale, SalesNotStarted, SalesEnded, LimitReached.
    """
    ahead = [sale_ahead(event_id, user_id), *next_seat.ahead_of_sale(event_id)]
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
    ahead = [sale_ahead(event_id, user_id)]
    return waitlists.lapsing_first(event_id, lambda: gates.run(event_id, book, ahead=ahead))


def accept_offer(
    *, entry_id: int, seat_ids: Sequence[int] | None = None, quantity: int | None = None
) -> Booking | Order:
    """Book what is kept for this entry, after the end of the sales too; one seat, or an order.

    All that is on offer; or the seats that are chosen, or so many, also of those that are still
    being gathered. Then the entry goes on as it is for the rest. Exclusive gate.

    Raises: EntryNotFound, NoOpenOffer, SeatNotFound, EventNotFound, EventNotOnSale, LimitReached.
    """

    def accept(gate: Gate) -> Booking | Order:
        event = require_on_sale(Event.objects.filter(id=gate.event_id).first())
        return _accept(gate, event, entry_id, seat_ids=seat_ids, quantity=quantity)

    return gates.run_exclusively(waitlists.event_of(entry_id), accept)


def cancel_booking(*, booking_id: int, by_staff: bool = False) -> None:
    """Cancel, and release the seat: to the first in line, or to the sale. Repeating is harmless.

    From the event's `cancel_until` on only staff cancel. Shared gate while nobody waits, else
    exclusive.

    Raises: BookingNotFound, CancellationClosed.
    """
    cancel = partial(_cancel, booking_id=booking_id, by_staff=by_staff)
    if not give_back(Booking.objects.filter(id=booking_id), cancel):
        raise BookingNotFound


def _book_any_seat(gate: Gate, user_id: int) -> Booking | WaitlistEntry:
    if gate.is_exclusive:
        waitlists.lapse_expired(gate)
    event, offered_entry_id = sale(gate, user_id)
    if offered_entry_id:
        gate.require_exclusive()
        return _accept_one(gate, event, offered_entry_id)
    _refuse_beyond_limit(gate, event, user_id)

    seat = next_seat.take_next_seat(gate) or next_offered_back(gate, user_id=user_id)
    if seat is not None:
        return _record(gate, event, seat, user_id)

    entry, _ = waitlists.add_to_line(gate, event=event, user_id=user_id)
    return entry


def _book_seat(gate: Gate, user_id: int, chosen: dict) -> Booking:
    event, offered_entry_id = sale(gate, user_id)
    _refuse_beyond_limit(gate, event, user_id)
    seat = Seat.objects.filter(event_id=event.id, **chosen).lock().first()
    if seat is None:
        raise SeatNotFound
    if seat.is_held and not seat.hold_is_open(gate.now):
        raise waitlists.LapseFirst
    if offered_entry_id and seat.is_kept_in_line_for(user_id):
        gate.require_exclusive()
        return _accept_one(gate, event, offered_entry_id, seat.id)
    if not seat.is_available:
        raise SeatUnavailable

    if offered_entry_id:
        require_open_sales(event, gate.now)  # it is the offered seat that was promised
        gate.require_exclusive()
    booking = _record(gate, event, seat, user_id)
    if offered_entry_id:
        give_up_offer(gate, user_id)
    return booking


def _refuse_beyond_limit(gate: Gate, event: Event, user_id: int) -> None:
    if event.max_per_user is None:
        next_seat.remember_no_limit(event.id)
        return
    if next_seat.forget_no_limit(event.id):
        gate.require_exclusive()  # a seat may be locked already, and the user's lock comes first
    refuse_beyond_limit(gate, event, user_id)


def _accept_one(gate: Gate, event: Event, entry_id: int, seat_id: int | None = None) -> Booking:
    """Book one of the seats on offer; of a party's, the others stay on offer."""
    chosen = {"quantity": 1} if seat_id is None else {"seat_ids": [seat_id]}
    entry, [seat] = waitlists.take_offer(gate, entry_id=entry_id, **chosen)
    _refuse_beyond_limit(gate, event, entry.user_id)
    return _record(gate, event, seat, entry.user_id)


def _accept(gate: Gate, event: Event, entry_id: int, **chosen: Any) -> Booking | Order:
    entry, seats = waitlists.take_offer(gate, entry_id=entry_id, **chosen)
    refuse_beyond_limit(gate, event, entry.user_id, more=len(seats))
    if len(seats) == 1:
        outcome: Booking | Order = _record(gate, event, seats[0], entry.user_id)
    else:
        outcome = record_order(gate, event, entry.user_id, seats)
        counts.count_change(gate, booked=len(seats))
    if entry.is_waiting:  # for fewer now, whom what is gathered or on sale may fit
        counts.count_change(gate, available=serve_line(gate, event=event, asking=entry))
    return outcome


def _record(gate: Gate, event: Event, seat: Seat, user_id: int) -> Booking:
    hand_over(gate, event, [seat])
    available = -1 if seat.is_available else 0
    booking = made(Booking, user_id=user_id, created_at=gate.now)
    booking.event, booking.seat = event, seat
    with together():
        mark_booked(seat)
        insert([booking])
        notify([compose_word("booking_confirmed", gate, event, booking)])
        record("booking_made", at=gate.now, after=booking.facts, **ids_of(booking))
        counts.count_change(gate, available=available, booked=1)
    return booking


def _cancel(gate: Gate, booking_id: int, by_staff: bool) -> None:
    booking = lock_booking(gate, booking_id)
    if not booking.is_active:
        return
    if not by_staff and booking.event.is_past_cancelling(gate.now):
        raise CancellationClosed
    cancel_bookings(gate, booking.event, [booking])
