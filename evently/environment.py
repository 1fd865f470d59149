"""How settings are read from the environment: whatever makes no sense stops the start."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def choice(name: str, default: str, choices: set[str]) -> str:
    value = env.str(name, default=default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {sorted(choices)}, not {value!r}.")
    return value


def number(name: str, default: int, *, at_least: int = 1, at_most: int) -> int:
    value = env.str(name, default=str(default))
    is_number = value.isascii() and value.isdigit() and len(value) < 10
    if not is_number or not at_least <= int(value) <= at_most:
        raise ImproperlyConfigured(f"{name} must be {at_least} to {at_most}, not {value!r}.")
    return int(value)


def flag(name: str) -> bool:
    return choice(name, "0", {"0", "1"}) == "1"


def understood(name: str, value: str, read: Callable[[str], Any]) -> Any:
    """Read a value by somebody else's rules; name the variable when they don't hold."""
    try:
        return read(value)
    except Exception:
        # Without the cause: it may quote a password.
        raise ImproperlyConfigured(f"{name} can't be understood.") from None


def demo_secret_key(folder: Path) -> str:
    """Make a key once and keep it, so that every process of the demo has the same one."""
    folder.mkdir(exist_ok=True)
    path = folder / "secret-key"
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
