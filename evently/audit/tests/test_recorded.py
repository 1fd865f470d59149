"""Every action that should leave a record does, whoever does it and wherever."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from bookings.event_services import change_event, delete_event
from bookings.integrity import repair
from bookings.services import cancel_booking
from evently.audit.actions import Action
from evently.audit.models import AuditRecord
from evently.users.models import ApiToken, User
from tests.factories import (
    EventFactory,
    expire_offer,
    make_booking,
    make_entry,
    make_full_event,
)
from tests.staff import page, superuser
from waitlists.lapsing import lapse_all
from waitlists.models import WaitlistEntry
from waitlists.releasing import unblock_seats
from waitlists.services import move_entry

pytestmark = pytest.mark.django_db

HELD = {"status": "offered", "seat_number": "Seat-1"}
USER = {"role": "user", "is_superuser": False, "is_active": True}
ALONE = {"groups": [], "permissions": []}

# What the factory's event is in the staff site's form.
AS_FORM = {
    "venue": "City Hall",
    "status": "published",
    "timezone": "UTC",
    "start_time_0": "2030-06-01",
    "start_time_1": "19:00",
    "end_time_0": "2030-06-01",
    "end_time_1": "22:00",
}


def changes(action):
    """Return what was before and after in each record of an action."""
    records = AuditRecord.objects.filter(action=action).order_by("id")
    return list(records.values_list("before", "after"))


def about(action):
    """Return event, subject and user of the only record of an action."""
    record = AuditRecord.objects.get(action=action)
    return record.event_id, record.subject, record.subject_id, record.user_id


def make_offer():
    event, [booking] = make_full_event()
    entry = make_entry(event)
    cancel_booking(booking_id=booking.id)
    return entry


# --- Bookings -----------------------------------------------------------------------------------


def test_booking_is_recorded_with_its_seat(event, holder):
    booking = make_booking(event, holder, "Seat-2")

    assert about("booking_made") == (event.id, "booking", booking.id, holder.id)
    assert changes("booking_made") == [(None, {"status": "active", "seat_number": "Seat-2"})]


def test_cancel_is_recorded_once(event, holder):
    booking = make_booking(event, holder)

    cancel_booking(booking_id=booking.id)
    cancel_booking(booking_id=booking.id)

    assert about("booking_cancelled") == (event.id, "booking", booking.id, holder.id)
    assert changes("booking_cancelled") == [({"status": "active"}, {"status": "cancelled"})]


def test_refused_booking_is_not_recorded(as_stranger, event, holder):
    make_booking(event, holder)

    response = as_stranger.post("/bookings", {"event_id": event.id, "seat_number": "Seat-1"})

    assert response.status_code == 409
    assert AuditRecord.objects.count() == 1


# --- The line -----------------------------------------------------------------------------------


def test_offer_is_recorded_for_whom_it_is_made():
    entry = make_offer()

    assert about("seat_offered") == (entry.event_id, "entry", entry.id, entry.user_id)
    assert changes("seat_offered") == [({"status": "waiting"}, HELD)]


def test_accepted_offer_is_recorded_beside_the_booking(client):
    entry = make_offer()

    client.as_user(entry.user).post(f"/waitlists/{entry.id}/accept")

    assert changes("offer_accepted") == [(HELD, {"status": "accepted"})]
    assert len(changes("booking_made")) == 2


def test_lapse_is_recorded_with_the_next_offer():
    entry = make_offer()
    make_entry(entry.event)
    expire_offer(entry)

    lapse_all()

    assert about("offer_lapsed") == (entry.event_id, "entry", entry.id, entry.user_id)
    assert changes("offer_lapsed") == [(HELD, {"status": "lapsed"})]
    assert len(changes("seat_offered")) == 2


def test_offer_cancelled_by_staff_is_recorded():
    entry = make_offer()

    superuser().run("cancel_offers", entry)

    assert changes("offer_lapsed") == [(HELD, {"status": "lapsed"})]


def test_move_by_staff_is_recorded_with_its_reason():
    event, _ = make_full_event()
    _, entry = make_entry(event), make_entry(event)

    move_entry(entry_id=entry.id, position=1, reason="Came by train")

    assert about("entry_moved") == (event.id, "entry", entry.id, entry.user_id)
    after = {"position": 1, "reason": "Came by train"}
    assert changes("entry_moved") == [({"position": 2}, after)]


def test_joining_and_leaving_by_oneself_is_not_recorded(as_stranger):
    event, _ = make_full_event()
    before = AuditRecord.objects.count()

    entry_id = as_stranger.post("/waitlists", {"event_id": event.id}).json()["id"]
    as_stranger.delete(f"/waitlists/{entry_id}")

    assert WaitlistEntry.objects.get().status == "left"
    assert AuditRecord.objects.count() == before


def test_leaving_with_an_offer_is_recorded(client):
    entry = make_offer()

    client.as_user(entry.user).delete(f"/waitlists/{entry.id}")

    assert changes("waitlist_left") == [(HELD, {"status": "left"})]


@pytest.mark.parametrize("way", ["API", "staff site"])
def test_taking_out_of_the_line_is_recorded(way, as_admin):
    entry = make_entry(make_full_event()[0])

    if way == "API":
        as_admin.delete(f"/waitlists/{entry.id}")
    else:
        superuser().run("take_out", entry)

    assert about("waitlist_left") == (entry.event_id, "entry", entry.id, entry.user_id)
    assert changes("waitlist_left") == [({"status": "waiting"}, {"status": "left"})]


# --- Events and seats ---------------------------------------------------------------------------


def test_created_event_is_recorded_with_its_facts(as_admin):
    body = {
        "name": "Gala",
        "venue": "City Hall",
        "start_time": "2031-07-01T19:00:00Z",
        "end_time": "2031-07-01T23:00:00Z",
        "total_seats": 3,
    }
    event_id = as_admin.post("/admin/events", body).json()["id"]

    assert about("event_created") == (event_id, "event", event_id, None)
    more = {"description": "", "timezone": "UTC", "status": "published", "max_per_user": None}
    more |= {"sales_start": None, "sales_end": None, "cancel_until": None}
    assert changes("event_created") == [(None, body | more)]


def test_changed_event_is_recorded_with_what_differs(as_admin):
    event = EventFactory(name="Concert", venue="Pub")

    as_admin.patch(f"/admin/events/{event.id}", {"name": "Recital", "venue": "Pub"})

    assert changes("event_changed") == [({"name": "Concert"}, {"name": "Recital"})]


def test_event_changed_on_the_staff_site_is_recorded():
    event = EventFactory(name="Concert")
    browser = superuser()
    browser.change(event, **AS_FORM | {"name": "Recital"})

    assert changes("event_changed") == [({"name": "Concert"}, {"name": "Recital"})]


def test_cancelled_event_is_recorded_with_each_booking(holder):
    event, bookings = make_full_event(seats=2)

    change_event(event_id=event.id, changes={"status": "cancelled"})

    cancelled = AuditRecord.objects.filter(action="booking_cancelled").order_by("id")
    assert list(cancelled.values_list("subject_id", "user_id", "event_id")) == [
        (booking.id, booking.user_id, event.id) for booking in bookings
    ]
    assert changes("event_cancelled") == [(None, {"status": "cancelled"})]


def test_deleted_event_is_recorded_with_what_it_was():
    event = EventFactory(name="Concert", total_seats=2)

    delete_event(event_id=event.id)

    [(before, after)] = changes("event_deleted")
    assert (before["name"], before["total_seats"], after) == ("Concert", 2, None)


def test_blocked_seats_are_recorded_each(event):
    make_booking(event)
    seats = list(event.seats.order_by("position"))

    superuser().run("block", *seats)

    records = AuditRecord.objects.filter(action="seats_blocked").order_by("id")
    assert [(record.subject, record.subject_id) for record in records] == [
        ("seat", seat.id) for seat in seats[1:]
    ]
    assert changes("seats_blocked") == [({"status": "available"}, {"status": "blocked"})] * 2


def test_seats_given_back_are_recorded_as_they_are_then():
    event = EventFactory(total_seats=2)
    superuser().run("block", *event.seats.all())
    make_entry(event)

    unblock_seats(event_id=event.id, seat_ids=list(event.seats.values_list("id", flat=True)))

    assert changes("seats_unblocked") == [
        ({"status": "blocked"}, {"status": "held"}),
        ({"status": "blocked"}, {"status": "available"}),
    ]


def test_repaired_event_is_recorded(event):
    repair(event_id=event.id)

    assert about("event_repaired") == (event.id, "event", event.id, None)


# --- People -------------------------------------------------------------------------------------


def test_created_user_is_recorded_with_their_role_only(as_admin):
    body = {"username": "newcomer", "email": "newcomer@example.org", "role": "admin"}
    user_id = as_admin.post("/admin/users", body).json()["id"]

    assert about("user_created") == (None, "user", user_id, user_id)
    assert changes("user_created") == [(None, USER | {"role": "admin"})]


def test_changed_user_is_recorded_with_their_powers_before_and_after(holder):
    values = {"username": "holder", "email": holder.email, "is_staff": "on", "is_active": "on"}

    superuser().change(holder, **values)

    assert changes("user_changed") == [(USER | ALONE, USER | ALONE | {"role": "admin"})]


def test_groups_and_permissions_of_a_user_are_recorded(holder):
    office = Group.objects.create(name="box office")
    view = Permission.objects.get(codename="view_event")
    facts = {"username": "holder", "email": holder.email, "is_active": "on"}

    superuser().change(holder, **facts, groups=[office.id], user_permissions=[view.id])

    granted = {"groups": [office.id], "permissions": ["view_event"]}
    assert changes("user_changed") == [(USER | ALONE, USER | granted)]


def test_deleted_user_is_recorded(holder):
    user_id = holder.id

    superuser().delete_row(holder)

    assert about("user_deleted") == (None, "user", user_id, user_id)
    assert changes("user_deleted") == [(USER | ALONE, None)]


def test_password_set_by_staff_is_recorded_and_not_told(holder):
    passwords = {"password1": "a-Long-enough-1", "password2": "a-Long-enough-1"}

    superuser().post(
        page("change", User, holder.id).replace("change", "password"),
        passwords | {"usable_password": "true"},
    )

    holder.refresh_from_db()
    assert holder.check_password("a-Long-enough-1")
    assert changes("password_changed") == [(None, None)]


def test_own_password_is_recorded_when_it_is_changed():
    browser = superuser()
    user = User.objects.get(is_superuser=True)
    user.set_password("an-0ld-Password")
    user.save()
    browser.force_login(user)
    new = {"new_password1": "a-Long-enough-1", "new_password2": "a-Long-enough-1"}

    for old in ("a wrong one", "an-0ld-Password"):
        browser.post(reverse("admin:password_change"), new | {"old_password": old})

    assert about("password_changed") == (None, "user", user.id, user.id)


def test_groups_are_recorded_with_what_their_members_may_do():
    browser = superuser()
    view, delete = Permission.objects.filter(codename__in=["view_event", "delete_event"])[::-1]
    browser.add(Group, name="box office", permissions=[view.id])
    group = Group.objects.get(name="box office")
    browser.change(group, name="box office", permissions=[view.id, delete.id])
    browser.delete_row(group)

    one, two = (
        {"permissions": names} for names in (["view_event"], ["delete_event", "view_event"])
    )
    assert changes("group_created") == [(None, one)]
    assert changes("group_changed") == [(one, two)]
    assert changes("group_deleted") == [(two, None)]


def test_tokens_are_recorded_when_made_and_revoked(holder):
    browser = superuser()
    browser.add(ApiToken, user=holder.id, name="till", scopes=["read"])
    token = ApiToken.objects.get()

    browser.run("revoke", token)

    assert about("token_created") == (None, "token", token.id, holder.id)
    assert about("token_revoked") == (None, "token", token.id, holder.id)


def test_every_action_has_a_subject():
    assert {action.subject for action in Action} == {
        "booking", "entry", "order", "hold", "seat", "event", "user", "token", "group"
    }  # fmt: skip
