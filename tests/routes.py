"""Django's own table of routes, for the tests that go through all endpoints."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver

METHODS = {"get", "post", "put", "patch", "delete"}
# The staff site is Django's own, with its own tests; the others only lead there.
STAFF_SITE = {"/staff/", "/staff", "/admin", "/admin/"}


@dataclass(frozen=True)
class Route:
    """One path as the description writes it, and the view behind it."""

    path: str
    callback: Any

    @property
    def actions(self) -> dict[str, str | None]:
        """Return the method of the view for each verb that is let through."""
        verbs = getattr(self.callback, "actions", None) or dict.fromkeys(dir(self.callback.cls))
        # A viewset that has answered once routes HEAD too.
        return {verb.upper(): verbs[verb] for verb in sorted(METHODS & {*verbs})}

    @property
    def calls(self) -> list[str]:
        return [f"{verb} {self.path}" for verb in self.actions]

    def permissions(self, verb: str) -> list[Any]:
        """Return what the view asks of whoever calls it with this verb."""
        view = self.callback.cls()
        view.action = self.actions[verb]
        return view.get_permissions()


def routes(patterns: Any = None, prefix: str = "/") -> Iterator[Route]:
    """Yield every route but the staff site's."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern).replace("<int:id>", "{id}")
        if path in STAFF_SITE:
            continue
        if isinstance(pattern, URLPattern):
            yield Route(path, pattern.callback)
        else:
            yield from routes(pattern.url_patterns, path)
