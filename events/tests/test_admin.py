"""Adding events, their form and list, and seats on the staff site."""

from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry

from events.models import Event, Seat
from tests.factories import EventFactory, make_booking
from tests.staff import Browser, errors, page, staff_with, superuser, told

pytestmark = pytest.mark.django_db

MODELS = [Event, Seat]
NEW_EVENT = {
    "name": "Gala",
    "venue": "Opera",
    "description": "",
    "start_time_0": "2030-07-01",
    "start_time_1": "19:00",
    "end_time_0": "2030-07-01",
    "end_time_1": "23:00",
    "timezone": "Europe/Berlin",
    "status": "draft",
    "total_seats": "2",
    "max_per_user": "4",
}


@pytest.fixture
def staff(db):
    return superuser()


def seat_statuses(event):
    return list(event.seats.order_by("position").values_list("status", flat=True))


@pytest.mark.parametrize("model", MODELS)
def test_list_without_permission_is_refused(model):
    assert staff_with().see_list(model).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_list_with_view_permission_offers_no_action(model):
    response = staff_with(f"view_{model._meta.model_name}").see_list(model)

    assert (response.status_code, response.context["action_form"]) == (200, None)


@pytest.mark.parametrize("model", MODELS)
def test_list_costs_the_same_number_of_queries_for_more_rows(model, staff):
    EventFactory(total_seats=1)
    one = staff.count_list_queries(model)
    EventFactory(total_seats=2)
    EventFactory(total_seats=0)

    assert staff.count_list_queries(model) == one


def test_event_list_shows_available_seats(staff):
    event = EventFactory(total_seats=3)
    make_booking(event)

    [shown] = staff.rows(Event)

    assert (shown.total_seats, shown.available_seats) == (3, 2)


def test_event_list_shows_the_start_in_the_time_zone_of_the_event(staff):
    EventFactory(start_time=datetime(2030, 7, 1, 17, tzinfo=UTC), timezone="Europe/Berlin")

    assert "2030-07-01 19:00 CEST" in staff.see_list(Event).content.decode()


@pytest.mark.parametrize("filters", [{"q": "gal"}, {"q": "OPERA"}, {"status__exact": "draft"}])
def test_event_list_is_searched_and_filtered(filters, staff, event):
    wanted = EventFactory(name="Gala", venue="Opera", status="draft")

    assert staff.rows(Event, **filters) == [wanted]


def test_event_page_leads_to_its_seats(staff, event):
    content = staff.see(event).content.decode()

    assert f'<a href="/staff/events/seat/?event__exact={event.id}">Seats</a>' in content


def test_event_page_for_viewers_shows_its_times_and_no_form(event):
    response = staff_with("view_event").see(event)

    assert "2030-06-01 19:00 UTC" in response.content.decode()
    assert 'name="name"' not in response.content.decode()


def test_event_page_for_viewers_shows_its_deadlines_in_its_time_zone():
    event = EventFactory(
        cancel_until=datetime(2030, 5, 1, 10, tzinfo=UTC), timezone="Europe/Berlin"
    )

    assert "2030-05-01 12:00 CEST" in staff_with("view_event").see(event).content.decode()


@pytest.mark.django_db(transaction=True)
def test_add_event_makes_it_with_its_seats(staff):
    response = staff.add(Event, **NEW_EVENT)

    event = Event.objects.get()
    link = f'<a href="{page("change", Event, event.id)}">Gala</a>'
    assert told(response) == [f"The event “{link}” was added successfully."]
    assert (event.name, event.status, event.max_per_user) == ("Gala", "draft", 4)
    assert seat_statuses(event) == ["available"] * 2
    assert LogEntry.objects.get().is_addition()


