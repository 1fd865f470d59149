"""Erasing a person: nothing says who it was, nothing is owed to them, what they did counts."""

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.core import mail

from bookings.erasure import erase_user
from bookings.errors import LastSuperuser, UserNotFound
from bookings.models import Booking
from bookings.services import cancel_booking
from conftest import Client
from evently.audit.models import AuditRecord
from evently.idempotency.models import StoredAnswer
from evently.users.models import ApiToken, User
from evently.users.services import create_token
from notifications.models import Notification
from notifications.services import deliver_due
from tests.factories import (
    AdminFactory,
    UserFactory,
    make_booking,
    make_entry,
    make_full_event,
    make_hold,
)
from tests.staff import Browser, staff_with, superuser, told
from waitlists.models import WaitlistEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(db):
    return UserFactory(username="zoe", email="zoe@example.org", first_name="Zoe", last_name="Quill")


def erase(user):
    erase_user(user_id=user.id)
    user.refresh_from_db()


def test_erased_user_has_no_name_and_no_powers(person):
    person.is_staff = True
    person.set_password("a-Long-enough-1")
    person.save()
    person.groups.add(Group.objects.create(name="box office"))
    person.user_permissions.set(Permission.objects.all()[:2])

    erase(person)

    assert (person.username, person.email) == (
        f"erased-{person.id}",
        f"erased-{person.id}@erased.invalid",
    )
    assert (person.get_full_name(), person.last_login, person.has_usable_password()) == (
        "", None, False,
    )  # fmt: skip
    assert person.powers == {"role": "user", "is_superuser": False, "is_active": False}
    assert (person.groups.count(), person.user_permissions.count()) == (0, 0)


def test_erased_user_is_unknown_to_the_api(person):
    erase(person)

    assert Client().as_user(person).get("/users/me").status_code == 401


def test_erased_users_bookings_and_records_stay(person, event):
    booking = make_booking(event, person)
    records = list(AuditRecord.objects.values_list())

    erase(person)

    assert Booking.objects.get().is_active
    assert Booking.objects.get().user_id == booking.user_id == person.id
    assert list(AuditRecord.objects.exclude(action="user_erased").values_list()) == records


def test_erased_user_leaves_the_lines(person):
    entry = make_entry(make_full_event()[0], person)

    erase(person)

    entry.refresh_from_db()
    assert entry.status == "left"


def test_seat_on_offer_to_an_erased_user_goes_to_the_next(person, stranger):
    event, [booking] = make_full_event()
    make_entry(event, person)
    following = make_entry(event, stranger)
    cancel_booking(booking_id=booking.id)

    erase(person)

    following.refresh_from_db()
    assert (following.status, following.offered_seat_id) == ("offered", booking.seat_id)


def test_erased_user_has_no_tokens(person, holder):
    create_token(user=person)
    kept, _ = create_token(user=holder)

    erase(person)

    assert ApiToken.objects.get() == kept


@pytest.mark.django_db(transaction=True)
def test_erased_user_is_logged_out_and_nobody_else():
    person, colleague = AdminFactory(), superuser()
    browser = Browser()
    browser.force_login(person)

    erase(person)

    assert browser.get("/staff/").status_code == 302
    assert colleague.get("/staff/").status_code == 200
    assert Session.objects.count() == 1


@pytest.mark.parametrize("renamed", [False, True])
def test_answers_kept_that_tell_of_an_erased_user_are_deleted(renamed, as_admin, as_holder, event):
    body = {"username": "zoe", "email": "zoe@example.org"}
    made = as_admin.post("/admin/users", body, headers={"Idempotency-Key": "a"}).json()
    as_holder.post("/bookings", {"event_id": event.id}, headers={"Idempotency-Key": "b"})
    if renamed:
        User.objects.filter(id=made["id"]).update(username="other", email="other@example.org")

    erase_user(user_id=made["id"])

    assert StoredAnswer.objects.get().key == "b"


def test_mails_still_due_to_an_erased_user_are_not_sent(person, event):
    make_booking(event, person)

    erase(person)
    deliver_due()

    assert mail.outbox == []
    assert Notification.objects.get().delivered_at is None


def test_what_an_erased_user_comes_to_be_owed_later_is_not_sent(person, event):
    booking = make_booking(event, person)
    erase(person)

    cancel_booking(booking_id=booking.id)
    deliver_due()

    assert mail.outbox == []


def test_staff_log_no_longer_names_an_erased_user(person, holder):
    staff = superuser()
    staff.change(person, username="zoe", email=person.email, last_name="Quill")
    staff.add(ApiToken, user=person.id, name="Zoe's phone", scopes=["read"])
    staff.add(ApiToken, user=holder.id, name="till", scopes=["read"])

    erase(person)

    shown = LogEntry.objects.order_by("id").values_list("object_repr", "change_message")
    assert list(shown)[:2] == [(person.username, "")] * 2
    assert shown[2][0].startswith("till #")


def test_erasing_is_recorded_once_however_often_it_is_done(person):
    erase(person)
    entry = WaitlistEntry.objects.create(
        event=make_full_event()[0], user=person, created_at=person.date_joined
    )
    erase(person)

    entry.refresh_from_db()
    record = AuditRecord.objects.get(action="user_erased")
    assert entry.status == "left"
    assert (record.subject_id, record.before, record.after) == (
        person.id,
        {"role": "user", "is_superuser": False, "is_active": True},
        {"role": "user", "is_superuser": False, "is_active": False},
    )


def test_last_active_superuser_is_not_erased():
    AdminFactory(is_superuser=True, is_active=False)
    last = AdminFactory(is_superuser=True)

    with pytest.raises(LastSuperuser):
        erase_user(user_id=last.id)

    assert User.objects.get(id=last.id).username == last.username


def test_superuser_beside_another_is_erased():
    AdminFactory(is_superuser=True)
    other = AdminFactory(is_superuser=True)

    erase(other)

    assert other.is_erased


def test_unknown_user_is_not_erased():
    with pytest.raises(UserNotFound):
        erase_user(user_id=2**40)


# --- On the staff site --------------------------------------------------------------------------


def test_erase_asks_first_and_tells_what_is_lost(person, event):
    make_booking(event, person)

    response = superuser().ask("erase", person)

    content = " ".join(response.content.decode().split())
    assert "Bookings that stay, without a name: 1. Places in lines that they lose: 0." in content
    assert User.objects.get(id=person.id).username == "zoe"


def test_erase_is_done_and_noted_without_the_name(person):
    response = superuser().run("erase", person)

    person.refresh_from_db()
    entry = LogEntry.objects.get(object_id=person.id)
    assert told(response) == ["1 user erased."]
    assert (entry.object_repr, entry.action_flag) == (person.username, CHANGE)


def test_erase_of_the_last_superuser_is_refused():
    staff = superuser()
    last = User.objects.get()

    response = staff.run("erase", last)

    assert told(response) == ["1 user: This is the last active superuser; make another one first."]


def test_erase_without_permission_to_delete_does_nothing(person):
    staff_with("view_user", "change_user").run("erase", person)

    assert User.objects.get(id=person.id).username == "zoe"


def test_seats_that_were_kept_for_an_erased_person_are_on_sale(person, event):
    hold = make_hold(event, person)

    erase(person)

    hold.refresh_from_db()
    assert (hold.status, event.seats.available().count()) == ("released", 3)
