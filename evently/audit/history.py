"""What the record tells of one row: who changed what, from what, to what."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext

from evently.api.identity import is_id
from evently.audit.actions import Subject
from evently.audit.actor import ActorKind
from evently.audit.models import AuditRecord

MOST = 200
LONGEST_VALUE = 300  # characters; an event's description may have 10,000
# By the model's name.
SUBJECTS = {
    "booking": Subject.BOOKING,
    "waitlistentry": Subject.ENTRY,
    "order": Subject.ORDER,
    "hold": Subject.HOLD,
    "seat": Subject.SEAT,
    "event": Subject.EVENT,
    "user": Subject.USER,
    "apitoken": Subject.TOKEN,
    "group": Subject.GROUP,
}


class Change(NamedTuple):
    at: datetime
    what: str
    whom: str
    values: SafeString


def history_of(model: type[Model], row_id: str) -> list[Change]:
    """Return the latest changes of a row, the newest first, at most 200: two queries."""
    subject = SUBJECTS.get(str(model._meta.model_name))
    if subject is None or not is_id(row_id):
        return []
    records = AuditRecord.objects.filter(subject=subject, subject_id=int(row_id))
    latest = list(records.order_by("-at", "-id")[:MOST])
    names = _names(record.actor_id for record in latest)
    return [
        Change(
            record.at,
            record.get_action_display(),
            names.get(record.actor_id) or numbered(ActorKind(record.actor_kind), record.actor_id),
            shown_values(record),
        )
        for record in latest
    ]


def numbered(kind: Any, id: int | None) -> str:
    """Name a row by its kind and, where it has one, its number."""
    return f"{kind.label} #{id}" if id else str(kind.label)


def shown_values(record: AuditRecord) -> SafeString:
    """Show what was before and after, a line for each fact."""
    before, after = record.before or {}, record.after or {}
    names = sorted({**before, **after})
    # As the models name their fields.
    lines = ((gettext(name.replace("_", " ")), _change(name, before, after)) for name in names)
    return format_html_join(mark_safe("<br>"), "{}: {}", lines)


def _names(actor_ids: Iterable[int | None]) -> dict[int | None, str]:
    known = {actor_id for actor_id in actor_ids if actor_id is not None}
    users = get_user_model().objects.filter(id__in=known)
    return dict(users.values_list("id", "username"))


def _change(name: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    values = [
        Truncator(facts[name]).chars(LONGEST_VALUE) for facts in (before, after) if name in facts
    ]
    return " → ".join(dict.fromkeys(values))
