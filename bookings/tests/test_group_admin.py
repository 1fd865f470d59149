"""Orders and holds on the staff site."""

import pytest
from django.contrib.admin.models import LogEntry

from bookings.models import Booking, Order
from bookings.services import cancel_booking
from events.models import Event, Hold
from tests.factories import (
    NOW,
    EventFactory,
    expire_hold,
    make_entry,
    make_hold,
    make_order,
)
from tests.staff import page, shown, staff_with, superuser, told

pytestmark = pytest.mark.django_db

# Where the services' transactions are real, and really refuse to be anybody's inner one.
committed = pytest.mark.django_db(transaction=True)
NOTHING = ["Nothing to do: that is done, or can't be."]

MAKERS = [make_order, make_hold]
each_kind = pytest.mark.parametrize("make", MAKERS)


@pytest.fixture
def staff(db):
    return superuser()


@pytest.fixture
def gala(db):
    return EventFactory(name="Gala", total_seats=2)


def statuses(rows):
    return list(rows.order_by("id").values_list("status", flat=True))


@pytest.mark.parametrize("model", [Order, Hold])
def test_list_without_permission_is_refused(model):
    assert staff_with().see_list(model).status_code == 403


@pytest.mark.parametrize("model", [Order, Hold])
def test_list_with_view_permission_offers_no_action(model):
    response = staff_with(f"view_{model._meta.model_name}").see_list(model)

    assert (response.status_code, response.context["action_form"]) == (200, None)


@each_kind
def test_rows_can_not_be_added_changed_or_deleted(make, staff, gala):
    row = make(gala)

    answers = [staff.add(type(row)), staff.change(row), staff.delete_row(row)]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


@each_kind
@pytest.mark.parametrize("term", ["gala", "HOLDER", "holder@example gala", "{0.id}", "#{0.id}"])
def test_list_is_searched(make, term, staff, gala, holder, stranger):
    make(EventFactory(name="Ball"), stranger)
    wanted = make(gala, holder)

    assert staff.rows(type(wanted), q=term.format(wanted)) == [wanted]


@pytest.mark.parametrize("typed", [str, str.lower, lambda text: text.replace("-", " ")])
def test_order_and_its_bookings_are_found_by_its_reference(typed, staff, gala, holder):
    make_order(EventFactory(), holder)
    wanted = make_order(gala, holder)

    term = typed(wanted.reference)

    assert staff.rows(Order, q=term) == [wanted]
    assert staff.rows(Booking, q=term) == list(wanted.bookings.order_by("-id"))


@pytest.mark.parametrize(("left", "index"), [("some", 0), ("none", 1)])
def test_orders_are_filtered_by_what_is_left(left, index, staff, gala):
    orders = [make_order(EventFactory()), make_order(gala)]
    orders[1].bookings.update(status="cancelled", cancelled_at=NOW)

    assert staff.rows(Order, left=left) == [orders[index]]


def test_list_of_orders_tells_how_many_seats_are_left(staff, gala, holder):
    order = make_order(gala, holder)
    cancel_booking(booking_id=order.bookings.first().id)

    response = staff.see_list(Order)

    [row] = response.context["cl"].result_list
    assert (row.total_seats, row.seats_left) == (2, 1)
    link = f'<a href="/staff/bookings/booking/?order__exact={order.id}">2</a>'
    assert link in response.content.decode()


def test_order_s_page_leads_to_its_bookings_and_they_to_it(staff, gala):
    order = make_order(gala)
    first, second = order.bookings.order_by("id")
    cancel_booking(booking_id=second.id)

    booked = '<a href="/staff/bookings/booking/{}/change/">{}</a>'
    assert shown(staff.see(order))["seats"] == ", ".join(
        [booked.format(first.id, "Seat-1"), booked.format(second.id, "Seat-2 (Cancelled)")]
    )
    link = f'<a href="/staff/bookings/order/{order.id}/change/">{order.reference}</a>'
    assert shown(staff.see(first))["order"] == link
    assert link in staff.see_list(Booking).content.decode()


@committed
def test_cancel_orders_asks_first_and_counts_their_bookings(staff, gala, holder):
    order = make_order(gala, holder)

    asked = staff.ask("cancel", order).context

    assert asked["rows"] == [(order.id, f"{order.reference}: Gala, holder")]
    assert "bookings: 2." in asked["warning"]
    assert statuses(order.bookings) == ["active", "active"]


@committed
def test_cancel_orders_cancels_what_is_left_whenever_it_is(staff, gala, stranger):
    Event.objects.update(cancel_until=NOW)
    order = make_order(gala)
    make_entry(gala, stranger)

    response = staff.run("cancel", order)

    assert told(response) == ["1 order cancelled."]
    assert statuses(order.bookings) == ["cancelled", "cancelled"]
    assert statuses(gala.seats) == ["held", "available"]
    assert LogEntry.objects.count() == 1
    assert told(staff.run("cancel", order)) == NOTHING


@committed
def test_give_back_releases_the_seats_of_a_hold(staff, gala, stranger):
    hold = make_hold(gala)
    make_entry(gala, stranger)

    response = staff.run("give_back", hold)

    assert told(response) == ["1 hold given back."]
    assert (statuses(Hold.objects), statuses(gala.seats)) == (["released"], ["held", "available"])


@committed
def test_hold_past_its_deadline_has_lapsed_and_is_not_given_back(staff, gala):
    hold = make_hold(gala)
    expire_hold(hold)

    assert shown(staff.see(hold))["status_in_words"] == "Lapsed"
    assert told(staff.run("give_back", hold)) == NOTHING
    assert statuses(Hold.objects) == ["open"]


def test_hold_s_page_leads_to_its_seats(staff, gala):
    hold = make_hold(gala)

    link = '<a href="/staff/events/seat/{0.id}/change/">{0}</a>'
    assert shown(staff.see(hold))["seats"] == ", ".join(
        link.format(seat) for seat in gala.seats.order_by("position")
    )


@pytest.mark.parametrize(("make", "action"), [(make_order, "cancel"), (make_hold, "give_back")])
def test_action_without_permission_to_change_does_nothing(make, action, gala):
    row = make(gala)

    staff_with(f"view_{row._meta.model_name}").run(action, row)

    assert set(statuses(gala.seats)) <= {"booked", "held"}


@committed
@pytest.mark.parametrize(
    ("make", "address"), [(make_order, "cancel_this"), (make_hold, "give_this_back")]
)
def test_row_s_page_leads_to_a_page_that_asks(make, address, staff, gala):
    row = make(gala)
    own_page = page("change", type(row), row.pk)

    asked = staff.get(own_page.replace("change", address)).context
    staff.run(asked["action"], row, back=asked["back"])

    assert asked["back"] == own_page
    assert statuses(gala.seats) == ["available", "available"]


@pytest.mark.parametrize(
    ("make", "changes"), [(make_order, ["Order made"]), (make_hold, ["Hold made"])]
)
def test_history_tells_how_it_came_about(make, changes, staff, gala):
    row = make(gala)

    told = staff.get(page("history", type(row), row.pk)).context["changes"]

    assert [change.what for change in told] == changes
