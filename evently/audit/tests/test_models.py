"""What the record refuses: the database some rows, Python every change."""

import pytest
from django.db import IntegrityError, transaction

from evently.audit.errors import AppendOnly
from evently.audit.models import AuditRecord
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def make_record(**values):
    return AuditRecord.objects.create(
        **{"at": NOW, "actor_kind": "system", "action": "booking_made", "subject": "booking"}
        | {"subject_id": 1}
        | values
    )


@pytest.mark.parametrize(
    ("kind", "actor_id"), [("user", None), ("nobody", 1), ("system", 1), ("root", None)]
)
def test_actor_that_makes_no_sense_is_refused_by_the_database(kind, actor_id):
    with pytest.raises(IntegrityError, match="audit_actor_named_when_known"):
        make_record(actor_kind=kind, actor_id=actor_id)


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.save(),
        lambda record: record.delete(),
        lambda record: AuditRecord.objects.filter(id=record.id).update(subject_id=2),
        lambda record: AuditRecord.objects.all().delete(),
        lambda record: AuditRecord.objects.bulk_update([record], ["subject_id"]),
        lambda record: AuditRecord.objects.update_or_create({"subject_id": 2}, id=record.id),
    ],
    ids=["save", "delete", "update", "delete all", "bulk update", "update or create"],
)
def test_record_can_neither_be_changed_nor_deleted(change):
    record = make_record()

    with pytest.raises(AppendOnly), transaction.atomic():
        change(record)

    assert AuditRecord.objects.get().subject_id == 1
