"""`/metrics`: who may see it, and what it says of requests and changes."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as running
from django.db import transaction
from prometheus_client.parser import text_string_to_metric_families

from bookings.cancelling import begin_cancelling, cancel_next_batch
from bookings.event_services import change_event
from bookings.services import accept_offer, book_any_seat, cancel_booking
from evently.api.logs import log_change
from evently.transactions import database_now
from evently.watching import collectors
from tests.factories import (
    NotificationFactory,
    expire_offer,
    make_booking,
    make_full_event,
)
from waitlists.lapsing import lapse_all
from waitlists.tests.line import make_offer

TOKEN = "a-token-of-thirty-two-characters-and-more"
OUTSIDE = "203.0.113.9"
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"

with_commits = pytest.mark.django_db(transaction=True)


@pytest.fixture
def token(settings):
    settings.EVENTLY_METRICS_TOKEN = TOKEN
    return TOKEN


def samples(text):
    """Return the values by name and labels; raises when the text isn't Prometheus'."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def ask(client, peer="127.0.0.1", **headers):
    return client.get("/metrics", REMOTE_ADDR=peer, headers=headers)


# --- Who may see it -----------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", ""])
def test_metrics_are_shown_to_callers_on_this_machine(client, peer):
    response = ask(client, peer)

    assert (response.status_code, response["Content-Type"], response["Cache-Control"]) == (
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        "no-store",
    )


@pytest.mark.parametrize("peer", [OUTSIDE, "10.0.0.1", "::", "0.0.0.0", "2001:db8::1"])
def test_metrics_are_refused_to_others(client, peer):
    response = ask(client, peer)

    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="metrics"')
    assert response.json() == {
        "type": "urn:evently:problem:not_authenticated",
        "title": "Not authenticated",
        "status": 401,
        "detail": "Authentication credentials were not provided.",
        "code": "not_authenticated",
    }


@pytest.mark.parametrize(
    "header",
    [
        "Forwarded",
        "Via",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Anything",
        "X-Real-IP",
        "X-Client-IP",
        "X-Gateway-Secret",
    ],
)
def test_metrics_are_refused_to_whom_a_proxy_on_this_machine_lets_through(client, header):
    assert ask(client, **{header: "127.0.0.1"}).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_metrics_are_shown_to_whoever_has_the_token(client, token, scheme):
    response = ask(client, OUTSIDE, Authorization=f"{scheme} {token}", Via="1.1 proxy")

    assert response.status_code == 200


@pytest.mark.parametrize(
    "sent",
    ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN],
)
def test_metrics_are_refused_with_another_token(client, token, sent):
    assert ask(client, OUTSIDE, Authorization=sent).status_code == 401


@pytest.mark.parametrize("sent", ["Bearer", "Bearer "])
def test_no_token_is_right_where_none_is_set(client, sent):
    assert ask(client, OUTSIDE, Authorization=sent).status_code == 401


def test_metrics_are_refused_to_admins_from_outside(as_admin):
    assert ask(as_admin, OUTSIDE).status_code == 401


@pytest.mark.django_db
def test_metrics_are_asked_from_inside_over_plain_http(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert ask(client).status_code == 200


def test_metrics_are_only_read(client):
    assert client.post("/metrics").status_code == 405


# --- Requests -----------------------------------------------------------------------------------

COUNT = "evently_request_duration_seconds_count"


@with_commits
def test_request_is_counted_by_method_route_and_status(as_holder, event, risen):
    as_holder.post("/bookings", {"event_id": event.id})
    as_holder.post("/bookings", {"event_id": 0})
    as_holder.get(f"/events/{event.id}")

    assert risen(COUNT, method="POST", route="/bookings", status="201") == 1
    assert risen(COUNT, method="POST", route="/bookings", status="400") == 1
    assert risen(COUNT, method="GET", route="/events/{id}", status="200") == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/nothing/123", {"method": "GET", "route": "unknown", "status": "404"}),
        ("BREW", "/healthz", {"method": "other", "route": "/healthz", "status": "405"}),
        ("GET", "/static/no.css", {"method": "GET", "route": "/static/", "status": "404"}),
        ("GET", "/staff/events/event/7/", {"method": "GET", "route": "/staff/", "status": "302"}),
        ("GET", "/waitlists/7", {"method": "GET", "route": "/waitlists/{id}", "status": "401"}),
    ],
)
def test_request_that_a_client_makes_up_adds_no_label(client, risen, method, path, labels):
    client.generic(method, path)

    assert risen(COUNT, **labels) == 1


@pytest.mark.django_db
def test_no_label_holds_an_id(as_admin, event):
    for path in (f"/events/{event.id}", f"/admin/events/{event.id}", "/bookings/987654321"):
        as_admin.get(path)

    routes = [
        dict(labels)["route"]
        for name, *labels in samples(ask(as_admin).content.decode())
        if name == COUNT
    ]
    assert len(routes) >= 3
    assert [route for route in routes if any(letter.isdigit() for letter in route)] == []


