"""JSON as DRF writes it, by orjson."""

import json
from typing import Any

import orjson
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

# Line ends to JavaScript, which once couldn't have them in a string.
ESCAPED = {b"\xe2\x80\xa8": rb"\u2028", b"\xe2\x80\xa9": rb"\u2029"}

_encoder = JSONEncoder()


class OrjsonRenderer(JSONRenderer):
    """Compact UTF-8; the bytes are those of DRF's own renderer."""

    def render(self, data: Any, *context: Any) -> bytes:
        if data is None:
            return b""
        text = _encode(data)
        for character, escape in ESCAPED.items():
            text = text.replace(character, escape)
        return text


def _encode(data: Any) -> bytes:
    try:
        return orjson.dumps(data, _encoder.default, orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError:  # a number beyond 64 bits, half a character, a key that is no text
        return _encode_anything(data)


def _encode_anything(data: Any) -> bytes:
    """Encode what orjson refuses; halves of characters, which UTF-8 hasn't, become `?`."""
    text = json.dumps(
        data, cls=JSONEncoder, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    return text.encode("utf-8", "replace")
