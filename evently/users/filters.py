"""How the list of users is narrowed."""

import django_filters
from django.db.models import Q, QuerySet

from evently.api.filters import FilterSet
from evently.users.models import User


class UserFilter(FilterSet):
    search = django_filters.CharFilter(
        method="search_text", max_length=200, help_text="Part of the username or e-mail address."
    )
    role = django_filters.ChoiceFilter(
        choices=[("user", "user"), ("admin", "admin")],
        method="narrow_role",
        help_text="Default: both.",
    )

    class Meta:
        model = User
        fields: list[str] = []

    def search_text(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(username__icontains=value) | Q(email__icontains=value))

    def narrow_role(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(is_staff=value == "admin")
