"""Settings that nobody should serve with are refused, each by a number that stays."""

import json
from io import StringIO
from itertools import count

import pytest
from django.core import checks
from django.core.management import call_command

from evently.checks.counts import check_counts
from evently.checks.database import check_durability
from evently.tests.test_settings import PRODUCTION
from events.models import SeatCount

STRONG = "kA7-Zq0pWm3xTn9vLb5rGd1sHf8-cYu4"
SAFE = {
    "EVENTLY_DEMO": False,
    "EVENTLY_AUTH": "tokens",
    "EVENTLY_GATEWAY_SECRET": "",
    "SECRET_KEY": PRODUCTION["SECRET_KEY"],
    "ALLOWED_HOSTS": ["evently.example"],
    "DATABASE_REACH": "network",
    "WEB_CONCURRENCY": 1,
}
BEHIND_GATEWAY = {
    "EVENTLY_AUTH": "headers",
    "EVENTLY_GATEWAY_SECRET": STRONG,
    "NUM_PROXIES": 1,
}
WITH_PROVIDER = {
    "EVENTLY_AUTH": "jwt",
    "EVENTLY_JWT_JWKS": "https://id.example/keys",
    "EVENTLY_JWT_ISSUER": "https://id.example",
    "EVENTLY_JWT_AUDIENCE": "evently",
}

# What is set beside what is safe, and what it is refused by.
CASES = [
    ({}, []),
    ({"EVENTLY_AUTH": "headers"}, ["E001"]),
    ({"EVENTLY_AUTH": "headers", "EVENTLY_GATEWAY_SECRET_FALLBACK": STRONG}, ["E001", "E009"]),
    (BEHIND_GATEWAY, []),
    (BEHIND_GATEWAY | {"EVENTLY_GATEWAY_SECRET": STRONG[:31]}, ["E002"]),
    (BEHIND_GATEWAY | {"EVENTLY_GATEWAY_SECRET": "ab" * 16}, ["E002"]),
    (BEHIND_GATEWAY | {"EVENTLY_GATEWAY_SECRET": "insecure-" + STRONG}, ["E002"]),
    (BEHIND_GATEWAY | {"EVENTLY_GATEWAY_SECRET": STRONG + "é"}, ["E002"]),
    (BEHIND_GATEWAY | {"EVENTLY_GATEWAY_SECRET": STRONG + "\n"}, ["E002"]),
    (BEHIND_GATEWAY | {"EVENTLY_GATEWAY_SECRET_FALLBACK": STRONG[::-1]}, []),
    (BEHIND_GATEWAY | {"EVENTLY_GATEWAY_SECRET_FALLBACK": "short"}, ["E007"]),
    (BEHIND_GATEWAY | {"NUM_PROXIES": None}, ["E009"]),
    ({"SECRET_KEY": "insecure-but-of-thirty-two-characters-and-more"}, ["E003"]),
    ({"SECRET_KEY": STRONG[:31]}, ["E003"]),
    ({"SECRET_KEY": "x" * 50}, ["E003"]),
    ({"ALLOWED_HOSTS": []}, ["E004"]),
    ({"ALLOWED_HOSTS": ["evently.example", "*"]}, ["E004"]),
    ({"DEBUG": True, "EVENTLY_DEMO": True}, ["E005"]),
    ({"DEBUG": True}, ["E008"]),
    ({"DEBUG": True, "ALLOWED_HOSTS": ["localhost", "10.0.0.1"]}, ["E008"]),
    ({"DEBUG": True, "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]", "a.localhost"]}, []),
    ({"EVENTLY_TLS_PROXY": True}, ["E009"]),
    ({"EVENTLY_TLS_PROXY": True, "NUM_PROXIES": 0}, []),
    ({"WEB_CONCURRENCY": 2}, ["E010"]),
    ({"EVENTLY_INSTANCES": 2}, ["E010"]),
    ({"WEB_CONCURRENCY": 2, "CACHE_URL": "redis://localhost"}, []),
    ({"DATABASE_REACH": "process"}, ["E011"]),
    ({"DATABASE_REACH": "machine"}, []),
    (
        {"DATABASE_REACH": "machine", "EVENTLY_INSTANCES": 2, "CACHE_URL": "redis://localhost"},
        ["E012"],
    ),
    ({"CSRF_TRUSTED_ORIGINS": ["https://a.example", "http://b.example"]}, ["E016"]),
    ({"CORS_ALLOWED_ORIGINS": ["HTTP://app.example"]}, ["E017"]),
    ({"CORS_ALLOWED_ORIGINS": ["https://app.example"]}, []),
    ({"EMAIL_HOST": "mail.example", "EMAIL_HOST_PASSWORD": "secret"}, ["E018"]),
    ({"EMAIL_HOST": "mail.example", "EMAIL_HOST_PASSWORD": "secret", "EMAIL_USE_TLS": True}, []),
    ({"EVENTLY_METRICS_TOKEN": STRONG}, []),
    ({"EVENTLY_METRICS_TOKEN": STRONG[:31]}, ["E020"]),
    ({"EVENTLY_METRICS_TOKEN": "é" * 32}, ["E020"]),
    ({"EVENTLY_METRICS_TOKEN": "short", "EVENTLY_DEMO": True}, ["E020"]),
    (WITH_PROVIDER, []),
    ({"EVENTLY_AUTH": "jwt"}, ["E024"]),
    (WITH_PROVIDER | {"EVENTLY_JWT_ISSUER": ""}, ["E024"]),
    (WITH_PROVIDER | {"EVENTLY_JWT_AUDIENCE": ""}, ["E024"]),
    (WITH_PROVIDER | {"EVENTLY_JWT_ALGORITHMS": []}, ["E024"]),
    (WITH_PROVIDER | {"EVENTLY_JWT_USER_CLAIM": ""}, ["E024"]),
    (WITH_PROVIDER | {"EVENTLY_JWT_ALGORITHMS": ["RS256", "HS256"]}, ["E021"]),
    (WITH_PROVIDER | {"EVENTLY_JWT_ALGORITHMS": ["none"]}, ["E021"]),
    (WITH_PROVIDER | {"EVENTLY_JWT_JWKS": "http://id.example/keys"}, ["E022"]),
    (WITH_PROVIDER | {"EVENTLY_JWT_JWKS": "http://127.0.0.1.id.example/keys"}, ["E022"]),
    (WITH_PROVIDER | {"EVENTLY_JWT_JWKS": "file:///etc/keys"}, ["E022"]),
    (WITH_PROVIDER | {"EVENTLY_JWT_JWKS": "https://[id.example/keys"}, ["E022"]),
    (WITH_PROVIDER | {"EVENTLY_JWT_JWKS": "http://127.0.0.1:8080/keys"}, []),
    (WITH_PROVIDER | {"EVENTLY_JWT_JWKS": "/no/such/keys.json"}, ["E023"]),
    (
        {
            "EVENTLY_DEMO": True,
            "EVENTLY_AUTH": "headers",
            "EVENTLY_TLS_PROXY": True,
            "SECRET_KEY": "x",
            "WEB_CONCURRENCY": 2,
            "CORS_ALLOWED_ORIGINS": ["http://localhost:3000"],
        },
        [],
    ),
]


