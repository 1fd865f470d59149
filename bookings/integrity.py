"""What the data can show of the promises, and the repairs that are safe.

The promises are numbered as in ARCHITECTURE.md. Every look is one statement over all events, and
all of them see the same moment, so the answer is right while people book.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from bookings.models import Booking, Order
from bookings.recount import count_anew, miscounted_bookings, miscounted_seats
from evently.audit.actions import Action
from evently.audit.models import AuditRecord
from evently.audit.services import record
from evently.transactions import snapshot
from events import gate as gates
from events.gate import Gate
from events.models import Event, Hold, Seat
from events.services import find_event, mark_booked
from notifications.models import Notification
from waitlists import integrity as line
from waitlists.models import WaitlistEntry
from waitlists.releasing import release

# A look at everything takes as long as it takes.
UNBOUNDED = "0"


@dataclass(frozen=True)
class Breach:
    """A promise that is broken for one row of one event."""

    promise: str
    event_id: int
    row_id: int


def breaches() -> list[Breach]:
    """Return every broken promise that the data shows, read in one snapshot."""
    with snapshot(statement_timeout=UNBOUNDED):
        return [
            Breach(promise, event_id, row_id)
            for promise, look in LOOKS.items()
            for event_id, row_id in look()
        ]


def repair(*, event_id: int) -> None:
    """Put right what can be put right without taking anything from anybody. Exclusive gate.

    A seat without the booking, the offer or the hold that its status tells of is released, a seat
    on sale while somebody waits is offered to them, and a seat that has an active booking, whatever
    its status tells, is marked as booked, unless it is kept for somebody. A cancelled event's seats
    are blocked, and what is left of its bookings is marked for the worker to cancel. At last the
    event is counted anew. Repeating is harmless.

    Raises: EventNotFound.
    """
    gates.run_exclusively(event_id, _repair, is_lengthy=True)


def booked_without_booking() -> QuerySet[Seat]:
    return Seat.objects.filter(~_has_booking(), status=Seat.Status.BOOKED)


def held_without_hold() -> QuerySet[Seat]:
    """Seats of a hold that isn't open, or isn't for the same user, event and deadline."""
    holds = Hold.objects.open().filter(
        id=OuterRef("hold"),
        event=OuterRef("event"),
        user=OuterRef("held_for"),
        expires_at=OuterRef("held_until"),
    )
    return Seat.objects.filter(~Exists(holds), hold__isnull=False)


def on_sale_in_a_cancelled_event() -> QuerySet[Seat]:
    unblocked = Seat.objects.filter(status__in=[Seat.Status.AVAILABLE, Seat.Status.HELD])
    return unblocked.filter(event__status=Event.Status.CANCELLED)


def offered_back_by_another() -> QuerySet[Seat]:
    """Seats that are offered back by somebody else than who has booked them."""
    is_theirs = _has_booking(user=OuterRef("offered_back_by"))
    return Seat.objects.filter(~is_theirs, offered_back_by__isnull=False)


def _theirs(entry: WaitlistEntry, at: datetime) -> QuerySet[Seat]:
    """Return the seats that an entry's owner had booked at a moment."""
    bookings = Booking.objects.filter(event=entry.event_id, user=entry.user_id)
    booked = bookings.filter(Q(cancelled_at=None) | Q(cancelled_at__gte=at))
    return Seat.objects.filter(id__in=booked.values("seat"))


def _repair(gate: Gate) -> None:
    event = find_event(gate.event_id)
    for seat in _of(event, _booked_by_the_ledger()):
        mark_booked(seat)
    release(gate, event=event, seats=_astray(event))
    _never_finished().filter(id=event.id).update(is_cancelling=True)
    count_anew(event_id=event.id)
    record("event_repaired", at=gate.now, event_id=event.id)


def _booked_by_the_ledger() -> QuerySet[Seat]:
    """Return seats with an active booking that aren't marked as booked, nor kept for anybody."""
    unmarked = Seat.objects.available() | line.kept_for_nobody_in_line() | held_without_hold()
    return unmarked.filter(_has_booking())


def _has_booking(**facts: OuterRef) -> Exists:
    bookings = Booking.objects.active().filter(event=OuterRef("event"), seat=OuterRef("id"))
    return Exists(bookings.filter(**facts))


def _astray(event: Event) -> list[Seat]:
    looks = [
        booked_without_booking,
        line.kept_for_nobody_in_line,
        held_without_hold,
        on_sale_in_a_cancelled_event,
    ]
    if line.whom_seats_on_sale_fit(event.id):
        looks += [Seat.objects.available, Seat.objects.offered_back]
    seats = {seat.id: seat for look in looks for seat in _of(event, look())}
    return sorted(seats.values(), key=lambda seat: seat.position)


def _of(event: Event, seats: QuerySet[Seat]) -> QuerySet[Seat]:
    return seats.filter(event_id=event.id).lock()


def _sold_twice() -> QuerySet[Booking]:
    same_seat = Booking.objects.active().filter(seat=OuterRef("seat"), id__lt=OuterRef("id"))
    return Booking.objects.active().filter(Exists(same_seat))


def _booking_without_booked_seat() -> QuerySet[Booking]:
    seat = Seat.objects.filter(
        id=OuterRef("seat"), event=OuterRef("event"), status=Seat.Status.BOOKED
    )
    return Booking.objects.active().filter(~Exists(seat))


