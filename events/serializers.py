"""Events and seats as JSON."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import RegexValidator
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
from events.examples import (
    COMPACT_CHANGES_EXAMPLE,
    COMPACT_MAP_EXAMPLE,
    EVENT_EXAMPLE,
    NEW_EVENT_EXAMPLE,
    NEW_HALL_EXAMPLE,
)
from events.layout import size_of
from events.models import MAX_SEATS, MAX_SEATS_PER_ROW, MOMENTS, Event, Seat

NO_HYPHEN = RegexValidator(
    "^[^-]*$", "The name must be without a hyphen, which joins the parts of a seat's name."
)


class SeatNumbersField(serializers.ListField):
    """Numbers of seats of one row."""

    def __init__(self, **kwargs: Any) -> None:
        number = StrictIntegerField(min_value=1, max_value=MAX_SEATS_PER_ROW)
        super().__init__(child=number, required=False, max_length=MAX_SEATS_PER_ROW, **kwargs)


def refuse_twice(named: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows or sections, unless two of them have one name."""
    names = [part["name"] for part in named]
    if len(set(names)) < len(names):
        raise serializers.ValidationError("Two have the same name.", code="unique")
    return named


class EventTimeField(MomentField):
    """A time of an event, shown with the offset of the event's own time zone."""

    def get_attribute(self, instance: Event) -> datetime | None:
        moment = super().get_attribute(instance)
        return moment and moment.astimezone(ZoneInfo(instance.timezone))


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
    section = serializers.CharField(
        required=False, allow_blank=True, help_text="With `?include=shape`, as what follows."
    )
    row = serializers.CharField(required=False, allow_blank=True)
    number = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    place = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        help_text="Where in its row; seats one place apart are neighbours.",
    )
    is_accessible = serializers.BooleanField(required=False)


class CompactRowSerializer(serializers.Serializer):
    """A row: seat n of it has number n, unless its seat numbers are listed."""

    name = serializers.CharField(
        allow_blank=True,
        help_text="Seats are named by section, row and number, joined by hyphens, without what is "
        "empty: `Stalls-A-1`, `A-1`; in a hall without a shape `Seat-1`.",
    )
    first_id = IdField(required=False, help_text="The first seat's id; the others follow it.")
    ids = serializers.ListField(
        child=IdField(), required=False, help_text="All ids, where they aren't consecutive."
    )
    seats = serializers.RegexField(
        "^[ahbx]+$",
        help_text="A letter for each seat: `a` available, `h` held, `b` booked, `x` blocked.",
    )
    seat_numbers = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Where they are other ones."
    )
    gaps_after = serializers.ListField(
        child=serializers.IntegerField(min_value=0),
        required=False,
        help_text="Seats behind which there is a place without a seat, where there are such.",
    )
    accessible = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        help_text="Seats for people who come in a wheelchair, where there are such.",
    )


class CompactSectionSerializer(serializers.Serializer):
    """A section of a hall; a hall without a shape is one without a name, of one such row."""

    name = serializers.CharField(allow_blank=True)
    rows = CompactRowSerializer(many=True)


