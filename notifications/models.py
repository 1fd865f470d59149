"""Word that is owed to people. A row is at once what they read in the app and the outbox."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


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
        BOOKING_CONFIRMED = "booking_confirmed", _("Booking confirmed")
        BOOKING_CANCELLED = "booking_cancelled", _("Booking cancelled")
        WAITLIST_JOINED = "waitlist_joined", _("Waitlist joined")
        SEAT_OFFERED = "seat_offered", _("Seat offered")
        OFFER_LAPSED = "offer_lapsed", _("Offer lapsed")
        EVENT_CHANGED = "event_changed", _("Event changed")
        EVENT_CANCELLED = "event_cancelled", _("Event cancelled")
        EVENT_DELETED = "event_deleted", _("Event deleted")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    message = models.CharField(_("message"), max_length=1000)
    is_read = models.BooleanField(_("is read"), default=False)
    created_at = models.DateTimeField(_("created at"))
    # Plain numbers: a notification outlives what it tells of.
    event_id = models.BigIntegerField(_("event id"), null=True)
    booking_id = models.BigIntegerField(_("booking id"), null=True)
    deliver_at = models.DateTimeField(_("deliver at"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
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
