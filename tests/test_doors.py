"""The authorization matrix: every routed call, everybody, and rows of their own, another's, none.

The calls come from Django's table of routes and the statuses from the views' permissions
(`tests/doors.py`), in both modes of identity.
"""

import pytest

from conftest import Client
from evently.users.services import create_token
from tests.described import answers, describe
from tests.doors import (
    ADMIN,
    CALLERS,
    CALLS,
    IN_A_SNAPSHOT,
    NOBODY,
    OWNER,
    STRANGER,
    Door,
    make_rows,
    missing,
)
from tests.factories import EventFactory, UserFactory
from tests.routes import METHODS, routes

pytestmark = pytest.mark.django_db

# Headers that count or name the call itself.
OF_ONE_CALL = {"X-Request-ID", "RateLimit"}
DOORS = [Door(call) for call in CALLS]
HIDDEN = [
    Door("GET /events/{event}"),
    Door("GET /events/{event}/seats"),
    Door("POST /bookings"),
    Door("POST /waitlists"),
]


def marked(door, *values):
    marks = [pytest.mark.django_db(transaction=True)] if door.call in IN_A_SNAPSHOT else []
    words = [getattr(value, "name", value) for value in values]
    return pytest.param(door, *values, id=" · ".join([door.call, *words]), marks=marks)


CELLS = [
    marked(door, mode, caller, row)
    for door in DOORS
    for mode, callers in CALLERS.items()
    for caller in callers
    for row in door.rows
]


@pytest.fixture(scope="module")
def schema():
    return describe()


@pytest.fixture
def client_of(settings, request):
    """Return a client for each caller, in a mode."""

    def client_of(caller, mode):
        settings.EVENTLY_AUTH = mode
        client = Client()
        user = caller.user and request.getfixturevalue(caller.user)
        if user and mode == "tokens":
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {create_token(user=user)[1]}"
        elif user:
            client.as_user(user)
        if caller.is_impostor or (caller.is_admin and not user):
            client.as_admin()
        return client

    return client_of


@pytest.fixture
def rows_of(holder):
    """Return the ids that a call is about, by whose they are."""

    def rows_of(whose, door):
        if whose == "another's":
            return make_rows(UserFactory(username="another"), *door.kinds)
        return missing(holder) if whose == "missing" else make_rows(holder, *door.kinds)

    return rows_of


def comparable(response):
    """Return all of an answer that may not differ."""
    headers = {name: value for name, value in response.items() if name not in OF_ONE_CALL}
    return response.status_code, headers, response.content


def test_every_routed_call_is_in_the_matrix():
    routed = {call for route in routes() for call in route.calls}

    assert {door.routed for door in DOORS} == routed


@pytest.mark.parametrize(("door", "mode", "caller", "row"), CELLS)
def test_door_opens_for_whom_it_should(door, mode, caller, row, rows_of, client_of, schema):
    response = door.knock(client_of(caller, mode), rows_of(row, door))

    refusal = door.refusal(caller, row)
    described = answers(schema, door.routed) if door.routed.split()[1] in schema["paths"] else {200}
    opens = {status for status in described if status < 300}
    assert response.status_code in ({refusal} if refusal else opens)


@pytest.mark.parametrize(
    ("door", "caller"),
    [
        pytest.param(door, caller, id=f"{door.call} by {caller.name}")
        for door in DOORS
        for caller in (STRANGER, OWNER)
        if door.refusal(caller, "another's") == 404
    ],
)
def test_anothers_row_is_answered_byte_for_byte_as_a_missing_one(door, caller, rows_of, client_of):
    client = client_of(caller, "headers")

    anothers = door.knock(client, rows_of("another's", door))
    nobodys = door.knock(client, rows_of("missing", door))

    assert anothers.status_code == 404
    assert comparable(anothers) == comparable(nobodys)


@pytest.mark.parametrize("door", [marked(door) for door in HIDDEN])
def test_a_draft_is_answered_byte_for_byte_as_a_missing_event(door, rows_of, client_of):
    draft = EventFactory(status="draft").id
    client = client_of(OWNER, "headers")

    hidden = door.knock(client, rows_of("missing", door) | {"event": draft, "full": draft})
    nobodys = door.knock(client, rows_of("missing", door))

    assert hidden.status_code == 404
    assert comparable(hidden) == comparable(nobodys)


@pytest.mark.parametrize("caller", [NOBODY, ADMIN], ids=lambda caller: caller.name)
@pytest.mark.parametrize("route", [pytest.param(route, id=route.path) for route in routes()])
def test_other_methods_are_refused_to_everybody_telling_the_right_ones(route, caller, client_of):
    client = client_of(caller, "headers")
    allowed = {*route.actions} | ({"HEAD"} if "GET" in route.actions else set())

    for method in {*map(str.upper, METHODS), "HEAD", "OPTIONS", "TRACE"} - allowed:
        response = client.generic(method, route.path.replace("{id}", "1"))

        assert response.status_code == 405
        assert set(response["Allow"].split(", ")) == allowed
        assert response["Content-Type"] == "application/problem+json"
