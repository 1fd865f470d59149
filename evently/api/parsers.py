"""The one body format that the API takes: UTF-8 JSON of a modest size and depth (RFC 8259)."""

import json
from typing import Any

from django.http import UnreadablePostError
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.utils.mediatypes import _MediaType

from evently.api.exceptions import PayloadTooLarge

MAX_DEPTH = 32


class StrictJSONParser(BaseParser):
    """Refuse what others let through: odd charsets, duplicate keys, NaN, deep nesting."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        charset = _MediaType(media_type or "").params.get("charset", "utf-8")
        if charset.lower() not in ("utf-8", "utf8"):
            raise UnsupportedMediaType(media_type, detail="JSON is sent as UTF-8.")
        limit = parser_context["view"].max_body_bytes
        length = int(parser_context["request"].META["CONTENT_LENGTH"])  # Django has understood it
        if length > limit:
            raise PayloadTooLarge(f"A body has at most {limit} bytes.")
        return _parse(_read(stream, length))


def _read(stream: Any, length: int) -> bytes:
    """Return the whole body: the part of one that breaks off may be valid JSON as well."""
    try:
        body = stream.read(length)
    except UnreadablePostError:  # stalled, or reset
        body = b""
    if len(body) < length:
        raise ParseError("The body ends before its length.")
    return body


def _parse(body: bytes) -> Any:
    try:
        value = _DECODER.decode(body.decode("utf-8"))
    # RecursionError: nested a thousand deep; ValueError: malformed, not UTF-8, an endless number.
    except (ValueError, RecursionError) as error:
        raise ParseError("The body isn't valid JSON.") from error
    if _depth_exceeds(value, MAX_DEPTH):
        raise ParseError(f"JSON may be nested at most {MAX_DEPTH} deep.")
    return value


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate key")
    return members


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} isn't JSON")


def _depth_exceeds(value: Any, limit: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return limit == 0 or any(_depth_exceeds(item, limit - 1) for item in inner)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_without_duplicates, parse_constant=_refuse_constant
)
