"""How a request tells who is calling: one class per mode, and no fallback between them."""

import hmac
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from evently.api.identity import MAX_ID, Caller, gateway_secrets, is_number
from evently.api.jwt import NotBelieved, claims_of
from evently.statements import Argument, Statement
from evently.users.models import ApiToken, User
from evently.users.services import note_use


class HeaderAuthentication(BaseAuthentication):
    """`X-User-ID` names the user, `X-User-Role: admin` claims the admin role.

    Where a gateway secret is set, the headers count only beside that value in `X-Gateway-Secret`.
    """

    def authenticate(self, request: Request) -> tuple[Any, Caller] | None:
        if not _came_through_the_gateway(request):
            return None
        raw_id = request.META.get("HTTP_X_USER_ID")
        claims_admin = request.META.get("HTTP_X_USER_ROLE") == "admin"
        if raw_id is None:
            return (AnonymousUser(), Caller(is_admin=True)) if claims_admin else None

        user = _user_by_header(raw_id)
        if claims_admin and not user.is_staff:
            raise exceptions.PermissionDenied("This user isn't an admin.")
        return user, Caller(user=user, is_admin=user.is_staff)

    def authenticate_header(self, request: Request) -> str:
        return 'X-User-ID realm="evently"'


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …` (RFC 6750); identity headers are ignored."""

    def authenticate(self, request: Request) -> tuple[Any, Caller] | None:
        scheme, _, credentials = get_authorization_header(request).partition(b" ")
        if not scheme:
            return None
        if scheme.lower() != b"bearer":
            raise exceptions.AuthenticationFailed("Send the token as: Authorization: Bearer …")
        caller = self.believe(credentials.strip().decode("latin-1"))
        return caller.user, caller

    def believe(self, token: str) -> Caller:
        """Return whom this token speaks for, or raise AuthenticationFailed."""
        raise NotImplementedError

    def authenticate_header(self, request: Request) -> str:
        # Section 3.1: no error where nothing was sent.
        error = ', error="invalid_token"' if get_authorization_header(request) else ""
        return f'Bearer realm="evently"{error}'


class TokenAuthentication(BearerAuthentication):
    """Tokens of ours, each with its scopes."""

    def believe(self, token: str) -> Caller:
        row = ApiToken.objects.by_secret(token)
        if row is None:
            raise exceptions.AuthenticationFailed("This token is unknown, expired or revoked.")
        note_use(token=row)
        is_admin = row.user.is_staff and "admin" in row.scopes
        return Caller(user=row.user, is_admin=is_admin, scopes=row.scopes)


class JwtAuthentication(BearerAuthentication):
    """Tokens that an identity provider signs. What the database doesn't allow, no claim allows."""

    def believe(self, token: str) -> Caller:
        try:
            claims = claims_of(token)
        except NotBelieved as reason:
            raise exceptions.AuthenticationFailed("This token isn't valid.") from reason
        user = User.objects.filter(is_active=True, username=claims.username).first()
        if user is None:
            raise exceptions.AuthenticationFailed("No such user.")
        is_admin = user.is_staff and claims.is_admin
        return Caller(user=user, is_admin=is_admin, scopes=claims.scopes)


# In the order of the model's fields; the rest is read when somebody asks for it.
USER_COLUMNS = ["id", "is_superuser", "username", "is_staff", "is_active", "email"]
_ACTIVE_USER = Statement(
    lambda: (
        User.objects.filter(is_active=True, id=Argument("user_id"))
        .order_by()
        .values_list(*USER_COLUMNS)
    )
)

AUTHENTICATION_BY_MODE = {
    "headers": HeaderAuthentication,
    "tokens": TokenAuthentication,
    "jwt": JwtAuthentication,
}


def _came_through_the_gateway(request: Request) -> bool:
    secrets = gateway_secrets()
    sent = request.META.get("HTTP_X_GATEWAY_SECRET", "").encode()
    # All are compared, whichever fits: the time taken tells nothing.
    fits = [hmac.compare_digest(sent, secret.encode()) for secret in secrets]
    return any(fits) or not secrets


def _user_by_header(raw_id: str) -> User:
    # An identity must have one spelling only.
    if not is_number(raw_id) or raw_id.startswith("0"):
        raise exceptions.AuthenticationFailed("X-User-ID must be a positive integer.")
    row = _ACTIVE_USER.first(user_id=min(int(raw_id), MAX_ID))
    if row is None:
        raise exceptions.AuthenticationFailed("No such user.")
    return User.from_db(connection.alias, USER_COLUMNS, row)
