"""`If-Match`: a change is made only to a version that its author has seen (RFC 9110, 13.1.1)."""

import re

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from evently.api.exceptions import PreconditionRequired

ENTITY_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
TAGS = re.compile(rf"[ \t,]*{ENTITY_TAG}(?:[ \t]*,[ \t,]*{ENTITY_TAG})*[ \t,]*")
OURS = re.compile(r'(?<!W/)"([1-9][0-9]{0,9})"')

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    examples=[OpenApiExample("the version that was seen", '"7"'), OpenApiExample("any", "*")],
    description="The `ETag` of the version that is to be changed: 412 if it is another. "
    "Left out: 428 where the server runs with `EVENTLY_REQUIRE_IF_MATCH=1`.",
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    required=True,
    response=[200, 201],
    description="The version of the row, for `If-Match`. Available seats aren't part of it.",
)


def etag(version: int) -> str:
    """Return the strong entity tag of a row's version."""
    return f'"{version}"'


def expected_versions(request: Request) -> frozenset[int] | None:
    """Return the versions that `If-Match` names; None where any will do.

    A tag that is weak, or not one of ours, matches none.

    Raises: ValidationError, PreconditionRequired where the server insists on one.
    """
    sent = request.headers.get("If-Match")
    if sent is None:
        if settings.EVENTLY_REQUIRE_IF_MATCH:
            raise PreconditionRequired
        return None
    if sent.strip() == "*":
        return None
    if not TAGS.fullmatch(sent):
        raise ValidationError({"If-Match": "Must be * or a list of entity tags."})
    return frozenset(map(int, OURS.findall(sent)))
