"""Secrets that can be guessed, or that everybody can read."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

# So begin the defaults of docker-compose.yml that everybody can read.
DEVELOPMENT_PREFIX = "insecure-"
SHORTEST_SECRET = 32
FEWEST_CHARACTERS = 5  # different ones, as Django's own check of the key asks for


def is_weak(secret: str) -> bool:
    return (
        secret.startswith(DEVELOPMENT_PREFIX)
        or len(secret) < SHORTEST_SECRET
        or len(set(secret)) < FEWEST_CHARACTERS
    )


@register(Tags.security)
def check_secret_key(**kwargs: Any) -> list[CheckMessage]:
    """Refuse the development key of the compose file, or a weak one, outside the demo."""
    if is_weak(settings.SECRET_KEY) and not settings.EVENTLY_DEMO:
        return [Error("SECRET_KEY is a development key or too weak.", id="evently.E003")]
    return []


@register(Tags.security)
def check_gateway_secrets(**kwargs: Any) -> list[CheckMessage]:
    """Refuse a gateway's secret that can be guessed or that no header can carry."""
    if settings.EVENTLY_DEMO or settings.EVENTLY_AUTH != "headers":
        return []
    ids = {
        "EVENTLY_GATEWAY_SECRET": "evently.E002",
        "EVENTLY_GATEWAY_SECRET_FALLBACK": "evently.E007",
    }
    return [
        Error(
            f"{name} must be {SHORTEST_SECRET} or more ASCII characters that can't be guessed.",
            id=id,
        )
        for name, id in ids.items()
        if (secret := getattr(settings, name)) and (is_weak(secret) or not _is_sendable(secret))
    ]


@register(Tags.security)
def check_metrics_token(**kwargs: Any) -> list[CheckMessage]:
    """Refuse a token for `/metrics` that can be guessed, in the demo too: nobody must set one."""
    token = settings.EVENTLY_METRICS_TOKEN
    if token and (is_weak(token) or not _is_sendable(token)):
        return [
            Error(
                f"EVENTLY_METRICS_TOKEN must be {SHORTEST_SECRET} or more ASCII characters that "
                "can't be guessed.",
                id="evently.E020",
            )
        ]
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


def _is_sendable(secret: str) -> bool:
    return secret.isascii() and secret.isprintable() and secret == secret.strip()