@extend_schema_serializer(examples=[COMPACT_MAP_EXAMPLE, COMPACT_CHANGES_EXAMPLE])
class CompactSeatMapSerializer(serializers.Serializer):
    """With `compact=true`: the whole hall, or, `since` a version, what has changed."""

    version = serializers.CharField(help_text="For `since`; another only if a seat has changed.")
    total_seats = serializers.IntegerField(min_value=0, max_value=MAX_SEATS)
    sections = CompactSectionSerializer(
        many=True, required=False, help_text="The whole hall, in the order of its seats."
    )
    changed = serializers.DictField(
        child=serializers.ListField(child=serializers.IntegerField(min_value=1)),
        required=False,
        help_text="By the letter of their status, where seats are that have changed: 1 is the "
        "whole hall's first seat, as its sections and rows follow each other.",
    )


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
    sales_start = EventTimeField(
        allow_null=True, help_text="Nothing is sold before; null: sold once it is published."
    )
    sales_end = EventTimeField(
        allow_null=True,
        help_text="Nothing is sold from then on, but open offers can be accepted; null: no end.",
    )
    cancel_until = EventTimeField(
        allow_null=True,
        help_text="From then on only staff cancel bookings; null: their owners always can.",
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
    sales_start = MomentField(
        required=False,
        allow_null=True,
        help_text="Nothing is sold before; null: sold once it is published.",
    )
    sales_end = MomentField(
        required=False,
        allow_null=True,
        help_text="Nothing is sold from then on. After `sales_start`; null: no end.",
    )
    cancel_until = MomentField(
        required=False,
        allow_null=True,
        help_text="From then on only staff cancel bookings; null: their owners always can.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        zone = attrs.get("timezone") or getattr(self.instance, "timezone", settings.TIME_ZONE)
        for name in set(MOMENTS) & attrs.keys():
            attrs[name] = attrs[name] and place(attrs[name], zone)
        self._refuse_empty_span(attrs, "start_time", "end_time")
        self._refuse_empty_span(attrs, "sales_start", "sales_end")
        return attrs

    def _refuse_empty_span(self, attrs: dict[str, Any], first: str, last: str) -> None:
        start, end = (attrs.get(name, getattr(self.instance, name, None)) for name in (first, last))
        if start and end and end <= start:
            raise serializers.ValidationError(
                {last: f"Must be after {first}."}, code="not_after_start"
            )


class LayoutRowSerializer(serializers.Serializer):
    """A row of a hall, its seats numbered from 1."""

    name = StrictCharField(max_length=6, validators=[NO_HYPHEN])
    seats = StrictIntegerField(min_value=1, max_value=MAX_SEATS_PER_ROW)
    gaps_after = SeatNumbersField(
        help_text="Seats behind which an aisle comes: who sits on its two sides are no neighbours."
    )
    blocked = SeatNumbersField(help_text="Seats that are out of the sale from the beginning.")
    accessible = SeatNumbersField(help_text="Seats for people who come in a wheelchair.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("gaps_after", "blocked", "accessible"):
            numbers = attrs.setdefault(name, [])
            if any(number > attrs["seats"] for number in numbers):
                raise serializers.ValidationError(
                    {name: "The row has no such seat."}, code="max_value"
                )
        return attrs


class LayoutSectionSerializer(serializers.Serializer):
    """A part of a hall; the only one may be without a name."""

    name = StrictCharField(
        max_length=20, required=False, default="", allow_blank=True, validators=[NO_HYPHEN]
    )
    rows = LayoutRowSerializer(many=True, allow_empty=False)

    def validate_rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return refuse_twice(rows)


class LayoutSerializer(serializers.Serializer):
    """A hall: sections of rows of seats, 1 to 100,000 seats in all, named such as `Stalls-A-1`."""

    sections = LayoutSectionSerializer(many=True, allow_empty=False)

    def validate_sections(self, sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
        refuse_twice(sections)
        if size_of({"sections": sections}) > MAX_SEATS:
            raise serializers.ValidationError(
                f"A hall has at most {MAX_SEATS} seats.", code="max_value"
            )
        return sections


@extend_schema_serializer(examples=[NEW_EVENT_EXAMPLE, NEW_HALL_EXAMPLE])
class NewEventSerializer(EventInputSerializer):
    """What staff say of an event to come: for sale at once, or a draft."""

    total_seats = StrictIntegerField(
        min_value=0,
        max_value=MAX_SEATS,
        required=False,
        help_text="Seats named `Seat-1` to `Seat-N`; or tell a `layout`.",
    )
    layout = LayoutSerializer(required=False)

    status = serializers.ChoiceField(
        choices=[Event.Status.DRAFT.value, Event.Status.PUBLISHED.value], required=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("total_seats" in attrs) == ("layout" in attrs):
            both = "layout" in attrs
            detail = "Tell either total_seats or a layout." if both else "This field is required."
            code = "invalid" if both else "required"
            raise serializers.ValidationError({"total_seats": detail}, code=code)
        return super().validate(attrs)


class EventReplacementSerializer(EventInputSerializer):
    """As for a new event; `total_seats` may be left out, since it can't change."""

    total_seats = StrictIntegerField(min_value=0, max_value=MAX_SEATS, required=False)
