"""Filters that refuse what they don't understand."""

from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.http import QueryDict
from django_filters.fields import IsoDateTimeField
from drf_spectacular.utils import extend_schema_field

from evently.api.components import ID
from evently.api.fields import EARLIEST, LATEST
from evently.api.identity import MAX_ID, is_id


class FilterSet(django_filters.FilterSet):
    """django-filter's own copies every filter it has, and makes a form of them, for each request.

    This one does so for the filters that the request names. A `form` has no others, so look for
    values in its `cleaned_data` by `get`.
    """

    def __init__(self, data: QueryDict, *args: Any, **kwargs: Any) -> None:
        self.base_filters = {
            name: filter_ for name, filter_ in self.base_filters.items() if name in data
        }
        super().__init__(data, *args, **kwargs)


YES_NO = [("true", "true"), ("false", "false")]


def yes_no(**kwargs: Any) -> django_filters.TypedChoiceFilter:
    """Make a filter that takes `true` or `false` and refuses everything else."""
    return django_filters.TypedChoiceFilter(
        choices=YES_NO, coerce=lambda value: value == "true", **kwargs
    )


class IdFormField(forms.Field):
    """An identifier in its one spelling: Django's own field takes `1_0`, ` 1` and `1.0` too."""

    default_error_messages = {"invalid": f"Must be an integer from 1 to {MAX_ID}."}

    def to_python(self, value: str | None) -> int | None:
        if value in self.empty_values:
            return None
        if not is_id(value):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return int(value)


@extend_schema_field(ID)
class IdFilter(django_filters.Filter):
    """Rows that refer to this identifier."""

    field_class = IdFormField


class MomentFormField(IsoDateTimeField):
    def to_python(self, value: str | None) -> datetime | None:
        moment = super().to_python(value)
        if moment is not None and not EARLIEST <= moment <= LATEST:
            raise forms.ValidationError(
                "The time must lie between 1900 and 2999.", code="out_of_range"
            )
        return moment


class MomentFilter(django_filters.IsoDateTimeFilter):
    """An ISO 8601 time from 1900 to 2999; without an offset, in the server's time zone."""

    field_class = MomentFormField