def _hold_without_seat() -> QuerySet[Hold]:
    seats = Seat.objects.filter(event=OuterRef("event"), hold=OuterRef("id"))
    return Hold.objects.open().filter(~Exists(seats))


def _of_anothers_order() -> QuerySet[Booking]:
    order = Order.objects.filter(
        id=OuterRef("order"), event=OuterRef("event"), user=OuterRef("user")
    )
    return Booking.objects.filter(~Exists(order), order__isnull=False)


def _booking_not_announced() -> QuerySet[Booking]:
    return Booking.objects.filter(~_told("booking_confirmed", booking_id=OuterRef("id")))


def _cancellation_not_announced() -> QuerySet[Booking]:
    told = _told("booking_cancelled", "event_cancelled", booking_id=OuterRef("id"))
    return Booking.objects.filter(~told, status=Booking.Status.CANCELLED)


def _offer_not_announced() -> QuerySet[WaitlistEntry]:
    told = _told("seat_offered", event_id=OuterRef("event"))
    return WaitlistEntry.objects.offered().filter(~told)


def _making_not_recorded() -> QuerySet[Booking]:
    return Booking.objects.filter(
        ~_recorded(Action.BOOKING_MADE), created_at__gte=_first_record_at()
    )


def _cancellation_not_recorded() -> QuerySet[Booking]:
    return Booking.objects.filter(
        ~_recorded(Action.BOOKING_CANCELLED), cancelled_at__gte=_first_record_at()
    )


def _recorded(action: Action) -> Exists:
    # Found in the index of the subject; the subject's ids are of one event, which is told as well.
    about = {"event_id": OuterRef("event"), "subject": "booking", "subject_id": OuterRef("id")}
    return Exists(AuditRecord.objects.filter(action=action, **about))


def _first_record_at() -> Subquery:
    """Return when recording began here: what an older version did before isn't recorded.

    The first by id, since `seed` records a past that it has made up later.
    """
    return Subquery(AuditRecord.objects.order_by("id").values("at")[:1])


def _told(*kinds: str, **about: OuterRef) -> Exists:
    return Exists(Notification.objects.filter(user=OuterRef("user"), kind__in=kinds, **about))


def _never_finished() -> QuerySet[Event]:
    """Return cancelled events with bookings that nobody is going to cancel."""
    left = Booking.objects.active().filter(event=OuterRef("id"))
    cancelled = Event.objects.filter(status=Event.Status.CANCELLED, is_cancelling=False)
    return cancelled.filter(Exists(left))


def _forgotten() -> Iterator[tuple[int, int]]:
    return _never_finished().order_by("id").values_list("id", "id").iterator()


def _wrong_number_of_seats() -> Iterator[tuple[int, int]]:
    counted = Event.objects.annotate(counted=Count("seats")).exclude(counted=F("total_seats"))
    return counted.order_by("id").values_list("id", "id").iterator()


def _miscounted() -> Iterator[tuple[int, int]]:
    wrong = miscounted_bookings().union(miscounted_seats().values_list("id", flat=True))
    return ((event_id, event_id) for event_id in sorted(wrong))


def _rows(look: Callable[[], QuerySet]) -> Callable[[], Iterator[tuple[int, int]]]:
    return lambda: look().order_by("event", "id").values_list("event", "id").iterator()


LOOKS: dict[str, Callable[[], Iterator[tuple[int, int]]]] = {
    "1: a seat has two active bookings (booking)": _rows(_sold_twice),
    "2: a booked seat has no active booking (seat)": _rows(booked_without_booking),
    "2: an active booking's seat isn't booked (booking)": _rows(_booking_without_booked_seat),
    "2: a held seat has no offer (seat)": _rows(line.kept_for_nobody_in_line),
    "2: an offer's seats aren't held for its owner (entry)": _rows(line.offers_without_seats),
    "2: a held seat has no such open hold (seat)": _rows(held_without_hold),
    "2: an open hold has no seat (hold)": _rows(_hold_without_seat),
    "3: a user is in the line twice (entry)": _rows(line.in_line_twice),
    "4 and 5: what somebody waits for is on sale (entry)": line.waiting_for_what_is_on_sale,
    "6: somebody behind was offered seats first (entry)": partial(line.passed_over, _theirs),
    "6: two in line have one place (entry)": _rows(line.in_one_place),
    "6: seats are gathered for two at once (entry)": _rows(line.gathering_beside_another),
    "9: a booking wasn't announced (booking)": _rows(_booking_not_announced),
    "9: a cancellation wasn't announced (booking)": _rows(_cancellation_not_announced),
    "9: an offer wasn't announced (entry)": _rows(_offer_not_announced),
    "12: the counts aren't what there is (event)": _miscounted,
    "a cancelled event's seat is available or held (seat)": _rows(on_sale_in_a_cancelled_event),
    "a cancelled event's bookings aren't being cancelled (event)": _forgotten,
    "a booking wasn't recorded (booking)": _rows(_making_not_recorded),
    "a cancellation wasn't recorded (booking)": _rows(_cancellation_not_recorded),
    "a seat is offered back by another than its holder (seat)": _rows(offered_back_by_another),
    "a booking is part of another's order (booking)": _rows(_of_anothers_order),
    "the event has more or fewer seats than it says (event)": _wrong_number_of_seats,
}
