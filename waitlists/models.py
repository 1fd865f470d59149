"""The line of a full event."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from events.models import MAX_TOGETHER, Event, Seat, number_of
from waitlists.places import ITS_PLACE, PLACE, up_to

LIVE = ["waiting", "offered"]


class Adjacent(models.TextChoices):
    """Whether a party's seats are to be neighbours; as in `events.best_available`."""

    REQUIRED = "required", _("Required")
    PREFERRED = "preferred", _("Preferred")
    NO = "no", _("Doesn't matter")


def wish_fitted_by(*, seats: int, block: int) -> Q:
    """Tell whose party so many seats fit, of which so many at the most are neighbours."""
    required = Q(adjacent=Adjacent.REQUIRED)
    return (required & Q(party_size__lte=block)) | (~required & Q(party_size__lte=seats))


class WaitlistEntryQuerySet(models.QuerySet["WaitlistEntry"]):
    def live(self) -> "WaitlistEntryQuerySet":
        return self.filter(status__in=LIVE)

    def waiting(self) -> "WaitlistEntryQuerySet":
        """Those in line, the first one first."""
        return self.filter(status=WaitlistEntry.Status.WAITING).order_by(PLACE)

    def offered(self) -> "WaitlistEntryQuerySet":
        return self.filter(status=WaitlistEntry.Status.OFFERED)

    def current(self) -> "WaitlistEntryQuerySet":
        """Live entries, less the offers that have run out and that nobody has swept yet."""
        is_open = Q(offered_seat__held_until__gt=Now())
        return self.live().filter(Q(status=WaitlistEntry.Status.WAITING) | is_open)

    def with_position(self) -> "WaitlistEntryQuerySet":
        """Annotate `position`, from 1 among those waiting, and `seats_ahead`.

        The latter is how many seats they want who are ahead. Both are null for anybody else.
        """
        line = WaitlistEntry.objects.filter(up_to(ITS_PLACE), event=OuterRef("event"))
        up_to_them = line.waiting().order_by().values("event")
        number = up_to_them.annotate(number=Count("*")).values("number")
        seats = up_to_them.annotate(seats=Sum("party_size")).values("seats")
        waiting = Q(status=WaitlistEntry.Status.WAITING)
        return self.annotate(
            position=Case(When(waiting, then=Subquery(number)), default=Value(None)),
            seats_ahead=Case(
                When(waiting, then=Subquery(seats) - F("party_size")), default=Value(None)
            ),
        )

    def with_seats_kept(self) -> "WaitlistEntryQuerySet":
        """Annotate `seats_kept`: how many are on offer to them, or gathered for their party."""
        kept = Seat.objects.kept_for_line().filter(
            event=OuterRef("event"), held_for=OuterRef("user")
        )
        is_live = Q(status__in=LIVE)
        return self.annotate(seats_kept=Case(When(is_live, then=number_of(kept)), default=Value(0)))


class WaitlistEntry(models.Model):
    """One person in the line of one event, for themselves or for a party.

    `waiting` → `offered`, when freed seats are held for them → `accepted`, or `lapsed` when the
    hold ran out. `left`: gone by their own will; `closed`: the event was cancelled. Seats that are
    held for somebody who waits are being gathered for their party.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        OFFERED = "offered", _("Offered")
        ACCEPTED = "accepted", _("Accepted")
        LAPSED = "lapsed", _("Lapsed")
        LEFT = "left", _("Left")
        CLOSED = "closed", _("Closed")

    event = models.ForeignKey(Event, models.CASCADE, db_index=False, verbose_name=_("event"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("user"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    # Where staff have moved somebody, for all who changed places; else the id is one's place.
    place = models.BigIntegerField(_("place"), null=True, blank=True, editable=False)
    party_size = models.PositiveSmallIntegerField(
        _("party size"), default=1, db_default=1, help_text=_("Seats that are still wanted.")
    )
    adjacent = models.CharField(
        _("adjacent"), max_length=9, choices=Adjacent, default=Adjacent.NO, db_default="no"
    )
    # How often, and since when, seats that didn't fit the party went to somebody behind it or to
    # the sale.
    passed_over = models.PositiveSmallIntegerField(_("passed over"), default=0, db_default=0)
    passed_over_since = models.DateTimeField(_("passed over since"), null=True, blank=True)
    # Since when they ask for this many at this place; empty: since they joined.
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True, editable=False)
    offered_at = models.DateTimeField(_("offered at"), null=True, blank=True)
    # Of several the first one.
    offered_seat = models.ForeignKey(
        Seat, models.PROTECT, null=True, blank=True, verbose_name=_("offered seat")
    )
    created_at = models.DateTimeField(_("created at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = WaitlistEntryQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("waitlist entry")
        verbose_name_plural = _("waitlist entries")
        indexes = [
            models.Index("event", PLACE, name="entry_line", condition=Q(status="waiting")),
            models.Index(fields=["event", "status"], name="entry_of_event"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "user"],
                name="entry_live_once_per_user",
                condition=Q(status__in=LIVE),
            ),
            models.UniqueConstraint(
                fields=["event", "offered_seat"],
                name="entry_offered_seat_once",
                condition=Q(status="offered"),
            ),
            models.CheckConstraint(
                condition=Q(status="offered", offered_seat__isnull=False)
                | (~Q(status="offered") & Q(offered_seat__isnull=True)),
                name="entry_offered_has_seat",
            ),
            models.CheckConstraint(
                condition=Q(status__in=LIVE, ended_at__isnull=True)
                | Q(
                    status__in=["accepted", "lapsed", "left", "closed"],
                    ended_at__isnull=False,
                ),
                name="entry_ended_when_not_live",
            ),
            models.CheckConstraint(
                condition=Q(party_size__gte=1, party_size__lte=MAX_TOGETHER),
                name="entry_party_size_bounded",
            ),
            models.CheckConstraint(
                condition=Q(adjacent__in=["required", "preferred", "no"]),
                name="entry_adjacent_known",
            ),
        ]

    def __str__(self) -> str:
        return f"entry #{self.pk}"

    @property
    def its_place(self) -> int:
        """Return its place in the line, as `waitlists.places.PLACE` does in a query."""
        return self.id if self.place is None else self.place

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING

    @property
    def is_offered(self) -> bool:
        return self.status == self.Status.OFFERED

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def offer_expires_at(self) -> datetime | None:
        return self.offered_seat.held_until if self.offered_seat else None
