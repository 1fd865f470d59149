"""Which errors an endpoint may answer: told beside it, for the OpenAPI description."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from rest_framework.exceptions import APIException

from evently.api.document import problem
from evently.api.errors import DomainRefusal
from evently.api.problems import status_of

Reason = type[DomainRefusal] | type[APIException]
Method = TypeVar("Method", bound=Callable)

# What the example of a validation failure has beside the members of every problem.
INVALID = {
    "detail": "The request has invalid values.",
    "errors": [{"field": "event_id", "code": "required", "detail": "This field is required."}],
}


def refuses(*reasons: Reason) -> Callable[[Method], Method]:
    """Tell which refusals an endpoint may answer beside those that all have."""

    def mark(method: Method) -> Method:
        method.reasons = reasons  # type: ignore[attr-defined]
        return method

    return mark


def reasons_of(method: Callable) -> tuple[Reason, ...]:
    return getattr(method, "reasons", ())


class Answer(NamedTuple):
    """What a reason becomes on the wire."""

    status: int
    code: str
    detail: str
    members: dict[str, Any] = {}

    @classmethod
    def to(cls, reason: Reason) -> "Answer":
        if issubclass(reason, DomainRefusal):
            return cls(status_of(reason), reason.code, reason.detail, reason.example)
        detail = str(reason.default_detail).format(media_type="text/plain")
        return cls(reason.status_code, reason.default_code, detail)

    @property
    def example(self) -> dict:
        value = problem(status=self.status, code=self.code, detail=self.detail)
        return {"value": value | (INVALID if self.code == "invalid" else self.members)}
