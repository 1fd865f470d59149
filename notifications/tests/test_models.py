"""What the database itself refuses of notifications, and what is due."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from notifications.models import Notification
from tests.factories import NOW, NotificationFactory

pytestmark = pytest.mark.django_db


def test_notification_delivered_and_due_is_refused():
    with pytest.raises(IntegrityError, match="notification_delivered_once"):
        NotificationFactory(deliver_at=NOW, delivered_at=NOW)


@pytest.mark.parametrize("delivered_at", [None, NOW])
def test_notification_delivered_or_given_up_is_taken(delivered_at):
    NotificationFactory(deliver_at=None, delivered_at=delivered_at)

    assert not Notification.objects.due(NOW).exists()


def test_due_is_what_lies_behind_the_longest_overdue_first():
    NotificationFactory(deliver_at=NOW + timedelta(seconds=1))
    second = NotificationFactory(deliver_at=NOW)
    first = NotificationFactory(deliver_at=NOW - timedelta(seconds=1))
    third = NotificationFactory(deliver_at=NOW)

    assert list(Notification.objects.due(NOW)) == [first, second, third]


def test_notification_goes_with_its_user(holder):
    NotificationFactory(user=holder)

    holder.delete()

    assert not Notification.objects.exists()
