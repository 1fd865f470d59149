"""Owe people word, and deliver it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F

from events import gate
from notifications.models import Notification

MESSAGES = {
    "booking_confirmed": "{seat} at {event} is yours.",
    "booking_cancelled": "Your booking of {seat} at {event} is cancelled.",
    "waitlist_joined": "You are in the line for {event}. We tell you when a seat is kept for you.",
    "seat_offered": "{seat} at {event} is kept for you until {until}. Book it before then.",
    "offer_lapsed": "{seat} at {event} was kept for you, but the time has run out.",
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

logger = structlog.get_logger("evently.deliveries")


def compose(
    *,
    kind: str,
    user_id: int,
    now: datetime,
    event_id: int,
    booking_id: int | None = None,
    **values: Any,
) -> Notification:
    """Make a notification, due at once, that isn't saved yet."""
    return Notification(
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
        Notification.objects.bulk_create(batch)


def mark_read(*, notification: Notification, is_read: bool) -> None:
    """Mark one as read or unread. Repeating is harmless."""
    notification.is_read = is_read
    notification.save(update_fields=["is_read"])


def mark_all_read(*, user_id: int) -> int:
    """Mark all of a user's notifications as read; return how many were not."""
    return Notification.objects.filter(user_id=user_id, is_read=False).update(is_read=True)


def deliver_due(*, limit: int = 100) -> int:
    """Try to deliver what is due, at most `limit` rows; return how many were delivered.

    Each row is leased by a conditional update and sent outside of any transaction, so two workers
    never send the same at once. Whoever dies between sending and marking lets it be sent again:
    at least once.
    """
    now = gate.database_now()
    due = Notification.objects.due(now).values_list("id", "attempts")[:limit]
    return sum(_deliver(id, attempts, now) for id, attempts in list(due))


def _deliver(notification_id: int, attempts: int, now: datetime) -> bool:
    if not _lease(notification_id, attempts, now):
        return False
    notification = Notification.objects.select_related("user").get(id=notification_id)
    try:
        _send(notification)
    # Whatever the mail system raises, the row stays due; nothing may stop the other deliveries.
    except Exception as error:
        logger.warning(
            "delivery_failed",
            notification_id=notification_id,
            attempts=attempts + 1,
            reason=type(error).__name__,
        )
        return False
    Notification.objects.filter(id=notification_id).update(
        deliver_at=None, delivered_at=gate.database_now()
    )
    logger.info("notification_delivered", notification_id=notification_id)
    return True


def _lease(notification_id: int, attempts: int, now: datetime) -> bool:
    """Claim the row until its next attempt would be due, or for good with its last attempt."""
    is_last = attempts + 1 >= settings.EVENTLY_DELIVERY_ATTEMPTS
    pause = min(FIRST_RETRY * 2**attempts, LONGEST_PAUSE)
    # The condition on `attempts` lets one of two workers win.
    claimed = Notification.objects.filter(
        id=notification_id, attempts=attempts, deliver_at__lte=now
    ).update(attempts=F("attempts") + 1, deliver_at=None if is_last else now + pause)
    return bool(claimed)


def _send(notification: Notification) -> None:
    if notification.user.email:
        send_mail(
            SUBJECTS[notification.kind],
            notification.message,
            from_email=None,
            recipient_list=[notification.user.email],
        )
