"""Put something else in the place of a function, wherever the product has it."""

import functools
import sys
import threading
from collections.abc import Callable
from typing import Any

from events import gate

OURS = {"analytics", "bookings", "evently", "events", "notifications", "waitlists"}
_inside = threading.local()


def replace(old: Callable, new: Callable) -> None:
    """Let every module that has imported the function have the other one."""
    places = [
        (module, name)
        for module in list(sys.modules.values())
        if module.__name__.partition(".")[0] in OURS
        for name, value in vars(module).items()
        if value is old
    ]
    if not places:
        raise LookupError(f"Nobody has {old}.")
    for module, name in places:
        setattr(module, name, new)


def patch(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Make a method of a class, or a value of a module, anew from what it is."""
    setattr(owner, name, make(getattr(owner, name)))


def ungated(service: Callable) -> Callable:
    """Let a service walk past the gates that it comes to; all others pass them."""

    @functools.wraps(service)
    def walk_past(*args: Any, **kwargs: Any) -> Any:
        _inside.is_ungated = True
        try:
            return service(*args, **kwargs)
        finally:
            _inside.is_ungated = False

    if not hasattr(gate._pass, "is_watched"):
        patch(gate, "_pass", _watched)
    return walk_past


def open_gate(event_id: int, *, exclusive: bool, **kwargs: Any) -> gate.Gate:
    return gate.Gate(event_id, exclusive, gate.database_now())


def _watched(passing: Callable) -> Callable:
    def pass_or_walk_past(event_id: int, **kwargs: Any) -> gate.Gate:
        is_ungated = getattr(_inside, "is_ungated", False)
        return (open_gate if is_ungated else passing)(event_id, **kwargs)

    pass_or_walk_past.is_watched = True  # type: ignore[attr-defined]
    return pass_or_walk_past
