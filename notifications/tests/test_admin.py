"""Notifications on the staff site: to look at only."""

import pytest

from notifications.models import Notification
from tests.factories import NOW, EventFactory, NotificationFactory, UserFactory
from tests.staff import staff_with, superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db):
    return superuser()


def test_list_without_permission_is_refused():
    assert staff_with().see_list(Notification).status_code == 403


def test_list_offers_no_action_to_anybody(staff):
    NotificationFactory()

    assert staff.see_list(Notification).context["action_form"] is None


def test_list_costs_the_same_number_of_queries_for_more_rows(staff):
    NotificationFactory()
    one = staff.count_list_queries(Notification)
    NotificationFactory(event_id=7)
    NotificationFactory(event_id=8)

    assert staff.count_list_queries(Notification) == one


@pytest.mark.parametrize(
    "filters",
    [
        {"q": "kept"},
        {"q": "HOLDER"},
        {"kind__exact": "seat_offered"},
        {"is_read__exact": 1},
        {"delivered_at__isempty": 0},
    ],
)
def test_list_is_searched_and_filtered(filters, staff, holder):
    NotificationFactory()
    wanted = NotificationFactory(
        user=holder,
        kind="seat_offered",
        message="Seat-1 is kept for you.",
        is_read=True,
        deliver_at=None,
        delivered_at=NOW,
    )

    assert staff.rows(Notification, **filters) == [wanted]


def test_list_leads_to_user_and_event(staff):
    event, user = EventFactory(), UserFactory(username="holder")
    NotificationFactory(user=user, event_id=event.id)

    content = staff.see_list(Notification).content.decode()

    assert f'<a href="/staff/events/event/{event.id}/change/">#{event.id}</a>' in content
    assert f'<a href="/staff/users/user/{user.id}/change/">holder</a>' in content


def test_notifications_can_not_be_added_changed_or_deleted(staff):
    notification = NotificationFactory(message="Seat-1 is yours.")

    answers = [
        staff.add(Notification),
        staff.change(notification, message="It isn't."),
        staff.delete_row(notification),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Notification.objects.get().message == "Seat-1 is yours."
