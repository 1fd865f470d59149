"""Who acted: callers of the API, people on the staff site, the worker; and no one else for them."""

import pytest
from django.test import RequestFactory

from conftest import Client
from evently.audit import actor
from evently.audit.middleware import Acting
from evently.audit.models import AuditRecord
from evently.users.models import ApiToken
from evently.users.services import create_token
from tests.factories import expire_offer, make_booking, make_entry, make_full_event
from tests.staff import superuser
from waitlists.lapsing import lapse_all

pytestmark = pytest.mark.django_db


def actors(**filters):
    records = AuditRecord.objects.filter(**filters).order_by("id")
    return list(records.values_list("actor_kind", "actor_id"))


def test_user_acts_under_their_id(as_holder, holder, event):
    as_holder.post("/bookings", {"event_id": event.id})

    assert actors() == [("user", holder.id)]


def test_admin_acts_under_their_id(as_admin, admin, holder, event):
    as_admin.post("/bookings", {"event_id": event.id, "user_id": holder.id})

    assert actors(user_id=holder.id) == [("admin", admin.id)]


def test_admin_role_alone_acts_without_an_id(client, holder, event):
    client.as_admin().post("/bookings", {"event_id": event.id, "user_id": holder.id})

    assert actors() == [("admin", None)]


def test_body_that_names_a_user_proves_nobody(client, holder, event):
    client.post("/bookings", {"event_id": event.id, "user_id": holder.id})

    assert actors(user_id=holder.id) == [("nobody", None)]


def test_token_acts_for_its_user(client, holder, event, settings):
    settings.EVENTLY_AUTH = "tokens"
    _, secret = create_token(user=holder)
    client.post("/bookings", {"event_id": event.id}, headers={"Authorization": f"Bearer {secret}"})

    assert actors(action="booking_made") == [("user", holder.id)]


def test_staff_site_acts_for_who_is_logged_in(event):
    browser = superuser()
    browser.run("block", event.seats.first())

    assert actors(action="seats_blocked") == [("admin", int(browser.session["_auth_user_id"]))]


def test_session_of_the_staff_site_is_nobody_in_the_api(event, holder):
    browser = superuser()
    body = {"event_id": event.id, "user_id": holder.id}
    browser.post("/bookings", body, content_type="application/json")

    assert actors(action="booking_made") == [("nobody", None)]


def test_worker_acts_as_the_system():
    event, [booking] = make_full_event()
    entry = make_entry(event)
    Client().as_user(booking.user).delete(f"/bookings/{booking.id}")
    expire_offer(entry)

    lapse_all()

    assert actors(action="offer_lapsed") == [("system", None)]


def test_request_is_forgotten_by_the_next_one_of_its_thread(as_holder, client, stranger, event):
    as_holder.post("/bookings", {"event_id": event.id})

    client.post("/bookings", {"event_id": event.id, "user_id": stranger.id})

    assert actors(user_id=stranger.id) == [("nobody", None)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/users/me", "/nowhere", "/bookings/1", "/staff/"])
def test_request_of_any_end_leaves_the_thread_to_the_system(as_holder, path):
    as_holder.get(path)
    superuser().get(path)

    assert actor.current() == actor.SYSTEM


def test_request_that_fails_leaves_the_thread_to_the_system():
    def fail(request):
        actor.act_as(7, is_admin=False)
        raise LookupError

    with pytest.raises(LookupError):
        Acting(fail)(RequestFactory().get("/"))

    assert actor.current() == actor.SYSTEM


def test_revoking_a_token_is_done_by_staff_and_concerns_its_owner(holder):
    token, _ = create_token(user=holder)
    browser = superuser()
    browser.run("revoke", token)

    assert ApiToken.objects.get().revoked_at
    assert list(AuditRecord.objects.filter(action="token_revoked").values_list(
        "actor_kind", "subject_id", "user_id"
    )) == [("admin", token.id, holder.id)]  # fmt: skip


def test_booking_by_a_service_is_the_systems(event):
    make_booking(event)

    assert actors() == [("system", None)]
