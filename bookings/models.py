"""The ledger: who has which seat, since when, until when."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from bookings.references import reference_of
from events.models import Event, Seat, number_of


class BookingQuerySet(models.QuerySet["Booking"]):
    def active(self) -> "BookingQuerySet":
        return self.filter(status=Booking.Status.ACTIVE)

    def lock(self) -> "BookingQuerySet":
        """Lock the bookings themselves, not the rows they refer to."""
        return self.select_for_update(of=("self",))


class OrderQuerySet(models.QuerySet["Order"]):
    def having_seats_left(self, has: bool = True) -> "OrderQuerySet":
        left = Exists(_booked_by_order().active())
        return self.filter(left if has else ~left)

    def with_seats(self) -> "OrderQuerySet":
        """Annotate `total_seats`, and `seats_left` of them that aren't cancelled."""
        booked = _booked_by_order()
        return self.annotate(total_seats=number_of(booked), seats_left=number_of(booked.active()))


def _booked_by_order() -> BookingQuerySet:
    return Booking.objects.filter(order=OuterRef("pk"))


class Order(models.Model):
    """Several bookings that one user made at once; each may be cancelled by itself."""

    event = models.ForeignKey(Event, models.CASCADE, db_index=False, verbose_name=_("event"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, verbose_name=_("user")
    )
    created_at = models.DateTimeField(_("created at"))

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            models.Index(fields=["user", "-id"], name="order_of_user"),
            models.Index(fields=["event", "-id"], name="order_of_event"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What people read to each other instead of the id."""
        return reference_of(self.pk)


class Booking(models.Model):
    """One user's claim on one seat. `active`, then `cancelled` for good."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        CANCELLED = "cancelled", _("Cancelled")

    event = models.ForeignKey(Event, models.CASCADE, db_index=False, verbose_name=_("event"))
    seat = models.ForeignKey(Seat, models.PROTECT, verbose_name=_("seat"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, verbose_name=_("user")
    )
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bookings",
        db_index=False,
        verbose_name=_("order"),
    )
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.ACTIVE)
    created_at = models.DateTimeField(_("created at"))
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        indexes = [
            models.Index(fields=["user", "-id"], name="booking_of_user"),
            # What people look at: it stays short for whoever books and cancels a lot.
            models.Index(
                fields=["user", "-id"], name="booking_active_of_user", condition=Q(status="active")
            ),
            models.Index(fields=["event", "-id"], name="booking_of_event"),
            models.Index(fields=["created_at"], name="booking_by_day"),
            models.Index(
                fields=["order"], name="booking_of_order", condition=Q(order__isnull=False)
            ),
        ]
        constraints = [
            # The second guard beside the seat's own status: a seat is never sold twice.
            models.UniqueConstraint(
                fields=["event", "seat"],
                name="booking_active_once_per_seat",
                condition=Q(status="active"),
            ),
            models.CheckConstraint(
                condition=Q(status="active", cancelled_at__isnull=True)
                | Q(status="cancelled", cancelled_at__isnull=False),
                name="booking_cancelled_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return f"booking #{self.pk}"

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

    @property
    def is_offered_back(self) -> bool:
        """Tell whether its holder gives the seat back as soon as somebody takes it."""
        return self.is_active and self.seat.is_offered_back

    @property
    def facts(self) -> dict[str, str]:
        """What the record of changes tells of a booking, beside its ids."""
        return {"status": self.status, "seat_number": self.seat.seat_number}


# And of its end.
CANCELLATION: dict[str, Any] = {
    "before": {"status": Booking.Status.ACTIVE},
    "after": {"status": Booking.Status.CANCELLED},
}
