"""The line, and seats given back, on the staff site."""

import pytest
from django.contrib.admin.models import LogEntry
from django.utils.formats import localize

from events.services import block_seats
from tests.factories import EventFactory, UserFactory, make_entry
from tests.staff import staff_with, superuser, told
from waitlists.models import WaitlistEntry
from waitlists.services import unblock_seats

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db):
    return superuser()


@pytest.fixture
def line(transactional_db):
    """The first in line has an offer, the second waits."""
    event = make_blocked_event(name="Gala")
    entries = [make_entry(event, UserFactory(username=name)) for name in ("first", "second")]
    unblock_seats(event_id=event.id, seat_ids=[event.seats.get().id])
    return entries


def make_blocked_event(**values):
    """Make an event whose only seat is blocked, so that people wait for it."""
    event = EventFactory(total_seats=1, **values)
    block_seats(event_id=event.id, seat_ids=[event.seats.get().id])
    return event


def statuses():
    return list(WaitlistEntry.objects.order_by("id").values_list("status", flat=True))


def seat_statuses(event):
    return list(event.seats.order_by("position").values_list("status", flat=True))


def test_list_without_permission_is_refused():
    assert staff_with().see_list(WaitlistEntry).status_code == 403


def test_list_with_view_permission_offers_no_action():
    response = staff_with("view_waitlistentry").see_list(WaitlistEntry)

    assert (response.status_code, response.context["action_form"]) == (200, None)


def test_list_costs_the_same_number_of_queries_for_more_rows(staff):
    make_entry(make_blocked_event())
    one = staff.count_list_queries(WaitlistEntry)
    event = make_blocked_event()
    make_entry(event)
    make_entry(event)
    unblock_seats(event_id=event.id, seat_ids=[event.seats.get().id])

    assert staff.count_list_queries(WaitlistEntry) == one


def test_list_shows_the_position(staff):
    event = make_blocked_event()
    make_entry(event)
    make_entry(event)

    assert [entry.position for entry in staff.rows(WaitlistEntry)] == [1, 2]


@pytest.mark.parametrize("filters", [{"q": "secon"}, {"q": "gala SECOND@"}, {"status": "waiting"}])
def test_list_is_searched_and_filtered(filters, staff, line):
    assert staff.rows(WaitlistEntry, **filters) == [line[1]]


def test_list_leads_to_event_user_and_offered_seat(staff, line):
    content = staff.see_list(WaitlistEntry).content.decode()

    entry = WaitlistEntry.objects.get(id=line[0].id)
    for link in [
        f'<a href="/staff/events/event/{entry.event_id}/change/">Gala</a>',
        f'<a href="/staff/users/user/{entry.user_id}/change/">first</a>',
        f'<a href="/staff/events/seat/{entry.offered_seat_id}/change/">Seat-1</a>',
    ]:
        assert link in content


def test_page_shows_deadline_and_empty_values_in_words(staff, line):
    fields = staff.see(line[0]).context["adminform"]
    contents = {
        field.field["name"]: field.contents()
        for fieldset in fields
        for row in fieldset
        for field in row
    }

    deadline = WaitlistEntry.objects.get(id=line[0].id).offer_expires_at
    assert contents["position"] == "–"
    assert contents["offer_expires_at"] == localize(deadline)


def test_entries_can_not_be_added_changed_or_deleted(staff, line):
    answers = [
        staff.add(WaitlistEntry),
        staff.change(line[1], status="offered"),
        staff.delete_row(line[1]),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert statuses() == ["offered", "waiting"]


def test_cancel_offers_passes_the_seat_on(staff, line):
    response = staff.run("cancel_offers", line[0])

    assert told(response) == ["1 waitlist entry lapsed."]
    assert statuses() == ["lapsed", "offered"]


def test_cancel_offers_leaves_one_that_it_has_just_brought_about(staff, line):
    response = staff.run("cancel_offers", *line)

    assert told(response) == [
        "1 waitlist entry lapsed.",
        "1 waitlist entry: No seat is being kept for this entry.",
    ]
    assert statuses() == ["lapsed", "offered"]


def test_cancel_offers_of_somebody_who_waits_says_why_not(staff, line):
    response = staff.run("cancel_offers", line[1])

    assert told(response) == ["1 waitlist entry: No seat is being kept for this entry."]
    assert statuses() == ["offered", "waiting"]


def test_cancel_offers_is_noted_in_the_history(staff, line):
    staff.run("cancel_offers", line[0])

    assert LogEntry.objects.get().change_message == "Lapsed."


def test_take_out_ends_live_entries(staff, line):
    response = staff.run("take_out", line[0])

    assert told(response) == ["1 waitlist entry taken out of the line."]
    assert statuses() == ["left", "offered"]


def test_take_out_of_an_entry_that_has_ended_does_nothing(staff, line):
    staff.run("take_out", line[0])

    response = staff.run("take_out", line[0])

    assert told(response) == ["0 waitlist entries taken out of the line."]
    assert statuses() == ["left", "offered"]


@pytest.mark.parametrize("action", ["cancel_offers", "take_out"])
def test_action_without_permission_to_change_does_nothing(action, line):
    staff_with("view_waitlistentry").run(action, *line)

    assert statuses() == ["offered", "waiting"]


@pytest.mark.django_db(transaction=True)
def test_unblock_puts_seats_on_sale_when_nobody_waits(staff):
    event = EventFactory(total_seats=2)
    seats = list(event.seats.all())
    block_seats(event_id=event.id, seat_ids=[seats[0].id])

    response = staff.run("unblock", *seats)

    assert told(response) == [
        "1 seat given back.",
        "1 seat: Only a blocked seat can be given back.",
    ]
    assert seat_statuses(event) == ["available", "available"]


@pytest.mark.django_db(transaction=True)
def test_unblock_offers_the_seat_to_who_waits(staff):
    event = make_blocked_event()
    make_entry(event)

    staff.run("unblock", event.seats.get())

    assert (seat_statuses(event), statuses()) == (["held"], ["offered"])


@pytest.mark.django_db(transaction=True)
def test_unblock_of_a_cancelled_event_is_refused(staff):
    event = make_blocked_event(status="cancelled")

    response = staff.run("unblock", event.seats.get())

    assert told(response) == ["1 seat: This event isn't on sale."]
    assert seat_statuses(event) == ["blocked"]
