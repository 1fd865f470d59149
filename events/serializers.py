"""Events and seats as JSON."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from evently.api.fields import (
    IdField,
    MomentField,
    StrictCharField,
    StrictIntegerField,
    TimeZoneField,
    place,
)
from events.examples import EVENT_EXAMPLE, NEW_EVENT_EXAMPLE
from events.models import MAX_SEATS, Event, Seat

MOMENTS = ["start_time", "end_time", "sales_start", "sales_end", "cancel_until"]


class EventTimeField(MomentField):
    """A time of an event, shown with the offset of the event's own time zone."""

    def get_attribute(self, instance: Event) -> datetime | None:
        moment = super().get_attribute(instance)
        return moment and moment.astimezone(ZoneInfo(instance.timezone))


class EventSummarySerializer(serializers.Serializer):
    """The event, as far as a booking or an entry shows it."""

    id = IdField()
    name = serializers.CharField()
    venue = serializers.CharField()
    start_time = EventTimeField()
    end_time = EventTimeField()


class SeatSummarySerializer(serializers.Serializer):
    id = IdField()
    seat_number = serializers.CharField()


class SeatSerializer(SeatSummarySerializer):
    status = serializers.ChoiceField(choices=Seat.Status.choices)


@extend_schema_serializer(examples=[EVENT_EXAMPLE])
class EventSerializer(EventSummarySerializer):
    """What people attend, with its seats in numbers."""

    description = serializers.CharField(allow_blank=True)
    timezone = serializers.CharField(help_text="A name from the IANA time zone database.")
    status = serializers.ChoiceField(choices=Event.Status.choices)
    total_seats = serializers.IntegerField(min_value=0, max_value=MAX_SEATS)
    available_seats = serializers.IntegerField(min_value=0, max_value=MAX_SEATS)
    max_per_user = serializers.IntegerField(
        min_value=1,
        max_value=MAX_SEATS,
        allow_null=True,
        help_text="How many seats one user may have booked at a time; null: no limit.",
    )
    sales_start = EventTimeField(
        allow_null=True, help_text="Nothing is sold before; null: sold once it is published."
    )
    sales_end = EventTimeField(
        allow_null=True,
        help_text="Nothing is sold from then on, but open offers can be accepted; null: no end.",
    )
    cancel_until = EventTimeField(
        allow_null=True,
        help_text="From then on only staff cancel bookings; null: their owners always can.",
    )
    seats = SeatSummarySerializer(
        many=True,
        required=False,
        source="first_available_seats",
        help_text="With `?include=seats`: available seats by position, the first 500.",
    )


class EventInputSerializer(serializers.Serializer):
    """What staff may say of an event."""

    name = StrictCharField(max_length=200)
    venue = StrictCharField(max_length=200)
    start_time = MomentField(
        help_text="From 1900 to 2999; without an offset it is read in `timezone`."
    )
    end_time = MomentField(help_text="After `start_time`.")
    total_seats = StrictIntegerField(min_value=0, max_value=MAX_SEATS)
    description = StrictCharField(max_length=10_000, required=False, allow_blank=True)
    timezone = TimeZoneField(
        required=False, help_text="A name such as `Europe/Berlin`. Default: the server's."
    )
    status = serializers.ChoiceField(choices=Event.Status.choices, required=False)
    max_per_user = StrictIntegerField(
        min_value=1,
        max_value=MAX_SEATS,
        required=False,
        allow_null=True,
        help_text="How many seats one user may have booked at a time; null: no limit.",
    )
    sales_start = MomentField(
        required=False,
        allow_null=True,
        help_text="Nothing is sold before; null: sold once it is published.",
    )
    sales_end = MomentField(
        required=False,
        allow_null=True,
        help_text="Nothing is sold from then on. After `sales_start`; null: no end.",
    )
    cancel_until = MomentField(
        required=False,
        allow_null=True,
        help_text="From then on only staff cancel bookings; null: their owners always can.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        zone = attrs.get("timezone") or getattr(self.instance, "timezone", settings.TIME_ZONE)
        for name in set(MOMENTS) & attrs.keys():
            attrs[name] = attrs[name] and place(attrs[name], zone)
        self._refuse_empty_span(attrs, "start_time", "end_time")
        self._refuse_empty_span(attrs, "sales_start", "sales_end")
        return attrs

    def _refuse_empty_span(self, attrs: dict[str, Any], first: str, last: str) -> None:
        start, end = (attrs.get(name, getattr(self.instance, name, None)) for name in (first, last))
        if start and end and end <= start:
            raise serializers.ValidationError(
                {last: f"Must be after {first}."}, code="not_after_start"
            )


@extend_schema_serializer(examples=[NEW_EVENT_EXAMPLE])
class NewEventSerializer(EventInputSerializer):
    """What staff say of an event to come: for sale at once, or a draft."""

    status = serializers.ChoiceField(
        choices=[Event.Status.DRAFT.value, Event.Status.PUBLISHED.value], required=False
    )


class EventReplacementSerializer(EventInputSerializer):
    """As for a new event; `total_seats` may be left out, since it can't change."""

    total_seats = StrictIntegerField(min_value=0, max_value=MAX_SEATS, required=False)
