"""Wrong input of every kind: the documented refusal in the one shape, and nothing is changed."""

import pytest
from django.apps import apps
from django.db import connection

from tests.bad_input import (
    Row,
    addresses,
    bodies,
    fields,
    groups,
    identity,
    keys,
    limits,
    make_world,
    queries,
)

TABLES = [identity, bodies, fields, groups, addresses, queries, keys, limits]
ROWS = [row for table in TABLES for row in table.ROWS]
OUR_APPS = {"users", "audit", "events", "bookings", "waitlists", "notifications"}
OUR_TABLES = [
    model._meta.db_table for model in apps.get_models() if model._meta.app_label in OUR_APPS
]
MEMBERS = {"type", "title", "status", "detail", "code"}

pytestmark = pytest.mark.django_db


def everything():
    """Return all rows of all our tables."""
    found = {}
    with connection.cursor() as cursor:
        for table in OUR_TABLES:
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            found[table] = cursor.fetchall()
    return found


@pytest.fixture(scope="module")
def world(around_a_module):
    """Make the world that no row may change; return all of it."""
    make_world()
    return everything()


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in ROWS])
def test_wrong_input_is_refused_and_changes_nothing(row: Row, world, client, settings):
    for name, value in row.settings.items():
        setattr(settings, name, value)
    for _ in range(row.sent_before):
        row.send(client)

    response = row.send(client)

    assert (response.status_code, response["Content-Type"]) == (
        row.status,
        "application/problem+json",
    )
    assert response["X-Request-ID"]
    assert row.allow in (None, response.get("Allow"))
    asks_for_more = row.status == 401 or row.code == "insufficient_scope"
    assert ("WWW-Authenticate" in response) == asks_for_more
    assert ("Retry-After" in response) == (row.status == 429)
    if not row.call.startswith("HEAD "):
        assert_problem(response.json(), row)
    assert everything() == world


def assert_problem(body, row):
    errors = body.pop("errors", [])
    assert body == {
        "type": f"urn:evently:problem:{row.code}",
        "title": row.code.replace("_", " ").capitalize(),
        "status": row.status,
        "detail": body["detail"],
        "code": row.code,
    }
    assert body["detail"]
    assert tuple(dict.fromkeys(error["field"] for error in errors)) == row.fields
    assert all(error.keys() == {"field", "code", "detail"} for error in errors)
