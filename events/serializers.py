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


class EventTimeField(MomentField):
    """A time of an event, shown with the offset of the event's own time zone."""

    def get_attribute(self, instance: Event) -> datetime:
        return super().get_attribute(instance).astimezone(ZoneInfo(instance.timezone))


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

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        zone = attrs.get("timezone") or getattr(self.instance, "timezone", settings.TIME_ZONE)
        for name in {"start_time", "end_time"} & attrs.keys():
            attrs[name] = place(attrs[name], zone)
        start, end = (
            attrs.get(name) or getattr(self.instance, name) for name in ("start_time", "end_time")
        )
        if end <= start:
            raise serializers.ValidationError(
                {"end_time": "Must be after start_time."}, code="not_after_start"
            )
        return attrs


@extend_schema_serializer(examples=[NEW_EVENT_EXAMPLE])
class NewEventSerializer(EventInputSerializer):
    """What staff say of an event to come: for sale at once, or a draft."""

    status = serializers.ChoiceField(
        choices=[Event.Status.DRAFT.value, Event.Status.PUBLISHED.value], required=False
    )


class EventReplacementSerializer(EventInputSerializer):
    """As for a new event; `total_seats` may be left out, since it can't change."""

    total_seats = StrictIntegerField(min_value=0, max_value=MAX_SEATS, required=False)
