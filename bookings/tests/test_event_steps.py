"""Publishing and cancelling an event, each by a call of its own."""

import pytest

from bookings import cancelling
from bookings.event_services import cancel_event, publish_event
from bookings.integrity import breaches
from bookings.models import Booking
from conftest import Client
from events.errors import EventNotFound, StaleVersion, StatusChangeRefused
from events.models import Event
from notifications.models import Notification
from tests.factories import EventFactory, make_booking, make_entry, make_full_event

pytestmark = pytest.mark.django_db

NOBODYS_ID = 2**40
KEY = {"Idempotency-Key": "one-wish"}
STEPS = ["publish", "cancel"]
REFUSED = {
    "type": "urn:evently:problem:status_change_refused",
    "title": "Status change refused",
    "status": 409,
    "detail": "An event goes from draft to published to cancelled, step by step and never back.",
    "code": "status_change_refused",
}


class Interrupted(Exception):
    """What ends a call between two batches."""


@pytest.fixture
def batches_of_one(monkeypatch):
    monkeypatch.setattr(cancelling, "BOOKINGS_PER_BATCH", 1)


@pytest.fixture
def draft(db):
    return EventFactory(status="draft")


def post(client, event, step, **headers):
    return client.post(f"/admin/events/{event.id}/{step}", headers=headers)


def status_and_version(event):
    return Event.objects.values_list("status", "version").get(id=event.id)


def bookings_left(event):
    return Booking.objects.filter(event=event).active().count()


# --- The services -------------------------------------------------------------------------------


def test_publish_puts_a_draft_on_sale(draft):
    assert publish_event(event_id=draft.id).is_on_sale

    assert status_and_version(draft) == ("published", 2)


def test_publish_of_what_is_published_changes_nothing(event):
    publish_event(event_id=event.id)

    assert status_and_version(event) == ("published", 1)


def test_publish_of_a_cancelled_event_is_refused():
    with pytest.raises(StatusChangeRefused):
        publish_event(event_id=EventFactory(status="cancelled").id)


def test_cancel_of_a_draft_is_refused(draft):
    with pytest.raises(StatusChangeRefused):
        cancel_event(event_id=draft.id)


@pytest.mark.django_db(transaction=True)
def test_cancel_returns_when_the_last_batch_is_done(batches_of_one):
    event, _ = make_full_event(seats=3)
    make_entry(event)

    cancel_event(event_id=event.id)

    assert (status_and_version(event), bookings_left(event)) == (("cancelled", 2), 0)
    assert not Event.objects.cancelling().exists()
    assert breaches() == []


def test_cancel_of_what_is_cancelled_changes_nothing(event, holder):
    make_booking(event, holder)

    for _ in range(2):
        cancel_event(event_id=event.id)

    assert status_and_version(event) == ("cancelled", 2)
    assert Notification.objects.filter(kind="event_cancelled").count() == 1


@pytest.mark.parametrize("service", [publish_event, cancel_event])
def test_step_of_an_unknown_event_is_not_found(service, db):
    with pytest.raises(EventNotFound):
        service(event_id=NOBODYS_ID)


@pytest.mark.parametrize("service", [publish_event, cancel_event])
def test_step_of_another_version_than_expected_is_refused(service, event):
    with pytest.raises(StaleVersion):
        service(event_id=event.id, expected_versions={2})


# --- The calls ----------------------------------------------------------------------------------


def test_publish_answers_the_event_that_can_be_booked_now(as_admin, as_holder, draft):
    before = as_admin.get(f"/admin/events/{draft.id}").json()

    response = post(as_admin, draft, "publish")

    assert (response.status_code, response["ETag"]) == (200, '"2"')
    assert response.json() == before | {"status": "published"}
    assert as_holder.post("/bookings", {"event_id": draft.id}).status_code == 201


def test_cancel_answers_the_event_whose_bookings_are_cancelled(as_admin, event, holder):
    make_booking(event, holder)
    before = as_admin.get(f"/admin/events/{event.id}").json()

    response = post(as_admin, event, "cancel")

    assert (response.status_code, response["ETag"]) == (200, '"2"')
    assert response.json() == before | {"status": "cancelled", "available_seats": 0}
    assert bookings_left(event) == 0


@pytest.mark.parametrize(("status", "step"), [("published", "publish"), ("cancelled", "cancel")])
def test_step_that_was_made_is_answered_alike_and_changes_nothing(as_admin, status, step):
    event = EventFactory(status=status)

    response = post(as_admin, event, step)

    assert (response.status_code, response.json()["status"]) == (200, status)
    assert status_and_version(event) == (status, 1)


@pytest.mark.parametrize(("status", "step"), [("cancelled", "publish"), ("draft", "cancel")])
def test_step_that_an_event_cant_make_is_409(as_admin, status, step):
    event = EventFactory(status=status)

    response = post(as_admin, event, step)

    assert (response.status_code, response.json()) == (409, REFUSED)
    assert status_and_version(event) == (status, 1)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("tag", "status"), [('"1"', 200), ("*", 200), ('"2"', 412)])
def test_step_is_made_of_the_version_that_was_seen(as_admin, event, step, tag, status):
    assert post(as_admin, event, step, **{"If-Match": tag}).status_code == status


@pytest.mark.parametrize("step", STEPS)
def test_step_without_a_condition_is_refused_where_one_is_required(as_admin, event, step, settings):
    settings.EVENTLY_REQUIRE_IF_MATCH = True

    assert post(as_admin, event, step).json()["code"] == "precondition_required"


@pytest.mark.parametrize("step", STEPS)
def test_step_is_for_staff_only(event, holder, stranger, step):
    make_booking(event, holder)
    callers = [Client(), Client().as_user(stranger), Client().as_user(holder)]

    assert [post(caller, event, step).status_code for caller in callers] == [401, 403, 403]
    assert status_and_version(event) == ("published", 1)


# --- Under a key --------------------------------------------------------------------------------


@pytest.mark.parametrize("step", STEPS)
def test_step_again_with_the_same_key_is_the_same_answer(as_admin, step):
    event = EventFactory(status="draft" if step == "publish" else "published")

    first, second = (post(as_admin, event, step, **KEY, **{"If-Match": '"1"'}) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert (first.content, first["ETag"]) == (second.content, second["ETag"])
    assert second["Idempotent-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
def test_cancel_under_a_key_is_finished_before_the_answer(as_admin, batches_of_one):
    event, _ = make_full_event(seats=3)

    response = post(as_admin, event, "cancel", **KEY)

    assert (response.status_code, "Idempotent-Replayed" in response) == (200, False)
    assert (bookings_left(event), breaches()) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_cancel_that_was_cut_off_is_finished_by_the_same_key(as_admin, batches_of_one, monkeypatch):
    event, _ = make_full_event(seats=3)
    with monkeypatch.context() as cut:
        cut.setattr(cancelling, "cancel_next_batch", _interrupt)
        with pytest.raises(Interrupted):
            post(as_admin, event, "cancel", **KEY)
    left_behind = bookings_left(event)

    response = post(as_admin, event, "cancel", **KEY)

    assert (response.status_code, response["Idempotent-Replayed"]) == (200, "true")
    assert (left_behind, bookings_left(event)) == (2, 0)
    assert breaches() == []


@pytest.mark.django_db(transaction=True)
def test_cancel_under_a_key_of_another_request_cancels_nothing(as_admin):
    first, second = EventFactory(), EventFactory()
    post(as_admin, first, "cancel", **KEY)

    response = post(as_admin, second, "cancel", **KEY)

    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert status_and_version(second) == ("published", 1)


def _interrupt(**_):
    raise Interrupted
