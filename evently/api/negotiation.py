"""One format in, one format out."""

from typing import Any

from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request


class OneFormat(BaseContentNegotiation):
    """Answer in JSON whatever `Accept` says, as RFC 9110 (12.5.1) allows."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        # None means 415. A body without a type gets it too: a browser sends one to any origin,
        # without asking first, and in open header mode a booking's body needs no header.
        if request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
            raise UnsupportedMediaType(request.content_type, "Bodies are sent without an encoding.")
        sent = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type
