"""Count anew what the counts of an event have to say: its seats, and the ledger's bookings."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate

from bookings.models import Booking
from events import counts
from events import gate as gates
from events.errors import EventNotFound
from events.gate import Gate
from events.models import DayCount, Event, Seat, SeatChange, SeatCount
from events.services import find_event


def recount(*, event_id: int) -> None:
    """Make an event's counts anew, whatever they were. Exclusive gate. Repeating is harmless.

    Raises: EventNotFound.
    """

    def count(gate: Gate) -> None:
        find_event(gate.event_id)
        count_anew(event_id=gate.event_id)

    gates.run_exclusively(event_id, count, is_lengthy=True)


def recount_all(*, advance: Callable[[int, int], object]) -> None:
    """Make the counts of all events anew, one after the other; tell `advance` how far of how many.

    Where there are events without counts, or with those of another time zone's days, of these
    only: so what was cut off is gone on with. Exclusive gate of each.
    """
    events = Event.objects.uncounted()
    if not events.exists():
        events = Event.objects.all()
    event_ids = list(events.order_by("id").values_list("id", flat=True))
    for number, event_id in enumerate(event_ids, 1):
        with suppress(EventNotFound):  # deleted meanwhile
            recount(event_id=event_id)
        advance(number, len(event_ids))


def count_anew(*, event_id: int) -> None:
    """Make an event's counts anew, in the transaction of a caller who is alone with it."""
    counts.recount(event_id=event_id, ledger=by_days(Booking.objects.filter(event_id=event_id)))


def by_days(bookings: QuerySet[Booking], *columns: str) -> QuerySet:
    """Return on which days they were made, on which they were cancelled if so, and how many."""
    days = TruncDate("created_at"), TruncDate("cancelled_at")
    return bookings.order_by().values_list(*columns, *days).annotate(number=Count("*"))


def miscounted_seats() -> QuerySet[Event]:
    """Return the events whose counts tell another number of available seats than there is."""
    seats = Seat.objects.available().filter(event=OuterRef("pk")).order_by().values("event")
    on_sale = Subquery(seats.annotate(number=Count("*")).values("number"))
    events = Event.objects.with_available_seats().annotate(on_sale=Coalesce(on_sale, 0))
    return events.filter(~Q(available_seats=F("on_sale")) | Q(available_seats=None))


def miscounted_bookings() -> set[int]:
    """Return the events whose counts tell something else than the ledger, of a day or in all.

    (Several statements; the caller sees to it that they read one moment.)
    """
    told, true = _told_by_the_counts(), _told_by_the_ledger()
    return {key[0] for key in told.keys() | true.keys() if told[key] != true[key]}


class _Tally(Counter[tuple[int, date | None, str]]):
    """Numbers of bookings by event, day (None: in all) and what they are of."""

    def add_made(self, event_id: int, day: date, number: int) -> None:
        self[event_id, day, "booked"] += number
        self[event_id, None, "booked"] += number

    def add_cancelled(self, event_id: int, made_on: date, day: date, number: int) -> None:
        self[event_id, day, "cancelled"] += number
        self[event_id, made_on, "cancelled_since"] += number
        self[event_id, None, "cancelled"] += number


def _told_by_the_ledger() -> _Tally:
    tally = _Tally()
    lines = by_days(Booking.objects.all(), "event_id").iterator()
    for event_id, made_on, cancelled_on, number in lines:
        tally.add_made(event_id, made_on, number)
        if cancelled_on:
            tally.add_cancelled(event_id, made_on, cancelled_on, number)
    return tally


def _told_by_the_counts() -> _Tally:
    tally = _Tally()
    for count in DayCount.objects.iterator():
        for name in ("booked", "cancelled", "cancelled_since"):
            tally[count.event_id, count.day, name] = getattr(count, name)
    for in_all in SeatCount.objects.iterator():
        for name in ("booked", "cancelled"):
            tally[in_all.event_id, None, name] = getattr(in_all, name)
    for event_id, day, made_on, _, booked, cancelled in SeatChange.objects.added_up():
        tally.add_made(event_id, day, booked)
        if made_on:
            tally.add_cancelled(event_id, made_on, day, cancelled)
    return tally
