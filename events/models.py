"""The inventory: events and their seats."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, Func, IntegerField, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

# An event's times, which are read and shown in its time zone; deadlines may be none.
TIMES = ["start_time", "end_time"]
DEADLINES = ["sales_start", "sales_end", "cancel_until"]
MOMENTS = [*TIMES, *DEADLINES]
MAX_SEATS = 100_000
MAX_SEATS_PER_ROW = 1_000  # so that a seat's name has no more than its 32 characters
MAX_TOGETHER = 50  # seats that one call asks for, and people of a party


def unfolded(name: str, *, event: str = "pk") -> Coalesce:
    """Return what isn't folded yet of a number of an event, which the outer query names."""
    changes = SeatChange.objects.filter(event=OuterRef(event)).order_by().values("event")
    return Coalesce(Subquery(changes.annotate(sum=Sum(name)).values("sum")), 0)


def number_of(rows: models.QuerySet) -> Subquery:
    """Return how many rows there are, which refer to the outer query's by `OuterRef`."""
    number = Func("pk", function="COUNT", output_field=IntegerField())  # without a GROUP BY
    return Subquery(rows.order_by().values_list(number))


class EventQuerySet(models.QuerySet["Event"]):
    def listed(self) -> "EventQuerySet":
        """Events that everybody sees; a draft is for staff only."""
        return self.exclude(status=Event.Status.DRAFT)

    def upcoming(self, now: datetime | Now) -> "EventQuerySet":
        return self.filter(end_time__gt=now)

    def with_available_seats(self) -> "EventQuerySet":
        """Annotate `available_seats`: what is folded and what isn't yet, in one statement.

        So it is exact at any moment, and costs the same however large or full the hall is.
        """
        return self.annotate(available_seats=F("seat_count__available") + unfolded("available"))

    def having_available_seats(self, has: bool = True) -> "EventQuerySet":
        on_sale = Exists(Seat.objects.available().filter(event=OuterRef("pk")))
        return self.filter(on_sale if has else ~on_sale)

    def cancelling(self) -> "EventQuerySet":
        """Cancelled events whose bookings aren't all cancelled yet."""
        return self.filter(is_cancelling=True)

    def uncounted(self) -> "EventQuerySet":
        """Events without counts, or with those of another time zone's days."""
        return self.exclude(seat_count__zone=settings.TIME_ZONE)


class Event(models.Model):
    """What people attend. `draft` until it is `published`; `cancelled` is for good."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        CANCELLED = "cancelled", _("Cancelled")

    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=10_000)
    venue = models.CharField(_("venue"), max_length=200)
    start_time = models.DateTimeField(_("start time"))
    end_time = models.DateTimeField(_("end time"))
    timezone = models.CharField(
        _("timezone"), max_length=64, default="UTC", help_text=_("An IANA name.")
    )
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.PUBLISHED)
    total_seats = models.PositiveIntegerField(
        _("total seats"), validators=[MaxValueValidator(MAX_SEATS)]
    )
    max_per_user = models.PositiveIntegerField(
        _("max per user"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_SEATS)],
        help_text=_("How many seats one person may have booked at a time; empty: no limit."),
    )
    sales_start = models.DateTimeField(
        _("sales start"),
        null=True,
        blank=True,
        help_text=_("Nothing is sold before; empty: from its publication on."),
    )
    sales_end = models.DateTimeField(
        _("sales end"),
        null=True,
        blank=True,
        help_text=_("Nothing is sold from then on, but offers can be accepted; empty: no end."),
    )
    cancel_until = models.DateTimeField(
        _("cancel until"),
        null=True,
        blank=True,
        help_text=_("From then on only staff cancel bookings; empty: their holders always can."),
    )
    # Counts the changes to the row, for `If-Match`.
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    # Some of a cancelled event's bookings are still active; they are being cancelled in batches.
    is_cancelling = models.BooleanField(_("is cancelling"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-start_time", "-id"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["start_time", "id"], name="event_by_start"),
            # Empty most of the time: the worker looks into it in every pass.
            models.Index(fields=["id"], name="event_cancelling", condition=Q(is_cancelling=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_time__gt=F("start_time")), name="event_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=Q(total_seats__lte=MAX_SEATS), name="event_total_seats_bounded"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published", "cancelled"]),
                name="event_status_known",
            ),
            models.CheckConstraint(
                condition=Q(max_per_user__isnull=True)
                | Q(max_per_user__gte=1, max_per_user__lte=MAX_SEATS),
                name="event_max_per_user_bounded",
            ),
            models.CheckConstraint(
                condition=Q(sales_start__isnull=True)
                | Q(sales_end__isnull=True)
                | Q(sales_end__gt=F("sales_start")),
                name="event_sales_end_after_their_start",
            ),
            models.CheckConstraint(
                condition=Q(is_cancelling=False) | Q(status="cancelled"),
                name="event_cancelling_is_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def local_time(self, moment: datetime) -> str:
        """Show a time to people, in the event's own time zone."""
        return f"{moment.astimezone(ZoneInfo(self.timezone)):%Y-%m-%d %H:%M %Z}"

    @property
    def is_on_sale(self) -> bool:
        return self.status == self.Status.PUBLISHED

    def is_past_cancelling(self, now: datetime) -> bool:
        """Tell whether it is too late for holders to cancel by themselves."""
        return self.cancel_until is not None and now >= self.cancel_until


