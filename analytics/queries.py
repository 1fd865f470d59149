"""The figures, from what is counted. Reads everything, writes nothing of anyone's.

What is folded and what isn't yet (`events/counts.py`) are added up here, both of one snapshot: so
the figures are exact, and cost the same however many bookings there are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from evently.transactions import snapshot
from events.errors import EventNotFound
from events.models import DayCount, Event, EventQuerySet, SeatChange, SeatChangeQuerySet
from notifications.models import Notification
from waitlists.models import WaitlistEntry

DEFAULT_EVENTS = 100
MAX_EVENTS = 1_000
MAX_DAYS = 3_660
# Of each kind on the dashboard.
SHOWN = 6
# Of all seats, at most so many are available.
NEARLY_FULL = 0.1

Numbers = Mapping[str, int]


class Scope(NamedTuple):
    """The rows that are asked for: all, or one event's."""

    events: EventQuerySet
    days: QuerySet
    changes: SeatChangeQuerySet
    waiting: QuerySet


def figures(
    *,
    since: date | None = None,
    until: date | None = None,
    event_id: int | None = None,
    events_limit: int = DEFAULT_EVENTS,
) -> dict[str, Any]:
    """Return all figures of one moment, read in one snapshot.

    `since` and `until` (days of the server's time zone, inclusive) narrow `daily`, and the booking
    totals to bookings made in that range; without them it reaches from the first booking, at most
    3,660 days back, to today. Rates are 0 to 1, and 0 where there is nothing to divide by.
    `event_id` narrows everything to one event.

    Raises: EventNotFound.
    """
    with snapshot() as now:
        until = until or max(timezone.localdate(now), since or date.min)
        scope = _scope(event_id)
        unfolded = list(scope.changes.added_up())
        days = _per_day(scope.days, unfolded, since or until - timedelta(days=MAX_DAYS), until)
        since = since or min((day for day in days if days[day]["booked"]), default=until)
        totals = _totals(scope, days)
        return {
            "generated_at": timezone.localtime(now),
            "timezone": settings.TIME_ZONE,
            "since": since,
            "until": until,
            "totals": totals,
            "cancellation_rate": _ratio(totals["cancelled"], totals["bookings"]),
            "daily": list(_daily(since, until, days)),
            "events": list(_per_event(scope.events[:events_limit], unfolded)),
        }


def overview(*, days: int) -> dict[str, Any]:
    """Return what staff look at first, of one moment: the last `days`, and what is coming up.

    `daily` as in `figures`, today last. Events are published ones that haven't ended; which of them
    are nearly full is told as of the last fold.
    """
    with snapshot() as now:
        today = timezone.localdate(now)
        scope = _scope(None)
        unfolded = list(scope.changes.added_up())
        since = today - timedelta(days=days - 1)
        # Yesterday is shown beside today, however few days are asked for.
        per_day = _per_day(scope.days, unfolded, min(since, today - timedelta(days=1)), today)
        coming = scope.events.filter(status=Event.Status.PUBLISHED, end_time__gt=now)
        nearly_full = coming.filter(
            total_seats__gt=0,
            seat_count__available__lte=F("total_seats") * NEARLY_FULL,
        )
        next_events = coming.order_by("start_time", "id")[:SHOWN]
        return {
            "generated_at": timezone.localtime(now),
            "daily": list(_daily(since, today, per_day)),
            "today": _of_day(per_day, today),
            "yesterday": _of_day(per_day, today - timedelta(days=1)),
            "next_events": list(_per_event(next_events, unfolded)),
            "nearly_full": list(
                _per_event(nearly_full.order_by("start_time", "id")[:SHOWN], unfolded)
            ),
            "longest_lines": _longest_lines(),
            "offers": _next_to_lapse(),
            "deliveries": _troubled_deliveries(),
        }


def _of_day(per_day: dict[date, Numbers], day: date) -> Numbers:
    numbers = per_day.get(day, Counter())
    return {name: numbers[name] for name in ("booked", "cancelled")}


def _longest_lines() -> list[Any]:
    waiting = WaitlistEntry.objects.waiting().order_by().values("event_id", "event__name")
    return list(waiting.annotate(waiting=Count("*")).order_by("-waiting", "event_id")[:SHOWN])


