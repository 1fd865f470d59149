"""The figures as JSON, and how they may be asked for."""

from datetime import date
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from analytics.queries import DEFAULT_EVENTS
from evently.api.fields import MomentField

MAX_EVENTS = 1_000
MAX_DAYS = 3_660
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)


class AnalyticsQuerySerializer(serializers.Serializer):
    since = serializers.DateField(required=False, help_text="First day, YYYY-MM-DD.")
    until = serializers.DateField(required=False, help_text="Last day, inclusive.")
    events_limit = serializers.IntegerField(
        required=False,
        min_value=1,
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
    events = serializers.IntegerField()
    seats = serializers.IntegerField()
    bookings = serializers.IntegerField()
    active = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    waiting = serializers.IntegerField()


class DaySerializer(serializers.Serializer):
    date = serializers.DateField()
    booked = serializers.IntegerField(help_text="Made that day, cancelled since or not.")
    cancelled = serializers.IntegerField(help_text="Of the range's bookings, cancelled that day.")


class EventFiguresSerializer(serializers.Serializer):
    event_id = serializers.IntegerField()
    name = serializers.CharField()
    start_time = MomentField()
    total_seats = serializers.IntegerField()
    booked_seats = serializers.IntegerField()
    available_seats = serializers.IntegerField()
    waiting = serializers.IntegerField()
    cancelled = serializers.IntegerField()
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
