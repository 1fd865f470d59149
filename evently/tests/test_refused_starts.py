"""The real server, started with what nobody should serve with: it ends, and names the check."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from evently.tests.test_settings import PRODUCTION
from tests import postgres

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
# gunicorn's REFUSED: it doesn't try again what can't work.
REFUSED = 1
STRONG = "kA7-Zq0pWm3xTn9vLb5rGd1sHf8-cYu4"
HEADERS = {
    "EVENTLY_AUTH": "headers",
    "EVENTLY_GATEWAY_SECRET": STRONG,
    "NUM_PROXIES": "1",
}
JWT = {
    "EVENTLY_AUTH": "jwt",
    "EVENTLY_JWT_JWKS": "https://id.example/keys",
    "EVENTLY_JWT_ISSUER": "https://id.example",
    "EVENTLY_JWT_AUDIENCE": "evently",
}
# Each fault's settings, by the check that names it; those that go together are tried together.
FAULTS = [
    {
        "E001": {"EVENTLY_AUTH": "headers"},
        "E003": {"SECRET_KEY": "insecure-key-for-development-only"},
        "E004": {"ALLOWED_HOSTS": "*"},
        "E006": {"DATABASE_URL": "postgresql://evently:insecure-evently@127.0.0.1:1/evently"},
        "E009": {"EVENTLY_TLS_PROXY": "1"},
        "E010": {"WEB_CONCURRENCY": "2"},
        "E016": {"CSRF_TRUSTED_ORIGINS": "http://evently.example"},
        "E017": {"CORS_ALLOWED_ORIGINS": "http://app.example"},
        "E018": {"EMAIL_URL": "smtp://user:password@mail.example:25"},
        "E020": {"EVENTLY_METRICS_TOKEN": "short"},
    },
    {
        "E002": HEADERS | {"EVENTLY_GATEWAY_SECRET": "short"},
        "E007": {"EVENTLY_GATEWAY_SECRET_FALLBACK": "short"},
        "E008": {"DEBUG": "1"},
        "E011": {"DATABASE_URL": "sqlite://:memory:"},
    },
    {"E005": {"EVENTLY_DEMO": "1", "DEBUG": "1"}},
    {
        "E021": JWT | {"EVENTLY_JWT_ALGORITHMS": "HS256"},
        "E022": {"EVENTLY_JWT_JWKS": "http://id.example/keys"},
        "E024": {"EVENTLY_JWT_AUDIENCE": ""},
    },
    {
        "E012": {"EVENTLY_INSTANCES": "2", "CACHE_URL": "redis://127.0.0.1:1"},
        "E023": JWT | {"EVENTLY_JWT_JWKS": "/no/such/keys.json"},
    },
]
SETTING_BY_NUMBER = {
    "E013": "fsync",
    "E014": "full_page_writes",
    "E015": "synchronous_commit",
}
DURABLE = dict.fromkeys(SETTING_BY_NUMBER.values(), "on")


def command(listener):
    return [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py",
            "--bind", f"fd://{listener.fileno()}", "evently.wsgi"]  # fmt: skip


def start(**variables):
    """Start the server; return its exit status and the checks that it names."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = subprocess.run(
            command(listener),
            pass_fds=[listener.fileno()],
            env=os.environ | PRODUCTION | variables,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
    return done.returncode, sorted(set(re.findall(r"\(evently\.(E\d+)\)", done.stderr)))


def manage(*arguments, **variables):
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=os.environ | PRODUCTION | variables,
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    )


@contextmanager
def serving(**variables):
    """Start a server that is to live; yield its address, stop it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = subprocess.Popen(
            command(listener),
            pass_fds=[listener.fileno()],
            env=os.environ | PRODUCTION | variables,
            cwd=ROOT,
        )
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=40)


def alive(url):
    request = Request(f"{url}/healthz", headers={"Host": "evently.example"})
    with urlopen(request, timeout=50) as answer:
        return answer.status


@pytest.mark.parametrize("faults", FAULTS, ids=" ".join)
def test_server_with_insecure_settings_ends_and_names_the_checks(faults):
    variables = {name: value for each in faults.values() for name, value in each.items()}

    assert start(**variables) == (REFUSED, sorted(faults))


def test_server_whose_events_are_counted_by_the_days_of_another_zone_ends(tmp_path):
    database = {"DATABASE_URL": f"sqlite:///{tmp_path}/seeded.sqlite3"}
    for step in ("migrate", "seed"):
        manage(step, **database)

    assert start(TIME_ZONE="Asia/Tokyo", **database) == (REFUSED, ["E025"])

    manage("analytics", "--rebuild", TIME_ZONE="Asia/Tokyo", **database)
    with serving(TIME_ZONE="Asia/Tokyo", **database) as url:
        assert alive(url) == 200


@pytest.mark.parametrize("database", [{}, {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/no"}])
def test_server_of_production_lives_without_its_database_too(database):
    with serving(**database) as url:
        assert alive(url) == 200


@pytest.mark.parametrize("pool", ["0", "4"])
def test_server_whose_database_never_answers_lives(pool):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/no"
        with serving(DATABASE_URL=address, EVENTLY_DATABASE_POOL=pool) as url:
            assert alive(url) == 200


@pytest.fixture(scope="module")
def durable_server():
    with postgres.server(**DURABLE) as url:
        yield url


@pytest.mark.postgresql
def test_server_whose_role_may_lose_data_ends_and_names_the_check(durable_server):
    url = f"{durable_server}&options=-csynchronous_commit%3Doff"

    assert start(DATABASE_URL=url) == (REFUSED, ["E015"])


@pytest.mark.postgresql
def test_server_on_a_database_that_loses_nothing_lives(durable_server):
    with serving(DATABASE_URL=durable_server) as url:
        assert alive(url) == 200


@pytest.mark.postgresql
def test_server_on_a_database_that_may_lose_data_ends_and_names_the_checks():
    with postgres.server() as url:
        assert start(DATABASE_URL=url) == (REFUSED, sorted(SETTING_BY_NUMBER))
        done = subprocess.run(
            [sys.executable, "manage.py", "check", "--database", "default"],
            env=os.environ | PRODUCTION | {"DATABASE_URL": url},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert done.returncode == 1
    assert sorted(re.findall(r"E01\d", done.stderr)) == sorted(SETTING_BY_NUMBER)
