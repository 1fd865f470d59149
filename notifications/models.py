"""Word that is owed to people. A row is at once what they read in the app and the outbox."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q


class NotificationQuerySet(models.QuerySet["Notification"]):
    def due(self, now: datetime) -> "NotificationQuerySet":
        """Those to be delivered now, the longest overdue first."""
        return self.filter(deliver_at__lte=now).order_by("deliver_at", "id")


class Notification(models.Model):
    """One message to one user, shown at once and delivered by e-mail.

    `deliver_at` is when delivery is to be tried next: set at first, moved on with each attempt,
    null when it was delivered or given up (then `delivered_at` stays null).
    """

    class Kind(models.TextChoices):
        BOOKING_CONFIRMED = "booking_confirmed"
        BOOKING_CANCELLED = "booking_cancelled"
        WAITLIST_JOINED = "waitlist_joined"
        SEAT_OFFERED = "seat_offered"
        OFFER_LAPSED = "offer_lapsed"
        EVENT_CHANGED = "event_changed"
        EVENT_CANCELLED = "event_cancelled"
        EVENT_DELETED = "event_deleted"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    message = models.CharField(max_length=1000)
    is_read = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    # Plain numbers: a notification outlives what it tells of.
    event_id = models.BigIntegerField(null=True)
    booking_id = models.BigIntegerField(null=True)
    deliver_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_of_user"),
            models.Index(
                fields=["deliver_at", "id"],
                name="notification_due",
                condition=Q(deliver_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(deliver_at__isnull=True) | Q(delivered_at__isnull=True),
                name="notification_delivered_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"
