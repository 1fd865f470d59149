"""How many statements the hot calls send to PostgreSQL, BEGIN, gate and COMMIT included."""

import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.event_services import delete_event
from evently.statements import together, write
from events.models import MAX_SEATS, Event, Seat
from events.services import create_event
from tests.factories import EventFactory, make_full_event

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

# A hall's seats as Python objects would take several times as much.
FLAT_BYTES = 10_000_000
MOST_BY_PATH = {"/holds": 15, "/orders": 15}


def statements_of(call):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        outcome = call()
    return outcome, [query["sql"] for query in captured]


def transaction_bounds(statements):
    return [sql for sql in statements if sql in {"BEGIN", "COMMIT", "ROLLBACK"}]


def test_booking_an_available_seat_takes_7_statements(as_holder, event):
    response, statements = statements_of(
        lambda: as_holder.post("/bookings", {"event_id": event.id})
    )

    assert response.status_code == 201
    assert transaction_bounds(statements) == ["BEGIN", "COMMIT"]
    assert len(statements) == 7  # at most 7


def test_booking_within_the_time_of_sales_takes_no_statement_more(as_holder):
    hour = timedelta(hours=1)
    now = datetime.now(UTC)
    event = EventFactory(sales_start=now - hour, sales_end=now + hour)

    response, statements = statements_of(
        lambda: as_holder.post("/bookings", {"event_id": event.id})
    )

    assert response.status_code == 201
    assert len(statements) == 7


def test_booking_for_a_named_user_takes_7_statements(client, event, holder):
    body = {"event_id": event.id, "user_id": holder.id}

    response, statements = statements_of(lambda: client.post("/bookings", body))

    assert response.status_code == 201
    assert len(statements) == 7


def test_booking_a_full_event_takes_17_statements(as_stranger):
    event, _ = make_full_event()

    response, statements = statements_of(
        lambda: as_stranger.post("/bookings", {"event_id": event.id})
    )

    assert response.status_code == 202
    assert transaction_bounds(statements) == ["BEGIN", "ROLLBACK", "BEGIN", "COMMIT"]
    assert len(statements) == 17  # at most 17: the last one looks for a seat that is offered back


def test_booking_under_a_key_takes_2_statements_more(as_holder, event):
    key = {"Idempotency-Key": "one-wish"}

    response, statements = statements_of(
        lambda: as_holder.post("/bookings", {"event_id": event.id}, headers=key)
    )

    assert response.status_code == 201
    assert len(statements) == 9  # the key's row, and the answer beside it


def test_booking_an_event_with_a_limit_takes_2_statements_more(as_holder):
    event = EventFactory(max_per_user=2)

    response, statements = statements_of(
        lambda: as_holder.post("/bookings", {"event_id": event.id})
    )

    assert response.status_code == 201
    assert len(statements) == 9  # the user's lock, and the count


@pytest.fixture
def memory():
    tracemalloc.start()
    yield tracemalloc
    tracemalloc.stop()


def create_hall():
    return create_event(
        name="Festival",
        venue="The Great Hall",
        start_time=datetime(2030, 6, 1, 19, tzinfo=UTC),
        end_time=datetime(2030, 6, 1, 23, tzinfo=UTC),
        total_seats=MAX_SEATS,
    )


def test_creating_and_deleting_a_great_hall_takes_few_statements_and_little_memory(memory):
    hall, to_create = statements_of(create_hall)
    seats = Seat.objects.available().filter(event=hall).count()
    _, to_delete = statements_of(lambda: delete_event(event_id=hall.id))

    assert seats == MAX_SEATS
    assert (len(to_create), len(to_delete)) == (8, 17)
    assert memory.get_traced_memory()[1] < FLAT_BYTES
    assert (Event.objects.count(), Seat.objects.count()) == (0, 0)


def bodies(seats):
    return [
        {"quantity": seats},
        {"seat_numbers": [f"Seat-{number + 1}" for number in range(seats)]},
    ]


@pytest.mark.parametrize("path", ["/holds", "/orders"])
@pytest.mark.parametrize("way", [0, 1])
def test_several_seats_take_as_many_statements_for_10_as_for_2(as_holder, path, way):
    as_holder.post(path, {"event_id": EventFactory().id, "quantity": 1})
    numbers = []
    for seats in (2, 10):
        body = {"event_id": EventFactory(total_seats=20).id} | bodies(seats)[way]
        response, statements = statements_of(lambda body=body: as_holder.post(path, body))
        assert response.status_code == 201
        numbers.append(len(statements))

    # Beside what they have in common: to read the hall, for whoever chooses in it first.
    assert numbers == [MOST_BY_PATH[path] + (2 if way == 0 else 0)] * 2


def test_ordering_a_hold_takes_so_many_statements(as_holder, event):
    hold = as_holder.post("/holds", {"event_id": event.id, "quantity": 2}).json()

    response, statements = statements_of(lambda: as_holder.post("/orders", {"hold_id": hold["id"]}))

    assert response.status_code == 201
    assert len(statements) == 18


@pytest.mark.postgresql
def test_together_without_an_insertion_is_sent_to_whoever_looks_on(db):
    event = EventFactory()
    with CaptureQueriesContext(connection) as sent, together():
        write('UPDATE "events_event" SET venue = %s WHERE id = %s', ["Opera", event.id])

    assert len(sent) == 1
    event.refresh_from_db()
    assert event.venue == "Opera"
