"""How often a caller may call: which limits a call falls under, and how its answer tells them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.conf import settings
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from evently.api.addresses import client_address
from evently.api.counters import WINDOW_SECONDS, Count, counter
from evently.api.identity import Caller
from evently.metrics import throttled

READS = {"GET", "HEAD"}
HEADERS = ["RateLimit-Policy", "RateLimit"]


@dataclass
class Pace:
    """One call's counts, by the name of the limit."""

    counts: dict[str, Count] = field(default_factory=dict)

    @classmethod
    def of(cls, request: Request, caller: Caller) -> "Pace":
        """Count a call against its limits, up to the first that is used up."""
        pace = cls()
        processes = settings.WEB_CONCURRENCY * settings.EVENTLY_INSTANCES
        for name, limit, key in _limits(request, caller):
            if limit and pace.is_within:
                count = counter(settings.CACHE_URL, processes).hit(limit, name, key)
                pace.counts[name] = count
        return pace

    @property
    def is_within(self) -> bool:
        return all(count.is_within for count in self.counts.values())

    def require(self) -> None:
        """Raises: Throttled, with the seconds after which the next call is within the limits."""
        for name, count in self.counts.items():
            if not count.is_within:
                throttled.labels(name).inc()
                raise Throttled(count.reset_seconds)

    @property
    def headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers: quota, what is left, until when."""
        policies, limits = [], []
        for name, count in self.counts.items():
            policies.append(f'"{name}";q={count.limit};w={WINDOW_SECONDS}')
            limits.append(f'"{name}";r={count.remaining};t={count.reset_seconds}')
        values = [", ".join(policies), ", ".join(limits)]
        return dict(zip(HEADERS, values, strict=True)) if self.counts else {}


def _limits(request: Request, caller: Caller) -> Iterator[tuple[str, int, str]]:
    """Yield the name of each limit that a call falls under, its calls per minute, and its key."""
    if request.method not in READS:
        if caller.user is not None:
            limit = settings.EVENTLY_THROTTLE_USER_WRITES_PER_MINUTE
            yield "user-writes", limit, str(caller.user.id)
        limit = settings.EVENTLY_THROTTLE_ADDRESS_WRITES_PER_MINUTE
        yield "address-writes", limit, client_address(request)
    elif caller.is_nobody:
        limit = settings.EVENTLY_THROTTLE_ANONYMOUS_READS_PER_MINUTE
        yield "anonymous-reads", limit, client_address(request)
