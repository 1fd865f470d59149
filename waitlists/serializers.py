"""Entries of a line as JSON."""

from rest_framework import serializers

from evently.api.fields import IdField, MomentField
from events.serializers import EventSummarySerializer, SeatSummarySerializer

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
        help_text="From 1 among those waiting; null when a seat is offered.",
    )
    offered_seat = SeatSummarySerializer(allow_null=True)
    offer_expires_at = MomentField(
        allow_null=True, help_text="Until when the seat is kept; null while waiting."
    )
    created_at = MomentField()


class JoinSerializer(serializers.Serializer):
    event_id = IdField()
