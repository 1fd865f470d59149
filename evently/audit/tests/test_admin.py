"""The record on the staff site: to look at only."""

import pytest

from evently.audit.models import AuditRecord
from evently.audit.services import record
from tests.factories import NOW, make_booking
from tests.staff import staff_with, superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db):
    return superuser()


def test_list_without_permission_is_refused():
    assert staff_with().see_list(AuditRecord).status_code == 403


def test_list_offers_no_action_to_anybody(staff, event):
    make_booking(event)

    assert staff.see_list(AuditRecord).context["action_form"] is None


def test_list_costs_the_same_number_of_queries_for_more_rows(staff):
    record("user_created", user_id=1)
    one = staff.count_list_queries(AuditRecord)
    record("user_created", user_id=2)
    record("user_created", user_id=3)

    assert staff.count_list_queries(AuditRecord) == one


@pytest.mark.parametrize(
    "filters",
    [
        {"q": "8"},
        {"q": "21"},
        {"q": " 5 "},
        {"action__exact": "seat_offered"},
        {"subject__exact": "entry"},
    ],
)
def test_list_is_searched_by_ids_and_filtered(filters, staff):
    record("token_created", token_id=85, user_id=82)
    record("seat_offered", event_id=8, entry_id=5, user_id=21)

    assert staff.rows(AuditRecord, **filters) == [AuditRecord.objects.get(subject_id=5)]


@pytest.mark.parametrize("term", ["holder", "1_0", "9" * 19, "-1", "٣"])
def test_search_for_what_is_no_id_finds_nothing(term, staff):
    record("user_created", user_id=1)

    assert staff.rows(AuditRecord, q=term) == []


def test_page_shows_before_and_after(staff):
    facts = {"before": {"venue": "Pub", "name": "A"}, "after": {"venue": "<Park>", "name": "A"}}
    record("event_changed", at=NOW, event_id=1, **facts)

    content = staff.see(AuditRecord.objects.get()).content.decode()

    assert "name: A<br>venue: Pub → &lt;Park&gt;<" in content
    assert "Event #1" in content


def test_page_shows_facts_that_are_no_text(staff):
    record("event_created", event_id=1, after={"max_per_user": None, "seats": [1]})

    content = staff.see(AuditRecord.objects.get()).content.decode()

    assert "max per user: None<br>seats: [1]" in content


def test_page_shortens_a_long_text(staff):
    record("event_changed", event_id=1, before={"description": "x" * 9_000}, after={})

    content = staff.see(AuditRecord.objects.get()).content.decode()

    assert f"description: {'x' * 299}…<" in content


def test_records_can_not_be_added_changed_or_deleted(staff):
    record("user_created", user_id=1)
    row = AuditRecord.objects.get()

    answers = [staff.add(AuditRecord), staff.change(row, user_id=2), staff.delete_row(row)]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert AuditRecord.objects.get().user_id == 1
