"""One format in, one format out."""

from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request


class OneFormat(BaseContentNegotiation):
    """Answer in JSON whatever `Accept` says, as RFC 9110 (12.5.1) allows."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        if not request.content_type:
            return parsers[0]
        sent = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type