class HoldQuerySet(models.QuerySet["Hold"]):
    def open(self) -> "HoldQuerySet":
        return self.filter(status=Hold.Status.OPEN)

    def current(self) -> "HoldQuerySet":
        """Open holds, less those that have run out and that nobody has swept yet."""
        return self.open().filter(expires_at__gt=Now())

    def with_is_past(self) -> "HoldQuerySet":
        """Annotate `is_past`: whether the deadline has passed, by the database's clock."""
        return self.annotate(is_past=Q(expires_at__lte=Now()))

    def with_seats_held(self) -> "HoldQuerySet":
        """Annotate `seats_held`: how many there are, until it ends."""
        return self.annotate(seats_held=number_of(Seat.objects.filter(hold=OuterRef("pk"))))

    def lock(self) -> "HoldQuerySet":
        """Lock the holds themselves, not the rows they refer to."""
        return self.select_for_update(of=("self",))


class Hold(models.Model):
    """Seats of one event that are kept for a user at their own wish, until a deadline.

    `open` → `ordered`; or its seats were given back: `released` by its user, `lapsed` when the
    deadline had passed, `closed` since the event was cancelled. Its seats are `Seat.hold`, while it
    is open.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        ORDERED = "ordered", _("Ordered")
        RELEASED = "released", _("Released")
        LAPSED = "lapsed", _("Lapsed")
        CLOSED = "closed", _("Closed")

    event = models.ForeignKey(
        Event, models.CASCADE, related_name="+", db_index=False, verbose_name=_("event")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("user")
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    is_refreshed = models.BooleanField(_("is refreshed"), default=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        indexes = [
            models.Index(fields=["event", "user"], name="hold_open", condition=Q(status="open")),
            models.Index(fields=["event", "-id"], name="hold_of_event"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", ended_at__isnull=True)
                | Q(
                    status__in=["ordered", "released", "lapsed", "closed"],
                    ended_at__isnull=False,
                ),
                name="hold_ended_when_not_open",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="hold_expires_after_its_start"
            ),
        ]

    def __str__(self) -> str:
        return f"hold #{self.pk}"

    def is_open(self, now: datetime) -> bool:
        return self.status == self.Status.OPEN and self.expires_at > now


class SeatQuerySet(models.QuerySet["Seat"]):
    def available(self) -> "SeatQuerySet":
        return self.filter(status=Seat.Status.AVAILABLE)

    def changed_since(self, number: int) -> "SeatQuerySet":
        """Seats whose status has changed in a transaction of this number or a later one."""
        return self.filter(changed_in__gt=0, changed_in__gte=number)

    def latest_change(self, *, before: int) -> int:
        """Return the greatest number below this one in which a seat has changed; 0: none has."""
        changed = self.filter(changed_in__gt=0, changed_in__lt=before)
        return changed.aggregate(latest=Max("changed_in"))["latest"] or 0

    def hold_expired(self, now: datetime) -> "SeatQuerySet":
        return self.filter(held_until__lte=now)

    def offered_back(self) -> "SeatQuerySet":
        """Booked seats that somebody in line may have, and that are kept for nobody yet."""
        return self.filter(offered_back_by__isnull=False, held_for=None)

    def kept_for_line(self) -> "SeatQuerySet":
        """Seats that are kept for somebody in line, on offer or as they are gathered."""
        return self.filter(held_for__isnull=False, hold__isnull=True)

    def lock(self, *, skip_locked: bool = False) -> "SeatQuerySet":
        """Lock the seats themselves, in the one order that everybody uses: by position."""
        return self.select_for_update(of=("self",), skip_locked=skip_locked).order_by("position")


class Seat(models.Model):
    """One sellable place of one event. This row is the truth about it, and what sellers lock.

    `available` → `booked`, when somebody books it; `available` → `held`, for one user until a
    deadline, → `booked` or given back; `blocked` by staff, out of sale. A held seat that has no
    `hold` is kept for its user's place in the line.
    """

    class Status(models.TextChoices):
        AVAILABLE = "available", _("Available")
        HELD = "held", _("Held")
        BOOKED = "booked", _("Booked")
        BLOCKED = "blocked", _("Blocked")

    event = models.ForeignKey(
        Event, models.CASCADE, related_name="seats", db_index=False, verbose_name=_("event")
    )
    seat_number = models.CharField(_("seat number"), max_length=32)
    position = models.PositiveIntegerField(
        _("position"), help_text=_("Seats are sold in this order.")
    )
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.AVAILABLE)
    held_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("held for"),
    )
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    hold = models.ForeignKey(
        Hold,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="seats",
        db_index=False,
        verbose_name=_("hold"),
    )
    # Who has booked it, if they give it back as soon as somebody in line takes it. Meanwhile it may
    # be kept for one of them, like a held seat.
    offered_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("offered back by"),
    )
    # Where it is, in a hall that has a shape. Who are one place apart in a row are neighbours.
    section = models.CharField(_("section"), max_length=20, blank=True, default="", db_default="")
    row = models.CharField(_("row"), max_length=6, blank=True, default="", db_default="")
    number = models.PositiveSmallIntegerField(_("number"), null=True, blank=True)
    place = models.PositiveIntegerField(_("place"), null=True, blank=True)
    is_accessible = models.BooleanField(_("is accessible"), default=False, db_default=False)
    # Stamped by a trigger when the status changes: see `events.seat_versions`. 0: it never has.
    changed_in = models.BigIntegerField(default=0, db_default=0, editable=False)

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["event", "position"]
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        indexes = [
            # Picking the next seat is one step in this index, however large or full the hall.
            models.Index(
                fields=["event", "position"], name="seat_available", condition=Q(status="available")
            ),
            models.Index(
                fields=["held_until"], name="seat_held", condition=Q(held_until__isnull=False)
            ),
            models.Index(
                fields=["event", "held_for"],
                name="seat_held_for",
                condition=Q(held_for__isnull=False),
            ),
            models.Index(fields=["hold"], name="seat_of_hold", condition=Q(hold__isnull=False)),
            models.Index(
                fields=["event"],
                name="seat_offered_back",
                condition=Q(offered_back_by__isnull=False),
            ),
            models.Index(
                fields=["event", "changed_in"], name="seat_changed", condition=Q(changed_in__gt=0)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event", "seat_number"], name="seat_number_unique"),
            models.UniqueConstraint(fields=["event", "position"], name="seat_position_unique"),
            models.CheckConstraint(
                condition=Q(held_for__isnull=False, held_until__isnull=False)
                & (Q(status="held") | Q(status="booked", offered_back_by__isnull=False))
                | Q(
                    status__in=["available", "booked", "blocked"],
                    held_for__isnull=True,
                    held_until__isnull=True,
                ),
                name="seat_held_for_somebody_until_some_time",
            ),
            models.CheckConstraint(
                condition=Q(hold__isnull=True) | Q(status="held"), name="seat_of_hold_is_held"
            ),
            models.CheckConstraint(
                condition=Q(offered_back_by__isnull=True) | Q(status="booked"),
                name="seat_offered_back_is_booked",
            ),
        ]

    def __str__(self) -> str:
        return self.seat_number

    @property
    def is_available(self) -> bool:
        return self.status == self.Status.AVAILABLE

    @property
    def is_offered_back(self) -> bool:
        return self.offered_back_by_id is not None

    def is_kept_in_line_for(self, user_id: int) -> bool:
        """Tell whether it is kept for a user's place in the line, and not by a hold of theirs."""
        return self.held_for_id == user_id and self.hold_id is None

    @property
    def is_held(self) -> bool:
        return self.status == self.Status.HELD

    def hold_is_open(self, now: datetime) -> bool:
        return self.held_until is not None and self.held_until > now


