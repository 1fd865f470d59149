"""How lists of notifications are narrowed."""

from django.db.models import QuerySet

from evently.api.filters import FilterSet, yes_no
from notifications.models import Notification


class NotificationFilter(FilterSet):
    unread = yes_no(method="narrow_unread", help_text="Those not read yet, or those read.")

    class Meta:
        model = Notification
        fields: list[str] = []

    def narrow_unread(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(is_read=not value)
