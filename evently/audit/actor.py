"""Who acts: asked by whatever records a change, so that no service has to be told.

During a request it is nobody until the caller is known; outside of requests it is the system:
the worker, and the commands.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ActorKind(TextChoices):
    USER = "user", _("User")
    ADMIN = (
        "admin",
        _("Admin"),
    )  # with the admin role; without an id where the role alone was claimed
    NOBODY = "nobody", _("Nobody")  # the open demo lets a body name whom it books for
    SYSTEM = "system", _("System")


@dataclass(frozen=True)
class Actor:
    kind: ActorKind
    user_id: int | None = None


NOBODY = Actor(ActorKind.NOBODY)
SYSTEM = Actor(ActorKind.SYSTEM)

_current: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


def current() -> Actor:
    return _current.get()


def act_as(user_id: int | None, *, is_admin: bool) -> None:
    """Name who acts, for what is left of the request."""
    if is_admin:
        _current.set(Actor(ActorKind.ADMIN, user_id))
    elif user_id is not None:
        _current.set(Actor(ActorKind.USER, user_id))


@contextmanager
def nobody_yet() -> Iterator[None]:
    """Begin with nobody, and forget at the end who was named: a thread answers many requests."""
    before = _current.set(NOBODY)
    try:
        yield
    finally:
        _current.reset(before)
