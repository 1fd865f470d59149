"""`manage.py seed`: what the walkthrough relies on, and that repeating does nothing."""

import json
import re
import shlex
import threading
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from bookings.event_services import delete_event
from bookings.integrity import breaches
from bookings.models import Booking, Order
from bookings.services import book_any_seat, cancel_booking
from conftest import Client
from evently.management import base_data
from evently.transactions import database_now
from evently.users.models import User
from evently.users.services import create_user
from events.models import Event, Hold, Seat
from events.services import create_event
from notifications.models import Notification
from notifications.services import deliver_due
from tests.factories import EventFactory, UserFactory
from waitlists.models import WaitlistEntry
from waitlists.services import join

pytestmark = pytest.mark.django_db


def seed(*arguments):
    """Return what the command wrote to stdout."""
    out = StringIO()
    call_command("seed", *arguments, stdout=out)
    return out.getvalue()


def counts():
    models = (User, Event, Seat, Hold, Order, Booking, WaitlistEntry, Notification)
    return {model.__name__: model.objects.count() for model in models}


@pytest.fixture
def seeded(db):
    """A fresh database with the walkthrough's data, and what the command printed."""
    return seed()


def test_seed_makes_a_regular_user_and_an_admin_first(seeded):
    people = User.objects.values_list("id", "username", "is_staff", "is_superuser")

    assert list(people)[:3] == [
        (1, "ada", False, False),
        (2, "admin", True, True),
        (3, "bruno", False, False),
    ]


def test_seed_makes_an_event_of_50_seats_with_the_first_users_booking(seeded):
    event = Event.objects.with_available_seats().get(id=1)

    assert (event.total_seats, event.seats.count(), event.available_seats) == (50, 50, 47)
    assert Booking.objects.active().get(id=1, user=1, event=1).seat.status == "booked"


def test_seed_makes_a_sold_out_event_with_the_first_user_ahead_of_another(seeded):
    event = Event.objects.with_available_seats().get(id=2)
    line = WaitlistEntry.objects.with_position().filter(event=2)

    assert (event.total_seats, event.available_seats) == (2, 0)
    assert [(entry.id, entry.user_id, entry.status, entry.position) for entry in line] == [
        (1, 1, "waiting", 1),
        (2, 6, "waiting", 2),
    ]


def test_seed_makes_an_event_without_a_booking(seeded):
    assert Event.objects.filter(id=3, status="published").exists()
    assert not Booking.objects.filter(event=3).exists()


def test_seed_makes_cancelled_bookings_too(seeded):
    cancelled = Booking.objects.filter(status="cancelled")

    assert [(booking.id, booking.seat.status) for booking in cancelled.order_by("id")] == [
        (3, "booked"),
        (7, "available"),
        (9, "available"),
    ]


def test_seed_plans_events_ahead_of_now_and_one_behind(seeded):
    ahead = Event.objects.upcoming(database_now()).order_by("id")

    assert list(ahead.values_list("id", flat=True)) == [1, 2, 3, 5, 6]


@pytest.mark.django_db(transaction=True)
def test_seed_keeps_every_promise(seeded):
    seed("--events=2", "--seats=7", "--users=3", "--bookings=9")

    assert breaches() == []


def test_seed_told_everybody_in_line_that_they_are(seeded):
    told = Notification.objects.filter(kind="waitlist_joined").order_by("id")

    assert list(told.values_list("user", "event_id")) == [(1, 2), (6, 2), (5, 6)]


def test_seed_makes_an_order_and_a_hold_in_a_hall_with_a_shape(seeded):
    [order] = Order.objects.all()
    [hold] = Hold.objects.all()

    numbers = order.bookings.order_by("id").values_list("seat__seat_number", flat=True)
    assert list(numbers) == ["Stalls-B-5", "Stalls-B-6", "Stalls-B-7"]
    assert (order.user_id, hold.user_id, hold.status) == (3, 4, "open")
    assert list(hold.seats.values_list("status", flat=True)) == ["held", "held"]


def test_seed_makes_a_party_that_waits_for_two_seats_side_by_side(seeded):
    entry = WaitlistEntry.objects.get(event=6)

    assert (entry.user_id, entry.party_size, entry.adjacent) == (5, 2, "required")
    assert not Seat.objects.filter(event=6).available().exists()