class SeatCount(models.Model):
    """How many seats of an event are available, and how many bookings were made and cancelled.

    As far as it is folded: what `SeatChange` holds comes on top. Nobody who books writes this row.
    """

    event = models.OneToOneField(Event, models.CASCADE, primary_key=True, related_name="seat_count")
    zone = models.CharField(max_length=64, help_text="Days are counted in this time zone.")
    available = models.IntegerField()
    booked = models.IntegerField(default=0)
    cancelled = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"counts of event #{self.pk}"


class DayCount(models.Model):
    """How many bookings of an event were made and cancelled on a day, as far as it is folded."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    booked = models.IntegerField()
    cancelled = models.IntegerField(help_text="On that day, whenever they were made.")
    cancelled_since = models.IntegerField(help_text="Of those made that day, until now.")

    class Meta:
        ordering = ["event_id", "day"]
        indexes = [models.Index(fields=["day"], name="day_count_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["event", "day"], name="day_count_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} of event #{self.event_id}"


class SeatChangeQuerySet(models.QuerySet["SeatChange"]):
    def added_up(self) -> models.QuerySet:
        """Return tuples: event, day, day of making, and what comes to it in all of each number."""
        grouped = self.order_by().values_list("event_id", "day", "made_on")
        names = ("available", "booked", "cancelled")
        return grouped.annotate(**{f"{name}_in_all": Sum(name) for name in names})


class SeatChange(models.Model):
    """By how many an event's seats and bookings have changed, until that is folded.

    Written with the change, and never updated: sellers beside each other don't meet in it.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="+")
    day = models.DateField()
    made_on = models.DateField(
        null=True, help_text="The day on which the cancelled bookings were made."
    )
    available = models.IntegerField(help_text="Seats that went on sale, less those gone from it.")
    booked = models.IntegerField(help_text="Bookings that were made.")
    cancelled = models.IntegerField(help_text="Bookings that were cancelled.")

    objects = SeatChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cancelled=0, made_on__isnull=True)
                | Q(cancelled__gt=0, made_on__isnull=False),
                name="seat_change_cancelled_were_made",
            ),
        ]

    def __str__(self) -> str:
        return f"change #{self.pk} of event #{self.event_id}"
