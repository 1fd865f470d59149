"""What a service may refuse, without a word of HTTP: `problems` makes each kind an answer."""

from typing import Any, ClassVar


class DomainRefusal(Exception):
    """The base of every reason a service gives for not doing what was asked.

    `code` is stable and machine-readable, `detail` is for people. What is to be told beside them,
    by name, are its `members`; the class shows an `example` of those.
    """

    code: str
    detail: str
    example: ClassVar[dict[str, Any]] = {}

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        self.detail = detail or self.detail
        self.members = members
        super().__init__(self.detail)


class Missing(DomainRefusal):
    """The thing isn't there, or not for this caller."""


class Refused(DomainRefusal):
    """The state of things doesn't allow it now."""


class NotYet(Refused):
    """Time alone will allow it: the same call may go better a moment later."""


class Stale(DomainRefusal):
    """The thing is another version than the one that was to be changed."""


class Invalid(DomainRefusal):
    """What was asked can never be right."""
