"""The figures. Reads everything, writes nothing of anyone's."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from bookings.models import Booking
from events.gate import snapshot
from events.models import Event, EventQuerySet
from waitlists.models import WaitlistEntry

DEFAULT_EVENTS = 100


def figures(
    *,
    since: date | None = None,
    until: date | None = None,
    event_id: int | None = None,
    events_limit: int = DEFAULT_EVENTS,
) -> dict[str, Any]:
    """Return all figures of one moment, read in one snapshot.

    `since` and `until` (days of the server's time zone, inclusive) narrow `daily` and the booking
    totals to bookings made in that range; without them it reaches from the first booking to
    today. Rates are 0 to 1, and 0 where there is nothing to divide by. `event_id` narrows
    everything to one event.
    """
    with snapshot() as now:
        events = Event.objects.all()
        bookings = Booking.objects.order_by()
        if event_id is not None:
            events, bookings = events.filter(id=event_id), bookings.filter(event_id=event_id)
        since, until = _range(bookings, since, until, timezone.localdate(now))
        made = bookings.filter(created_at__gte=_midnight(since), created_at__lt=_after(until))
        totals = _totals(events, made)
        return {
            "generated_at": timezone.localtime(now),
            "timezone": settings.TIME_ZONE,
            "since": since,
            "until": until,
            "totals": totals,
            "cancellation_rate": _ratio(totals["cancelled"], totals["bookings"]),
            "daily": list(_daily(made, since, until)),
            "events": [_of_event(event) for event in _with_counts(events)[:events_limit]],
        }


def _range(
    bookings: QuerySet, since: date | None, until: date | None, today: date
) -> tuple[date, date]:
    """Fill in the ends that were left open."""
    until = until or max(today, since or today)
    if since is None:
        first = bookings.order_by("created_at").values_list("created_at", flat=True).first()
        since = min(timezone.localdate(first) if first else until, until)
    return since, until


def _totals(events: EventQuerySet, made: QuerySet) -> dict[str, int]:
    waiting = WaitlistEntry.objects.filter(event__in=events).waiting().order_by()
    inventory = events.order_by().values_list("total_seats", flat=True)
    counts = made.aggregate(
        bookings=Count("*"),
        active=Count("id", filter=Q(status=Booking.Status.ACTIVE)),
        cancelled=Count("id", filter=Q(status=Booking.Status.CANCELLED)),
    )
    return {
        "events": len(inventory),
        "seats": sum(inventory),
        **counts,
        "waiting": waiting.count(),
    }


def _daily(made: QuerySet, since: date, until: date) -> Iterator[dict[str, Any]]:
    """Yield every day of the range, days without a booking included."""
    booked = _per_day(made, "created_at")
    cancelled = _per_day(made.filter(status=Booking.Status.CANCELLED), "cancelled_at")
    for number in range((until - since).days + 1):
        day = since + timedelta(days=number)
        yield {"date": day, "booked": booked.get(day, 0), "cancelled": cancelled.get(day, 0)}


def _per_day(bookings: QuerySet, field: str) -> dict[date, int]:
    days = bookings.annotate(day=TruncDate(field)).values("day").annotate(number=Count("*"))
    return dict(days.values_list("day", "number"))


def _with_counts(events: EventQuerySet) -> EventQuerySet:
    bookings = Booking.objects.order_by()
    return events.with_available_seats().annotate(
        booked_seats=_count(bookings.active()),
        cancelled=_count(bookings.filter(status=Booking.Status.CANCELLED)),
        waiting=_count(WaitlistEntry.objects.waiting().order_by()),
    )


def _count(rows: QuerySet) -> Coalesce:
    of_event = rows.filter(event=OuterRef("pk")).values("event").annotate(number=Count("*"))
    return Coalesce(Subquery(of_event.values("number")), 0)


def _of_event(event: Any) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "name": event.name,
        "start_time": event.start_time,
        "total_seats": event.total_seats,
        "booked_seats": event.booked_seats,
        "available_seats": event.available_seats,
        "waiting": event.waiting,
        "cancelled": event.cancelled,
        "utilization": _ratio(event.booked_seats, event.total_seats),
    }


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _after(day: date) -> datetime:
    return _midnight(day + timedelta(days=1))
