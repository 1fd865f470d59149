"""Serializer fields that take a JSON type for what it is: "1" is no integer, 1 is no string."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from evently.api.identity import MAX_ID

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2999, 12, 31, tzinfo=UTC)


class StrictIntegerField(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class IdField(StrictIntegerField):
    """An identifier: 1 to 2⁶³ − 1."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **kwargs)


class StrictCharField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class MomentField(serializers.DateTimeField):
    """An ISO 8601 time from 1900 to 2999. Without an offset it stays naive: `place` it."""

    default_error_messages = {"out_of_range": "The time must lie between 1900 and 2999."}

    def to_internal_value(self, value: Any) -> datetime:
        # Python's parser stops at a NUL without a word.
        if not isinstance(value, str) or "\0" in value:
            self.fail("invalid", format="YYYY-MM-DDThh:mm[:ss][+HH:MM]")
        return super().to_internal_value(value)

    def enforce_timezone(self, value: datetime) -> datetime:
        placed = value if timezone.is_aware(value) else value.replace(tzinfo=UTC)
        if not EARLIEST <= placed <= LATEST:
            self.fail("out_of_range")
        return value

    def to_representation(self, value: datetime | None) -> str | None:
        return value.isoformat() if value else None


# Looked up once: each time, all files of the database would be listed.
TIME_ZONES = sorted(available_timezones())


@extend_schema_field({"type": "string", "format": "iana-time-zone"})
class TimeZoneField(serializers.ChoiceField):
    """A name from the IANA time zone database, such as `Europe/Berlin`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=TIME_ZONES, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


def place(moment: datetime, zone: str) -> datetime:
    """Read a time without an offset in the named zone; leave one with an offset alone."""
    if timezone.is_aware(moment):
        return moment
    # In UTC, since Python compares two times of one zone by their clock faces.
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
