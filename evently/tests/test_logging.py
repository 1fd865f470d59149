"""The request's id in every answer and line; lines that a machine can read and nobody is in."""

import json
import logging
from io import StringIO

import pytest

from bookings.models import Booking
from evently.logging import logging_settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines():
    """Write the log as in production; return what it has by now, line by line."""
    structured = logging_settings("json")["formatters"]["structured"]
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structured["()"](
            processors=structured["processors"], foreign_pre_chain=structured["foreign_pre_chain"]
        )
    )
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


# --- The request's id ---------------------------------------------------------------------------


@pytest.mark.parametrize("sent", ["a", "7f3c-01", "Root=1-67891233:abc/DEF+x@y._", "x" * 128])
def test_request_id_that_is_harmless_is_kept(client, sent):
    assert client.get("/healthz", headers={"X-Request-ID": sent})["X-Request-ID"] == sent


@pytest.mark.parametrize(
    "sent", ["", " ", "two words", 'a"b', "<b>", "é", "a\tb", "x" * 129, "a,b"]
)
def test_request_id_that_is_malformed_is_replaced(client, sent):
    given = client.get("/healthz", headers={"X-Request-ID": sent})["X-Request-ID"]

    assert len(given) == 32
    assert int(given, 16) > 0


def test_request_ids_differ(client):
    assert client.get("/healthz")["X-Request-ID"] != client.get("/healthz")["X-Request-ID"]


@pytest.mark.django_db(transaction=True)
def test_request_id_is_in_every_line(as_holder, event, lines):
    as_holder.post("/bookings", {"event_id": event.id}, headers={"X-Request-ID": "mine"})

    assert [(line["event"], line["request_id"]) for line in lines()] == [
        ("booking_made", "mine"),
        ("request_finished", "mine"),
    ]


# --- The lines ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_change_is_one_line_of_ids(as_holder, event, holder, lines):
    response = as_holder.post("/bookings", {"event_id": event.id})

    booking = Booking.objects.get()
    [change] = [line for line in lines() if line["logger"] == "evently.changes"]
    assert change.pop("timestamp").endswith("Z")
    assert change == {
        "event": "booking_made",
        "level": "info",
        "logger": "evently.changes",
        "request_id": response["X-Request-ID"],
        "booking_id": booking.id,
        "event_id": event.id,
        "seat_id": booking.seat_id,
        "user_id": holder.id,
    }


def test_answer_is_one_line_without_the_query(client, lines):
    response = client.get("/events?search=somebody@example.org", headers={"User-Agent": "Browser"})

    [line] = lines()
    assert line.pop("timestamp")
    assert line == {
        "event": "request_finished",
        "level": "info",
        "logger": "django_structlog.middlewares.request",
        "request_id": response["X-Request-ID"],
        "request": "GET /events",
        "code": 200,
    }


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/admin/users", {"username": "newcomer", "email": "newcomer@example.org"}),
        ("POST", "/admin/users", {"username": "holder", "email": "holder@example.org"}),
        ("GET", "/admin/users?search=holder@example.org", None),
        ("GET", "/events?search=newcomer", None),
        ("POST", "/admin/events", {"name": "Wedding of newcomer", "venue": "example.org"}),
        ("GET", "/users/me", None),
        ("GET", "/nobody%0aholder", None),
    ],
)
def test_line_names_nobody(as_admin, holder, lines, method, path, body):
    as_admin.generic(method, path, json.dumps(body), "application/json")

    found = json.dumps(lines())
    assert len(lines()) >= 1
    assert [word for word in ("newcomer", "example.org", "@") if word in found] == []
