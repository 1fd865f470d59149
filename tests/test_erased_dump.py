"""After a person is erased, a dump of the whole database no longer says who it was."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from bookings.services import cancel_booking
from conftest import Client
from evently.users.login_services import enrol
from evently.users.models import ApiToken, User
from evently.watching.models import note_pass
from events.counts import fold_all
from tests.database import dump
from tests.factories import UserFactory, make_full_event
from tests.staff import Browser, page, superuser

pytestmark = pytest.mark.django_db(transaction=True)

EMAIL = "zebediah.q@feathers.example"
WORDS = ["zebediah", "quillfeather", "feathers.example"]


@pytest.fixture
def person(as_admin, event):
    """Somebody who has left a trace in every table, by calls as they are made in earnest."""
    body = {"username": "zebediah", "email": EMAIL}
    key = {"Idempotency-Key": f"new-{EMAIL}"}
    made = [as_admin.post("/admin/users", body, headers=key) for _ in range(2)]
    assert made[0].content == made[1].content
    user = User.objects.get(id=made[0].json()["id"])
    _be_made_staff(user)
    _log_in(user)
    enrol(user=user)
    _book_and_wait(Client().as_user(user), event)
    return user


def _be_made_staff(user):
    staff = superuser()
    staff.add(Group, name="box office", permissions=[Permission.objects.first().id])
    staff.change(
        user,
        username="zebediah",
        email=EMAIL,
        first_name="Zebediah",
        last_name="Quillfeather",
        is_active="on",
        is_staff="on",
        groups=[Group.objects.get(name="box office").id],
        user_permissions=[Permission.objects.first().id],
    )
    passwords = {"usable_password": "true"} | dict.fromkeys(["password1", "password2"], "Lon-g-e1")
    staff.post(page("change", User, user.id).replace("change", "password"), passwords)
    staff.add(ApiToken, user=user.id, name="Zebediah Quillfeather's phone", scopes=["read"])


def _log_in(user):
    credentials = {"username": user.username, "password": "Lon-g-e1"}
    assert Browser().post("/staff/login/?next=/staff/", credentials).status_code == 302


def _book_and_wait(client, event):
    first = client.post("/bookings", {"event_id": event.id}, headers={"X-Request-ID": EMAIL})
    client.post("/bookings", {"event_id": event.id}, headers={"Idempotency-Key": "zebediah-1"})
    client.delete(f"/bookings/{first.json()['id']}")
    hold = client.post("/holds", {"event_id": event.id, "quantity": 1}).json()
    client.post("/orders", {"hold_id": hold["id"]})
    fold_all()  # what comes later stays unfolded
    note_pass()
    for is_offered in (True, False):
        full, [booking] = make_full_event()
        client.post("/bookings", {"event_id": full.id})
        Client().as_user(UserFactory()).post("/waitlists", {"event_id": full.id})
        if is_offered:
            cancel_booking(booking_id=booking.id)


def figures(client):
    """Return the analytics, less the moment and the line, which a person leaves."""
    answer = client.get("/admin/analytics").json()
    for part in (answer["totals"], *answer["events"]):
        del part["waiting"]
    return {name: value for name, value in answer.items() if name != "generated_at"}


def found_in_dump():
    text = dump().lower()
    return [word for word in WORDS if word in text]


def test_dump_after_erasing_names_nobody_and_the_figures_are_the_same(person, as_admin):
    models = apps.get_models(include_auto_created=True)
    empty = [model._meta.db_table for model in models if not model._base_manager.exists()]
    named_before, figures_before = found_in_dump(), figures(as_admin)

    call_command("erase_user", str(person.id), "--yes")

    assert empty == []
    assert (named_before, found_in_dump()) == (WORDS, [])
    assert figures(as_admin) == figures_before
    assert figures_before["totals"]["bookings"] == 5
