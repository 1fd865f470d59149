"""How the record is narrowed."""

import django_filters
from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError

from evently.api.filters import FilterSet, IdFilter, MomentFilter
from evently.audit.actions import Action, Subject
from evently.audit.models import AuditRecord


class AuditFilter(FilterSet):
    event_id = IdFilter(help_text="What belongs to this event.")
    user_id = IdFilter(help_text="What concerns this user.")
    actor_id = IdFilter(help_text="What this user did.")
    action = django_filters.ChoiceFilter(choices=Action.choices, help_text="Default: any.")
    subject = django_filters.ChoiceFilter(
        choices=Subject.choices, help_text="Changes to rows of this kind. Default: any."
    )
    subject_id = IdFilter(help_text="Changes to the row with this id; say its `subject` too.")
    since = MomentFilter(
        field_name="at",
        lookup_expr="gte",
        help_text="This time or later, from 1900 to 2999; without an offset in the server's zone.",
    )
    until = MomentFilter(field_name="at", lookup_expr="lt", help_text="Earlier than this time.")

    class Meta:
        model = AuditRecord
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        since, until = (self.form.cleaned_data.get(name) for name in ("since", "until"))
        if since and until and since > until:
            raise ValidationError({"until": "Must not be before since."})
        return super().filter_queryset(queryset)
