"""What the API's serializers share."""

from functools import cache
from typing import Any

from rest_framework.serializers import Serializer
from rest_framework.utils.serializer_helpers import BindingDict


class LeanSerializer(Serializer):
    """A serializer whose fields keep nothing of a request, so that they are made once for all.

    DRF copies the fields of a class for every instance, which costs more than to read or to show a
    booking by them. Not for a serializer that is used with `partial`, or whose fields ask their
    context for something.
    """

    @property
    def fields(self) -> BindingDict:
        return _fields_of(type(self))


@cache
def _fields_of(serializer_class: type[LeanSerializer]) -> Any:
    return super(LeanSerializer, serializer_class()).fields
