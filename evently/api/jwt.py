"""Tokens of an outside identity provider (RFC 7519): what makes one believed."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import jwt
from django.conf import settings

from evently.api.provider_keys import ALGORITHMS, ProviderKeys

LONGEST_NAME = 150


class NotBelieved(Exception):
    """The token isn't one that the provider made for us and for now."""


@dataclass(frozen=True)
class Claims:
    """What a token says that counts. `scopes` are None where it doesn't speak of any."""

    username: str
    is_admin: bool
    scopes: frozenset[str] | None


def claims_of(token: str) -> Claims:
    """Return a token's claims.

    Raises:
        NotBelieved: anything is wrong with it.
        IdentityProviderUnavailable: there are no keys to believe anybody by.
    """
    try:
        verified = _verified(token)
    # RecursionError: JSON that is nested without end.
    except (jwt.PyJWTError, ValueError, RecursionError) as reason:
        raise NotBelieved(type(reason).__name__) from reason

    scopes = _scopes(verified)
    roles = verified.get(settings.EVENTLY_JWT_ROLE_CLAIM)
    claims_admin = roles == "admin" or (isinstance(roles, list) and "admin" in roles)
    return Claims(
        username=_name(verified),
        is_admin=claims_admin and (scopes is None or "admin" in scopes),
        scopes=scopes,
    )


def _verified(token: str) -> dict[str, Any]:
    # Of the header only `alg` and `kid` are heeded: keys that it brings along or points to
    # (`jwk`, `jku`, `x5u`) are anybody's.
    header = jwt.get_unverified_header(token)
    algorithms = [name for name in settings.EVENTLY_JWT_ALGORITHMS if name in ALGORITHMS]
    if header.get("alg") not in algorithms or "kid" not in header:
        raise NotBelieved("algorithm or key not named")
    key = _keys(settings.EVENTLY_JWT_JWKS).find(header["kid"])
    if key is None:
        raise NotBelieved("unknown key")
    return jwt.decode(
        token,
        key.public,
        algorithms=[name for name in algorithms if name in key.algorithms],
        issuer=settings.EVENTLY_JWT_ISSUER,
        audience=settings.EVENTLY_JWT_AUDIENCE,
        leeway=settings.EVENTLY_JWT_LEEWAY_SECONDS,
        options={"require": ["exp", "iss", "aud", settings.EVENTLY_JWT_USER_CLAIM]},
    )


def _name(verified: dict[str, Any]) -> str:
    name = verified[settings.EVENTLY_JWT_USER_CLAIM]
    # What no user can be called, a database might not even take: a null character, a surrogate.
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= LONGEST_NAME:
        raise NotBelieved("no name")
    return name


def _scopes(verified: dict[str, Any]) -> frozenset[str] | None:
    scope = verified.get("scope")  # RFC 9068, section 2.2.3
    if scope is None:
        return None
    if not isinstance(scope, str):
        raise NotBelieved("no scope")
    return frozenset(scope.split())


@cache
def _keys(source: str) -> ProviderKeys:
    return ProviderKeys(source)
