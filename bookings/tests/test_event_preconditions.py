"""`If-Match`: staff change the version of an event that they have seen, or nothing."""

import pytest

from bookings.event_services import change_event, delete_event
from events.errors import StaleVersion
from events.models import Event
from tests.factories import NOW, EventFactory, make_booking
from tests.staff import superuser

pytestmark = pytest.mark.django_db

GALA = {
    "name": "Exclusive Gala",
    "venue": "Opera",
    "start_time": "2031-07-01T19:00:00",
    "end_time": "2031-07-01T23:00:00",
}
STALE = {
    "type": "urn:evently:problem:precondition_failed",
    "title": "Precondition failed",
    "status": 412,
    "detail": "Somebody changed this event meanwhile. Look again and retry.",
    "code": "precondition_failed",
}
CHANGES = [
    pytest.param("put", GALA, id="PUT"),
    pytest.param("patch", {"name": "Exclusive Gala"}, id="PATCH"),
    pytest.param("delete", None, id="DELETE"),
]


@pytest.fixture
def seventh(db):
    """An event that was changed six times."""
    return EventFactory(name="Concert", version=7)


def change(client, method, event, body, if_match=None):
    headers = {} if if_match is None else {"If-Match": if_match}
    return getattr(client, method)(f"/admin/events/{event.id}", body, headers=headers)


# --- The tag ------------------------------------------------------------------------------------


def test_answers_to_staff_carry_the_version_as_a_strong_tag(as_admin):
    created = as_admin.post("/admin/events", GALA | {"total_seats": 2})
    place = created["Location"]

    answers = [
        created,
        as_admin.get(place),
        as_admin.patch(place, {"name": "Gala"}),
        as_admin.put(place, GALA),
        as_admin.get(place),
    ]

    assert [answer["ETag"] for answer in answers] == ['"1"', '"1"', '"2"', '"3"', '"3"']


@pytest.mark.parametrize("changes", [{}, {"name": "Concert"}, {"total_seats": 3}])
def test_change_of_nothing_makes_no_new_version(seventh, changes):
    change_event(event_id=seventh.id, changes=changes)

    assert Event.objects.get().version == 7


@pytest.mark.parametrize(
    "changes",
    [{"name": "Gala"}, {"status": "cancelled"}, {"max_per_user": 2}, {"cancel_until": NOW}],
)
def test_change_of_anything_makes_a_new_version(seventh, changes):
    change_event(event_id=seventh.id, changes=changes)

    assert Event.objects.get().version == 8


@pytest.mark.django_db(transaction=True)
def test_change_on_the_staff_site_makes_a_new_version(seventh):
    superuser().run("cancel", seventh)

    assert Event.objects.get().version == 8


def test_booking_makes_no_new_version(seventh):
    make_booking(seventh)

    assert Event.objects.get().version == 7


# --- The condition ------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "body"), CHANGES)
@pytest.mark.parametrize(
    "tag", ['"7"', "*", ' "6" ,"7"', '"6",, "7",', '"a,b", "7"', 'W/"7", "7"', " * "]
)
def test_change_of_the_version_that_was_seen_is_made(as_admin, seventh, method, body, tag):
    answer = change(as_admin, method, seventh, body, tag)

    assert answer.status_code in (200, 204)
    assert not Event.objects.filter(name="Concert").exists()


@pytest.mark.parametrize(("method", "body"), CHANGES)
@pytest.mark.parametrize("tag", ['"6"', '"8"', 'W/"7"', '""', '"07"', '"7x"', '"6", W/"7"', '"é"'])
def test_change_of_another_version_is_refused(as_admin, seventh, method, body, tag):
    answer = change(as_admin, method, seventh, body, tag)

    assert (answer.status_code, answer.json()) == (412, STALE)
    assert Event.objects.get().name == "Concert"


@pytest.mark.parametrize(("method", "body"), CHANGES)
@pytest.mark.parametrize("tag", ["7", '"7', '7"', "", ",", '*, "7"', '"7" "8"', 'w/"7"', '"7"; x'])
def test_condition_that_is_no_list_of_tags_is_invalid(as_admin, seventh, method, body, tag):
    answer = change(as_admin, method, seventh, body, tag)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"] == [
        {"field": "If-Match", "code": "invalid", "detail": "Must be * or a list of entity tags."}
    ]


def test_stale_change_is_told_before_what_else_speaks_against_it(as_admin, seventh):
    make_booking(seventh)

    answers = [
        change(as_admin, "patch", seventh, {"total_seats": 9}, '"6"'),
        change(as_admin, "patch", seventh, {"status": "draft"}, '"6"'),
        change(as_admin, "delete", seventh, None, '"6"'),
    ]

    assert [answer.status_code for answer in answers] == [412, 412, 412]


def test_second_of_two_who_saw_the_same_is_refused(as_admin, seventh):
    answers = [change(as_admin, "patch", seventh, {"name": name}, '"7"') for name in ("A", "B")]

    assert [answer.status_code for answer in answers] == [200, 412]
    assert Event.objects.get().name == "A"


# --- Where it is required -----------------------------------------------------------------------


@pytest.mark.parametrize(("method", "body"), CHANGES)
def test_change_without_a_condition_is_refused_where_one_is_required(
    as_admin, seventh, settings, method, body
):
    settings.EVENTLY_REQUIRE_IF_MATCH = True

    answer = change(as_admin, method, seventh, body)

    assert answer.status_code == 428
    assert answer.json() == {
        "type": "urn:evently:problem:precondition_required",
        "title": "Precondition required",
        "status": 428,
        "detail": "Name the version that you change, by If-Match.",
        "code": "precondition_required",
    }
    assert Event.objects.get().name == "Concert"


@pytest.mark.parametrize(("method", "body"), CHANGES)
def test_change_with_a_condition_is_made_where_one_is_required(
    as_admin, seventh, settings, method, body
):
    settings.EVENTLY_REQUIRE_IF_MATCH = True

    assert change(as_admin, method, seventh, body, "*").status_code in (200, 204)


def test_event_is_created_without_a_condition_everywhere(as_admin, settings):
    settings.EVENTLY_REQUIRE_IF_MATCH = True

    assert as_admin.post("/admin/events", GALA | {"total_seats": 2}).status_code == 201


@pytest.mark.parametrize("service", [change_event, delete_event])
def test_service_refuses_a_version_that_was_not_expected(seventh, service):
    changes = {"changes": {"name": "Gala"}} if service is change_event else {}

    with pytest.raises(StaleVersion):
        service(event_id=seventh.id, expected_versions={6, 8}, **changes)
