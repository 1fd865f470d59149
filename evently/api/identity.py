"""Who is calling: one authentication class per mode, and no fallback between them."""

import hmac
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from evently.users.models import ApiToken, User

MAX_ID = 2**63 - 1
MAX_ID_DIGITS = 19


@dataclass(frozen=True)
class Caller:
    """Who a request comes from: a user, the bare admin role, or nobody."""

    user: User | None = None
    is_admin: bool = False

    @property
    def is_nobody(self) -> bool:
        return self.user is None and not self.is_admin


NOBODY = Caller()


class HeaderAuthentication(BaseAuthentication):
    """`X-User-ID` names the user, `X-User-Role: admin` claims the admin role.

    Where a gateway secret is set, the headers count only beside that value in `X-Gateway-Secret`.
    """

    def authenticate(self, request: Request) -> tuple[Any, Caller] | None:
        if not _came_through_the_gateway(request):
            return None
        raw_id = request.headers.get("X-User-ID")
        claims_admin = request.headers.get("X-User-Role") == "admin"
        if raw_id is None:
            return (AnonymousUser(), Caller(is_admin=True)) if claims_admin else None

        user = _user_by_header(raw_id)
        if claims_admin and not user.is_staff:
            raise exceptions.PermissionDenied("This user isn't an admin.")
        return user, Caller(user=user, is_admin=user.is_staff)

    def authenticate_header(self, request: Request) -> str:
        return 'X-User-ID realm="evently"'


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>` (RFC 6750); identity headers are ignored."""

    def authenticate(self, request: Request) -> tuple[Any, Caller] | None:
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if not scheme:
            return None
        if scheme.lower() != b"bearer":
            raise exceptions.AuthenticationFailed("Send the token as: Authorization: Bearer …")
        token = ApiToken.objects.by_secret(secret.strip().decode("latin-1"))
        if token is None:
            raise exceptions.AuthenticationFailed("This token is unknown or was revoked.")
        return token.user, Caller(user=token.user, is_admin=token.user.is_staff)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="evently"'


AUTHENTICATION_BY_MODE = {"headers": HeaderAuthentication, "tokens": TokenAuthentication}


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
        return settings.EVENTLY_AUTH == "headers" and not settings.EVENTLY_GATEWAY_SECRET

    def has_permission(self, request: Request, view: Any) -> bool:
        return self.is_open or super().has_permission(request, view)


class IsAdmin(BasePermission):
    """The admin role: 401 for nobody, 403 for anybody else."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if view.caller.is_nobody:
            raise exceptions.NotAuthenticated
        return bool(view.caller.is_admin)


def _came_through_the_gateway(request: Request) -> bool:
    secret = settings.EVENTLY_GATEWAY_SECRET
    sent = request.headers.get("X-Gateway-Secret", "")
    return not secret or hmac.compare_digest(sent.encode(), secret.encode())


def is_number(text: str) -> bool:
    """Tell whether a text is a number of at most 19 digits; int() takes "1_0", " 1" and "١" too."""
    return text.isascii() and text.isdigit() and len(text) <= MAX_ID_DIGITS


def _user_by_header(raw_id: str) -> User:
    # An identity must have one spelling only.
    if not is_number(raw_id) or raw_id.startswith("0"):
        raise exceptions.AuthenticationFailed("X-User-ID must be a positive integer.")
    user = User.objects.filter(is_active=True, id=min(int(raw_id), MAX_ID)).first()
    if user is None:
        raise exceptions.AuthenticationFailed("No such user.")
    return user
