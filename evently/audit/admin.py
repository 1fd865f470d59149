"""The record of changes on the staff site: to look at only."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from evently.api.identity import MAX_ID, is_number
from evently.api.staff import LookOnlyAdmin
from evently.audit.actions import Subject
from evently.audit.models import AuditRecord

LONGEST_VALUE = 300  # characters; an event's description may have 10,000
ID_FIELDS = ["id", "event_id", "user_id", "actor_id"]


@admin.register(AuditRecord)
class AuditRecordAdmin(LookOnlyAdmin):
    list_display = ["at", "actor", "action", "on", "event_id", "user_id", "changes"]
    list_filter = ["action", "actor_kind", "subject", "at"]
    search_fields = ID_FIELDS
    search_help_text = "An id: of the record, an event, a user, or the row that was changed."
    fields = ["at", "actor", "action", "on", "event_id", "user_id", "changes", "request_id"]
    readonly_fields = ["actor", "on", "changes"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Find by whole ids, each in its own index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if not is_number(term) or int(term) > MAX_ID:
            return queryset.none(), False
        # The subject's index is entered by its kind.
        of_any_subject = Q(subject__in=Subject.values, subject_id=int(term))
        matches = (Q(**{field: int(term)}) for field in ID_FIELDS)
        return queryset.filter(Q(of_any_subject, *matches, _connector=Q.OR)), False

    @admin.display(ordering="actor_id")
    def actor(self, record: AuditRecord) -> str:
        return _numbered(record.actor_kind, record.actor_id)

    @admin.display(ordering="subject_id")
    def on(self, record: AuditRecord) -> str:
        return _numbered(record.subject, record.subject_id)

    @admin.display
    def changes(self, record: AuditRecord) -> SafeString:
        """Show what was before and after, a line for each fact."""
        before, after = record.before or {}, record.after or {}
        lines = ((name, _change(name, before, after)) for name in sorted({**before, **after}))
        return format_html_join(mark_safe("<br>"), "{}: {}", lines)


def _numbered(kind: str, id: int | None) -> str:
    return f"{kind} #{id}" if id else kind


def _change(name: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    values = [
        Truncator(facts[name]).chars(LONGEST_VALUE) for facts in (before, after) if name in facts
    ]
    return " → ".join(dict.fromkeys(values))
