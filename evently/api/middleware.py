"""The request log: an id for every request, in every line and in the answer."""

import re
import uuid

import structlog
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

ACCEPTED_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")


class RequestLog(RequestMiddleware):
    """django-structlog's line per request, with a checked id and no personal data.

    An `X-Request-ID` of up to 128 harmless characters is accepted, any other replaced, and the
    answer carries it.
    """

    def prepare(self, request: HttpRequest) -> None:
        sent = request.headers.get("X-Request-ID", "")
        request.id = sent if ACCEPTED_ID.fullmatch(sent) else uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=request.id)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        response["X-Request-ID"] = request.id
        super().handle_response(request, response)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        # Without the query: a search may hold a name.
        return f"{request.method} {request.path}"
