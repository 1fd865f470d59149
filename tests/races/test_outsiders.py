"""Sessions that stand in the way: nobody waits long for them, and nobody is misled by them."""

import time

import pytest
from django.db import connection

from bookings.models import Booking
from bookings.services import cancel_booking
from evently import transactions
from events import gate
from tests import gates
from tests.factories import EventFactory, expire_offer, make_entry, make_full_event
from tests.races.cues import SEAT_READ
from tests.races.promises import broken_promises
from tests.races.stage import until
from waitlists.lapsing import lapse_all
from waitlists.models import WaitlistEntry

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

UNAVAILABLE = {
    "type": "urn:evently:problem:database_unavailable",
    "title": "Database unavailable",
    "status": 503,
    "detail": "The database can't answer now. Try again in a moment.",
    "code": "database_unavailable",
}
CLOSE_GATE = "SELECT pg_advisory_xact_lock(%s, hashint8(%s))"


@pytest.fixture
def locked_event(outsider):
    """An event whose only seat is on sale, and locked by a session that knows no gates."""
    event = EventFactory(total_seats=1)
    outsider.execute("SELECT id FROM events_seat WHERE event_id = %s FOR UPDATE", [event.id])
    return event


def make_expired_offer():
    event, [booking] = make_full_event()
    entry = make_entry(event)
    cancel_booking(booking_id=booking.id)
    expire_offer(entry)
    return entry


def settings_now():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('lock_timeout'),"
            " current_setting('idle_in_transaction_session_timeout'),"
            " current_setting('statement_timeout')"
        )
        return cursor.fetchone()


def seconds_of(call):
    begun = time.monotonic()
    return call(), time.monotonic() - begun


def test_the_only_seat_locked_by_an_outsider_is_503_and_not_the_line(locked_event, as_holder):
    response = as_holder.post("/bookings", {"event_id": locked_event.id})

    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert response.json() == UNAVAILABLE
    assert (Booking.objects.count(), WaitlistEntry.objects.count()) == (0, 0)


def test_an_offer_that_cannot_lapse_now_keeps_no_other_waiting(outsider):
    stuck, free = (make_expired_offer() for _ in range(2))
    outsider.execute("SELECT id FROM events_seat WHERE event_id = %s FOR UPDATE", [stuck.event_id])

    assert lapse_all() == 1

    states = WaitlistEntry.objects.in_bulk([stuck.id, free.id])
    assert (states[stuck.id].status, states[free.id].status) == ("offered", "lapsed")


def test_transactions_are_read_committed_whatever_the_server_prefers(outsider):
    database = connection.ops.quote_name(connection.settings_dict["NAME"])
    prefer = f"ALTER DATABASE {database} SET default_transaction_isolation TO"
    outsider.execute(f"{prefer} 'repeatable read'; COMMIT")
    connection.close()
    try:
        with gates.shared(0), connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            assert cursor.fetchone() == ("read committed",)
    finally:
        outsider.execute(f"{prefer} DEFAULT; COMMIT")


@pytest.mark.usefixtures("skipping_locked_seats")
def test_the_only_seat_locked_by_an_outsider_and_skipped_puts_the_buyer_in_line_beside_it(
    locked_event, outsider, as_holder
):
    response = as_holder.post("/bookings", {"event_id": locked_event.id})
    outsider.rollback()

    assert response.status_code == 202
    assert broken_promises() == {"4 and 5"}


def test_a_locked_seat_is_waited_for_one_second(locked_event, as_holder):
    wish = {"event_id": locked_event.id, "seat_number": "Seat-1"}

    response, seconds = seconds_of(lambda: as_holder.post("/bookings", wish))

    assert response.status_code == 503
    assert 0.9 < seconds < 4.9


def test_a_closed_gate_is_waited_for_five_seconds(event, outsider, as_holder):
    outsider.execute(CLOSE_GATE, [gate.NAMESPACE, event.id])

    response, seconds = seconds_of(lambda: as_holder.post("/bookings", {"event_id": event.id}))

    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert seconds > 4.9
    assert Booking.objects.count() == 0


@pytest.mark.parametrize("passing", [gates.shared, gates.exclusive])
def test_time_outs_behind_the_gate_are_the_rows_and_end_with_the_transaction(event, passing):
    before = settings_now()

    with passing(event.id):
        assert settings_now() == ("1s", "10s", "3s")
    assert settings_now() == before


def idle(stage, event, client, monkeypatch):
    """Sell a seat, but for too long a pause in the middle of it; return the answer."""
    monkeypatch.setattr(transactions, "IDLE_TIMEOUT", "50ms")
    idler = stage.start(
        client.post, path="/bookings", data={"event_id": event.id}, pause_after=SEAT_READ
    )
    until(lambda: not idler.has_session)
    idler.resume()
    return idler.outcome


def test_a_seller_who_idles_is_ended_and_sells_at_the_second_try(
    stage, event, as_holder, monkeypatch
):
    response = idle(stage, event, as_holder, monkeypatch)

    assert response.status_code == 201
    assert Booking.objects.count() == 1
    assert broken_promises() == set()


def test_a_seller_who_idles_and_may_not_try_again_gets_503(stage, event, as_holder, monkeypatch):
    monkeypatch.setattr(transactions, "PAUSES_SECONDS", ())

    response = idle(stage, event, as_holder, monkeypatch)

    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert Booking.objects.count() == 0
    assert broken_promises() == set()


@pytest.fixture
def read_only_server(as_holder, event):
    """A standby, which a failover or a wrong address led to; it has the caller and the event."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        yield
        cursor.execute("RESET default_transaction_read_only")


@pytest.mark.usefixtures("read_only_server")
def test_a_booking_on_a_read_only_server_is_503(as_holder, event):
    response = as_holder.post("/bookings", {"event_id": event.id})

    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert response.json() == UNAVAILABLE
