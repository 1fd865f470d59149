"""Owe people word, and deliver it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F

from evently import transactions
from evently.metrics import deliveries
from evently.statements import IdOf, insert, made
from evently.transactions import database_now
from notifications.models import Notification

MESSAGES = {
    "booking_confirmed": "{seat} at {event} is yours.",
    "booking_cancelled": "Your booking of {seat} at {event} is cancelled.",
    "waitlist_joined": "You are in the line for {event}. We tell you when a seat is kept for you.",
    "seat_offered": "We keep {seat} at {event} for you until {until}. Book before then.",
    "offer_lapsed": "We kept {seat} at {event} for you, but the time has run out.",
    "event_changed": "{event} has changed: {changes}.",
    "event_cancelled": "{event} is cancelled.",
    "event_deleted": "{event} no longer takes place; you were in its line.",
}
SUBJECTS = {
    "booking_confirmed": "Your booking is confirmed",
    "booking_cancelled": "Your booking is cancelled",
    "waitlist_joined": "You are in the line",
    "seat_offered": "A seat is kept for you",
    "offer_lapsed": "An offer has run out",
    "event_changed": "An event of yours has changed",
    "event_cancelled": "An event of yours is cancelled",
    "event_deleted": "An event of yours no longer takes place",
}
ROWS_PER_INSERT = 1_000
FIRST_RETRY = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
MOST_DOUBLINGS = 9  # more would come to more than the longest pause

logger = structlog.get_logger("evently.deliveries")


def compose(
    *,
    kind: str,
    user_id: int,
    now: datetime,
    event_id: int,
    booking_id: int | IdOf | None = None,
    **values: Any,
) -> Notification:
    """Make a notification, due at once, that isn't saved yet."""
    return made(
        Notification,
        kind=kind,
        user_id=user_id,
        message=MESSAGES[kind].format(**values),
        created_at=now,
        deliver_at=now,
        event_id=event_id,
        booking_id=booking_id,
    )


def notify(notifications: Iterable[Notification]) -> None:
    """Save what people are owed, in the transaction of the change that they should hear of."""
    remaining = iter(notifications)
    while batch := list(islice(remaining, ROWS_PER_INSERT)):
        insert(batch, needs_ids=False)


def mark_read(*, notification: Notification, is_read: bool) -> None:
    """Mark one as read or unread. Repeating is harmless."""
    notification.is_read = is_read
    rows = Notification.objects.filter(id=notification.id)
    transactions.run(lambda: rows.update(is_read=is_read))


def mark_all_read(*, user_id: int) -> int:
    """Mark all of a user's notifications as read; return how many were not."""
    unread = Notification.objects.filter(user_id=user_id, is_read=False)
    return transactions.run(lambda: unread.update(is_read=True))


def withhold_mails(*, user_id: int) -> int:
    """Deliver to a user nothing of what is still due; return how many. (The caller's transaction.)

    One that a worker is just sending goes out.
    """
    due = Notification.objects.filter(user_id=user_id, deliver_at__isnull=False)
    return due.update(deliver_at=None)


class Outcome(StrEnum):
    """What came of a notification that was due."""

    DELIVERED = "delivered"
    FAILED = "failed"
    TAKEN = "taken"  # by another worker


def deliver_due(*, due_by: datetime | None = None, limit: int = 100) -> Counter[Outcome]:
    """Try to deliver what was due by then (or is now), at most `limit` rows; count the outcomes.

    Each row is leased by a conditional update and sent outside of any transaction, so two workers
    never send the same at once. Whoever dies between sending and marking lets it be sent again:
    at least once. Every row that was found is moved on, so one that fails keeps no other waiting,
    and with the same `due_by` again and again there comes an end.
    """
    due = Notification.objects.due(due_by or database_now()).select_related("user")
    return Counter(_deliver(notification) for notification in list(due[:limit]))


def _deliver(notification: Notification) -> Outcome:
    if not _lease(notification):
        return Outcome.TAKEN
    try:
        _send(notification)
    # Whatever the mail system raises, the row stays due; nothing may stop the other deliveries.
    except Exception as error:
        _note_failure(notification, error)
        deliveries.labels("failed").inc()
        return Outcome.FAILED
    Notification.objects.filter(id=notification.id).update(
        deliver_at=None, delivered_at=database_now()
    )
    deliveries.labels("delivered").inc()
    logger.info("notification_delivered", notification_id=notification.id)
    return Outcome.DELIVERED


def _lease(notification: Notification) -> bool:
    """Claim the row, counting the attempt, until the next one would be due."""
    # Read for every row: a lease counted from the start of a long round would be too short.
    now = database_now()
    pause = min(FIRST_RETRY * 2 ** min(notification.attempts, MOST_DOUBLINGS), LONGEST_PAUSE)
    # The condition on `attempts` lets one of two workers win.
    claimed = Notification.objects.filter(
        id=notification.id, attempts=notification.attempts, deliver_at__lte=now
    ).update(attempts=F("attempts") + 1, deliver_at=now + pause)
    return bool(claimed)


def _note_failure(notification: Notification, error: Exception) -> None:
    """Log a failed attempt; after the last one, give up."""
    attempts = notification.attempts + 1
    gives_up = attempts >= settings.EVENTLY_DELIVERY_ATTEMPTS
    if gives_up:
        Notification.objects.filter(id=notification.id).update(deliver_at=None)
    logger.warning(
        "delivery_given_up" if gives_up else "delivery_failed",
        notification_id=notification.id,
        attempts=attempts,
        reason=type(error).__name__,
    )


def _send(notification: Notification) -> None:
    if notification.user.email and not notification.user.is_erased:
        send_mail(
            SUBJECTS[notification.kind],
            notification.message,
            from_email=None,
            recipient_list=[notification.user.email],
        )