def _next_to_lapse() -> list[WaitlistEntry]:
    offers = WaitlistEntry.objects.offered().select_related("event", "user", "offered_seat")
    return list(offers.order_by("offered_seat__held_until", "id")[:SHOWN])


def _troubled_deliveries() -> dict[str, Any]:
    """Tell of what couldn't be delivered at the first try, or at all."""
    tried = Notification.objects.filter(attempts__gt=0, delivered_at=None)
    again = tried.filter(deliver_at__isnull=False)
    return {
        "failing": again.count(),
        "given_up": tried.filter(
            deliver_at=None, attempts__gte=settings.EVENTLY_DELIVERY_ATTEMPTS
        ).count(),
        "next": list(again.order_by("deliver_at", "id")[:SHOWN]),
    }


def _scope(event_id: int | None) -> Scope:
    waiting = WaitlistEntry.objects.waiting().order_by()
    all_of = Scope(Event.objects.all(), DayCount.objects.all(), SeatChange.objects.all(), waiting)
    if event_id is None:
        return all_of
    if not all_of.events.filter(id=event_id).exists():
        raise EventNotFound
    return Scope(
        events=all_of.events.filter(id=event_id),
        days=all_of.days.filter(event=event_id),
        changes=all_of.changes.filter(event=event_id),
        waiting=all_of.waiting.filter(event=event_id),
    )


def _per_day(
    counts: QuerySet, unfolded: list[tuple], first: date, last: date
) -> dict[date, Numbers]:
    """Return how many bookings were made, cancelled, and of those made cancelled since."""
    days: dict[date, Counter] = defaultdict(Counter)
    names = ("booked", "cancelled", "cancelled_since")
    folded = counts.filter(day__range=(first, last)).order_by().values_list("day")
    for day, *numbers in folded.annotate(*map(Sum, names)):
        days[day].update(dict(zip(names, numbers, strict=True)))
    for _, day, made_on, _, booked, cancelled in unfolded:
        days[day].update(booked=booked, cancelled=cancelled)
        if made_on:
            days[made_on].update(cancelled_since=cancelled)
    return {day: days[day] for day in days if first <= day <= last}


def _totals(scope: Scope, days: dict[date, Numbers]) -> dict[str, int]:
    inventory = scope.events.order_by().aggregate(
        number=Count("*"), seats=Coalesce(Sum("total_seats"), 0)
    )
    booked = sum(numbers["booked"] for numbers in days.values())
    cancelled = sum(numbers["cancelled_since"] for numbers in days.values())
    return {
        "events": inventory["number"],
        "seats": inventory["seats"],
        "bookings": booked,
        "active": booked - cancelled,
        "cancelled": cancelled,
        "waiting": scope.waiting.count(),
    }


def _daily(since: date, until: date, days: dict[date, Numbers]) -> Iterator[dict[str, Any]]:
    """Yield every day of the range, days on which nothing happened included."""
    for number in range((until - since).days + 1):
        day = since + timedelta(days=number)
        numbers = days.get(day, Counter())
        yield {"date": day, "booked": numbers["booked"], "cancelled": numbers["cancelled"]}


def _per_event(events: QuerySet, unfolded: list[tuple]) -> Iterator[dict[str, Any]]:
    more: dict[int, Counter] = defaultdict(Counter)
    for event_id, _, _, available, booked, cancelled in unfolded:
        more[event_id].update(available=available, booked=booked, cancelled=cancelled)
    for event in _folded(events):
        available, booked, cancelled = (
            event.pop(f"folded_{name}") + more[event["event_id"]][name]
            for name in ("available", "booked", "cancelled")
        )
        yield event | {
            "booked_seats": booked - cancelled,
            "available_seats": available,
            "cancelled": cancelled,
            "utilization": _ratio(booked - cancelled, event["total_seats"]),
        }


def _folded(events: QuerySet) -> QuerySet:
    waiting = WaitlistEntry.objects.waiting().order_by().filter(event=OuterRef("pk"))
    number = waiting.values("event").annotate(number=Count("*")).values("number")
    return events.values(
        "name",
        "start_time",
        "timezone",
        "total_seats",
        event_id=F("id"),
        waiting=Coalesce(Subquery(number), 0),
        folded_available=F("seat_count__available"),
        folded_booked=F("seat_count__booked"),
        folded_cancelled=F("seat_count__cancelled"),
    )


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
