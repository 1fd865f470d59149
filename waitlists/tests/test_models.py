"""What the database itself refuses of entries."""

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError

from tests.factories import NOW, make_entry, make_full_event
from waitlists.models import WaitlistEntry
from waitlists.services import leave
from waitlists.tests.line import make_offer

pytestmark = pytest.mark.django_db


def change(entry, **values):
    """Write past every check in Python."""
    WaitlistEntry.objects.filter(id=entry.id).update(**values)


@pytest.fixture
def entry(db):
    return make_entry(make_full_event()[0])


def test_second_live_entry_of_a_user_is_refused(entry):
    with pytest.raises(IntegrityError, match=r"entry_live_once_per_user|user_id"):
        WaitlistEntry.objects.create(event=entry.event, user=entry.user, created_at=NOW)


def test_waiting_beside_an_offer_of_the_same_event_is_refused():
    offered = make_offer()

    with pytest.raises(IntegrityError, match=r"entry_live_once_per_user|user_id"):
        WaitlistEntry.objects.create(event=offered.event, user=offered.user, created_at=NOW)


def test_new_entry_after_an_ended_one_is_taken(entry):
    leave(entry_id=entry.id)

    again = WaitlistEntry.objects.create(event=entry.event, user=entry.user, created_at=NOW)

    assert list(WaitlistEntry.objects.live()) == [again]


def test_second_offer_of_a_seat_is_refused():
    first = make_offer()
    second = make_entry(first.event)

    with pytest.raises(IntegrityError, match=r"entry_offered_seat_once|offered_seat_id"):
        change(second, status="offered", offered_seat=first.offered_seat)


def test_offer_without_a_seat_is_refused(entry):
    with pytest.raises(IntegrityError, match="entry_offered_has_seat"):
        change(entry, status="offered")


def test_seat_kept_for_somebody_who_only_waits_is_refused(entry):
    with pytest.raises(IntegrityError, match="entry_offered_has_seat"):
        change(entry, offered_seat=entry.event.seats.first())


@pytest.mark.parametrize("status", ["accepted", "lapsed", "left", "closed"])
def test_entry_ended_at_no_time_is_refused(entry, status):
    with pytest.raises(IntegrityError, match="entry_ended_when_not_live"):
        change(entry, status=status)


def test_live_entry_that_has_ended_is_refused(entry):
    with pytest.raises(IntegrityError, match="entry_ended_when_not_live"):
        change(entry, ended_at=NOW)


@pytest.mark.parametrize("ended_at", [None, NOW])
def test_entry_of_unknown_status_is_refused(entry, ended_at):
    with pytest.raises(IntegrityError, match="entry_ended_when_not_live"):
        change(entry, status="skipped", ended_at=ended_at)


def test_user_with_an_entry_is_protected_from_deletion(entry):
    with pytest.raises(ProtectedError):
        entry.user.delete()
