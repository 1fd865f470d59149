"""The OpenAPI description: what all calls have in common is told here, once, by convention.

Views add what is theirs alone: shapes with `extend_schema`, and with `refuses` the reasons that
the services they call may give.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework import exceptions

from evently.api.components import (
    CONDITIONS,
    HEADERS,
    ID,
    IDEMPOTENCY,
    MISSING_SCOPE,
    SECURITY_SCHEMES,
    ProblemSerializer,
    ValidationProblemSerializer,
)
from evently.api.document import MEDIA_TYPE
from evently.api.exceptions import (
    DatabaseUnavailable,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    IdentityProviderUnavailable,
    InsufficientScope,
    OutcomeUnknown,
    PayloadTooLarge,
    PreconditionFailed,
)
from evently.api.fields import StrictCharField
from evently.api.identity import (
    IsAdmin,
    IsIdentifiedOrOpen,
    IsUser,
    gateway_secrets,
    scope_for,
)
from evently.api.pagination import LinkedPagination
from evently.api.refusals import Answer, Reason, reasons_of
from evently.api.throttles import HEADERS as RATE_LIMIT_HEADERS
from evently.api.views import ConditionalEndpointSet

HEADERS_OF_ERRORS = {401: ["WWW-Authenticate"], 429: ["Retry-After"], 503: ["Retry-After"]}
# A text of white space alone is blank. Patterns are JavaScript's, whose `\s` and `\w` are narrower.
NOT_BLANK = r"[^\s\u001c-\u001f\u0085]"
LETTERS = r"\p{L}\p{N}_"
BEARER_SCHEME_BY_MODE = {"tokens": "Token", "jwt": "IdentityProvider"}


class ProblemSchema(AutoSchema):
    """Adds errors, headers, security and limits to what drf-spectacular finds out by itself."""

    def get_operation_id(self) -> str:
        """Join the path's words and the action, as in `users_me_bookings_list`."""
        words = [word.replace("-", "_") for word in self._tokenize_path()]
        action = getattr(self.view, "action", None)
        return "_".join(dict.fromkeys([*words, action] if action else words))

    def get_tags(self) -> list[str]:
        """Group by the thing: `/users/me/bookings` belongs to the bookings."""
        words = self._tokenize_path()
        is_of_caller = words[:2] == ["users", "me"] and len(words) > 2
        return [words[2] if is_of_caller else words[0]]

    def get_summary(self) -> str:
        """Take the docstring's first paragraph."""
        return super().get_description().partition("\n\n")[0].replace("\n", " ").rstrip(".")

    def get_description(self) -> str:
        """Take the docstring's other paragraphs."""
        return super().get_description().partition("\n\n")[2]

    def get_paginated_name(self, serializer_name: str) -> str:
        return f"{serializer_name}List"

    def get_auth(self) -> list[dict]:
        """Name the ways in which this server lets a caller say who they are."""
        if not self._knows_callers:
            return []
        for name, definition in SECURITY_SCHEMES.items():
            self._component(ResolvedComponent.SECURITY_SCHEMA, name, definition)
        return list(self._ways_in())

    def _ways_in(self) -> Iterator[dict[str, list[str]]]:
        if name := BEARER_SCHEME_BY_MODE.get(settings.EVENTLY_AUTH):
            yield {name: [scope_for(self.method, self.view.get_permissions())]}
        else:
            gate: dict[str, list[str]] = {"GatewaySecret": []} if gateway_secrets() else {}
            yield {"UserId": []} | gate
            if not self._needs(IsUser):
                yield {"UserRole": []} | gate
        if self._is_open:
            yield {}

    def get_override_parameters(self) -> list:
        if self.method == "POST":
            return IDEMPOTENCY
        return CONDITIONS if self._is_conditional else []

    def _get_parameters(self) -> list[dict]:
        parameters = super()._get_parameters()
        for parameter in parameters:
            if parameter["in"] == "query":
                # As from an empty field of a form: it counts as not given.
                parameter.setdefault("allowEmptyValue", True)
        return parameters

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict]:
        # Every variable in a path is an identifier.
        return [
            parameter | {"schema": ID} for parameter in super()._resolve_path_parameters(variables)
        ]

    def _get_request_for_media_type(
        self, serializer: Any, direction: Any = "request"
    ) -> tuple[dict | None, bool]:
        # A body is partial where the view says so; drf-spectacular takes every PATCH for partial.
        if serializer is None:
            return None, False
        component = self.resolve_serializer(serializer, direction)
        return component.ref, bool(component.schema.get("required"))

    def _insert_field_validators(self, field: Any, schema: dict) -> None:
        super()._insert_field_validators(field, schema)
        is_text = isinstance(field, StrictCharField) and "format" not in schema
        if is_text and not field.allow_blank:
            schema.setdefault("pattern", NOT_BLANK)
            schema["pattern"] = schema["pattern"].replace(r"\w", LETTERS)

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, dict]:
        answers = super()._get_response_bodies(direction)
        if self._is_conditional:
            answers["304"] = {"description": "The client has it already."}
        for status, answer in answers.items():
            answer["description"] = answer["description"] or HTTPStatus(int(status)).phrase
            headers = self._headers(self._headers_of_success(status))
            answer["headers"] = headers | answer.get("headers", {})
        return answers | dict(self._errors())

    def _headers_of_all(self) -> Iterator[str]:
        yield "X-Request-ID"
        if self._knows_callers:
            yield from RATE_LIMIT_HEADERS

    def _headers_of_success(self, status: str) -> Iterator[str]:
        yield from self._headers_of_all()
        if self._is_conditional:
            yield "ETag"
        if status != "304" and self._is_list_view():
            paginator = self._get_paginator()
            if isinstance(paginator, LinkedPagination):
                yield "Link"
                if paginator.has_total:
                    yield "X-Total-Count"

    def _errors(self) -> Iterator[tuple[str, dict]]:
        reasons: dict[int, dict[str, Answer]] = defaultdict(dict)
        for reason in (*self._usual_reasons(), *reasons_of(self._method)):
            answer = Answer.to(reason)
            reasons[answer.status].setdefault(answer.code, answer)
        for status, by_code in sorted(reasons.items()):
            yield str(status), self._error(status, list(by_code.values()))

    def _usual_reasons(self) -> Iterator[Reason]:
        if self._knows_callers:
            yield exceptions.AuthenticationFailed
            yield exceptions.Throttled
            yield DatabaseUnavailable
            if self.method != "GET":
                yield OutcomeUnknown
            if not self._is_open:
                yield exceptions.NotAuthenticated
            # Any call may carry a false claim of the admin role; a token claims nothing.
            if settings.EVENTLY_AUTH == "headers" or self._needs(IsAdmin):
                yield exceptions.PermissionDenied
            if settings.EVENTLY_AUTH != "headers":
                yield InsufficientScope
            if settings.EVENTLY_AUTH == "jwt":
                yield IdentityProviderUnavailable
        places = {parameter["in"] for parameter in self._get_parameters()}
        if places & {"path", "query"}:
            yield exceptions.ValidationError
        if "path" in places:
            yield exceptions.NotFound
        if self._is_conditional:
            yield PreconditionFailed
        if self.method == "POST":
            yield exceptions.ValidationError
            yield IdempotencyKeyInUse
            yield IdempotencyKeyReused
        if self._get_request_body():
            yield exceptions.ValidationError
            yield exceptions.ParseError
            yield PayloadTooLarge
            yield exceptions.UnsupportedMediaType

    def _error(self, status: int, answers: list[Answer]) -> dict:
        """Refer to the response that has these codes, named after them."""
        answers = sorted(answers, key=lambda answer: answer.code)
        name = "Or".join(answer.code.title().replace("_", "") for answer in answers)
        names = [*self._headers_of_all(), *HEADERS_OF_ERRORS.get(status, [])]
        headers = self._headers(names)
        if any(answer.code == InsufficientScope.default_code for answer in answers):
            kind = ResolvedComponent.HEADER
            headers["WWW-Authenticate"] = self._component(kind, "MissingScope", MISSING_SCOPE)
        content = {
            "schema": self._error_schema(status, answers),
            "examples": {answer.code: answer.example for answer in answers},
        }
        definition = {
            "headers": headers,
            "content": {MEDIA_TYPE: content},
            "description": f"{HTTPStatus(status).phrase}: "
            + ", ".join(f"`{answer.code}`" for answer in answers),
        }
        return self._component(ResolvedComponent.RESPONSE, name, definition)

    def _error_schema(self, status: int, answers: list[Answer]) -> dict:
        validation = self.resolve_serializer(ValidationProblemSerializer, "response").ref
        codes = [answer.code for answer in answers if answer.code != "invalid"]
        if not codes:
            return validation
        narrowed = {"properties": {"status": {"const": status}, "code": {"enum": codes}}}
        problem = self.resolve_serializer(ProblemSerializer, "response").ref
        plain = {"allOf": [problem, narrowed]}
        return plain if len(codes) == len(answers) else {"oneOf": [validation, plain]}

    def _headers(self, names: Any) -> dict[str, dict]:
        return {
            name: self._component(ResolvedComponent.HEADER, name, HEADERS[name]) for name in names
        }

    def _component(self, kind: str, name: str, definition: dict) -> dict:
        """Add a part to the description unless it is there, and refer to it."""
        component = ResolvedComponent(name, kind, definition, object=name)
        self.registry.register_on_missing(component)
        return component.ref

    @property
    def _method(self) -> Callable:
        return getattr(self.view, getattr(self.view, "action", None) or self.method.lower())

    @property
    def _knows_callers(self) -> bool:
        return bool(self.view.get_authenticators())

    def _needs(self, permission: type) -> bool:
        return any(isinstance(needed, permission) for needed in self.view.get_permissions())

    @property
    def _is_open(self) -> bool:
        """Tell whether the call may be made by nobody."""
        permissions = self.view.get_permissions()
        return all(isinstance(p, IsIdentifiedOrOpen) and p.is_open for p in permissions)

    @property
    def _is_conditional(self) -> bool:
        return isinstance(self.view, ConditionalEndpointSet) and self.method == "GET"


class FilterLimits(DjangoFilterExtension):
    """Tells the limits of a filter, which drf-spectacular leaves out."""

    priority = 1

    def resolve_filter_field(self, *args: Any) -> list[dict]:
        told = args[-1].extra
        limits = {"maxLength": told["max_length"]} if "max_length" in told else {}
        if "choices" in told:
            limits["type"] = "string"

        parameters = super().resolve_filter_field(*args)
        for parameter in parameters:
            parameter["schema"] |= limits
            parameter["description"] = parameter.get("description", "").strip()
        return parameters
