"""Bookings as JSON."""

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from bookings.examples import (
    ANY_SEAT_EXAMPLE,
    BOOKING_EXAMPLE,
    LISTED_BOOKING_EXAMPLE,
    THIS_SEAT_EXAMPLE,
    WAITLISTED_EXAMPLE,
)
from bookings.models import Booking
from evently.api.fields import IdField, MomentField, StrictCharField
from evently.api.serializers import LeanSerializer
from events.serializers import EventSummarySerializer, SeatSummarySerializer
from waitlists.serializers import WaitlistEntrySerializer


@extend_schema_serializer(examples=[BOOKING_EXAMPLE])
class BookingSerializer(LeanSerializer):
    """One user's claim on one seat."""

    id = IdField()
    user_id = IdField()
    event_id = IdField()
    seat_id = IdField()
    seat_number = serializers.CharField(source="seat.seat_number")
    order_id = IdField(allow_null=True, help_text="Of several seats booked at once.")
    status = serializers.ChoiceField(choices=Booking.Status.choices)
    is_offered_back = serializers.BooleanField(
        help_text="It is given back as soon as somebody in line takes it."
    )
    created_at = MomentField()
    cancelled_at = MomentField(allow_null=True)


@extend_schema_serializer(examples=[LISTED_BOOKING_EXAMPLE])
class ListedBookingSerializer(BookingSerializer):
    """A booking with its event and its seat."""

    event = EventSummarySerializer()
    seat = SeatSummarySerializer()


@extend_schema_serializer(examples=[ANY_SEAT_EXAMPLE, THIS_SEAT_EXAMPLE])
class BookingRequestSerializer(LeanSerializer):
    """Which event, for whom and, if it matters, which seat."""

    user_id = IdField(required=False, help_text="Default: the caller.")
    event_id = IdField()
    seat_id = IdField(required=False, help_text="This seat or none, instead of the next one.")
    seat_number = StrictCharField(
        max_length=32, required=False, help_text="The same, by its number, such as `Seat-7`."
    )


@extend_schema_serializer(examples=[WAITLISTED_EXAMPLE])
class WaitlistedSerializer(serializers.Serializer):
    """The answer when the event is full: a place in its line instead of a seat."""

    status = serializers.ChoiceField(choices=["waitlisted"])
    detail = serializers.CharField()
    waitlist_entry = WaitlistEntrySerializer()
