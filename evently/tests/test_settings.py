"""Settings that make no sense stop the start; insecure ones are refused before serving."""

import os
import runpy
import subprocess
import sys
import tempfile

import pytest
from django.conf import settings as running
from django.core.exceptions import ImproperlyConfigured

pytestmark = pytest.mark.once

SETTINGS = running.BASE_DIR / "evently" / "settings.py"
PRODUCTION = {
    "EVENTLY_DEMO": "0",
    "DEBUG": "0",
    "SECRET_KEY": "a key of the thirty-two characters and more that a key should have",
    "ALLOWED_HOSTS": "evently.example",
    "EVENTLY_AUTH": "tokens",
    "EVENTLY_GATEWAY_SECRET": "",
    # Never opened, so never made.
    "DATABASE_URL": f"sqlite:///{tempfile.gettempdir()}/evently-of-no-one.sqlite3",
    "WEB_CONCURRENCY": "1",
    "LOG_FORMAT": "json",
}

SAFE = {
    "DEBUG": False,
    "EVENTLY_DEMO": False,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_COOKIE_PATH": "/staff/",
    "SESSION_COOKIE_AGE": 43_200,
    "CSRF_COOKIE_SECURE": True,
    "CSRF_COOKIE_HTTPONLY": True,
    "CORS_ALLOWED_ORIGINS": [],
    "ALLOWED_HOSTS": ["evently.example"],
}


@pytest.fixture
def read(monkeypatch):
    """Read the settings file with these variables on top of a production's."""

    def run(**variables):
        for name, value in (PRODUCTION | variables).items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS))

    return run


def serve(**variables):
    """Import what gunicorn serves, in a process of its own; return its exit status and words."""
    done = subprocess.run(
        [sys.executable, "-c", "import evently.wsgi"],
        env=os.environ | PRODUCTION | variables,
        cwd=running.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr


# --- The file -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("EVENTLY_DEMO", "yes"),
        ("EVENTLY_DEMO", ""),
        ("DEBUG", "True"),
        ("EVENTLY_AUTH", "basic"),
        ("EVENTLY_AUTH", "Headers"),
        ("EVENTLY_OFFER_MINUTES", "0"),
        ("EVENTLY_OFFER_MINUTES", "-1"),
        ("EVENTLY_OFFER_MINUTES", "1.5"),
        ("EVENTLY_OFFER_MINUTES", "1_0"),
        ("EVENTLY_OFFER_MINUTES", "٣"),
        ("EVENTLY_OFFER_MINUTES", ""),
        ("EVENTLY_OFFER_MINUTES", "10081"),
        ("EVENTLY_OFFER_MINUTES", "9" * 5_000),
        ("EVENTLY_DELIVERY_ATTEMPTS", "101"),
        ("EVENTLY_WORKER_SECONDS", "soon"),
        ("EVENTLY_DATABASE_POOL", "-1"),
        ("EVENTLY_DATABASE_POOL", "101"),
        ("EVENTLY_TLS_PROXY", "on"),
        ("EVENTLY_REQUIRE_IF_MATCH", "yes"),
        ("EVENTLY_THROTTLE_USER_WRITES_PER_MINUTE", "-1"),
        ("EVENTLY_THROTTLE_ADDRESS_WRITES_PER_MINUTE", "many"),
        ("EVENTLY_THROTTLE_ANONYMOUS_READS_PER_MINUTE", "100000001"),
        ("EVENTLY_INSTANCES", "0"),
        ("WEB_CONCURRENCY", "0"),
        ("NUM_PROXIES", ""),
        ("NUM_PROXIES", "-1"),
        ("NUM_PROXIES", "11"),
        ("CACHE_URL", "nonsense"),
        ("CACHE_URL", "memcached://localhost"),
        ("CACHE_URL", "redis://localhost:port"),
        ("EVENTLY_STAFF_TOTP", "1"),
        ("EVENTLY_LOGIN_FAILURES", "0"),
        ("EVENTLY_LOGIN_FAILURES_PER_ADDRESS", "-1"),
        ("EVENTLY_LOGIN_WINDOW_MINUTES", "1441"),
        ("EVENTLY_LOGIN_LOCK_MINUTES", "0"),
        ("LOG_FORMAT", "xml"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", "../UTC"),
        ("TIME_ZONE", ""),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://somebody@localhost/evently"),
        ("DATABASE_URL", "postgresql://localhost:port/evently"),
        ("EVENTLY_WORKER_METRICS_PORT", "65536"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://collector:4317"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[collector"),
        ("SENTRY_DSN", "nonsense"),
        ("EMAIL_URL", "nonsense"),
        ("EMAIL_URL", "pigeon://localhost"),
    ],
)
def test_nonsense_stops_the_start_and_is_named(read, name, value):
    with pytest.raises(ImproperlyConfigured, match=name):
        read(**{name: value})


def test_production_is_safe_by_default(read):
    found = read()

    assert {name: found[name] for name in SAFE} == SAFE


def test_nobody_stands_in_front_unless_it_is_said(read, monkeypatch):
    monkeypatch.delenv("NUM_PROXIES", raising=False)

    assert (read()["NUM_PROXIES"], read(NUM_PROXIES="0")["NUM_PROXIES"]) == (None, 0)


def test_demo_opens_what_it_says_and_never_debugs(read):
    found = read(EVENTLY_DEMO="1")

    assert (found["DEBUG"], found["SECURE_SSL_REDIRECT"], found["SESSION_COOKIE_SECURE"]) == (
        False,
        False,
        False,
    )


def test_demo_without_a_key_makes_one_and_keeps_it(read):
    first, second = (read(EVENTLY_DEMO="1", SECRET_KEY="")["SECRET_KEY"] for _ in range(2))

    assert first == second
    assert len(first) > 50


def test_proxies_nobody_told_of_are_not_none(read):
    assert (read()["NUM_PROXIES"], read(NUM_PROXIES="0")["NUM_PROXIES"]) == (None, 0)


# --- What gunicorn serves -----------------------------------------------------------------------


def test_production_settings_are_served():
    status, _ = serve()

    assert status == 0


def test_demo_is_served_and_says_so():
    status, words = serve(EVENTLY_DEMO="1", EVENTLY_AUTH="headers")

    assert (status, words.count("\n")) == (0, 1)
    assert '"event":"demo_mode"' in words
