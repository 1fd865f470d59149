"""How lists of bookings are narrowed."""

import django_filters
from django.db.models import QuerySet

from bookings.models import Booking
from evently.api.filters import FilterSet, IdFilter

STATUSES = [*Booking.Status.choices, ("all", "all")]


class MyBookingFilter(FilterSet):
    status = django_filters.ChoiceFilter(
        method="narrow_status", choices=STATUSES, help_text="Default: `active`."
    )

    class Meta:
        model = Booking
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if not self.form.cleaned_data.get("status"):
            queryset = queryset.active()
        return super().filter_queryset(queryset)

    def narrow_status(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset if value == "all" else queryset.filter(status=value)


class StaffBookingFilter(FilterSet):
    status = django_filters.ChoiceFilter(choices=Booking.Status.choices, help_text="Default: both.")
    event_id = IdFilter(help_text="Bookings of this event.")
    user_id = IdFilter(help_text="Bookings of this user.")

    class Meta:
        model = Booking
        fields: list[str] = []
