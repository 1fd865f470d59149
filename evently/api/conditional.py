"""Answers that needn't be sent again (RFC 9110, section 13): Django's own, with our error."""

from django.http import HttpRequest, HttpResponse
from django.middleware.http import ConditionalGetMiddleware
from django.utils.decorators import decorator_from_middleware, method_decorator

from evently.api import throttles
from evently.api.exceptions import PreconditionFailed
from evently.api.problems import problem_response

VERSION_HEADER = "Seat-Map-Version"
# What Django takes from a 304, though it isn't the content's.
KEPT = [*throttles.HEADERS, VERSION_HEADER]


class Conditional(ConditionalGetMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        answer = super().process_response(request, response)
        if answer.status_code == PreconditionFailed.status_code:
            answer = problem_response(
                PreconditionFailed.status_code,
                PreconditionFailed.default_code,
                PreconditionFailed.default_detail,
            )
        for name in KEPT:
            if name in response:
                answer[name] = response[name]
        return answer


# For views: GET tells the `ETag` of its content, and answers 304 or 412 as the request asks.
conditional = method_decorator(decorator_from_middleware(Conditional), name="dispatch")
