"""Requests that carry the same `Idempotency-Key` at the same moment."""

import pytest
from django.db import connection

from bookings.models import Booking
from evently import transactions
from evently.idempotency.models import StoredAnswer
from evently.idempotency.services import Once
from tests.factories import make_full_event
from tests.races.cues import BOOKING_MADE, ENTRY_MADE, KEY_TAKEN
from tests.races.promises import broken_promises
from waitlists.models import WaitlistEntry

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

KEY = {"Idempotency-Key": "one-wish"}


def book_twice(stage, client, event, *, pause_after=BOOKING_MADE, end="resume"):
    """The second request comes when the first is done but for the commit, or for its failure."""
    wish = {"path": "/bookings", "data": {"event_id": event.id}, "headers": KEY}
    first = stage.start(client.post, **wish, pause_after=pause_after)
    second = stage.start(client.post, **wish)
    getattr(first, end)()
    return first.outcome, second.outcome


def test_second_request_waits_for_the_first_and_gets_its_answer(stage, as_holder, event):
    first, second = book_twice(stage, as_holder, event)

    assert (first.status_code, second.content) == (201, first.content)
    assert second["Idempotent-Replayed"] == "true"
    assert Booking.objects.count() == 1


def test_second_request_does_what_the_first_one_failed_to_do(stage, as_holder, event):
    # The test client raises what a view fails with.
    _, second = book_twice(stage, as_holder, event, end="fail")

    assert (second.status_code, second.get("Idempotent-Replayed")) == (201, None)
    assert Booking.objects.count() == StoredAnswer.objects.count() == 1


def test_second_request_waits_for_a_first_one_that_starts_over_for_the_line(stage, as_holder):
    event, _ = make_full_event()

    first, second = book_twice(stage, as_holder, event, pause_after=ENTRY_MADE)

    assert (first.status_code, second.content) == (202, first.content)
    assert WaitlistEntry.objects.count() == 1
    assert broken_promises() == set()


def test_second_request_waits_no_longer_than_for_a_row(stage, as_holder, event, monkeypatch):
    monkeypatch.setattr(transactions, "ROW_LOCK_TIMEOUT", "50ms")
    wish = {"path": "/bookings", "data": {"event_id": event.id}, "headers": KEY}
    first = stage.start(as_holder.post, **wish, pause_after=BOOKING_MADE)

    second = stage.start(as_holder.post, **wish).outcome
    first.resume()

    assert (second.status_code, second["Retry-After"]) == (409, "1")
    assert second.json()["code"] == "idempotency_key_in_use"
    assert first.outcome.status_code == 201
    assert as_holder.post(**wish).content == first.outcome.content


def test_keeper_of_the_key_that_dies_leaves_neither_key_nor_booking(stage, as_holder, event):
    first = stage.start(
        as_holder.post, path="/bookings", data={"event_id": event.id}, headers=KEY,
        pause_after=KEY_TAKEN,
    )  # fmt: skip
    first.fail()

    assert isinstance(first.outcome, Exception)
    assert (StoredAnswer.objects.count(), Booking.objects.count()) == (0, 0)


@pytest.fixture
def key_in_its_own_transaction(monkeypatch):
    """The key is committed before the service begins, as a decorator around a view would do it."""

    def begin(once):
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO idempotency_storedanswer (caller, key, fingerprint, created_at)"
                    " VALUES (%s, %s, %s, now()) ON CONFLICT DO NOTHING",
                    [once.claim.caller, once.claim.key, once.claim.fingerprint],
                )
        finally:
            other.close()

    monkeypatch.setattr(Once, "begin", begin)


@pytest.mark.usefixtures("key_in_its_own_transaction")
def test_key_in_its_own_transaction_outlives_a_booking_that_failed(stage, as_holder, event):
    first = stage.start(
        as_holder.post, path="/bookings", data={"event_id": event.id}, headers=KEY,
        pause_after=BOOKING_MADE,
    )  # fmt: skip
    first.fail()

    assert isinstance(first.outcome, Exception)
    assert (StoredAnswer.objects.count(), Booking.objects.count()) == (1, 0)


@pytest.mark.usefixtures("key_in_its_own_transaction")
def test_key_in_its_own_transaction_lets_both_requests_book(stage, as_holder, event):
    book_twice(stage, as_holder, event)

    assert Booking.objects.count() == 2
