"""What happened to a booking, told without a name: from the record, and from words owed."""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from django.utils.translation import gettext as _

from bookings.models import Booking
from evently.audit.actor import ActorKind
from evently.audit.history import numbered
from evently.audit.models import AuditRecord
from notifications.models import Notification

# Of each kind; somebody who books and cancels a lot has more.
MOST = 100


class Moment(NamedTuple):
    """Something that happened: `what` by `whom`, as kind and id."""

    at: datetime
    what: str
    whom: str


def life_of(booking: Booking) -> list[Moment]:
    """Return what happened between the booking's event and its user, the first first: two queries.

    Waiting, offers, bookings and cancels, with word of them as it was owed and as it went out.
    """
    about = {"event_id": booking.event_id, "user_id": booking.user_id}
    records = AuditRecord.objects.filter(**about).order_by("-at", "-id")[:MOST]
    words = Notification.objects.filter(**about).order_by("-id")[:MOST]
    return sorted(chain(_recorded(records), _told(words)))


def _recorded(records: Iterable[AuditRecord]) -> list[Moment]:
    return [
        Moment(
            record.at,
            f"{record.get_action_display()} (#{record.subject_id})",
            numbered(ActorKind(record.actor_kind), record.actor_id),
        )
        for record in records
    ]


def _told(words: Iterable[Notification]) -> list[Moment]:
    owed = [
        Moment(word.created_at, _("Owed word: %(kind)s") % {"kind": word.get_kind_display()}, "")
        for word in words
    ]
    sent = [
        Moment(
            word.delivered_at,
            _("Delivered: %(kind)s") % {"kind": word.get_kind_display()},
            str(ActorKind.SYSTEM.label),
        )
        for word in words
        if word.delivered_at
    ]
    return owed + sent
