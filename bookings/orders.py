"""Book several seats at once, and cancel what is left of them together."""

from functools import partial

from bookings.choosing import Take, Wish, take_and
from bookings.errors import CancellationClosed, HoldEnded, HoldNotFound, OrderNotFound
from bookings.holds import end_hold, lock_hold
from bookings.ledger import cancel_bookings, compose_word, give_back, ids_of
from bookings.models import Booking, Order
from bookings.offering_back import hand_over
from bookings.sales import event_and_offer, give_up_offer, refuse_beyond_limit, sale, sale_ahead
from evently.api.logs import log_change
from evently.audit.services import record, record_all
from evently.statements import insert, made
from events import counts
from events import gate as gates
from events.gate import Gate
from events.models import Event, Hold, Seat
from events.services import find_event, mark_all_booked, require_open_sales
from notifications.services import notify


def make_order(*, event_id: int, user_id: int, wish: Wish) -> Order:
    """Book all the seats of a wish for the user, or none.

    Shared gate; exclusive before anybody is told that what they want isn't there. Whoever had an
    offer has made up their mind: what was kept for them is released, under the exclusive gate.
    Repeating books other seats as well.

    Raises: EventNotFound, EventNotOnSale, SalesNotStarted, SalesEnded, LimitReached, SeatNotFound,
    SeatsTaken, SeatsUnavailable.
    """
    work = partial(_make, user_id=user_id, size=wish.size)
    return take_and(event_id, wish, work, ahead=[sale_ahead(event_id, user_id)])


def order_hold(*, hold_id: int, user_id: int) -> Order:
    """Book the seats that an open hold keeps for this user, after the end of the sales too.

    Shared gate; exclusive where they give up an offer.

    Raises: HoldNotFound, HoldEnded, EventNotFound, EventNotOnSale, LimitReached.
    """
    event_id = gates.event_of(Hold.objects.filter(id=hold_id, user_id=user_id), HoldNotFound)
    ahead = [sale_ahead(event_id, user_id)]
    order = partial(_order_hold, hold_id=hold_id, user_id=user_id)
    return gates.run(event_id, order, ahead=ahead)


def cancel_order(*, order_id: int, by_staff: bool = False) -> None:
    """Cancel what is left of an order, and release the seats together. Repeating is harmless.

    From the event's `cancel_until` on only staff cancel. Shared gate while nobody waits, else
    exclusive.

    Raises: OrderNotFound, CancellationClosed.
    """
    cancel = partial(_cancel, order_id=order_id, by_staff=by_staff)
    if not give_back(Order.objects.filter(id=order_id), cancel):
        raise OrderNotFound


def _make(gate: Gate, take: Take, user_id: int, size: int) -> Order:
    event, offered_entry_id = sale(gate, user_id)
    require_open_sales(event, gate.now)  # it is the offered seat that was promised
    refuse_beyond_limit(gate, event, user_id, more=size)
    if offered_entry_id:
        gate.require_exclusive()
    seats = take()
    order = record_order(gate, event, user_id, seats)
    counts.count_change(gate, available=-len(seats), booked=len(seats))
    if offered_entry_id:
        give_up_offer(gate, user_id)
    return order


def _order_hold(gate: Gate, hold_id: int, user_id: int) -> Order:
    event, offered_entry_id = event_and_offer(gate, user_id)
    refuse_beyond_limit(gate, event, user_id, more=0, hold_id=hold_id)
    hold, seats = lock_hold(gate, hold_id)
    if not hold.is_open(gate.now):
        raise HoldEnded
    if offered_entry_id:
        gate.require_exclusive()
        give_up_offer(gate, user_id)
    end_hold(gate, hold, Hold.Status.ORDERED)
    order = record_order(gate, event, user_id, seats)
    counts.count_change(gate, booked=len(seats))
    return order


def record_order(gate: Gate, event: Event, user_id: int, seats: list[Seat]) -> Order:
    """Write an order and its bookings of locked seats; the caller counts them.

    As many statements for two seats as for fifty.
    """
    hand_over(gate, event, seats)
    order = made(Order, event_id=event.id, user_id=user_id, created_at=gate.now)
    insert([order])
    bookings = [_booking(order, event, seat) for seat in seats]
    insert(bookings)
    mark_all_booked(gate, seat_ids=[seat.id for seat in seats])
    for booking in bookings:
        booking.seat.status = Seat.Status.BOOKED
    notify(compose_word("booking_confirmed", gate, event, booking) for booking in bookings)
    makings = [{"after": booking.facts} | ids_of(booking) for booking in bookings]
    record_all("booking_made", makings, at=gate.now)
    for booking in bookings:
        log_change("booking_made", **ids_of(booking))
    record("order_made", at=gate.now, after={"seats": len(seats)}, **_ids(order))
    return order


def _booking(order: Order, event: Event, seat: Seat) -> Booking:
    booking = made(Booking, user_id=order.user_id, order_id=order.id, created_at=order.created_at)
    booking.event, booking.seat = event, seat
    return booking


def _cancel(gate: Gate, order_id: int, by_staff: bool) -> None:
    of_order = Booking.objects.filter(event_id=gate.event_id, order_id=order_id).active()
    bookings = list(of_order.lock().select_related("seat", "order").order_by("id"))
    if not bookings:
        return
    event = find_event(gate.event_id)
    if not by_staff and event.is_past_cancelling(gate.now):
        raise CancellationClosed
    cancel_bookings(gate, event, bookings)
    [order] = {booking.order for booking in bookings}
    record("order_cancelled", at=gate.now, after={"seats": len(bookings)}, **_ids(order))


def _ids(order: Order) -> dict[str, int]:
    return {"order_id": order.id, "event_id": order.event_id, "user_id": order.user_id}
