"""Notifications as JSON."""

from rest_framework import serializers

from evently.api.fields import MomentField, StrictBooleanField
from notifications.models import Notification


class NotificationSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Notification.Kind.choices)
    message = serializers.CharField()
    is_read = serializers.BooleanField()
    created_at = MomentField()
    event_id = serializers.IntegerField(allow_null=True)
    booking_id = serializers.IntegerField(allow_null=True)


class MarkSerializer(serializers.Serializer):
    is_read = StrictBooleanField()
