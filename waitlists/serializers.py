"""Entries of a line as JSON."""

from rest_framework import serializers

from evently.api.fields import IdField, MomentField, StrictIntegerField
from events.models import MAX_TOGETHER
from events.serializers import EventSummarySerializer, SeatSummarySerializer
from waitlists.models import Adjacent

SHOWN_STATUSES = ["waiting", "offered"]


class WaitlistEntrySerializer(serializers.Serializer):
    id = IdField()
    user_id = IdField()
    event_id = IdField()
    event = EventSummarySerializer()
    status = serializers.ChoiceField(choices=SHOWN_STATUSES)
    position = serializers.IntegerField(
        allow_null=True,
        min_value=1,
        help_text="From 1 among those waiting; null when seats are offered.",
    )
    party_size = serializers.IntegerField(
        min_value=1, max_value=MAX_TOGETHER, help_text="Seats that are still wanted."
    )
    adjacent = serializers.ChoiceField(
        choices=Adjacent.choices, help_text="Whether they are to be side by side."
    )
    seats_ahead = serializers.IntegerField(
        allow_null=True,
        min_value=0,
        help_text="How many seats those ahead want; null when seats are offered.",
    )
    likelihood = serializers.FloatField(
        allow_null=True,
        min_value=0,
        max_value=1,
        help_text="How likely it is that enough seats still come free, were active bookings "
        "cancelled at the event's own rate so far; null when seats are offered.",
    )
    offered_seat = SeatSummarySerializer(allow_null=True, help_text="Of several the first one.")
    offered_seats = SeatSummarySerializer(many=True)
    gathered_seats = SeatSummarySerializer(
        many=True, help_text="Kept for a party that waits, until there are enough."
    )
    offer_expires_at = MomentField(
        allow_null=True, help_text="Until when they are kept; null while waiting."
    )
    created_at = MomentField()


class JoinSerializer(serializers.Serializer):
    event_id = IdField()
    party_size = StrictIntegerField(
        min_value=1, max_value=MAX_TOGETHER, default=1, help_text="How many seats are wanted."
    )
    adjacent = serializers.ChoiceField(
        choices=Adjacent.choices,
        default=Adjacent.NO.value,
        help_text="Whether they have to be side by side, or better are; for a party of several.",
    )
