"""Figures that are found out when somebody asks, once for all processes."""

import os
import platform
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock

import django
from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db.models import Min
from prometheus_client import REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from evently.transactions import database_now
from evently.watching import files
from events.models import Seat
from notifications.models import Notification

PATIENCE_SECONDS = 1


class WorkerLag:
    """How long the oldest thing that is due has waited for the worker; none without a database.

    One at a time asks: a database that hangs keeps one thread of the process, and no more.
    """

    _turn = Lock()

    def collect(self) -> Iterator[Metric]:
        if not self._turn.acquire(timeout=PATIENCE_SECONDS):
            return
        try:
            ages = self._ages()
        except DatabaseTrouble:
            return
        finally:
            self._turn.release()
        help = "How long the oldest of what is due has been due."
        lag = GaugeMetricFamily("evently_worker_lag_seconds", help, labels=["work"])
        for work, seconds in ages.items():
            lag.add_metric([work], seconds)
        yield lag

    def _ages(self) -> dict[str, float]:
        now = database_now()
        due = Notification.objects.due(now).values_list("deliver_at", flat=True).first()
        expired = Seat.objects.hold_expired(now).aggregate(oldest=Min("held_until"))["oldest"]
        return {"notifications": _seconds(due, now), "offers": _seconds(expired, now)}


class Build:
    """What is running."""

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily(
            "evently_build_info", "What is running.", labels=["version", "django", "python"]
        )
        version = settings.SPECTACULAR_SETTINGS["VERSION"]
        build.add_metric([version, django.__version__, platform.python_version()], 1)
        yield build


def exposition() -> bytes:
    """Return every figure in Prometheus' text format: this server's, of all of its processes."""
    asked = CollectorRegistry()
    asked.register(Build())
    asked.register(WorkerLag())
    return generate_latest(asked) + _counted()


def _counted() -> bytes:
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry, folder)
        with files.reading(Path(folder)):
            return generate_latest(registry)
    return generate_latest(REGISTRY)


def _seconds(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0
