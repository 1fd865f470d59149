"""Give a seat back if somebody takes it: it stays its holder's until then.

The seat is put up for the line as if it had come free; whoever comes to a full event takes it at
once, if it is kept for nobody in line. As it is booked anew, the old booking is cancelled in the
same transaction. Functions that take a `gate` run inside the caller's.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.utils.timezone import localdate

from bookings.errors import BookingEnded, BookingNotFound, CancellationClosed, SeatOnOffer
from bookings.ledger import lock_booking, write_cancellations
from bookings.models import Booking
from evently.audit.services import record
from events import counts
from events import gate as gates
from events.gate import Gate
from events.models import Event, Seat
from events.services import mark_offered_back, require_on_sale
from waitlists.lapsing import LapseFirst, lapsing_first
from waitlists.releasing import serve_line


def offer_back(*, booking_id: int) -> None:
    """Put the seat of an active booking up for the line. Exclusive gate. Repeating is harmless.

    Raises: BookingNotFound, BookingEnded, EventNotOnSale, CancellationClosed.
    """

    def offer(gate: Gate) -> None:
        booking = _lock_active(gate, booking_id)
        if booking.seat.is_offered_back:
            return
        event = require_on_sale(booking.event)
        if event.is_past_cancelling(gate.now):
            raise CancellationClosed
        _mark(gate, booking, True)
        counts.count_change(gate, available=serve_line(gate, event=event, freed=[booking.seat]))

    gates.run_exclusively(_event_of(booking_id), offer)


def take_back(*, booking_id: int) -> None:
    """Keep a seat that was put up for the line after all. Exclusive gate. Repeating is harmless.

    An offer of it that has run out is lapsed first.

    Raises: BookingNotFound, BookingEnded, SeatOnOffer while it is kept for somebody in line.
    """

    def keep(gate: Gate) -> None:
        booking = _lock_active(gate, booking_id)
        if not booking.seat.is_offered_back:
            return
        if booking.seat.held_for_id is not None:
            raise SeatOnOffer if booking.seat.hold_is_open(gate.now) else LapseFirst
        _mark(gate, booking, False)

    event_id = _event_of(booking_id)
    lapsing_first(event_id, lambda: gates.run_exclusively(event_id, keep))


def next_offered_back(gate: Gate, *, user_id: int) -> Seat | None:
    """Lock and return the first seat that another has put up and that is kept for nobody."""
    gate.require_exclusive()
    put_up = Booking.objects.filter(
        event_id=gate.event_id,
        seat__event_id=gate.event_id,
        seat__offered_back_by__isnull=False,
        seat__held_for=None,
    )
    others = put_up.active().exclude(user_id=user_id).order_by("seat__position")
    booking = others.lock().select_related("seat").first()
    return booking and booking.seat


def hand_over(gate: Gate, event: Event, seats: Iterable[Seat]) -> None:
    """Cancel the bookings of those seats that are still another's, who has put them up."""
    put_up = [seat.id for seat in seats if seat.is_offered_back]
    if not put_up:
        return
    bookings = Booking.objects.filter(event_id=event.id, seat_id__in=put_up).active()
    by_day: dict[date, list[Booking]] = defaultdict(list)
    for booking in bookings.lock().select_related("seat").order_by("id"):
        by_day[localdate(booking.created_at)].append(booking)
    for made_on, made in by_day.items():
        write_cancellations(gate, event, made)
        counts.count_change(gate, cancelled=len(made), made_on=made_on)


def _lock_active(gate: Gate, booking_id: int) -> Booking:
    booking = lock_booking(gate, booking_id)
    if not booking.is_active:
        raise BookingEnded
    return booking


def _mark(gate: Gate, booking: Booking, is_offered_back: bool) -> None:
    mark_offered_back(booking.seat, by=booking.user_id if is_offered_back else None)
    record(
        "booking_offered_back" if is_offered_back else "booking_kept",
        at=gate.now,
        booking_id=booking.id,
        event_id=booking.event_id,
        user_id=booking.user_id,
    )


def _event_of(booking_id: int) -> int:
    return gates.event_of(Booking.objects.filter(id=booking_id), BookingNotFound)
