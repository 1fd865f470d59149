"""Two workers at once."""

import pytest

from bookings.services import cancel_booking
from notifications import services as notifications
from notifications.models import Notification
from notifications.services import deliver_due
from tests.factories import NotificationFactory, expire_offer, make_entry, make_full_event
from tests.races.cues import DUE_READ, LINE_READ
from tests.races.promises import broken_promises
from waitlists.lapsing import lapse_all

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def line(transactional_db):
    """An expired offer of an event's only seat, and the next in line."""
    event, [booking] = make_full_event()
    line = [make_entry(event), make_entry(event)]
    cancel_booking(booking_id=booking.id)
    expire_offer(line[0])
    return line


def lapse_twice(stage):
    """The second worker comes when the first has found the expired offer and not ended it yet."""
    first = stage.start(lapse_all, pause_after=LINE_READ)
    second = stage.start(lapse_all)
    first.resume()
    return first.outcome, second.outcome


def kinds_told(entries):
    told = Notification.objects.filter(user__in=[entry.user_id for entry in entries])
    return sorted(told.exclude(kind="waitlist_joined").values_list("kind", flat=True))


def test_two_workers_lapse_an_offer_once(stage, line):
    assert lapse_twice(stage) == (1, 0)

    [entry.refresh_from_db() for entry in line]
    assert [entry.status for entry in line] == ["lapsed", "offered"]
    assert kinds_told(line) == ["offer_lapsed", "seat_offered", "seat_offered"]
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_two_workers_without_the_gate_put_a_held_seat_on_sale(stage, line):
    assert lapse_twice(stage) == (1, 1)

    assert kinds_told(line) == ["offer_lapsed", "offer_lapsed", "seat_offered", "seat_offered"]
    assert broken_promises() == {"2"}


def deliver_twice(stage):
    """The second worker comes when the first has read what is due, and is the quicker one."""
    first = stage.start(deliver_due, pause_after=DUE_READ)
    second = stage.start(deliver_due)
    first.resume()
    return first.outcome, second.outcome


def test_two_workers_send_each_notification_once(stage, mailoutbox):
    owed = NotificationFactory.create_batch(3)

    assert deliver_twice(stage) == ({"taken": 3}, {"delivered": 3})
    assert [mail.to for mail in mailoutbox] == [[word.user.email] for word in owed]


def test_two_workers_without_the_lease_send_each_notification_twice(stage, mailoutbox, monkeypatch):
    monkeypatch.setattr(notifications, "_lease", lambda *_: True)
    owed = NotificationFactory.create_batch(3)

    assert deliver_twice(stage) == ({"delivered": 3}, {"delivered": 3})
    assert [mail.to for mail in mailoutbox] == [[word.user.email] for word in owed] * 2