@pytest.mark.django_db(transaction=True)
def test_add_event_reads_times_in_its_time_zone(staff):
    staff.add(Event, **NEW_EVENT)

    assert Event.objects.get().start_time == datetime(2030, 7, 1, 17, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_add_event_reads_its_deadlines_in_its_time_zone(staff):
    deadlines = {
        "sales_start_0": "2030-02-01",
        "sales_start_1": "10:00",
        "cancel_until_0": "2030-06-30",
        "cancel_until_1": "19:00",
    }

    staff.add(Event, **NEW_EVENT | deadlines)

    event = Event.objects.get()
    assert (event.sales_start, event.sales_end, event.cancel_until) == (
        datetime(2030, 2, 1, 9, tzinfo=UTC),
        None,
        datetime(2030, 6, 30, 17, tzinfo=UTC),
    )


def test_add_event_suggests_the_time_zone_of_the_server(staff, settings):
    settings.TIME_ZONE = "Europe/Berlin"

    form = staff.get(page("add", Event)).context["adminform"].form

    assert form["timezone"].initial == "Europe/Berlin"


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"name": " "}, "This field is required."),
        ({"name": "a\0b"}, "Null characters are not allowed."),
        ({"end_time_1": "19:00"}, "The event must end after its start."),
        ({"start_time_0": "1899-12-31"}, "The time must lie between 1900 and 2999."),
        (
            {"start_time_0": "0001-01-01", "timezone": "Asia/Tokyo"},
            "The time must lie between 1900 and 2999.",
        ),
        ({"end_time_0": "9999-12-31"}, "The time must lie between 1900 and 2999."),
        (
            {"timezone": "Mars/Olympus"},
            "Select a valid choice. Mars/Olympus is not one of the available choices.",
        ),
        (
            {"status": "cancelled"},
            "Select a valid choice. cancelled is not one of the available choices.",
        ),
        (
            {"total_seats": "100001"},
            "Ensure this value is less than or equal to 100000.",
        ),
        (
            {
                "sales_start_0": "2030-05-01",
                "sales_start_1": "10:00",
                "sales_end_0": "2030-05-01",
                "sales_end_1": "10:00",
            },
            "The sales must end after their start.",
        ),
        (
            {"cancel_until_0": "1899-12-31", "cancel_until_1": "10:00"},
            "The time must lie between 1900 and 2999.",
        ),
        ({"max_per_user": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"max_per_user": "100001"}, "Ensure this value is less than or equal to 100000."),
    ],
)
def test_add_event_with_a_wrong_value_is_refused(values, error, staff):
    response = staff.add(Event, **NEW_EVENT | values)

    assert errors(response) == [error]
    assert not Event.objects.exists()


def test_add_event_without_permission_is_refused():
    assert staff_with("view_event").add(Event, **NEW_EVENT).status_code == 403


def test_add_event_without_a_csrf_token_is_refused(staff):
    staff.handler.enforce_csrf_checks = True

    assert staff.add(Event, **NEW_EVENT).status_code == 403
    assert not Event.objects.exists()


def test_seat_list_is_in_order_of_position(staff):
    event = EventFactory(total_seats=11)

    assert [seat.position for seat in staff.rows(Seat, event__exact=event.id)] == [*range(1, 12)]


@pytest.mark.parametrize(
    "filters", [{"q": "Seat-2"}, {"q": "gala seat-2"}, {"status__exact": "booked"}]
)
def test_seat_list_is_searched_and_filtered(filters, staff):
    event = EventFactory(name="Gala")
    make_booking(event, seat_number="Seat-2")

    assert [seat.seat_number for seat in staff.rows(Seat, **filters)] == ["Seat-2"]


def test_seat_list_leads_to_the_event(staff, event):
    content = staff.see_list(Seat).content.decode()

    assert f'<a href="/staff/events/event/{event.id}/change/">{event.name}</a>' in content


def test_seats_can_not_be_added_changed_or_deleted(staff, event):
    seat = event.seats.first()

    answers = [staff.add(Seat), staff.change(seat, status="booked"), staff.delete_row(seat)]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert seat_statuses(event) == ["available"] * 3


@pytest.mark.django_db(transaction=True)
def test_block_takes_available_seats_of_all_events_out_of_the_sale(staff):
    event, other = EventFactory(total_seats=2), EventFactory(total_seats=1)
    make_booking(event, seat_number="Seat-1")

    response = staff.run("block", *event.seats.all(), *other.seats.all())

    assert told(response) == ["2 seats blocked."]
    assert [seat_statuses(event), seat_statuses(other)] == [["booked", "blocked"], ["blocked"]]


@pytest.mark.django_db(transaction=True)
def test_block_of_more_seats_than_one_gate_allows_blocks_all(staff, monkeypatch):
    monkeypatch.setattr("events.admin.SEATS_PER_CHANGE", 2)
    event = EventFactory(total_seats=3)

    response = staff.run("block", *event.seats.all())

    assert told(response) == ["3 seats blocked."]
    assert seat_statuses(event) == ["blocked"] * 3


def test_block_without_permission_to_change_does_nothing(event):
    staff_with("view_seat").run("block", *event.seats.all())

    assert seat_statuses(event) == ["available"] * 3


def test_seat_list_without_a_csrf_token_runs_no_action(event):
    browser = Browser(enforce_csrf_checks=True)
    browser.cookies = superuser().cookies

    assert browser.run("block", *event.seats.all()).status_code == 403
    assert seat_statuses(event) == ["available"] * 3


@pytest.mark.parametrize(
    ("day", "zone"), [("9999-12-31", "Pacific/Honolulu"), ("0001-01-01", "Asia/Tokyo")]
)
def test_add_event_at_the_end_of_time_is_refused(staff, day, zone):
    times = {"start_time_0": day, "end_time_0": day, "timezone": zone}

    response = staff.add(Event, **NEW_EVENT | times)

    assert errors(response) == ["The time must lie between 1900 and 2999."] * 2
