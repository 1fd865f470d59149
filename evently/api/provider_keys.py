"""The public keys of the identity provider (RFC 7517), fetched when needed and kept.

A provider that is slow, away or hostile costs callers a bounded wait: fetches run beside the
requests, one at a time, and no more often than every 30 seconds however many unknown keys are
asked for. What was fetched once stays good while the provider is away.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any
from urllib.request import HTTPRedirectHandler, build_opener

import jwt
import structlog

from evently.api.exceptions import IdentityProviderUnavailable

SECONDS_FRESH = 600
SECONDS_BETWEEN_FETCHES = 30
SECONDS_TO_WAIT = 3
LARGEST_SET_BYTES = 256 * 1024
# Asymmetric only: with HS256 whoever knows the public key could sign, with `none` anybody.
ALGORITHMS_BY_KEY_TYPE = {
    "RSA": frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    "EC": frozenset({"ES256", "ES384", "ES512"}),
    "OKP": frozenset({"EdDSA"}),
}
ALGORITHMS = frozenset().union(*ALGORITHMS_BY_KEY_TYPE.values())

logger = structlog.get_logger("evently.identity_provider")


@dataclass(frozen=True)
class ProviderKey:
    """A public key, and what it is good for."""

    public: Any
    algorithms: frozenset[str]


class ProviderKeys:
    """The keys by `kid`, from a file or an https address."""

    def __init__(self, source: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._clock = source, clock
        self._keys: dict[str, ProviderKey] = {}
        self._lock = Lock()
        self._begun_at = self._fetched_at = float("-inf")
        self._ended = Event()

    def find(self, kid: str) -> ProviderKey | None:
        """Return the key of this name; None: the provider has none such.

        Raises:
            IdentityProviderUnavailable: no key at all is known yet.
        """
        now = self._clock()
        key = self._keys.get(kid)
        if key is None or now - self._fetched_at > SECONDS_FRESH:
            begun_at, ended = self._fetch_unless_just_tried(now)
            if key is None:
                ended.wait(max(0, begun_at + SECONDS_TO_WAIT - now))
                key = self._keys.get(kid)
        if not self._keys:
            raise IdentityProviderUnavailable
        return key

    def _fetch_unless_just_tried(self, now: float) -> tuple[float, Event]:
        """Begin a fetch unless it is too soon; return when the latest began and what ends it."""
        with self._lock:
            if now - self._begun_at >= SECONDS_BETWEEN_FETCHES:
                self._begun_at, self._ended = now, Event()
                # In a thread, since looking a name up has no time-out of its own.
                Thread(target=self._fetch, args=[self._ended], daemon=True).start()
            return self._begun_at, self._ended

    def _fetch(self, ended: Event) -> None:
        try:
            self._keys = keys_in(read(self._source))
            self._fetched_at = self._clock()
        # Whatever goes wrong over there, what we know stays. A bug of ours shows in the log.
        except Exception as reason:
            logger.warning("keys_not_fetched", reason=type(reason).__name__)
        finally:
            ended.set()


def keys_in(text: bytes) -> dict[str, ProviderKey]:
    """Return a set's usable public keys by name; raise ValueError where there are none.

    Symmetric keys, keys for encryption and keys without a name are left out.
    """
    document = json.loads(text)
    keys = document.get("keys") if isinstance(document, dict) else None
    named = [key for key in keys or [] if isinstance(key, dict) and _is_for_signatures(key)]
    found = {key["kid"]: _public(key) for key in named if _is_usable(key)}
    if not found:
        raise ValueError("There is no usable key in it.")
    return found


def read(source: str) -> bytes:
    """Read a set of keys from where it is; raise OSError or ValueError where that can't be."""
    if "://" not in source:
        return _small(Path(source).read_bytes())
    with _opener.open(source, timeout=SECONDS_TO_WAIT) as answer:
        return _small(answer.read(LARGEST_SET_BYTES + 1))


class _NoRedirect(HTTPRedirectHandler):
    """Who may say which keys are good is settled by the address; it isn't handed on."""

    def redirect_request(self, *args: Any) -> None:
        return None


_opener = build_opener(_NoRedirect)


def _small(content: bytes) -> bytes:
    if len(content) > LARGEST_SET_BYTES:
        raise ValueError("That is no set of keys: it is too large.")
    return content


def _is_for_signatures(key: dict[str, Any]) -> bool:
    return (
        isinstance(key.get("kid"), str)
        and bool(key["kid"])
        and key.get("kty") in ALGORITHMS_BY_KEY_TYPE
        and key.get("use", "sig") == "sig"
    )


def _is_usable(key: dict[str, Any]) -> bool:
    try:
        return bool(_public(key))
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return False


def _public(key: dict[str, Any]) -> ProviderKey:
    loaded = jwt.PyJWK(key).key
    # A set with private keys in it isn't to be trusted with one.
    if hasattr(loaded, "private_numbers") or hasattr(loaded, "private_bytes"):
        raise ValueError("That is a private key.")
    algorithms = ALGORITHMS_BY_KEY_TYPE[key["kty"]]
    # A key that says what it is for is good for that alone.
    return ProviderKey(loaded, algorithms & {key["alg"]} if "alg" in key else algorithms)
