"""Ways to tell who is calling that would let anybody be anybody."""

import ipaddress
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from evently.api.provider_keys import ALGORITHMS, keys_in, read


@register(Tags.security)
def check_gateway(**kwargs: Any) -> list[CheckMessage]:
    """Refuse open identity headers outside the demo."""
    is_open = settings.EVENTLY_AUTH == "headers" and not settings.EVENTLY_GATEWAY_SECRET
    if is_open and not settings.EVENTLY_DEMO:
        return [
            Error(
                "Identity headers without EVENTLY_GATEWAY_SECRET let anybody be anybody.",
                hint="Set it, or EVENTLY_AUTH=tokens, or EVENTLY_DEMO=1 for a try.",
                id="evently.E001",
            )
        ]
    return []


@register(Tags.security)
def check_jwt(**kwargs: Any) -> list[CheckMessage]:
    """Refuse an identity provider that isn't told fully, or could be somebody else."""
    return list(_faults_of_jwt()) if settings.EVENTLY_AUTH == "jwt" else []


def _faults_of_jwt() -> Iterator[CheckMessage]:
    needed = ["JWKS", "ISSUER", "AUDIENCE", "ALGORITHMS", "USER_CLAIM", "ROLE_CLAIM"]
    missing = [name for part in needed if not getattr(settings, name := f"EVENTLY_JWT_{part}")]
    if missing:
        yield Error(f"EVENTLY_AUTH=jwt needs {', '.join(missing)}.", id="evently.E024")
    if wrong := set(settings.EVENTLY_JWT_ALGORITHMS) - ALGORITHMS:
        yield Error(
            f"EVENTLY_JWT_ALGORITHMS can't have {', '.join(sorted(wrong))}: "
            "whoever can check such a signature could make it, if it is one at all.",
            hint=f"Choose of {', '.join(sorted(ALGORITHMS))}.",
            id="evently.E021",
        )
    source = settings.EVENTLY_JWT_JWKS
    if "://" in source:
        if not _is_safe(source):
            yield Error("EVENTLY_JWT_JWKS must be a file or an https address.", id="evently.E022")
    elif source and (reason := _fault_of_file(source)):
        yield Error(f"EVENTLY_JWT_JWKS can't be used: {reason}.", id="evently.E023")


def _is_safe(address: str) -> bool:
    """Tell whether nobody on the way can put their own keys in: https, or this very machine."""
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" or (
            parts.scheme == "http" and is_local(parts.hostname or "")
        )
    except ValueError:
        return False


def _fault_of_file(path: str) -> str | None:
    try:
        keys_in(read(path))
    except (OSError, ValueError, RecursionError) as reason:
        return type(reason).__name__
    return None


def is_local(host: str) -> bool:
    """Tell whether a host's name can only mean this machine."""
    host = host.strip("[]").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
