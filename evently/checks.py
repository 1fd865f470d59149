"""Settings that nobody should serve with are refused at start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

# So begin the defaults of docker-compose.yml that everybody can read.
DEVELOPMENT_PREFIX = "insecure-"
SHORTEST_SECRET = 32


@register(Tags.security)
def check_identity(**kwargs: Any) -> list[CheckMessage]:
    """Refuse open identity headers outside the demo, and a gateway secret that can be guessed."""
    secret = settings.EVENTLY_GATEWAY_SECRET
    if settings.EVENTLY_DEMO or settings.EVENTLY_AUTH != "headers":
        return []
    if not secret:
        return [
            Error(
                "Identity headers without EVENTLY_GATEWAY_SECRET let anybody be anybody.",
                hint="Set it, or EVENTLY_AUTH=tokens, or EVENTLY_DEMO=1 for a try.",
                id="evently.E001",
            )
        ]
    if len(secret) < SHORTEST_SECRET or not secret.isascii():
        return [
            Error(
                f"EVENTLY_GATEWAY_SECRET must be {SHORTEST_SECRET} or more ASCII characters, "
                "or no header could carry it.",
                id="evently.E002",
            )
        ]
    return []


@register(Tags.security)
def check_secret_key(**kwargs: Any) -> list[CheckMessage]:
    """Refuse the development key of the compose file, or a short one, outside the demo."""
    key = settings.SECRET_KEY
    is_weak = key.startswith(DEVELOPMENT_PREFIX) or len(key) < SHORTEST_SECRET
    if is_weak and not settings.EVENTLY_DEMO:
        return [Error("SECRET_KEY is a development key or too short.", id="evently.E003")]
    return []


@register(Tags.security)
def check_database_password(**kwargs: Any) -> list[CheckMessage]:
    """Refuse the development password of the compose file's database outside the demo."""
    password = settings.DATABASES["default"].get("PASSWORD") or ""
    if password.startswith(DEVELOPMENT_PREFIX) and not settings.EVENTLY_DEMO:
        return [
            Error(
                "The database's password is one that everybody can read.",
                hint="Set POSTGRES_PASSWORD before the database is made.",
                id="evently.E006",
            )
        ]
    return []


@register(Tags.security)
def check_hosts(**kwargs: Any) -> list[CheckMessage]:
    """Refuse to answer for no host, or for any, outside the demo."""
    hosts = settings.ALLOWED_HOSTS
    if not settings.EVENTLY_DEMO and (not hosts or "*" in hosts):
        return [Error("ALLOWED_HOSTS must name the hosts that are served.", id="evently.E004")]
    return []


@register(Tags.security)
def check_debug(**kwargs: Any) -> list[CheckMessage]:
    """Refuse debugging beside the demo's open headers."""
    if settings.DEBUG and settings.EVENTLY_DEMO:
        return [Error("EVENTLY_DEMO and DEBUG exclude each other.", id="evently.E005")]
    return []


@register(Tags.security)
def check_metrics_token(**kwargs: Any) -> list[CheckMessage]:
    """Refuse a token for `/metrics` that can be guessed, in the demo too: nobody must set one."""
    token = settings.EVENTLY_METRICS_TOKEN
    if token and (len(token) < SHORTEST_SECRET or not token.isascii()):
        return [
            Error(
                f"EVENTLY_METRICS_TOKEN must be {SHORTEST_SECRET} or more ASCII characters.",
                id="evently.E020",
            )
        ]
    return []
