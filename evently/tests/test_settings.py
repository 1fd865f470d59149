"""Settings that make no sense stop the start; insecure ones are refused before serving."""

import os
import runpy
import subprocess
import sys

import pytest
from django.conf import settings as running
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

SETTINGS = running.BASE_DIR / "evently" / "settings.py"
PRODUCTION = {
    "EVENTLY_DEMO": "0",
    "DEBUG": "0",
    "SECRET_KEY": "a key of the thirty-two characters and more that a key should have",
    "ALLOWED_HOSTS": "evently.example",
    "EVENTLY_AUTH": "tokens",
    "EVENTLY_GATEWAY_SECRET": "",
    "DATABASE_URL": "sqlite://:memory:",
    "LOG_FORMAT": "json",
}

SAFE = {
    "DEBUG": False,
    "EVENTLY_DEMO": False,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
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


def refused_ids():
    return sorted(message.id for message in checks.run_checks() if message.is_serious())


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


# --- The checks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ({}, []),
        ({"EVENTLY_AUTH": "headers"}, ["evently.E001"]),
        ({"EVENTLY_AUTH": "headers", "EVENTLY_GATEWAY_SECRET": "x" * 31}, ["evently.E002"]),
        ({"EVENTLY_AUTH": "headers", "EVENTLY_GATEWAY_SECRET": "x" * 32}, []),
        ({"SECRET_KEY": "insecure-but-of-thirty-two-characters-and-more"}, ["evently.E003"]),
        ({"SECRET_KEY": "x" * 31}, ["evently.E003"]),
        ({"ALLOWED_HOSTS": []}, ["evently.E004"]),
        ({"ALLOWED_HOSTS": ["evently.example", "*"]}, ["evently.E004"]),
        ({"DEBUG": True, "EVENTLY_DEMO": True}, ["evently.E005"]),
        ({"EVENTLY_METRICS_TOKEN": "x" * 31}, ["evently.E020"]),
        ({"EVENTLY_METRICS_TOKEN": "é" * 32}, ["evently.E020"]),
        ({"EVENTLY_METRICS_TOKEN": "x" * 32}, []),
        ({"EVENTLY_METRICS_TOKEN": "x" * 31, "EVENTLY_DEMO": True}, ["evently.E020"]),
        ({"EVENTLY_DEMO": True, "EVENTLY_AUTH": "headers", "SECRET_KEY": "x"}, []),
        ({"CORS_ALLOWED_ORIGINS": ["app.example"]}, ["corsheaders.E013"]),
    ],
)
def test_insecure_settings_are_refused_by_number(settings, values, ids):
    production = {
        "EVENTLY_DEMO": False,
        "EVENTLY_AUTH": "tokens",
        "EVENTLY_GATEWAY_SECRET": "",
        "SECRET_KEY": PRODUCTION["SECRET_KEY"],
        "ALLOWED_HOSTS": ["evently.example"],
    }
    for name, value in (production | values).items():
        setattr(settings, name, value)

    assert refused_ids() == ids


@pytest.mark.parametrize(
    ("variables", "ids"),
    [
        ({"EVENTLY_AUTH": "headers"}, ["evently.E001"]),
        (
            {
                "EVENTLY_AUTH": "headers",
                "EVENTLY_GATEWAY_SECRET": "short",
                "SECRET_KEY": "short",
                "ALLOWED_HOSTS": "*",
            },
            ["evently.E002", "evently.E003", "evently.E004"],
        ),
        ({"EVENTLY_DEMO": "1", "DEBUG": "1"}, ["evently.E005"]),
        ({"EVENTLY_METRICS_TOKEN": "short"}, ["evently.E020"]),
    ],
)
def test_insecure_settings_are_not_served(variables, ids):
    status, words = serve(**variables)

    assert status != 0
    assert [id for id in ids if id not in words] == []


def test_production_settings_are_served():
    status, _ = serve()

    assert status == 0


def test_demo_is_served_and_says_so():
    status, words = serve(EVENTLY_DEMO="1", EVENTLY_AUTH="headers")

    assert (status, words.count("\n")) == (0, 1)
    assert '"event": "demo_mode"' in words
