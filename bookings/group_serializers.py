"""Holds and orders, of several seats at once, as JSON."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_serializer
from rest_framework import serializers
from rest_framework.serializers import ValidationError

from bookings.choosing import Wish
from bookings.examples import (
    HELD_EXAMPLE,
    HOLD_EXAMPLE,
    NAMED_EXAMPLE,
    ORDER_EXAMPLE,
    QUANTITY_EXAMPLE,
)
from bookings.serializers import BookingSerializer
from evently.api.fields import (
    IdField,
    MomentField,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
)
from evently.api.serializers import LeanSerializer
from events.models import MAX_TOGETHER, Hold
from events.serializers import EventSummarySerializer, SeatSummarySerializer
from waitlists.models import Adjacent

WAYS = ("seat_ids", "seat_numbers", "quantity")
ORDER_STATUSES = ["active", "partly_cancelled", "cancelled"]


@extend_schema_serializer(examples=[NAMED_EXAMPLE, QUANTITY_EXAMPLE])
class HoldRequestSerializer(LeanSerializer):
    """Which seats of an event: exactly one of `seat_ids`, `seat_numbers` and `quantity`."""

    event_id = IdField()
    seat_ids = serializers.ListField(
        child=IdField(), min_length=1, max_length=MAX_TOGETHER, required=False
    )
    seat_numbers = serializers.ListField(
        child=StrictCharField(max_length=32),
        min_length=1,
        max_length=MAX_TOGETHER,
        required=False,
        help_text="The same, by their numbers, such as `Seat-7`.",
    )
    quantity = StrictIntegerField(
        min_value=1,
        max_value=MAX_TOGETHER,
        required=False,
        help_text="So many, the best there are.",
    )
    adjacent = serializers.ChoiceField(
        choices=Adjacent.choices,
        required=False,
        help_text="With `quantity`: whether they have to be one block of neighbours in a row. "
        "Default: `preferred`.",
    )
    accessible = StrictBooleanField(
        required=False, help_text="With `quantity`: as many accessible seats as can be."
    )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        ways = [name for name in WAYS if name in values]
        if len(ways) != 1:
            raise _invalid("quantity", "Tell one of seat_ids, seat_numbers and quantity.")
        [way] = ways
        named = values[way]
        if way != "quantity" and len(set(named)) < len(named):
            raise _invalid(way, "Each seat may be named once.")
        for name in ("adjacent", "accessible"):
            if name in values and way != "quantity":
                raise _invalid(name, "Only with quantity.")
        return values


@extend_schema_serializer(examples=[HELD_EXAMPLE, NAMED_EXAMPLE, QUANTITY_EXAMPLE])
class OrderRequestSerializer(HoldRequestSerializer):
    """The seats of a hold, by its id alone; or seats of an event, as for a hold."""

    hold_id = IdField(required=False, help_text="Instead of all else.")
    event_id = IdField(required=False, help_text="Required without `hold_id`.")

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if "hold_id" in values:
            if len(values) > 1:
                raise _invalid("hold_id", "Tell either a hold or seats.")
            return values
        if "event_id" not in values:
            raise ValidationError({"event_id": "This field is required."}, code="required")
        return super().validate(values)


def wish_of(values: dict[str, Any]) -> dict[str, Any]:
    """Return what was read of a request, as the services take it."""
    wish = {name: value for name, value in values.items() if name != "event_id"}
    return {"event_id": values["event_id"], "wish": Wish(**wish)}


class HeldSeatSerializer(SeatSummarySerializer):
    section = serializers.CharField(allow_blank=True, help_text="Empty in a hall without any.")
    row = serializers.CharField(allow_blank=True)
    number = serializers.IntegerField(allow_null=True, min_value=1)


@extend_schema_serializer(examples=[HOLD_EXAMPLE])
class HoldSerializer(serializers.Serializer):
    """Seats of one event that are kept for a user until a deadline."""

    id = IdField()
    user_id = IdField()
    event_id = IdField()
    event = EventSummarySerializer()
    status = serializers.ChoiceField(choices=Hold.Status.choices)
    seats = HeldSeatSerializer(many=True, help_text="By position; none when it has ended.")
    adjacent = serializers.BooleanField(help_text="Whether they are one block of neighbours.")
    created_at = MomentField()
    expires_at = MomentField()
    can_be_refreshed = serializers.BooleanField()
    ended_at = MomentField(allow_null=True)


@extend_schema_serializer(examples=[ORDER_EXAMPLE])
class OrderSerializer(serializers.Serializer):
    """Bookings that a user made at once."""

    id = IdField()
    reference = serializers.RegexField(
        r"^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$", help_text="What people read out."
    )
    user_id = IdField()
    event_id = IdField()
    event = EventSummarySerializer()
    status = serializers.ChoiceField(choices=ORDER_STATUSES)
    adjacent = serializers.BooleanField(
        help_text="Whether all its seats, cancelled since or not, are one block of neighbours."
    )
    bookings = BookingSerializer(many=True, allow_empty=False, help_text="By the seats' position.")
    created_at = MomentField()


class AcceptSerializer(LeanSerializer):
    """Which of the seats that are kept for an entry: all of an offer's, unless told otherwise."""

    seat_ids = serializers.ListField(
        child=IdField(), min_length=1, max_length=MAX_TOGETHER, required=False
    )
    quantity = StrictIntegerField(
        min_value=1, max_value=MAX_TOGETHER, required=False, help_text="The first so many."
    )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if len(values) > 1:
            raise _invalid("quantity", "Tell either seat_ids or quantity.")
        if len(set(values.get("seat_ids", []))) < len(values.get("seat_ids", [])):
            raise _invalid("seat_ids", "Each seat may be named once.")
        return values


BookedSerializer = PolymorphicProxySerializer(
    component_name="Booked",
    serializers=[BookingSerializer, OrderSerializer],
    resource_type_field_name=None,
)


def _invalid(field: str, detail: str) -> ValidationError:
    return ValidationError({field: detail}, code="invalid")
