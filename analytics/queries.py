"""The figures. Reads everything, writes nothing of anyone's."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from bookings.models import Booking
from evently.transactions import snapshot
from events.errors import EventNotFound
from events.models import Event, EventQuerySet
from waitlists.models import WaitlistEntry

DEFAULT_EVENTS = 100
MAX_EVENTS = 1_000
MAX_DAYS = 3_660


def figures(
    *,
    since: date | None = None,
    until: date | None = None,
    event_id: int | None = None,
    events_limit: int = DEFAULT_EVENTS,
) -> dict[str, Any]:
    """Return all figures of one moment, read in one snapshot.

    `since` and `until` (days of the server's time zone, inclusive) narrow `daily` and the booking
    totals to bookings made in that range; without them it reaches from the first booking, at most
    3,660 days back, to today. Rates are 0 to 1, and 0 where there is nothing to divide by.
    `event_id` narrows everything to one event.

    Raises: EventNotFound.
    """
    with snapshot() as now:
        until = until or max(timezone.localdate(now), since or date.min)
        events, bookings, waiting = _scope(event_id)
        made = _made(bookings, since or until - timedelta(days=MAX_DAYS), until)
        booked = _per_day(made, "created_at")
        cancelled = _per_day(made.filter(status=Booking.Status.CANCELLED), "cancelled_at")
        since = since or min(booked, default=until)
        totals = _totals(events, waiting, sum(booked.values()), sum(cancelled.values()))
        return {
            "generated_at": timezone.localtime(now),
            "timezone": settings.TIME_ZONE,
            "since": since,
            "until": until,
            "totals": totals,
            "cancellation_rate": _ratio(totals["cancelled"], totals["bookings"]),
            "daily": list(_daily(since, until, booked, cancelled)),
            "events": list(_per_event(events, events_limit)),
        }


def _scope(event_id: int | None) -> tuple[EventQuerySet, QuerySet, QuerySet]:
    """Return the events, bookings and waiting entries that are asked for: all, or one event's."""
    events = Event.objects.all()
    bookings = Booking.objects.order_by()
    waiting = WaitlistEntry.objects.waiting().order_by()
    if event_id is None:
        return events, bookings, waiting
    events = events.filter(id=event_id)
    if not events.exists():
        raise EventNotFound
    return events, bookings.filter(event=event_id), waiting.filter(event=event_id)


def _made(bookings: QuerySet, since: date, until: date) -> QuerySet:
    after = until + timedelta(days=1)
    return bookings.filter(created_at__gte=_midnight(since), created_at__lt=_midnight(after))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _per_day(bookings: QuerySet, field: str) -> dict[date, int]:
    days = bookings.annotate(day=TruncDate(field)).values("day").annotate(number=Count("*"))
    return dict(days.values_list("day", "number"))


def _totals(
    events: EventQuerySet, waiting: QuerySet, booked: int, cancelled: int
) -> dict[str, int]:
    inventory = events.order_by().aggregate(number=Count("*"), sum=Coalesce(Sum("total_seats"), 0))
    return {
        "events": inventory["number"],
        "seats": inventory["sum"],
        "bookings": booked,
        "active": booked - cancelled,
        "cancelled": cancelled,
        "waiting": waiting.count(),
    }


def _daily(
    since: date, until: date, booked: dict[date, int], cancelled: dict[date, int]
) -> Iterator[dict[str, Any]]:
    """Yield every day of the range, days without a booking included."""
    for number in range((until - since).days + 1):
        day = since + timedelta(days=number)
        yield {"date": day, "booked": booked.get(day, 0), "cancelled": cancelled.get(day, 0)}


def _per_event(events: EventQuerySet, limit: int) -> Iterator[dict[str, Any]]:
    bookings = Booking.objects.order_by()
    counted = events.with_available_seats().annotate(
        booked_seats=_count(bookings.active()),
        cancelled=_count(bookings.filter(status=Booking.Status.CANCELLED)),
        waiting=_count(WaitlistEntry.objects.waiting().order_by()),
    )
    columns = ["name", "start_time", "total_seats"]
    counts = ["booked_seats", "available_seats", "waiting", "cancelled"]
    for event in counted.values(*columns, *counts, event_id=F("id"))[:limit]:
        yield event | {"utilization": _ratio(event["booked_seats"], event["total_seats"])}


def _count(rows: QuerySet) -> Coalesce:
    of_event = rows.filter(event=OuterRef("pk")).values("event").annotate(number=Count("*"))
    return Coalesce(Subquery(of_event.values("number")), 0)


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
