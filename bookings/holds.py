"""Keep seats for a user until a deadline, at their own wish."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from bookings.choosing import Take, Wish, take_and
from bookings.errors import HoldEnded, HoldNotFound, HoldRefreshed
from bookings.ledger import give_back
from bookings.sales import refuse_beyond_kept, sale, sale_ahead
from evently.audit.services import record
from evently.statements import insert, made
from events import counts
from events import gate as gates
from events.gate import Gate
from events.models import Event, Hold, Seat
from events.services import find_event, require_open_sales
from waitlists import services as waitlists
from waitlists.releasing import deadline_of

# So long seats are kept at most, however often the deadline was put off.
MAX_HOLD_MINUTES = 30


def make_hold(*, event_id: int, user_id: int, wish: Wish) -> Hold:
    """Keep all the seats of a wish for the user, or none.

    Shared gate; exclusive before anybody is told that what they want isn't there. An offer that
    is open for them stays open. Repeating keeps other seats as well.

    Raises: EventNotFound, EventNotOnSale, SalesNotStarted, SalesEnded, LimitReached, SeatNotFound,
    SeatsTaken, SeatsUnavailable.
    """
    work = partial(_make, user_id=user_id, size=wish.size)
    return take_and(event_id, wish, work, ahead=[sale_ahead(event_id, user_id)])


def refresh_hold(*, hold_id: int) -> None:
    """Put off the deadline of an open hold, once. Shared gate.

    Raises: HoldNotFound, HoldEnded, HoldRefreshed.
    """
    event_id = gates.event_of(Hold.objects.filter(id=hold_id), HoldNotFound)
    gates.run(event_id, partial(_refresh, hold_id=hold_id))


def release_hold(*, hold_id: int) -> None:
    """Give back the seats of an open hold: to the line, or to the sale. Repeating is harmless.

    Shared gate while nobody waits, else exclusive. One that has run out lapses by itself.

    Raises: HoldNotFound.
    """
    if not give_back(Hold.objects.filter(id=hold_id), partial(_release, hold_id=hold_id)):
        raise HoldNotFound


def close_holds(gate: Gate) -> None:
    """End all open holds of an event that is being cancelled, whose seats are blocked next."""
    gate.require_exclusive()
    holds = Hold.objects.filter(event_id=gate.event_id).open()
    holds.update(status=Hold.Status.CLOSED, ended_at=gate.now)


def lock_hold(gate: Gate, hold_id: int) -> tuple[Hold, list[Seat]]:
    """Lock a hold, then its seats by position. Raises: HoldNotFound."""
    hold = Hold.objects.filter(event_id=gate.event_id, id=hold_id).lock().first()
    if hold is None:
        raise HoldNotFound
    return hold, list(Seat.objects.filter(event_id=gate.event_id, hold=hold).lock())


def end_hold(gate: Gate, hold: Hold, status: str) -> None:
    """Write that a locked hold has ended."""
    hold.status, hold.ended_at = status, gate.now
    Hold.objects.filter(event_id=gate.event_id, id=hold.id).update(status=status, ended_at=gate.now)


def _make(gate: Gate, take: Take, user_id: int, size: int) -> Hold:
    event, _ = sale(gate, user_id)
    require_open_sales(event, gate.now)
    refuse_beyond_kept(gate, event, user_id, more=size)
    seats = take()

    until = _deadline(event, gate.now)
    hold = made(Hold, event_id=event.id, user_id=user_id, created_at=gate.now, expires_at=until)
    insert([hold])
    Seat.objects.filter(event_id=event.id, id__in=[seat.id for seat in seats]).update(
        status=Seat.Status.HELD, held_for=user_id, held_until=until, hold=hold.id
    )
    _record("hold_made", gate, hold, before=None, seats=len(seats))
    counts.count_change(gate, available=-len(seats))
    return hold


def _refresh(gate: Gate, hold_id: int) -> None:
    hold, _ = lock_hold(gate, hold_id)
    if not hold.is_open(gate.now):
        raise HoldEnded
    if hold.is_refreshed:
        raise HoldRefreshed
    latest = hold.created_at + timedelta(minutes=MAX_HOLD_MINUTES)
    until = min(_deadline(find_event(gate.event_id), gate.now), latest)
    Hold.objects.filter(event_id=gate.event_id, id=hold.id).update(
        expires_at=until, is_refreshed=True
    )
    Seat.objects.filter(event_id=gate.event_id, hold=hold).update(held_until=until)
    _record("hold_refreshed", gate, hold, before=hold.status)


def _release(gate: Gate, hold_id: int) -> None:
    hold, seats = lock_hold(gate, hold_id)
    if not hold.is_open(gate.now):
        return
    end_hold(gate, hold, Hold.Status.RELEASED)
    _record("hold_released", gate, hold, before=Hold.Status.OPEN, seats=len(seats))
    on_sale = waitlists.release(gate, event=find_event(gate.event_id), seats=seats)
    counts.count_change(gate, available=on_sale)


def _record(action: str, gate: Gate, hold: Hold, *, before: str | None, **facts: int) -> None:
    record(
        action,
        at=gate.now,
        before=before and {"status": before},
        after={"status": hold.status, **facts},
        hold_id=hold.id,
        event_id=hold.event_id,
        user_id=hold.user_id,
    )


def _deadline(event: Event, now: datetime) -> datetime:
    return deadline_of(event, now, settings.EVENTLY_HOLD_MINUTES)
