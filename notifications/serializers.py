"""Notifications as JSON."""

from rest_framework import serializers

from evently.api.fields import IdField, MomentField, StrictBooleanField
from notifications.models import Notification


class NotificationSerializer(serializers.Serializer):
    id = IdField()
    user_id = IdField()
    kind = serializers.ChoiceField(choices=Notification.Kind.choices)
    message = serializers.CharField()
    is_read = serializers.BooleanField()
    created_at = MomentField()
    event_id = IdField(allow_null=True, help_text="It may be deleted since.")
    booking_id = IdField(allow_null=True)


class MarkSerializer(serializers.Serializer):
    is_read = StrictBooleanField()
