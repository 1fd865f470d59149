"""Who may call: the caller that a request has, and what endpoints ask of one."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from evently.api.exceptions import InsufficientScope
from evently.users.models import User

MAX_ID = 2**63 - 1
MAX_ID_DIGITS = 19


@dataclass(frozen=True)
class Caller:
    """Who a request comes from: a user, the bare admin role, or nobody.

    `scopes` are those of the token that speaks for them; None: nothing narrows what they may do.
    """

    user: User | None = None
    is_admin: bool = False
    scopes: frozenset[str] | None = None

    @property
    def is_nobody(self) -> bool:
        return self.user is None and not self.is_admin


NOBODY = Caller()


class IsUser(BasePermission):
    """The call is about the caller's own things, so a user must be named."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if view.caller.user is None:
            raise exceptions.NotAuthenticated
        return True


class IsIdentified(BasePermission):
    """A user or an admin; what each may see is the query's business."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if view.caller.is_nobody:
            raise exceptions.NotAuthenticated
        return True


class IsIdentifiedOrOpen(IsIdentified):
    """As above; in open header mode a body that names the user suffices."""

    @property
    def is_open(self) -> bool:
        return settings.EVENTLY_AUTH == "headers" and not gateway_secrets()

    def has_permission(self, request: Request, view: Any) -> bool:
        return self.is_open or super().has_permission(request, view)


class IsAdmin(BasePermission):
    """The admin role: 401 for nobody, 403 for anybody else."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if view.caller.is_nobody:
            raise exceptions.NotAuthenticated
        return bool(view.caller.is_admin)


def check_scope(caller: Caller, needed: str) -> None:
    """Refuse a caller whose token is good, but not for this."""
    if caller.scopes is not None and needed not in caller.scopes:
        raise InsufficientScope(needed)


def scope_for(method: str, permissions: list[BasePermission]) -> str:
    """Return the scope that a token needs for this method of an endpoint with these permissions."""
    if any(isinstance(permission, IsAdmin) for permission in permissions):
        return "admin"
    return "read" if method in SAFE_METHODS else "book"


def gateway_secrets() -> list[str]:
    """Return the secrets that a gateway may prove itself with: two while one replaces the other."""
    both = settings.EVENTLY_GATEWAY_SECRET, settings.EVENTLY_GATEWAY_SECRET_FALLBACK
    return [secret for secret in both if secret]


def is_id(text: str) -> bool:
    """Tell whether a text is an identifier: 1 to 2⁶³ − 1."""
    return is_number(text) and 1 <= int(text) <= MAX_ID


def is_number(text: str) -> bool:
    """Tell whether a text is a number of at most 19 digits; int() takes "1_0", " 1" and "١" too."""
    return text.isascii() and text.isdigit() and len(text) <= MAX_ID_DIGITS
