"""Ways to serve that open a door, or let processes and machines contradict each other."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from evently.api.identity import gateway_secrets
from evently.checks.identity import is_local


@register(Tags.security)
def check_hosts(**kwargs: Any) -> list[CheckMessage]:
    """Refuse to answer for no host, or for any, outside the demo."""
    hosts = settings.ALLOWED_HOSTS
    if not settings.EVENTLY_DEMO and (not hosts or "*" in hosts):
        return [Error("ALLOWED_HOSTS must name the hosts that are served.", id="evently.E004")]
    return []


@register(Tags.security)
def check_debug(**kwargs: Any) -> list[CheckMessage]:
    """Refuse debugging beside the demo's open headers, and for anybody but this machine."""
    if not settings.DEBUG:
        return []
    if settings.EVENTLY_DEMO:
        return [Error("EVENTLY_DEMO and DEBUG exclude each other.", id="evently.E005")]
    if all(map(is_local, settings.ALLOWED_HOSTS)):
        return []
    return [Error("DEBUG shows code and settings to whoever makes a mistake.", id="evently.E008")]


@register(Tags.security)
def check_proxies(**kwargs: Any) -> list[CheckMessage]:
    """Refuse not to know how many proxies there are: all callers would have one address."""
    is_behind_one = settings.EVENTLY_TLS_PROXY or gateway_secrets()
    if is_behind_one and settings.NUM_PROXIES is None and not settings.EVENTLY_DEMO:
        return [
            Error(
                "NUM_PROXIES must tell how many proxies of yours add to X-Forwarded-For.",
                hint="1 for a single one; 0 if none does, and addresses needn't be told apart.",
                id="evently.E009",
            )
        ]
    return []


@register(Tags.security)
def check_throttles(**kwargs: Any) -> list[CheckMessage]:
    """Refuse that each of several processes counts calls for itself."""
    processes = settings.WEB_CONCURRENCY * settings.EVENTLY_INSTANCES
    if processes > 1 and not settings.CACHE_URL and not settings.EVENTLY_DEMO:
        return [
            Error(
                f"{processes} processes need CACHE_URL to count calls together.",
                hint="Name a Redis, or serve with WEB_CONCURRENCY=1.",
                id="evently.E010",
            )
        ]
    return []


@register(Tags.security)
def check_database_reach(**kwargs: Any) -> list[CheckMessage]:
    """Refuse a database that not all who serve from it can reach."""
    if settings.EVENTLY_DEMO:
        return []
    if settings.DATABASE_REACH == "process":
        return [Error("A database in memory ends with its process.", id="evently.E011")]
    if settings.DATABASE_REACH == "machine" and settings.EVENTLY_INSTANCES > 1:
        return [
            Error(
                "A database in a file can't be shared by machines: EVENTLY_INSTANCES needs "
                "PostgreSQL.",
                id="evently.E012",
            )
        ]
    return []


@register(Tags.security)
def check_origins(**kwargs: Any) -> list[CheckMessage]:
    """Refuse to trust pages that anybody on the way can change."""
    ids = {"CSRF_TRUSTED_ORIGINS": "evently.E016", "CORS_ALLOWED_ORIGINS": "evently.E017"}
    return [
        Error(f"{name} can't have plain http: {', '.join(plain)}.", id=id)
        for name, id in ids.items()
        if (plain := [origin for origin in getattr(settings, name) if _is_plain(origin)])
        and not settings.EVENTLY_DEMO
    ]


@register(Tags.security)
def check_mail(**kwargs: Any) -> list[CheckMessage]:
    """Refuse to send a mail server's password to another machine in the clear."""
    is_plain = settings.EMAIL_HOST_PASSWORD and not (
        settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    )
    if is_plain and not is_local(settings.EMAIL_HOST) and not settings.EVENTLY_DEMO:
        return [
            Error(
                "EMAIL_URL sends its password in the clear; use smtp+tls:// or smtp+ssl://.",
                id="evently.E018",
            )
        ]
    return []


def _is_plain(origin: str) -> bool:
    return origin.lower().startswith("http://")
