"""How lists of notifications are narrowed."""

import django_filters
from django.db.models import QuerySet

from evently.api.filters import yes_no
from notifications.models import Notification


class NotificationFilter(django_filters.FilterSet):
    unread = yes_no(method="narrow_unread", help_text="Those not read yet, or those read.")

    class Meta:
        model = Notification
        fields: list[str] = []

    def narrow_unread(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(is_read=not value)
