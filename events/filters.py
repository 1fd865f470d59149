"""How lists of events and seats are narrowed."""

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError

from evently.api.filters import FilterSet, MomentFilter, yes_no
from events.models import Event, Seat
from events.queries import INCLUDED_SEATS
from events.seat_versions import PATTERN, Version


class SinceFormField(forms.Field):
    def to_python(self, value: str | None) -> Version | None:
        version = Version.read(value or "")
        if value and version is None:
            raise forms.ValidationError("Must be a Seat-Map-Version.", code="invalid")
        return version


@extend_schema_field({"type": "string", "pattern": f"^{PATTERN}$"})
class SinceFilter(django_filters.Filter):
    field_class = SinceFormField


class EventFilter(FilterSet):
    search = django_filters.CharFilter(
        method="search_text", max_length=200, help_text="Part of the name or the venue."
    )
    venue = django_filters.CharFilter(
        lookup_expr="iexact", max_length=200, help_text="The whole name of the venue, in any case."
    )
    starts_after = MomentFilter(
        field_name="start_time",
        lookup_expr="gte",
        help_text="This time or later, from 1900 to 2999; without an offset in the server's zone.",
    )
    starts_before = MomentFilter(
        field_name="start_time", lookup_expr="lt", help_text="Earlier than this time."
    )
    available = yes_no(method="narrow_available", help_text="Events that have available seats.")
    upcoming = yes_no(
        method="narrow_upcoming",
        help_text="Leave out what has ended, and put the soonest first.",
    )
    include = django_filters.ChoiceFilter(
        choices=[("seats", "seats")],
        method="include_seats",
        help_text=f"`seats` adds the first {INCLUDED_SEATS} available seats of each event.",
    )
    ordering = django_filters.ChoiceFilter(
        method="order",
        choices=[
            (sign + field, sign + field)
            for field in ("start_time", "end_time", "name", "id")
            for sign in ("", "-")
        ],
        help_text="Default: `-start_time`, or `start_time` with `upcoming`.",
    )

    class Meta:
        model = Event
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if all(self.form.cleaned_data.get(name) for name in ("starts_after", "starts_before")):
            self._refuse_empty_span()
        return super().filter_queryset(queryset)

    def search_text(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(name__icontains=value) | Q(venue__icontains=value))

    def narrow_available(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.having_available_seats(value)

    def narrow_upcoming(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.upcoming(Now()).order_by("start_time", "id") if value else queryset

    def include_seats(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset  # the view adds them to the rows of its page alone

    def order(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        sign = "-" if value.startswith("-") else ""
        return queryset.order_by(*dict.fromkeys([value, f"{sign}id"]))

    def _refuse_empty_span(self) -> None:
        if self.form.cleaned_data["starts_after"] > self.form.cleaned_data["starts_before"]:
            raise ValidationError({"starts_before": "Must not be before starts_after."})


class StaffEventFilter(EventFilter):
    status = django_filters.ChoiceFilter(
        choices=Event.Status.choices, help_text="Default: any, drafts included."
    )


class SeatFilter(FilterSet):
    status = django_filters.ChoiceFilter(
        choices=Seat.Status.choices, help_text="Default: all seats."
    )

    since = SinceFilter(
        method="narrow_since",
        help_text="A `Seat-Map-Version`: only seats whose status has changed since then.",
    )
    compact = yes_no(method="make_compact", help_text="The whole hall in one compact answer.")
    include = django_filters.ChoiceFilter(
        choices=[("shape", "shape")],
        method="include_shape",
        help_text="`shape` adds section, row, number, place and whether it is accessible.",
    )

    class Meta:
        model = Seat
        fields = ["status"]

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        asked = self.form.cleaned_data
        if asked.get("status") and (asked.get("since") or asked.get("compact")):
            raise ValidationError({"status": "Must not be told with since or compact."})
        return super().filter_queryset(queryset)

    def narrow_since(self, queryset: QuerySet, name: str, value: Version) -> QuerySet:
        return queryset  # the view knows the map's own version

    def make_compact(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset  # the view chooses the answer

    def include_shape(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset  # the view chooses the columns
