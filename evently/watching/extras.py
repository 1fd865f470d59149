"""Tracing and error reports: unless an address is configured, not even imported."""

from importlib import import_module
from importlib.util import find_spec
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# What each needs besides requirements.txt, and what starts it.
EXTRAS = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": (
        "opentelemetry.exporter.otlp.proto.http",
        "evently.watching.tracing",
    ),
    "SENTRY_DSN": ("sentry_sdk", "evently.watching.error_reports"),
}


def check(name: str, address: str) -> None:
    """Refuse an address that an extra is configured with, but can't work with."""
    if address and not _is_web_address(address):
        raise ImproperlyConfigured(f"{name} must be the address of a web server.")
    if address and not _is_installed(EXTRAS[name][0]):
        raise ImproperlyConfigured(
            f"{name} is set, but what it needs isn't installed: "
            "pip install -r requirements-extras.txt"
        )


def start() -> None:
    """Start what is configured, once in a process."""
    for name, (_, module) in EXTRAS.items():
        if getattr(settings, name):
            import_module(module).start()


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
