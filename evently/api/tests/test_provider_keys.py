"""The identity provider's keys: fetched over real HTTP, kept, and never waited for without end."""

import json
import threading
import time

import pytest

from evently.api import provider_keys
from evently.api.exceptions import IdentityProviderUnavailable
from evently.api.provider_keys import ProviderKeys
from tests.provider import provider, public_jwk, token

pytestmark = pytest.mark.once


@pytest.fixture
def id_provider():
    with provider() as server:
        yield server


class Clock:
    """Goes on only when told to."""

    now = 0

    def __call__(self):
        return self.now

    def pass_time(self, seconds):
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(id_provider, clock):
    return ProviderKeys(id_provider.url, clock)


@pytest.fixture
def pass_time(clock):
    return clock.pass_time


def wait_for(condition):
    """Wait for what a thread is to bring about."""
    deadline = time.perf_counter() + 5
    while not condition():
        assert time.perf_counter() < deadline
        threading.Event().wait(0.01)


def test_key_is_fetched_once(keys, id_provider):
    found = [keys.find("first") for _ in range(20)]

    assert None not in found
    assert id_provider.requests == 1


def test_new_key_is_fetched_when_its_first_token_comes(keys, id_provider, pass_time):
    keys.find("first")
    id_provider.offer(public_jwk("first"), public_jwk("second"))
    pass_time(31)

    assert keys.find("second") is not None
    assert id_provider.requests == 2


def test_key_that_the_provider_withdrew_is_forgotten(keys, id_provider, pass_time):
    keys.find("first")
    id_provider.offer(public_jwk("second"))
    pass_time(601)

    keys.find("first")

    wait_for(lambda: keys.find("first") is None)
    assert id_provider.requests == 2


def test_unknown_keys_ask_the_provider_once_in_thirty_seconds(keys, id_provider, pass_time):
    keys.find("first")

    for seconds in (0, 28, 4, 0):
        pass_time(seconds)
        assert [keys.find(f"random {n}") for n in range(50)] == [None] * 50

    assert id_provider.requests == 2


def test_many_threads_at_once_fetch_once(keys, id_provider):
    barrier, found = threading.Barrier(8), []

    def find():
        barrier.wait()
        found.append(keys.find("first"))

    threads = [threading.Thread(target=find) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(found), None in found, id_provider.requests) == (8, False, 1)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_known_key_stays_good_while_the_provider_is_away(keys, id_provider, pass_time, status):
    keys.find("first")
    id_provider.status = status

    for _ in range(5):
        pass_time(700)
        assert keys.find("first") is not None
    wait_for(lambda: id_provider.requests == 6)


def test_known_key_is_found_at_once_though_the_provider_is_silent(keys, id_provider, pass_time):
    keys.find("first")
    id_provider.is_silent.set()
    pass_time(700)
    begun = time.perf_counter()

    assert keys.find("first") is not None
    assert time.perf_counter() - begun < 1


def test_provider_that_is_silent_from_the_start_is_waited_for_once(keys, id_provider, monkeypatch):
    monkeypatch.setattr(provider_keys, "SECONDS_TO_WAIT", 0.3)
    id_provider.is_silent.set()
    begun = time.perf_counter()

    for _ in range(10):
        with pytest.raises(IdentityProviderUnavailable):
            keys.find("first")

    assert time.perf_counter() - begun < 2
    assert id_provider.requests == 1


def test_provider_that_comes_back_is_asked_again(keys, id_provider, pass_time):
    id_provider.status = 503
    with pytest.raises(IdentityProviderUnavailable):
        keys.find("first")
    id_provider.status = 200
    pass_time(31)

    assert keys.find("first") is not None


def test_provider_that_sends_elsewhere_is_not_followed(keys, id_provider):
    with provider() as other:
        id_provider.status, id_provider.headers = 302, {"Location": other.url}

        with pytest.raises(IdentityProviderUnavailable):
            keys.find("first")

        assert other.requests == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[" * 100_000,
        b'{"keys": 1}',
        b'{"keys": [1, {}, {"kid": 1, "kty": "RSA"}]}',
        b'{"keys": [{"kid": "first", "kty": "oct", "k": "c2VjcmV0"}]}',
        b'{"keys": [], "padding": "' + b"x" * 300_000 + b'"}',
    ],
)
def test_provider_that_talks_nonsense_counts_as_away(keys, id_provider, body):
    id_provider.body = body

    with pytest.raises(IdentityProviderUnavailable):
        keys.find("first")


def test_unusable_keys_are_left_out_beside_good_ones(keys, id_provider):
    broken = public_jwk("first") | {"kid": "broken", "n": "!"}
    id_provider.offer(broken, {"kty": "EC", "kid": "none"}, public_jwk("first"))

    assert (keys.find("broken"), keys.find("none")) == (None, None)
    assert keys.find("first") is not None


def test_keys_come_from_a_file_as_well_and_anew(tmp_path, clock, pass_time):
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [public_jwk("first")]}))
    keys = ProviderKeys(str(path), clock)
    assert (keys.find("first") is None, keys.find("second") is None) == (False, True)

    path.write_text(json.dumps({"keys": [public_jwk("second")]}))
    pass_time(31)

    assert (keys.find("second") is None, keys.find("first") is None) == (False, True)


# --- What callers see ---------------------------------------------------------------------------


@pytest.fixture
def with_provider(id_provider, settings):
    settings.EVENTLY_AUTH = "jwt"
    settings.EVENTLY_JWT_JWKS = id_provider.url
    settings.EVENTLY_JWT_ISSUER, settings.EVENTLY_JWT_AUDIENCE = "https://id.example", "evently"
    return id_provider


@pytest.mark.django_db
def test_call_while_the_provider_is_away_is_told_to_come_again(client, holder, with_provider):
    with_provider.status = 500

    response = client.get("/users/me", headers={"Authorization": f"Bearer {token()}"})

    assert (response.status_code, response["Retry-After"], response.json()) == (
        503,
        "5",
        {
            "type": "urn:evently:problem:identity_provider_unavailable",
            "title": "Identity provider unavailable",
            "status": 503,
            "detail": "The identity provider can't be reached now. Try again in a moment.",
            "code": "identity_provider_unavailable",
        },
    )


@pytest.mark.django_db
def test_call_with_another_key_after_its_rotation_is_believed(
    client, holder, with_provider, monkeypatch
):
    monkeypatch.setattr(provider_keys, "SECONDS_BETWEEN_FETCHES", 0)
    before = client.get("/users/me", headers={"Authorization": f"Bearer {token()}"})
    with_provider.offer(public_jwk("second"))

    after, withdrawn = (
        client.get("/users/me", headers={"Authorization": f"Bearer {token(kid=kid)}"})
        for kid in ("second", "first")
    )

    assert (before.status_code, after.status_code, withdrawn.status_code) == (200, 200, 401)