# --- Changes ------------------------------------------------------------------------------------


@with_commits
def test_bookings_are_counted(event, holder, risen):
    booking = make_booking(event, holder)
    cancel_booking(booking_id=booking.id)
    cancel_booking(booking_id=booking.id)

    assert risen("evently_bookings_made_total") == 1
    assert risen("evently_bookings_cancelled_total") == 1


@with_commits
def test_bookings_that_end_with_their_event_are_counted(risen):
    event, _ = make_full_event(seats=3)

    change_event(event_id=event.id, changes={"status": "cancelled"})

    assert risen("evently_bookings_cancelled_total") == 3


@with_commits
def test_booking_that_its_holder_cancels_as_its_event_ends_is_counted_once(risen):
    event, [booking, _] = make_full_event(seats=2)
    begin_cancelling(event_id=event.id)
    cancel_booking(booking_id=booking.id)

    cancel_next_batch(event_id=event.id)

    assert risen("evently_bookings_cancelled_total") == 2


@with_commits
def test_line_is_counted(stranger, risen):
    event, [booking] = make_full_event()
    book_any_seat(event_id=event.id, user_id=stranger.id)
    book_any_seat(event_id=event.id, user_id=stranger.id)
    cancel_booking(booking_id=booking.id)

    assert risen("evently_waitlisted_total") == 1
    assert risen("evently_offers_made_total") == 1


@with_commits
def test_offers_are_counted_by_how_they_end(risen):
    accepted, lapsed = make_offer(), make_offer()
    accept_offer(entry_id=accepted.id)
    expire_offer(lapsed)
    lapse_all()

    assert risen("evently_offers_accepted_total") == 1
    assert risen("evently_offers_lapsed_total") == 1


@with_commits
def test_change_that_is_undone_is_not_counted(risen):
    with transaction.atomic():
        log_change("booking_made", booking_id=1)
        transaction.set_rollback(True)

    assert risen("evently_bookings_made_total") == 0


@with_commits
def test_change_is_counted_once_it_is_committed(risen):
    with transaction.atomic():
        log_change("booking_made", booking_id=1)
        before = risen("evently_bookings_made_total")

    assert (before, risen("evently_bookings_made_total")) == (0, 1)


# --- The worker's lag ---------------------------------------------------------------------------


def lag(client, work):
    found = samples(ask(client).content.decode())
    return found["evently_worker_lag_seconds", ("work", work)]


@pytest.mark.django_db
def test_lag_is_the_age_of_the_longest_overdue_notification(client):
    NotificationFactory(deliver_at=database_now() - timedelta(minutes=5))
    NotificationFactory(deliver_at=database_now() - timedelta(minutes=2))

    assert lag(client, "notifications") == pytest.approx(300, abs=30)


@with_commits
def test_lag_is_the_age_of_the_longest_expired_offer(client):
    entry = make_offer()
    before = lag(client, "offers")
    expire_offer(entry)

    assert before == 0
    assert lag(client, "offers") > 3600


@pytest.mark.django_db
def test_lag_is_zero_with_nothing_due(client):
    NotificationFactory(deliver_at=database_now() + timedelta(minutes=5))

    assert (lag(client, "notifications"), lag(client, "offers")) == (0, 0)


@pytest.mark.django_db
def test_lag_costs_the_same_however_much_is_due(as_admin, django_assert_max_num_queries):
    for _ in range(3):
        NotificationFactory()

    with django_assert_max_num_queries(3):
        ask(as_admin)


def test_metrics_while_the_database_hangs_lack_the_lag_alone(client, monkeypatch):
    monkeypatch.setattr(collectors, "PATIENCE_SECONDS", 0.1)
    with collectors.WorkerLag._turn:  # whoever asked before still waits
        response = ask(client)

    found = samples(response.content.decode())
    assert response.status_code == 200
    assert "evently_worker_lag_seconds" not in {name for name, *_ in found}


ASK = """
import json, logging
import django
django.setup()
logging.disable()
from django.test import Client
client = Client(headers={"host": "localhost"})
client.get("/events")
response = client.get("/metrics")
print(json.dumps([response.status_code, response.content.decode()]))
"""


@pytest.mark.once
def test_metrics_without_a_database_lack_the_lag_alone():
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "evently.settings",
            "EVENTLY_DEMO": "1",
            "DATABASE_URL": NOWHERE,
            "EVENTLY_DATABASE_POOL": "0",
        },
        cwd=running.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    status, text = json.loads(done.stdout)
    found = samples(text)

    assert status == 200
    assert found[COUNT, ("method", "GET"), ("route", "/events"), ("status", "503")] == 1
    assert found["evently_database_refusals_total", ("reason", "OperationalError")] == 1
    assert "evently_worker_lag_seconds" not in {name for name, *_ in found}
