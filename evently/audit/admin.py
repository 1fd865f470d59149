"""The record of changes on the staff site: to look at only."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from evently.api.identity import is_id
from evently.api.staff import LookOnlyAdmin
from evently.audit.actions import Subject
from evently.audit.actor import ActorKind
from evently.audit.history import numbered, shown_values
from evently.audit.models import AuditRecord

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
        if not is_id(term):
            return queryset.none(), False
        # The subject's index is entered by its kind.
        of_any_subject = Q(subject__in=Subject.values, subject_id=int(term))
        matches = (Q(**{field: int(term)}) for field in ID_FIELDS)
        return queryset.filter(Q(of_any_subject, *matches, _connector=Q.OR)), False

    @admin.display(ordering="actor_id", description=gettext_lazy("actor"))
    def actor(self, record: AuditRecord) -> str:
        return numbered(ActorKind(record.actor_kind), record.actor_id)

    @admin.display(ordering="subject_id", description=gettext_lazy("on"))
    def on(self, record: AuditRecord) -> str:
        return numbered(Subject(record.subject), record.subject_id)

    @admin.display(description=gettext_lazy("changes"))
    def changes(self, record: AuditRecord) -> SafeString:
        return shown_values(record)
