"""The line, and seats given back, on the staff site."""

import pytest
from django.contrib.admin.models import LogEntry

from bookings.services import cancel_booking
from evently.api.staff_columns import shown_moment
from evently.audit.models import AuditRecord
from events.services import block_seats
from tests.factories import EventFactory, UserFactory, make_entry, make_full_event
from tests.staff import page, shown, staff_with, superuser, told
from waitlists.models import WaitlistEntry
from waitlists.releasing import unblock_seats

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
    contents = shown(staff.see(line[0]))

    deadline = WaitlistEntry.objects.get(id=line[0].id).offer_expires_at
    assert contents["position"] == "–"
    assert contents["offer_expires_at"] == shown_moment(deadline, "UTC")


@pytest.fixture
def party(transactional_db, settings):
    """Of two seats a party waits for one was gathered, after somebody behind had got another."""
    settings.EVENTLY_PARTY_PATIENCE = 1
    event, bookings = make_full_event(seats=3)
    entry = make_entry(event, party_size=2, adjacent="required")
    make_entry(event)
    for booking in bookings[:2]:
        cancel_booking(booking_id=booking.id)
    return entry


def test_list_and_page_tell_what_a_party_wants_and_has(staff, party):
    row = staff.rows(WaitlistEntry)[0]
    contents = shown(staff.see(party))

    assert (row.party_size, row.passed_over, row.seats_kept) == (2, 1, 1)
    assert (contents["adjacent"], contents["passed_over"]) == ("Required", "1")
    seat = party.event.seats.get(seat_number="Seat-2")
    assert contents["kept_seats"] == f'<a href="/staff/events/seat/{seat.id}/change/">Seat-2</a>'


def test_seats_of_a_later_entry_are_not_an_ended_one_s(staff, line):
    staff.run("take_out", line[0])
    again = make_entry(line[0].event, line[0].user)
    staff.run("cancel_offers", line[1])

    ended, _, offered = staff.rows(WaitlistEntry)

    assert (offered.id, offered.seats_kept) == (again.id, 1)
    assert (ended.seats_kept, shown(staff.see(ended))["kept_seats"]) == (0, "–")


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

    assert told(response) == ["1 offer cancelled."]
    assert statuses() == ["lapsed", "offered"]


def test_cancel_offers_leaves_one_that_it_has_just_brought_about(staff, line):
    response = staff.run("cancel_offers", *line)

    assert told(response) == ["1 offer cancelled."]
    assert statuses() == ["lapsed", "offered"]


def test_cancel_offers_of_somebody_who_waits_does_nothing(staff, line):
    response = staff.run("cancel_offers", line[1])

    assert told(response) == ["Nothing to do: that is done, or can't be."]
    assert statuses() == ["offered", "waiting"]


def test_cancel_offers_is_noted_in_the_history(staff, line):
    staff.run("cancel_offers", line[0])

    assert LogEntry.objects.get().get_change_message() == "Changed status."


def test_take_out_ends_live_entries(staff, line):
    response = staff.run("take_out", line[0])

    assert told(response) == ["1 taken out of the line."]
    assert statuses() == ["left", "offered"]


def test_take_out_of_an_entry_that_has_ended_does_nothing(staff, line):
    staff.run("take_out", line[0])

    response = staff.run("take_out", line[0])

    assert told(response) == ["Nothing to do: that is done, or can't be."]
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

    assert told(response) == ["1 seat given back."]
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


# --- Moving, and offering by hand ---------------------------------------------------------------


def move(staff, entry, **values):
    return staff.post(f"{page('changelist', WaitlistEntry)}{entry.id}/move/", values, follow=True)


@pytest.mark.django_db(transaction=True)
def test_move_puts_somebody_elsewhere_in_the_line_for_a_reason(staff):
    event = make_blocked_event()
    first, second = make_entry(event), make_entry(event)

    response = move(staff, second, position="1", reason="Their entry was lost.")

    [moved] = AuditRecord.objects.filter(action="entry_moved")
    assert told(response) == ["Moved. The reason is in the record."]
    assert [entry.id for entry in WaitlistEntry.objects.waiting()] == [second.id, first.id]
    assert (moved.before, moved.after) == (
        {"position": 2},
        {"position": 1, "reason": "Their entry was lost."},
    )


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"position": "1", "reason": " "}, {"reason": ["This field is required."]}),
        (
            {"position": "0", "reason": "x"},
            {"position": ["Ensure this value is greater than or equal to 1."]},
        ),
        (
            {"position": "1", "reason": "x\0"},
            {"reason": ["Null characters are not allowed."]},
        ),
        (
            {"position": "1", "reason": "x" * 201},
            {"reason": ["Ensure this value has at most 200 characters (it has 201)."]},
        ),
    ],
)
def test_move_that_is_unclear_is_refused(staff, line, values, error):
    assert move(staff, line[1], **values).context["form"].errors == error


def test_move_of_somebody_with_an_offer_says_why_not(staff, line):
    response = move(staff, line[0], position="1", reason="x")

    assert told(response) == ["Only who waits has a position in the line."]


def test_move_without_permission_to_change_the_event_is_refused(line):
    browser = staff_with("view_waitlistentry", "change_waitlistentry")

    assert move(browser, line[1], position="1", reason="x").status_code == 403


@pytest.mark.parametrize(
    ("address", "index", "after"),
    [
        ("cancel_this_offer", 0, ["lapsed", "offered"]),
        ("take_this_out", 1, ["offered", "left"]),
    ],
)
def test_entry_s_page_leads_to_what_can_be_done(staff, line, address, index, after):
    entry = line[index]
    own_page = page("change", WaitlistEntry, entry.id)

    asked = staff.get(own_page.replace("change", address)).context
    staff.run(asked["action"], entry, back=asked["back"])

    assert asked["back"] == own_page
    assert statuses() == after


@pytest.mark.django_db(transaction=True)
def test_offer_keeps_a_blocked_seat_for_the_first_in_line(staff):
    event = make_blocked_event()
    make_entry(event)

    response = staff.run("offer", event.seats.get())

    assert told(response) == ["1 seat offered."]
    assert (seat_statuses(event), statuses()) == (["held"], ["offered"])


@pytest.mark.django_db(transaction=True)
def test_offer_to_nobody_leaves_the_seat_blocked(staff):
    event = make_blocked_event()

    response = staff.run("offer", event.seats.get())

    assert told(response) == ["1 seat: Nobody waits for a seat of this event."]
    assert seat_statuses(event) == ["blocked"]


@pytest.mark.django_db(transaction=True)
def test_move_to_where_somebody_is_changes_nothing(staff):
    entry = make_entry(make_blocked_event())

    response = move(staff, entry, position="1", reason="x")

    assert told(response) == ["That is their position already."]
    assert not LogEntry.objects.exists()
