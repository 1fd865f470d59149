"""What all pages of the staff site have in common: order, questions, times, words."""

import re
from datetime import UTC, datetime

import pytest

from bookings.models import Booking, Order
from evently.users.models import ApiToken, User
from events.models import Event, Hold, Seat
from notifications.models import Notification
from tests.factories import EventFactory, UserFactory, make_booking
from tests.staff import page, staff_with, superuser, told
from waitlists.models import WaitlistEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db):
    return superuser()


def names(staff, **asked):
    return [event.name for event in staff.rows(Event, **asked)]


def words(response):
    """Return what a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


@pytest.fixture
def a_and_b(db):
    EventFactory(name="B")
    EventFactory(name="A")


@pytest.mark.usefixtures("a_and_b")
def test_order_of_a_list_is_kept_for_its_reader_alone(staff):
    assert names(staff, o="1") == ["A", "B"]

    assert names(staff) == ["A", "B"]
    assert names(staff, q="") == ["A", "B"]
    assert names(superuser(), o="-1") == ["B", "A"]
    assert names(staff) == ["A", "B"]


@pytest.mark.usefixtures("a_and_b")
def test_order_that_is_taken_back_is_forgotten(staff):
    default = names(staff)
    names(staff, o="1")
    names(staff, o="")

    assert names(staff) == default


def test_action_on_too_many_rows_at_once_is_refused(staff, event, monkeypatch):
    monkeypatch.setattr("evently.api.staff_actions.MOST_AT_ONCE", 2)

    response = staff.ask("block", *event.seats.all())

    assert told(response) == ["Choose at most 2 at once."]
    assert event.seats.available().count() == 3


@pytest.mark.parametrize(
    ("back", "leads_to"),
    [
        ("/staff/events/event/", "/staff/events/event/"),
        ("https://elsewhere.example/", "/staff/events/seat/"),
        ("//elsewhere.example/", "/staff/events/seat/"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_action_leads_back_to_where_it_was_begun_on_this_site(staff, event, back, leads_to):
    response = staff.run("block", event.seats.first(), back=back)

    assert response.redirect_chain == [(leads_to, 302)]


@pytest.mark.parametrize("name", ["block", "unblock", "offer"])
def test_every_action_on_seats_asks_first(staff, event, name):
    seat = event.seats.first()
    Seat.objects.update(status="available" if name == "block" else "blocked")

    response = staff.ask(name, seat)

    assert response.context["rows"] == [(seat.id, f"Seat-1, {event.name}")]
    assert Seat.objects.get(id=seat.id).status == ("available" if name == "block" else "blocked")


def test_time_is_told_in_the_time_zone_of_the_event(staff, holder):
    event = EventFactory(timezone="Asia/Tokyo")
    booking = make_booking(event, holder)
    Booking.objects.update(created_at=datetime(2030, 1, 1, 20, tzinfo=UTC))

    for response in (staff.see_list(Booking), staff.see(booking)):
        content = response.content.decode()
        assert 'data-shown="2030-01-02 05:00">2030-01-02 05:00 JST</time>' in content


@pytest.mark.parametrize(
    ("model", "advice"),
    [
        (Event, "No event is like that. Add one, or import a sheet of them."),
        (Booking, "No booking is like that. People book through the API."),
        (Order, "No order is like that. People order several seats through the API."),
        (Hold, "No hold is like that. People hold several seats through the API."),
        (WaitlistEntry, "Nobody is in line. People join when an event is full."),
        (Notification, "Nobody was owed word of anything yet."),
        (ApiToken, "There is nothing here yet."),
    ],
)
def test_empty_list_tells_what_to_do(staff, model, advice):
    assert advice in words(staff.see_list(model))


def test_list_that_finds_nothing_leads_back_to_all(staff, event):
    response = staff.see_list(Event, q="nowhere")

    assert "Nothing matches what you look for." in words(response)
    assert '<a href="?">Show all</a>' in response.content.decode()


def test_filters_tell_how_many_they_find(staff):
    EventFactory(status="draft")
    EventFactory.create_batch(2)

    said = words(staff.see_list(Event))

    assert ("Draft (1)" in said, "Published (2)" in said) == (True, True)


@pytest.mark.parametrize("model", [Booking, Notification])
def test_filters_of_what_grows_count_when_asked_to(staff, model):
    response = staff.see_list(model)

    assert response.context["cl"].add_facets is False
    assert "Show counts" in words(response)


@pytest.mark.parametrize(
    ("address", "crumb"),
    [
        (page("add", Event), "Add"),
        ("/staff/events/event/import/", "Import"),
        ("/staff/events/event/export/", "Export"),
    ],
)
def test_way_to_a_page_ends_in_what_it_is(staff, address, crumb):
    content = staff.get(address).content.decode()

    assert re.search(rf'aria-current="page">{crumb}</span>', content)


def test_deletion_that_is_not_allowed_tells_the_reason(staff, holder):
    make_booking(EventFactory(), holder)

    response = staff.get(page("delete", User, holder.id))

    assert "booking #" in words(response)
    assert User.objects.filter(id=holder.id).exists()


@pytest.mark.parametrize("number", ["x", "0", "-1", "9" * 30, "1_0"])
@pytest.mark.parametrize(
    "address",
    [
        "events/event/{}/duplicate/",
        "events/event/{}/cancel_this/",
        "bookings/booking/{}/cancel_this/",
        "bookings/order/{}/cancel_this/",
        "events/hold/{}/give_this_back/",
        "waitlists/waitlistentry/{}/move/",
        "waitlists/waitlistentry/{}/cancel_this_offer/",
        "waitlists/waitlistentry/{}/take_this_out/",
    ],
)
def test_page_of_no_row_is_not_found(staff, address, number):
    assert staff.get(f"/staff/{address.format(number)}").status_code == 404


def test_viewer_is_offered_no_action_on_a_row_s_own_page(holder):
    booking = make_booking(EventFactory(), holder)

    said = words(staff_with("view_booking").see(booking))

    assert "Cancel booking" not in said


def test_user_of_an_export_or_a_question_sees_no_others(staff):
    first, _ = UserFactory(), UserFactory()

    response = staff.ask("erase", first)

    assert [key for key, _ in response.context["rows"]] == [first.id]


@pytest.mark.parametrize(
    "address",
    [
        "bookings/booking/export/?event__exact=abc",
        "bookings/booking/?event__id__exact=" + "9" * 25,
        "events/event/export/?start_time__gte=foo",
        "events/event/?id__range=1",
        "audit/auditrecord/?at__year=0",
        "events/event/?q=" + "a+" * 1_500,
        "bookings/booking/?q=" + "a+" * 1_500,
        "bookings/order/?q=00000000&left=all",
        "events/event/add/?start_time=2026-13-45T10:00",
        "events/event/add/?start_time=9999-12-31T23:59:59-12:00",
        "events/event/add/?sales_start=2026-05-01T10:00",
        "events/event/add/?like=" + "9" * 30,
    ],
)
def test_address_that_is_wrong_is_no_fault_of_ours(staff, address):
    assert staff.get(f"/staff/{address}").status_code in (200, 302)


def test_pattern_in_an_address_is_refused(staff):
    assert staff.get("/staff/events/event/?name__regex=((").status_code == 400


@pytest.mark.parametrize("number", ["abc", "9" * 30, "-1"])
def test_action_on_what_is_no_row_is_refused(staff, number):
    wish = {"action": "cancel", "_selected_action": [number], "post": "yes"}

    assert staff.post(page("changelist", Booking), wish).status_code == 400


@pytest.mark.parametrize("wish", ["#{booking}", "seat-1", "tiny HOLDER", "{booking} holder"])
def test_bookings_are_found_by_all_words(staff, wish):
    booking = make_booking(EventFactory(name="Tiny"), UserFactory(username="holder"))
    make_booking(EventFactory(name="Tiny"), UserFactory(username="stranger"), "Seat-2")

    assert staff.rows(Booking, q=wish.format(booking=booking.id)) == [booking]


@pytest.mark.django_db(transaction=True)
def test_dashboard_shows_nothing_to_who_may_see_nothing():
    said = words(staff_with().get("/staff/"))

    assert "There is nothing here that you may see." in said
    assert "Bookings today" not in said
