"""The figures as JSON, and how they may be asked for."""

import re
from datetime import date
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from analytics.queries import DEFAULT_EVENTS, MAX_DAYS, MAX_EVENTS
from evently.api.fields import IdField, MomentField
from evently.api.identity import MAX_ID

EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)


class CountField(serializers.IntegerField):
    """A number in a query: ASCII digits and nothing else, as `?limit=` takes it."""

    def to_internal_value(self, data: str) -> int:
        if not re.fullmatch("[0-9]{1,19}", data):
            self.fail("invalid")
        return int(data)


class AnalyticsQuerySerializer(serializers.Serializer):
    since = serializers.DateField(
        required=False, help_text="First day, from 1900-01-01 to 2999-12-31."
    )
    until = serializers.DateField(required=False, help_text="Last day, inclusive.")
    events_limit = CountField(
        required=False,
        min_value=1,
        max_value=MAX_ID,
        default=DEFAULT_EVENTS,
        help_text="How many events to list, to 1,000; more is taken as 1,000.",
    )

    def validate_events_limit(self, value: int) -> int:
        return min(value, MAX_EVENTS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("since", "until"):
            if name in attrs and not EARLIEST <= attrs[name] <= LATEST:
                raise serializers.ValidationError({name: "Must lie between 1900 and 2999."})
        today = timezone.localdate()
        since, until = attrs.get("since"), attrs.get("until")
        if since and until and until < since:
            raise serializers.ValidationError({"until": "Must not be before since."})
        if since and ((until or today) - since).days > MAX_DAYS:
            raise serializers.ValidationError(
                {"since": f"The range may have at most {MAX_DAYS} days."}
            )
        return attrs


class TotalsSerializer(serializers.Serializer):
    events = serializers.IntegerField(min_value=0)
    seats = serializers.IntegerField(min_value=0)
    bookings = serializers.IntegerField(min_value=0)
    active = serializers.IntegerField(min_value=0)
    cancelled = serializers.IntegerField(min_value=0)
    waiting = serializers.IntegerField(min_value=0)


class DaySerializer(serializers.Serializer):
    date = serializers.DateField()
    booked = serializers.IntegerField(
        min_value=0, help_text="Made that day, cancelled since or not."
    )
    cancelled = serializers.IntegerField(
        min_value=0, help_text="Cancelled that day, whenever they were made."
    )


class EventFiguresSerializer(serializers.Serializer):
    event_id = IdField()
    name = serializers.CharField()
    start_time = MomentField()
    total_seats = serializers.IntegerField(min_value=0)
    booked_seats = serializers.IntegerField(min_value=0)
    available_seats = serializers.IntegerField(min_value=0)
    waiting = serializers.IntegerField(min_value=0)
    cancelled = serializers.IntegerField(min_value=0)
    utilization = serializers.FloatField(
        min_value=0, max_value=1, help_text="Booked seats / seats."
    )


class AnalyticsSerializer(serializers.Serializer):
    generated_at = MomentField()
    timezone = serializers.CharField(help_text="Days are days in this time zone, the server's.")
    since = serializers.DateField()
    until = serializers.DateField()
    totals = TotalsSerializer()
    cancellation_rate = serializers.FloatField(min_value=0, max_value=1)
    daily = DaySerializer(many=True)
    events = EventFiguresSerializer(many=True)
