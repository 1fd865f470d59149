"""What surrounds every answer: liveness, readiness, other origins, the way to the staff site."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings as running

# Where nobody listens: port 1 is refused at once.
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
ASK = """
import json, logging
import django
django.setup()
logging.disable()
from django.test import Client
answers = {}
for path in ("/healthz", "/readyz", "/events", "/users/me"):
    response = Client(headers={"host": "localhost", "x-user-id": "1"}).get(path)
    answers[path] = [response.status_code, response.json(), response.get("Retry-After")]
print(json.dumps(answers))
"""
UNAVAILABLE = {
    "type": "urn:evently:problem:database_unavailable",
    "title": "Database unavailable",
    "status": 503,
    "detail": "The database can't answer now. Try again in a moment.",
    "code": "database_unavailable",
}


def answers_with(database_url):
    """Ask a server of its own with this database; return status, body and Retry-After by path."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "evently.settings",
            "EVENTLY_DEMO": "1",
            "DATABASE_URL": database_url,
            "EVENTLY_DATABASE_POOL": "0",
        },
        cwd=running.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.once
def test_without_a_database_the_server_is_alive_and_not_ready():
    answers = answers_with(NOWHERE)

    assert answers["/healthz"] == [200, {"status": "ok"}, None]
    for path in ("/readyz", "/events", "/users/me"):
        assert answers[path] == [503, UNAVAILABLE, "1"]


@pytest.mark.once
def test_before_the_migrations_the_server_is_alive_and_not_ready():
    answers = answers_with("sqlite://:memory:")

    assert answers["/healthz"] == [200, {"status": "ok"}, None]
    assert answers["/readyz"] == [
        503,
        {
            "type": "urn:evently:problem:migrations_pending",
            "title": "Migrations pending",
            "status": 503,
            "detail": "Migrations are not applied yet.",
            "code": "migrations_pending",
        },
        "1",
    ]


def test_alive_asks_nothing_of_the_database(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_once_every_migration_is_applied(client):
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize("path", ["/admin", "/admin/"])
def test_admin_leads_to_the_staff_site(client, path):
    response = client.get(path)

    assert (response.status_code, response["Location"]) == (302, "/staff/")


# --- Other origins ------------------------------------------------------------------------------


@pytest.fixture
def app_origin(settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    # Where the settings have it, once an origin is named.
    settings.MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", *settings.MIDDLEWARE]
    return "https://app.example"


@pytest.mark.django_db
def test_no_other_origin_may_read_an_answer_unless_it_is_named(client):
    response = client.get("/events", headers={"Origin": "https://app.example"})

    assert "Access-Control-Allow-Origin" not in response


@pytest.mark.django_db
def test_named_origin_may_read_the_answer_and_its_headers(client, app_origin):
    response = client.get("/events", headers={"Origin": app_origin})

    assert response["Access-Control-Allow-Origin"] == app_origin
    assert response["Access-Control-Expose-Headers"] == (
        "ETag, Idempotent-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, "
        "Seat-Map-Version, X-Request-ID, X-Total-Count"
    )
    assert "Access-Control-Allow-Credentials" not in response


@pytest.mark.django_db
def test_unnamed_origin_may_not_though_another_is_named(client, app_origin):
    response = client.get("/events", headers={"Origin": "https://app.example.evil.example"})

    assert "Access-Control-Allow-Origin" not in response


def test_named_origin_may_name_its_caller(client, app_origin):
    response = client.options(
        "/bookings",
        headers={
            "Origin": app_origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,if-match,x-user-id,x-user-role",
        },
    )

    allowed = response["Access-Control-Allow-Headers"].split(", ")
    assert response.status_code == 200
    assert set(allowed) >= {
        *("authorization", "content-type", "idempotency-key", "if-match"),
        *("x-user-id", "x-user-role"),
    }
    assert "x-gateway-secret" not in allowed
