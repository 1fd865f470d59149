"""Every error as `application/problem+json` (RFC 9457)."""

from http import HTTPStatus

import structlog
from django.db import IntegrityError, InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, JsonResponse
from django.views import defaults
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ErrorResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from evently import transactions
from evently.api.document import MEDIA_TYPE, problem
from evently.api.errors import DomainRefusal, Invalid, Missing, Refused, Stale
from evently.api.exceptions import (
    ChangedMeanwhile,
    DatabaseUnavailable,
    IdentityProviderUnavailable,
    OutcomeUnknown,
)
from evently.api.renderers import OrjsonRenderer
from evently.metrics import database_refusals

STATUS_BY_REFUSAL = {Missing: 404, Refused: 409, Stale: 412, Invalid: 400}
# PostgreSQL ended a transaction that idled or took too long, or is read-only after a failover.
# (Appendix A of its manual; psycopg has them, with real faults of ours, as InternalError.)
PASSING_SQLSTATES = {"25P03", "25P04", "25006"}

logger = structlog.get_logger("evently.problems")


class ProblemFormatter(ExceptionFormatter):
    def format_error_response(self, error_response: ErrorResponse) -> dict:
        if isinstance(self.exc, exceptions.ValidationError):
            body = problem(status=400, code="invalid", detail="The request has invalid values.")
            return body | {
                "errors": [
                    {"field": _field(error.attr), "code": error.code, "detail": error.detail}
                    for error in error_response.errors
                ]
            }
        [error] = error_response.errors
        body = problem(status=self.exc.status_code, code=error.code, detail=error.detail)
        return body | getattr(self.exc, "members", {})


def _field(attr: str | None) -> str | None:
    # What is wrong with a nested object as a whole is told of it, not of a member of that name.
    return attr and attr.removesuffix(f".{api_settings.NON_FIELD_ERRORS_KEY}")


class ProblemHandler(ExceptionHandler):
    def should_not_handle(self, exc: Exception) -> bool:
        return False

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        match exc:
            case DomainRefusal():
                return _as_api_exception(exc)
            case transactions.OutcomeUnknown():
                return OutcomeUnknown()
            case OperationalError() | InterfaceError():
                return DatabaseUnavailable()
            case InternalError() if getattr(exc.__cause__, "sqlstate", "") in PASSING_SQLSTATES:
                return DatabaseUnavailable()
            case IntegrityError():
                return ChangedMeanwhile()
        return super().convert_known_exceptions(exc)

    def report_exception(self, exc: exceptions.APIException, response: Response) -> None:
        if isinstance(exc, DatabaseUnavailable):
            # Foreseen, such as a lock that wasn't to be had in time: not the alarm of a 500.
            reason = type(self.exc.__cause__).__name__
            database_refusals.labels(reason).inc()
            logger.warning("database_unavailable", reason=reason)
        elif isinstance(exc, IdentityProviderUnavailable):
            logger.warning("identity_provider_unavailable")
        elif isinstance(exc, ChangedMeanwhile):
            # The constraint's name only: the message quotes the values.
            refusal = getattr(self.exc.__cause__, "diag", None)
            logger.warning("changed_meanwhile", constraint=getattr(refusal, "constraint_name", ""))
        else:
            super().report_exception(exc, response)

    def get_response(self, exc: exceptions.APIException, data: dict) -> Response:
        # The pages /docs and /redoc would render it as theirs.
        request = self.context["request"]
        request.accepted_renderer, request.accepted_media_type = OrjsonRenderer(), MEDIA_TYPE
        return Response(
            data, status=exc.status_code, headers=self.get_headers(exc), content_type=MEDIA_TYPE
        )


def _as_api_exception(refusal: DomainRefusal) -> exceptions.APIException:
    exception = exceptions.APIException(refusal.detail, code=refusal.code)
    exception.status_code = status_of(type(refusal))
    exception.members = refusal.members  # extension members (RFC 9457, section 3.2)
    return exception


def status_of(reason: type[DomainRefusal]) -> int:
    """Return the status that a service's reason for refusing becomes."""
    return next(status for kind, status in STATUS_BY_REFUSAL.items() if issubclass(reason, kind))


def problem_response(status: int, code: str, detail: str) -> JsonResponse:
    """Answer with a problem from outside of any API view."""
    body = problem(status=status, code=code, detail=detail)
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


def _handler(status: int, code: str, detail: str, page_for_staff):
    """Make one of Django's error handlers: a page under `/staff/`, a problem everywhere else."""

    def handle(request: HttpRequest, *args, **kwargs):
        if request.path.startswith("/staff/"):
            return page_for_staff(request, *args, **kwargs)
        return problem_response(status, code, detail)

    handle.__doc__ = f"Answer {status} {HTTPStatus(status).phrase}."
    return handle


bad_request = _handler(400, "bad_request", "The request can't be understood.", defaults.bad_request)
permission_denied = _handler(
    403, "permission_denied", "That isn't allowed.", defaults.permission_denied
)
not_found = _handler(404, "not_found", "There is nothing here.", defaults.page_not_found)
server_error = _handler(500, "error", "Something went wrong on our side.", defaults.server_error)
