"""A record is written with the change that it tells of, or not at all."""

import json
from datetime import timedelta

import pytest
import structlog
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from bookings.event_services import change_event
from evently.audit.models import AuditRecord
from evently.audit.services import record, record_all
from evently.transactions import database_now
from tests.factories import NOW, EventFactory, make_booking, make_full_event

pytestmark = pytest.mark.django_db


class Undone(Exception):
    pass


def test_record_takes_ids_and_time_of_the_operation():
    record("offer_lapsed", at=NOW, before={"status": "offered"}, event_id=7, entry_id=8, user_id=9)

    assert AuditRecord.objects.values().get() == {
        "id": AuditRecord.objects.get().id,
        "event_id": 7,
        "at": NOW,
        "actor_kind": "system",
        "actor_id": None,
        "action": "offer_lapsed",
        "subject": "entry",
        "subject_id": 8,
        "user_id": 9,
        "request_id": None,
        "before": {"status": "offered"},
        "after": None,
    }


def test_record_without_a_time_takes_the_databases():
    record("user_created", user_id=1)

    assert abs(AuditRecord.objects.get().at - database_now()) < timedelta(seconds=5)


def test_record_of_a_booking_has_the_bookings_time(event, holder):
    booking = make_booking(event, holder)

    assert AuditRecord.objects.get(action="booking_made").at == booking.created_at


@pytest.mark.django_db(transaction=True)
def test_record_outside_of_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError):
        record("user_created", user_id=1)

    assert not AuditRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_change_that_is_undone_leaves_no_record(event, holder):
    def book_and_fail():
        with transaction.atomic():
            record("booking_made", booking_id=1, event_id=event.id)
            raise Undone

    with pytest.raises(Undone):
        book_and_fail()

    assert not AuditRecord.objects.exists()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0f8fad5b-d9cb-469f-a165-70867728950e", True),
        ("4bf92f3577b34da6a3ce929d0e0e4736", True),
        ("somebody@example.org", False),
        ("ada", False),
        ("f" * 65, False),
    ],
)
def test_request_id_is_kept_unless_it_could_hold_a_name(sent, kept):
    with structlog.contextvars.bound_contextvars(request_id=sent):
        record("user_created", user_id=1)

    assert AuditRecord.objects.get().request_id == (sent if kept else None)


def test_answer_and_record_have_one_request_id(as_holder, event):
    response = as_holder.post("/bookings", {"event_id": event.id})

    assert AuditRecord.objects.get(action="booking_made").request_id == response["X-Request-ID"]


def test_record_after_a_request_has_no_request_id(as_holder, event, holder):
    as_holder.post("/bookings", {"event_id": event.id})

    booking = make_booking(event, holder, "Seat-3")

    assert AuditRecord.objects.get(subject_id=booking.id).request_id is None


@pytest.mark.postgresql  # SQLite takes fewer values in a statement
def test_many_records_take_one_statement_for_a_thousand():
    changes = ({"booking_id": number} for number in range(1, 2_002))

    with CaptureQueriesContext(connection) as queries:
        record_all("booking_cancelled", changes)

    inserts = [query for query in queries if query["sql"].startswith("INSERT")]
    assert (len(inserts), AuditRecord.objects.count()) == (3, 2_001)


@pytest.mark.parametrize("seats", [1, 5])
def test_cancelling_an_event_takes_as_many_statements_for_many_bookings(seats):
    event, _ = make_full_event(seats=seats)

    with CaptureQueriesContext(connection) as queries:
        change_event(event_id=event.id, changes={"status": "cancelled"})

    about_audit = [query for query in queries if "audit_auditrecord" in query["sql"]]
    assert len(about_audit) == 3  # the change, all bookings, the cancellation
    assert AuditRecord.objects.filter(action="booking_cancelled").count() == seats


def test_records_name_nobody(as_admin, holder):
    as_admin.post("/admin/users", {"username": "newcomer", "email": "newcomer@example.org"})
    make_booking(EventFactory(), holder)

    rows = json.dumps(list(AuditRecord.objects.values()), default=str)
    assert AuditRecord.objects.count() == 2
    assert [word for word in ("newcomer", "holder", "@") if word in rows] == []
