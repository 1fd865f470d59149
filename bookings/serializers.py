"""Bookings as JSON."""

from rest_framework import serializers

from bookings.models import Booking
from evently.api.fields import IdField, MomentField, StrictCharField
from events.serializers import EventSummarySerializer, SeatSummarySerializer
from waitlists.serializers import WaitlistEntrySerializer


class BookingSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    event_id = serializers.IntegerField()
    seat_id = serializers.IntegerField()
    seat_number = serializers.CharField(source="seat.seat_number")
    status = serializers.ChoiceField(choices=Booking.Status.choices)
    created_at = MomentField()
    cancelled_at = MomentField(allow_null=True)


class ListedBookingSerializer(BookingSerializer):
    event = EventSummarySerializer()
    seat = SeatSummarySerializer()


class BookingRequestSerializer(serializers.Serializer):
    """Which event, for whom and, if it matters, which seat."""

    user_id = IdField(required=False, help_text="May be left out when the caller is identified.")
    event_id = IdField()
    seat_id = IdField(required=False)
    seat_number = StrictCharField(max_length=32, required=False)


class WaitlistedSerializer(serializers.Serializer):
    status = serializers.ChoiceField(choices=["waitlisted"])
    detail = serializers.CharField()
    waitlist_entry = WaitlistEntrySerializer()