def test_seed_mails_nobody(mailoutbox):
    seed("--events=1", "--seats=3", "--bookings=3")

    assert deliver_due() == {}


def test_seed_leaves_the_next_ids_to_the_database(seeded):
    booking = book_any_seat(event_id=1, user_id=1)
    entry, _ = join(event_id=2, user_id=3)
    event = create_event(
        name="Gala",
        venue="Hall",
        start_time=booking.created_at,
        end_time=booking.created_at + base_data.DURATION,
        total_seats=1,
    )
    user = create_user(username="new", email="new@example.org", role="user")

    assert (user.id, event.id, booking.id, entry.id) == (7, 7, 22, 4)


def test_seed_again_adds_nothing(seeded):
    before = counts()

    assert "nothing was added" in seed()
    assert counts() == before


def test_seed_again_brings_back_nothing_that_was_deleted(seeded):
    delete_event(event_id=3)
    cancel_booking(booking_id=1)
    before = counts()

    seed()

    assert counts() == before
    assert not Event.objects.filter(id=3).exists()


@pytest.mark.parametrize("factory", [UserFactory, EventFactory])
def test_seed_of_a_database_in_use_adds_nothing(factory):
    factory()
    before = counts()

    seed()

    assert counts() == before


def test_seed_prints_the_staff_login_once(seeded):
    [password] = re.findall(r"user admin, password (\S+)", seeded)

    assert User.objects.get(username="admin").check_password(password)
    assert "user admin, password" not in seed()


def test_seed_gives_nobody_else_a_password(seeded):
    people = User.objects.exclude(username="admin")

    assert [user.has_usable_password() for user in people] == [False] * 5


def test_seed_prints_who_there_is(seeded):
    rows = [line.split() for line in seeded.splitlines()[3:9]]

    assert rows[:2] == [["1", "ada", "user"], ["2", "admin", "admin"]]
    assert len(rows) == 6


def test_seed_with_more_people_than_fit_says_how_many(seeded):
    assert "and 8 more" in seed("--users=12")


def call_as_curl_would(line):
    """Make the call that a printed line of curl makes; return its path and the answer."""
    _, *arguments = shlex.split(line)
    client, headers, body, url = Client(), {}, None, None
    while arguments:
        match arguments.pop(0):
            case "-H":
                name, _, value = arguments.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                body = json.loads(arguments.pop(0))
            case argument:
                url = argument
    path = url.removeprefix("http://127.0.0.1:8765")
    if body is None:
        return path, client.get(path, headers=headers)
    return path, client.post(path, body, headers=headers)


@pytest.mark.parametrize("is_fresh", [True, False])
def test_seed_prints_three_calls_that_work(monkeypatch, is_fresh):
    monkeypatch.setenv("PORT", "8765")
    if not is_fresh:
        UserFactory()
        EventFactory()

    lines = [line for line in seed().splitlines() if "curl" in line]

    answers = [call_as_curl_would(line) for line in lines]
    assert [(path, answer.status_code) for path, answer in answers] == [
        ("/events", 200),
        ("/users/me/bookings", 200),
        ("/bookings", 201),
    ]


@pytest.mark.parametrize(
    ("mode", "secret", "identity"),
    [
        ("headers", "", "-H 'X-User-ID: 1'"),
        ("headers", "s" * 32, "-H \"X-Gateway-Secret: $EVENTLY_GATEWAY_SECRET\" -H 'X-User-ID: 1'"),
        ("tokens", "", '-H "Authorization: Bearer $(python manage.py token create ada)"'),
    ],
)
def test_seed_prints_calls_for_the_mode_that_is_served(settings, mode, secret, identity):
    settings.EVENTLY_AUTH, settings.EVENTLY_GATEWAY_SECRET = mode, secret

    lines = [line for line in seed().splitlines() if "curl" in line]

    assert [line.strip().startswith(f"curl {identity} http://") for line in lines] == [True] * 3


def test_seed_to_a_pipe_prints_neither_colour_nor_progress(capfd):
    out = seed("--users=3")

    assert "\x1b" not in out
    assert "Making rows" not in capfd.readouterr().err


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_seed_twice_at_once_seeds_once():
    ready = threading.Barrier(2)

    def run(_):
        try:
            ready.wait()
            return "nothing was added" in seed("--users=3")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(run, range(2)))

    assert outcomes == [False, True]
    assert User.objects.count() == 9
