"""Who reads, folds, counts anew or deletes while others book."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection
from django.db.models import QuerySet

from bookings.event_services import delete_event
from bookings.recount import miscounted_bookings, miscounted_seats, recount
from bookings.services import book_any_seat, cancel_booking
from evently.transactions import snapshot
from events import counts
from events.counts import fold_all
from events.models import Event, SeatChange, SeatCount
from tests.factories import EventFactory, UserFactory, make_booking
from tests.races.cues import CHANGES_TAKEN, COUNTS_WRITTEN
from tests.races.promises import broken_promises
from tests.races.stage import ConnectionLost

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

BUYERS, ROUNDS = 3, 12


@pytest.fixture
def booked(event):
    """An event with a booking that isn't folded yet."""
    make_booking(event)
    return event


@pytest.fixture
def taking_in_a_transaction_of_its_own(monkeypatch):
    """A worker commits that changes are taken before it has added them to the counts."""

    def take_and_commit(event_id):
        try:
            return take(event_id)
        finally:
            connection.close()  # the thread's own

    def take_elsewhere(event_id):
        with ThreadPoolExecutor(1) as elsewhere:
            return elsewhere.submit(take_and_commit, event_id).result()

    take = counts._take_changes
    monkeypatch.setattr(counts, "_take_changes", take_elsewhere)


@pytest.fixture
def without_count_locks(monkeypatch):
    """Whoever folds or counts anew doesn't care who else does."""

    def lock_others(rows, **kwargs):
        return rows if rows.model is SeatCount else lock(rows, **kwargs)

    lock = QuerySet.select_for_update
    monkeypatch.setattr(QuerySet, "select_for_update", lock_others)


def broken_while_a_worker_folds(stage):
    worker = stage.start(fold_all, pause_after=COUNTS_WRITTEN)
    broken = broken_promises()
    worker.resume()
    return broken, worker.outcome


def test_reader_beside_a_worker_sees_each_change_once(stage, booked):
    assert broken_while_a_worker_folds(stage) == (set(), 1)
    assert broken_promises() == set()


@pytest.mark.usefixtures("taking_in_a_transaction_of_its_own")
def test_reader_beside_a_worker_who_takes_first_and_adds_later_misses_a_change(stage, booked):
    assert broken_while_a_worker_folds(stage) == ({"12"}, 1)


def test_worker_who_is_cut_off_leaves_the_changes_to_the_next(stage, booked):
    worker = stage.start(fold_all, pause_after=CHANGES_TAKEN)
    worker.fail()

    assert isinstance(worker.outcome, ConnectionLost)
    assert (fold_all(), broken_promises()) == (1, set())


def test_two_workers_fold_each_change_once(stage, booked):
    first = stage.start(fold_all, pause_after=CHANGES_TAKEN)
    second = stage.start(fold_all)
    first.resume()

    assert (first.outcome, second.outcome) == (1, 0)
    assert broken_promises() == set()


def recount_beside_a_worker(stage, event):
    worker = stage.start(fold_all, pause_after=CHANGES_TAKEN)
    recounting = stage.start(recount, event_id=event.id)
    worker.resume()
    return worker.outcome, recounting.outcome


def test_counting_anew_waits_for_the_worker_who_folds(stage, booked, risen):
    assert recount_beside_a_worker(stage, booked) == (1, None)

    assert broken_promises() == set()
    assert risen("evently_transaction_retries_total", reason="DeadlockDetected") == 0


@pytest.mark.usefixtures("without_count_locks")
def test_counting_anew_without_the_lock_ends_in_a_deadlock(stage, booked, risen):
    recount_beside_a_worker(stage, booked)

    assert risen("evently_transaction_retries_total", reason="DeadlockDetected") == 1


def test_event_that_is_deleted_beside_a_worker_leaves_no_counts(stage, event):
    cancel_booking(booking_id=make_booking(event).id)
    worker = stage.start(fold_all, pause_after=CHANGES_TAKEN)
    deleting = stage.start(delete_event, event_id=event.id)
    worker.resume()

    assert (worker.outcome, deleting.outcome) == (2, None)
    assert (Event.objects.count(), SeatChange.objects.count()) == (0, 0)


def test_counts_are_exact_at_every_moment_of_a_sale(stage):
    event = EventFactory(total_seats=BUYERS)
    buyers = [partial(book_and_cancel, event.id, UserFactory().id) for _ in range(BUYERS)]
    is_over = threading.Event()
    worker, reader, *crowd = stage.start_together(
        [partial(until_over, is_over, fold_all), partial(until_over, is_over, mismatches), *buyers]
    )

    assert [buyer.outcome for buyer in crowd] == [None] * BUYERS
    is_over.set()

    assert sum(worker.outcome) > 0
    assert [found for found in reader.outcome if found] == []
    assert len(reader.outcome) > 1
    assert broken_promises() == set()


def book_and_cancel(event_id, user_id):
    for _ in range(ROUNDS):
        booking = book_any_seat(event_id=event_id, user_id=user_id)
        cancel_booking(booking_id=booking.id)
    book_any_seat(event_id=event_id, user_id=user_id)


def until_over(is_over, look):
    """Do it again and again, and return what came of each time."""
    found = [look()]
    while not is_over.is_set():
        found.append(look())
    return found


def mismatches():
    """Return which events' counts aren't what there is, at one moment."""
    with snapshot():
        return [*miscounted_seats(), *miscounted_bookings()]
