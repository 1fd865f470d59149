"""Connections that break while a service works: done again, unless COMMIT was on its way."""

import psycopg
import pytest
from django.db import OperationalError, connection

from bookings.models import Booking
from bookings.services import book_any_seat
from evently import transactions
from evently.idempotency.models import StoredAnswer
from tests.factories import UserFactory
from tests.races.promises import broken_promises

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

KEY = {"Idempotency-Key": "one-wish"}
UNKNOWN = {
    "type": "urn:evently:problem:outcome_unknown",
    "title": "Outcome unknown",
    "status": 503,
    "detail": "The database was lost before it confirmed the change. Look whether it was made, or "
    "ask again with the same Idempotency-Key.",
    "code": "outcome_unknown",
}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(transactions, "PAUSES_SECONDS", (0.001,) * 3)


def cut(*, times):
    """Return a wrapper that ends its own session after the booking was made, so many times."""
    left = [times]

    def execute(run, sql, *args):
        result = run(sql, *args)
        if 'INSERT INTO "bookings_booking"' in sql and left[0]:
            left[0] -= 1
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return result

    return connection.execute_wrapper(execute)


@pytest.mark.parametrize("times", [1, 3])
def test_booking_cut_off_before_its_commit_is_made_again(as_holder, event, times):
    with cut(times=times):
        response = as_holder.post("/bookings", {"event_id": event.id}, headers=KEY)

    assert response.status_code == 201
    assert (Booking.objects.count(), StoredAnswer.objects.count()) == (1, 1)
    assert broken_promises() == set()


def test_booking_cut_off_four_times_is_503_and_leaves_no_trace(as_holder, event):
    with cut(times=4):
        response = as_holder.post("/bookings", {"event_id": event.id}, headers=KEY)

    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert response.json()["code"] == "database_unavailable"
    assert (Booking.objects.count(), StoredAnswer.objects.count()) == (0, 0)


def test_booking_cut_off_and_not_made_again_fails(event, monkeypatch):
    monkeypatch.setattr(transactions, "PAUSES_SECONDS", ())

    with cut(times=1), pytest.raises(OperationalError):
        book_any_seat(event_id=event.id, user_id=UserFactory().id)

    assert Booking.objects.count() == 0


@pytest.fixture(params=[True, False], ids=["committed", "rolled back"])
def losing_the_answer_to_commit(request, monkeypatch):
    """The first COMMIT reaches the server, or not; the connection breaks before the answer."""
    commit = connection.commit

    def lose():
        monkeypatch.undo()
        if request.param:
            commit()
        connection.connection.close()
        raise OperationalError from psycopg.OperationalError("server closed the connection")

    monkeypatch.setattr(connection, "commit", lose)


@pytest.mark.usefixtures("losing_the_answer_to_commit")
def test_booking_whose_commit_isnt_answered_is_unknown_and_the_key_decides(as_holder, event):
    wish = {"event_id": event.id}

    lost = as_holder.post("/bookings", wish, headers=KEY)
    made = Booking.objects.count()
    again = as_holder.post("/bookings", wish, headers=KEY)

    assert (lost.status_code, lost.json(), lost["Retry-After"]) == (503, UNKNOWN, "1")
    assert (again.status_code, "Idempotent-Replayed" in again) == (201, made == 1)
    assert Booking.objects.count() == 1


def test_statement_that_takes_too_long_is_cut_off_and_not_tried_again(monkeypatch):
    tries = []

    def idle():
        tries.append(1)
        transactions.limit(statement_timeout="20ms")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    with pytest.raises(OperationalError):
        transactions.run(idle)

    assert len(tries) == 1


def test_figures_have_time_outs_of_their_own():
    with transactions.snapshot(), connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("30s",)
