"""Who acts in a request: nobody at first, and nobody of one request in the next."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from evently.audit.actor import act_as, nobody_yet


class Acting:
    """Names who acts on the staff site. The API's views name their callers themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with nobody_yet():
            return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> None:
        match = request.resolver_match
        if match and match.app_name == "admin" and request.user.is_authenticated:
            act_as(request.user.pk, is_admin=request.user.is_staff)
