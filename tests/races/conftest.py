"""The stage, and the sabotage: each `without_…` takes one lock of the product away."""

import pytest
from django.db import connection

from bookings.models import Booking, BookingQuerySet
from evently import transactions
from events import gate, next_seat
from events import services as events
from events.models import HoldQuerySet, SeatQuerySet
from tests.races.stage import PATIENCE_SECONDS, Stage
from waitlists import services as waitlists


@pytest.fixture
def stage(transactional_db, monkeypatch):
    """An empty stage, with time-outs that a slow machine can't run into."""
    monkeypatch.setattr(gate, "GATE_TIMEOUT", f"{PATIENCE_SECONDS}s")
    monkeypatch.setattr(gate, "WAIT_TIMEOUT", f"{PATIENCE_SECONDS + 1}s")
    for name in ("ROW_LOCK_TIMEOUT", "STATEMENT_TIMEOUT", "IDLE_TIMEOUT"):
        monkeypatch.setattr(transactions, name, f"{PATIENCE_SECONDS}s")
    stage = Stage()
    yield stage
    stage.clear()


@pytest.fixture
def outsider(transactional_db):
    """A session that knows nothing of gates, such as somebody's psql."""
    session = connection.get_new_connection(connection.get_connection_params())
    yield session
    session.close()


@pytest.fixture
def without_gate(monkeypatch):
    """Whoever comes to a gate walks past it."""

    def walk_past(event_id, *, exclusive, **_):
        return gate.Gate(event_id, exclusive, transactions.database_now())

    monkeypatch.setattr(gate, "_pass", walk_past)


@pytest.fixture
def composed_anew():
    """Statements that were composed already know nothing of a sabotage, nor may they keep it."""

    def forget():
        for statement in (next_seat._AMONG_OTHERS, next_seat._ALONE):
            vars(statement).pop("_composed", None)

    forget()
    yield
    forget()


@pytest.fixture
def without_seat_locks(monkeypatch, composed_anew):
    monkeypatch.setattr(
        SeatQuerySet, "lock", lambda seats, skip_locked=False: seats.order_by("position")
    )


@pytest.fixture
def skipping_locked_seats(monkeypatch, composed_anew):
    """Whoever looks for a seat skips locked ones, under the exclusive gate too."""
    lock = SeatQuerySet.lock
    monkeypatch.setattr(
        SeatQuerySet, "lock", lambda seats, skip_locked=False: lock(seats, skip_locked=True)
    )


@pytest.fixture
def without_booking_locks(monkeypatch):
    monkeypatch.setattr(BookingQuerySet, "lock", lambda bookings: bookings)


@pytest.fixture
def without_hold_locks(monkeypatch):
    monkeypatch.setattr(HoldQuerySet, "lock", lambda holds: holds)


@pytest.fixture
def without_unique_bookings(transactional_db):
    """The ledger's own guard against selling a seat twice is dropped."""
    [guard] = [
        constraint
        for constraint in Booking._meta.constraints
        if constraint.name == "booking_active_once_per_seat"
    ]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Booking, guard)
    try:
        yield
    finally:
        Booking.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Booking, guard)


@pytest.fixture
def trusting_the_hint(monkeypatch):
    """A seat that comes back under the shared gate is put on sale without a look at the line."""
    release = waitlists.release

    def release_on_hint(gate, *, event, seats):
        if gate.is_exclusive:
            return release(gate, event=event, seats=seats)
        return events.put_on_sale(gate, seat_ids=[seat.id for seat in seats])

    monkeypatch.setattr(waitlists, "release", release_on_hint)


@pytest.fixture
def releasing_to_the_sale(monkeypatch):
    """A seat that comes back is put on sale, and the line is to hear of it later."""

    def put_on_sale(gate, *, event, seats):
        return events.put_on_sale(gate, seat_ids=[seat.id for seat in seats])

    monkeypatch.setattr(waitlists, "release", put_on_sale)
