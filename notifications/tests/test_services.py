"""Delivery: each once if it goes well, again if not, and nobody in the way of others."""

from datetime import timedelta

import pytest
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from evently.transactions import database_now
from notifications import services
from notifications.models import Notification
from notifications.services import Outcome, compose, deliver_due, mark_all_read, mark_read, notify
from tests.factories import NOW, NotificationFactory, UserFactory

pytestmark = pytest.mark.django_db

UNREACHABLE = "unreachable@example.org"


class MailServer(BaseEmailBackend):
    """Takes mail, but not for everybody."""

    def send_messages(self, email_messages):
        if [message for message in email_messages if UNREACHABLE in message.to]:
            raise ConnectionRefusedError(f"no way to {UNREACHABLE}")
        return in_memory().send_messages(email_messages)


class SlowMailServer(BaseEmailBackend):
    """Takes so long for the first mail that another worker makes a whole round meanwhile."""

    outcomes_of_the_other = None

    def send_messages(self, email_messages):
        if SlowMailServer.outcomes_of_the_other is None:
            SlowMailServer.outcomes_of_the_other = {}
            SlowMailServer.outcomes_of_the_other = deliver_due()
        return in_memory().send_messages(email_messages)


class Death(BaseException):
    """What no worker can catch."""


class DeadlyMailServer(BaseEmailBackend):
    """The worker that calls it is gone."""

    def send_messages(self, email_messages):
        raise Death


def in_memory():
    return get_connection("django.core.mail.backends.locmem.EmailBackend")


@pytest.fixture
def mail_server(settings, mailoutbox):
    settings.EMAIL_BACKEND = f"{__name__}.MailServer"
    return mailoutbox


@pytest.fixture
def slow_mail_server(settings, mailoutbox, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.SlowMailServer"
    monkeypatch.setattr(SlowMailServer, "outcomes_of_the_other", None)
    return mailoutbox


@pytest.fixture
def unreachable(db):
    return UserFactory(email=UNREACHABLE)


def recipients(outbox):
    return [address for message in outbox for address in message.to]


def logged(caplog):
    return [record.msg for record in caplog.records if record.name == "evently.deliveries"]


def test_deliver_due_sends_the_message_and_marks_the_row(mail_server, holder):
    notification = NotificationFactory(user=holder)

    assert deliver_due() == {Outcome.DELIVERED: 1}

    [mail] = mail_server
    assert (mail.to, mail.subject, mail.body) == (
        [holder.email],
        "Your booking is confirmed",
        notification.message,
    )
    notification.refresh_from_db()
    assert (notification.deliver_at, notification.attempts) == (None, 1)
    assert notification.delivered_at is not None


def test_deliver_due_again_sends_nothing_twice(mail_server):
    NotificationFactory()
    deliver_due()

    assert deliver_due() == {}
    assert len(mail_server) == 1


def test_deliver_due_leaves_what_is_not_due_yet(mail_server):
    NotificationFactory(deliver_at=database_now() + timedelta(minutes=1))

    assert deliver_due() == {}


def test_deliver_due_takes_the_longest_overdue_first_and_no_more_than_the_limit(mail_server):
    later = NotificationFactory(deliver_at=NOW + timedelta(hours=1))
    sooner = NotificationFactory(deliver_at=NOW)

    deliver_due(limit=1)

    assert recipients(mail_server) == [sooner.user.email]
    later.refresh_from_db()
    assert later.attempts == 0


def test_deliver_due_to_a_user_without_address_sends_nothing_and_is_done(mail_server):
    notification = NotificationFactory(user=UserFactory(email=""))

    assert deliver_due() == {Outcome.DELIVERED: 1}

    assert mail_server == []
    notification.refresh_from_db()
    assert notification.deliver_at is None


def test_deliver_due_that_fails_keeps_nobody_else_waiting(mail_server, unreachable, holder):
    NotificationFactory(user=unreachable, deliver_at=NOW - timedelta(hours=1))
    NotificationFactory(user=holder)

    assert deliver_due() == {Outcome.FAILED: 1, Outcome.DELIVERED: 1}
    assert recipients(mail_server) == [holder.email]


def test_deliver_due_row_by_row_comes_to_an_end_though_one_fails(mail_server, unreachable, holder):
    NotificationFactory(user=unreachable, deliver_at=NOW - timedelta(hours=1))
    NotificationFactory(user=holder)

    rounds = [dict(deliver_due(limit=1)) for _ in range(3)]

    assert rounds == [{Outcome.FAILED: 1}, {Outcome.DELIVERED: 1}, {}]


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(0, 1), (1, 2), (2, 4), (8, 256), (9, 360), (98, 360)]
)
def test_deliver_due_that_fails_is_tried_again_after_a_growing_pause(
    mail_server, unreachable, settings, attempts, minutes
):
    settings.EVENTLY_DELIVERY_ATTEMPTS = 100
    notification = NotificationFactory(user=unreachable, attempts=attempts)
    pause = timedelta(minutes=minutes)

    before = database_now()
    deliver_due()
    after = database_now()

    notification.refresh_from_db()
    assert before + pause <= notification.deliver_at <= after + pause
    assert (notification.attempts, notification.delivered_at) == (attempts + 1, None)


