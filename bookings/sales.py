"""What every sale looks at before it takes seats: the event, the user's offer, their limit."""

from django.db.models import OuterRef, Q, QuerySet

from bookings.errors import LimitReached
from bookings.models import Booking
from evently.statements import Argument, Statement
from events.errors import EventNotFound
from events.gate import Ahead, Gate
from events.models import MAX_TOGETHER, Event, Seat
from events.services import require_on_sale, require_open_sales
from waitlists import services as waitlists
from waitlists.models import WaitlistEntry

# What a sale looks at, of all that an event is; in the order of the model's fields.
SALE_FACTS = ["id", "name", "status", "max_per_user", "sales_start", "sales_end"]


def _event_and_offer() -> QuerySet:
    theirs = WaitlistEntry.objects.filter(event=OuterRef("pk"), user_id=Argument("user_id"))
    offer = {
        "offered_entry_id": theirs.offered().values("id"),
        "offered_until": theirs.offered().values("offered_seat__held_until"),
    }
    events = Event.objects.filter(id=Argument("event_id")).order_by()
    return events.annotate(**offer).values_list(*SALE_FACTS, *offer)


_EVENT_AND_OFFER = Statement(_event_and_offer)


def event_and_offer(gate: Gate, user_id: int) -> tuple[Event, int | None]:
    """Return the event on sale and the user's open offer in it, read in one statement.

    Raises: EventNotFound, EventNotOnSale.
    """
    row = gate.first(_EVENT_AND_OFFER, event_id=gate.event_id, user_id=user_id)
    if row is None:
        raise EventNotFound
    *facts, offered_entry_id, offered_until = row
    is_open = offered_until is not None and offered_until > gate.now
    event = require_on_sale(Event.from_db(None, SALE_FACTS, facts))
    return event, offered_entry_id if is_open else None


def sale(gate: Gate, user_id: int) -> tuple[Event, int | None]:
    """Return the same; without an offer, the event's sales have to be open.

    Raises: EventNotFound, EventNotOnSale, SalesNotStarted, SalesEnded.
    """
    event, offered_entry_id = event_and_offer(gate, user_id)
    if offered_entry_id is None:
        require_open_sales(event, gate.now)
    return event, offered_entry_id


def sale_ahead(event_id: int, user_id: int) -> Ahead:
    """Return what `sale` reads, to be sent along with the gate's statement."""
    return Ahead(_EVENT_AND_OFFER, {"event_id": event_id, "user_id": user_id})


def refuse_beyond_limit(
    gate: Gate, event: Event, user_id: int, *, more: int = 1, hold_id: int | None = None
) -> None:
    """Go on only if the user may have so many more seats of the event.

    What they have booked and what their open holds keep counts, and this hold in any case. Takes
    the user's lock, which comes before any seat's.

    Raises: LimitReached.
    """
    if event.max_per_user is None:
        return
    gate.lock_user(user_id)
    booked = Booking.objects.filter(event_id=event.id, user_id=user_id).active()
    held = _kept_in_holds(gate, user_id, hold_id)
    # Both in one statement.
    seats = booked.order_by().values("seat_id").union(held.order_by().values("id"), all=True)
    if seats.count() + more > event.max_per_user:
        raise LimitReached


def refuse_beyond_kept(gate: Gate, event: Event, user_id: int, *, more: int) -> None:
    """Go on only if the user may have so many more seats of the event kept for them.

    Without a limit of the event's, `MAX_TOGETHER` at a time. Takes the user's lock.

    Raises: LimitReached.
    """
    refuse_beyond_limit(gate, event, user_id, more=more)
    if event.max_per_user is None:
        gate.lock_user(user_id)
        if _kept_in_holds(gate, user_id).count() + more > MAX_TOGETHER:
            raise LimitReached


def give_up_offer(gate: Gate, user_id: int) -> None:
    """End the user's place in the line, and release what was kept for it. Exclusive gate.

    Not before the seats that they book instead are booked: what is still on sale may go to a party
    together with what is released.
    """
    entry = waitlists.live_entry(gate, user_id=user_id)
    if entry is not None:
        waitlists.give_up(gate, entry=entry)


def _kept_in_holds(gate: Gate, user_id: int, hold_id: int | None = None) -> QuerySet[Seat]:
    held = Seat.objects.filter(
        event_id=gate.event_id, held_for=user_id, status=Seat.Status.HELD, hold__isnull=False
    )
    return held.filter(Q(held_until__gt=gate.now) | Q(hold_id=hold_id))
