"""The request log, with an id in every line and in the answer; the figures of requests."""

import re
import secrets
from collections.abc import Callable
from functools import lru_cache
from time import perf_counter

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

from evently import metrics

logger = structlog.get_logger("django_structlog.middlewares.request")

ACCEPTED_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class RequestLog(RequestMiddleware):
    """django-structlog's line per request, with a checked id and no personal data.

    An `X-Request-ID` of up to 128 harmless characters is accepted, any other replaced, and the
    answer carries it.
    """

    def prepare(self, request: HttpRequest) -> None:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        request.id = sent if ACCEPTED_ID.fullmatch(sent) else secrets.token_hex(16)
        structlog.contextvars.bind_contextvars(request_id=request.id)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        response["X-Request-ID"] = request.id
        if response.streaming or hasattr(request, "_raised_exception"):
            super().handle_response(request, response)
            return
        # As the library does, but for its signals, which nobody hears.
        level = self._log_level_for_status_code(response.status_code)
        what = {"code": response.status_code, "request": self.format_request(request)}
        logger.log(level, "request_finished", **what)
        structlog.contextvars.clear_contextvars()

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        # Without the query: a search may hold a name.
        return f"{request.method} {request.path}"


class RequestMetrics:
    """Counts and times every request by method, route and status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = perf_counter()
        response = self.get_response(request)
        figure = metrics.requests.labels(
            method_of(request), route_of(request), response.status_code
        )
        figure.observe(perf_counter() - begun)
        return response


def method_of(request: HttpRequest) -> str:
    """Return the method, or one word for all that a client may make up."""
    return request.method if request.method in METHODS else "other"


def route_of(request: HttpRequest) -> str:
    """Return the path's pattern, as `/events/{id}`: never the path, which has ids in it.

    One stands for all of the staff site, one for all static files, one for whatever is unknown.
    """
    if request.resolver_match is not None:
        return _readable(request.resolver_match.route)
    return "/static/" if request.path_info.startswith(settings.STATIC_URL) else "unknown"


@lru_cache
def _readable(route: str) -> str:
    readable = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
    return "/staff/" if readable.startswith("staff/") else f"/{readable}"