def test_deliver_due_after_a_failure_delivers_when_the_pause_is_over(mail_server, unreachable):
    notification = NotificationFactory(user=unreachable)
    deliver_due()
    unreachable.email = "moved@example.org"
    unreachable.save()
    Notification.objects.update(deliver_at=NOW)

    deliver_due()

    notification.refresh_from_db()
    assert (recipients(mail_server), notification.attempts) == (["moved@example.org"], 2)


def test_deliver_due_gives_up_after_the_last_attempt(mail_server, unreachable, settings):
    settings.EVENTLY_DELIVERY_ATTEMPTS = 3
    notification = NotificationFactory(user=unreachable, attempts=2)

    deliver_due()

    notification.refresh_from_db()
    assert (notification.attempts, notification.deliver_at, notification.delivered_at) == (
        3,
        None,
        None,
    )


def test_deliver_due_whose_worker_dies_in_the_last_attempt_stays_due(settings):
    settings.EMAIL_BACKEND = f"{__name__}.DeadlyMailServer"
    settings.EVENTLY_DELIVERY_ATTEMPTS = 1
    notification = NotificationFactory()

    with pytest.raises(Death):
        deliver_due()

    notification.refresh_from_db()
    assert notification.deliver_at is not None


def test_deliver_due_by_two_workers_sends_each_once(slow_mail_server):
    people = [NotificationFactory(deliver_at=NOW + timedelta(n)).user.email for n in range(3)]

    outcomes = deliver_due()

    # The other finds the first leased and sends the rest; then the rest is found to be taken.
    assert SlowMailServer.outcomes_of_the_other == {Outcome.DELIVERED: 2}
    assert outcomes == {Outcome.DELIVERED: 1, Outcome.TAKEN: 2}
    assert sorted(recipients(slow_mail_server)) == sorted(people)


def test_deliver_due_by_two_workers_without_the_lease_sends_twice(slow_mail_server, monkeypatch):
    """The sabotage of the test above."""
    monkeypatch.setattr(services, "_lease", lambda notification: True)
    for n in range(3):
        NotificationFactory(deliver_at=NOW + timedelta(n))

    deliver_due()

    assert len(slow_mail_server) > 3


def test_deliver_due_logs_no_personal_data(mail_server, unreachable, caplog):
    failed = NotificationFactory(user=unreachable)
    delivered = NotificationFactory(deliver_at=NOW + timedelta(hours=1))

    deliver_due()

    assert [line["event"] for line in logged(caplog)] == [
        "delivery_failed",
        "notification_delivered",
    ]
    assert [line["notification_id"] for line in logged(caplog)] == [failed.id, delivered.id]
    assert "example.org" not in caplog.text
    assert failed.message not in caplog.text


def test_deliver_due_that_gives_up_says_so(mail_server, unreachable, settings, caplog):
    settings.EVENTLY_DELIVERY_ATTEMPTS = 1
    notification = NotificationFactory(user=unreachable)

    deliver_due()

    [line] = logged(caplog)
    told = {name: line[name] for name in ("event", "notification_id", "attempts", "reason")}
    assert told == {
        "event": "delivery_given_up",
        "notification_id": notification.id,
        "attempts": 1,
        "reason": "ConnectionRefusedError",
    }


@pytest.mark.parametrize("kind", Notification.Kind.values)
def test_compose_has_words_and_a_subject_for_every_kind(kind, holder):
    values = {name: name for name in ("event", "seat", "until", "changes")}

    notification = compose(kind=kind, user_id=holder.id, now=NOW, event_id=1, **values)

    assert notification.message
    assert services.SUBJECTS[kind]
    assert (notification.created_at, notification.deliver_at) == (NOW, NOW)


def test_notify_saves_more_than_one_portion_in_order(holder):
    number = services.ROWS_PER_INSERT + 1

    notify(
        compose(kind="event_cancelled", user_id=holder.id, now=NOW, event_id=n, event="Concert")
        for n in range(number)
    )

    saved = Notification.objects.order_by("id").values_list("event_id", flat=True)
    assert list(saved) == list(range(number))


def test_mark_read_twice_is_harmless():
    notification = NotificationFactory()

    mark_read(notification=notification, is_read=True)
    mark_read(notification=notification, is_read=True)

    notification.refresh_from_db()
    assert notification.is_read


def test_mark_all_read_counts_those_that_were_not_and_leaves_others_alone(holder, stranger):
    NotificationFactory(user=holder, is_read=True)
    NotificationFactory(user=holder)
    foreign = NotificationFactory(user=stranger)

    assert mark_all_read(user_id=holder.id) == 1
    assert mark_all_read(user_id=holder.id) == 0
    foreign.refresh_from_db()
    assert not foreign.is_read
