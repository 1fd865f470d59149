"""The front page of the staff site: what happened lately, and what needs somebody."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils import timezone

from analytics.queries import overview
from evently.watching.models import WorkerPass

RANGES = [7, 30, 90]
DEFAULT_RANGE = 30
# Without a sign of life for so long, somebody should look.
WORKER_SILENCE = timedelta(minutes=2)


class Bar(NamedTuple):
    """A day in the chart; heights are percent of the tallest."""

    date: Any
    booked: int
    cancelled: int
    booked_height: float
    cancelled_height: float


def add_overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to a page's context what the dashboard shows."""
    days = _asked_for(request)
    shown = overview(days=days)
    worker = WorkerPass.objects.filter(pk=WorkerPass.ONLY).first()
    is_silent = worker is None or timezone.now() - worker.at > WORKER_SILENCE
    return context | {
        "days": days,
        "ranges": RANGES,
        "bars": _bars(shown["daily"]),
        "worker": worker,
        "worker_is_silent": is_silent,
        **shown,
    }


def _asked_for(request: HttpRequest) -> int:
    days = request.GET.get("days", "")
    return int(days) if days in map(str, RANGES) else DEFAULT_RANGE


def _bars(daily: list[dict[str, Any]]) -> list[Bar]:
    tallest = max([1, *(day[name] for day in daily for name in ("booked", "cancelled"))])
    return [
        Bar(
            day["date"],
            day["booked"],
            day["cancelled"],
            round(100 * day["booked"] / tallest, 2),
            round(100 * day["cancelled"] / tallest, 2),
        )
        for day in daily
    ]