def refused_ids():
    return [message.id for message in checks.run_checks() if message.is_serious()]


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        pytest.param(values, numbers, id=f"{number} {' '.join(numbers) or 'served'}")
        for number, (values, numbers) in zip(count(), CASES, strict=False)
    ],
)
def test_insecure_settings_are_refused_by_number(settings, values, numbers):
    for name, value in (SAFE | values).items():
        setattr(settings, name, value)

    assert sorted(refused_ids()) == [f"evently.{number}" for number in numbers]


def test_origin_without_a_scheme_is_refused_by_its_own_library(settings):
    settings.CORS_ALLOWED_ORIGINS = ["app.example"]

    assert refused_ids() == ["corsheaders.E013"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"keys": []}',
        '{"keys": [{"kty": "oct", "kid": "1", "k": "c2VjcmV0"}]}',
        json.dumps({"keys": [{"kty": "RSA", "kid": "1", "n": "AQAB", "e": "!"}]}),
    ],
)
def test_file_without_usable_keys_is_refused(content, settings, tmp_path):
    path = tmp_path / "keys.json"
    path.write_text(content)
    for name, value in (SAFE | WITH_PROVIDER | {"EVENTLY_JWT_JWKS": str(path)}).items():
        setattr(settings, name, value)

    assert refused_ids() == ["evently.E023"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_server_of_the_suite_that_may_lose_data_is_refused(settings):
    settings.EVENTLY_DEMO = False

    found = check_durability(databases=["default"])

    assert [message.id for message in found] == ["evently.E013", "evently.E014", "evently.E015"]


@pytest.mark.django_db
def test_demo_may_run_on_a_server_that_may_lose_data():
    assert check_durability(databases=["default"]) == []


def uncounted_ids():
    return [message.id for message in check_counts(databases=["default"])]


@pytest.mark.django_db(transaction=True)
def test_counts_of_another_time_zone_are_refused_until_they_are_made_anew(event, settings):
    before = uncounted_ids()
    settings.TIME_ZONE = "Asia/Tokyo"
    changed = uncounted_ids()
    call_command("analytics", "--rebuild", stderr=StringIO())

    assert (before, changed, uncounted_ids()) == ([], ["evently.E025"], [])


@pytest.mark.django_db(transaction=True)
def test_event_without_counts_is_refused(event):
    """As an older version left it."""
    SeatCount.objects.all().delete()

    assert uncounted_ids() == ["evently.E025"]


@pytest.mark.django_db(transaction=True)
def test_database_without_events_is_counted(settings):
    settings.TIME_ZONE = "Asia/Tokyo"

    assert uncounted_ids() == []
