"""A real browser (Debian's Chromium) in front of a real server, and somebody who uses both."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from django.conf import settings
from playwright.sync_api import Page, sync_playwright

from tests.served import fresh_database, served

PASSWORD = "correct-horse-battery"
SCREENSHOTS = Path(settings.BASE_DIR, "docs", "screenshots")
SHOWN = {"dashboard-light", "dashboard-dark", "event-light", "event-narrow", "bookings-light"}
FLAGS = [
    "--no-sandbox",  # else it doesn't start for root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Name, and groups; None: a superuser.
STAFF = {
    "boss": None,
    "organiser": "organisers",
    "clerk": "front desk",
    "analyst": "analysts",
}
MAKE_STAFF = f"""
import django
django.setup()
from datetime import timedelta
from django.contrib.auth.models import Group
from django.utils import timezone
from bookings.services import book_any_seat
from evently.users.models import User
from events.services import block_seats, create_event
from waitlists.releasing import unblock_seats
from waitlists.services import join
for name, group in {STAFF!r}.items():
    user = User.objects.create_user(name, f"{{name}}@evently.test", {PASSWORD!r}, is_staff=True)
    user.is_superuser = group is None
    user.save()
    if group:
        user.groups.add(Group.objects.get(name=group))

# A hall to look at: with rows, and seats in every state.
start = timezone.now().replace(hour=18, minute=0) + timedelta(days=20)
ball = create_event(
    name="Opera Ball", venue="State Opera", start_time=start, end_time=start + timedelta(hours=5),
    total_seats=144, seats_per_row=24, timezone="Europe/Vienna",
)
for number in range(77):
    book_any_seat(event_id=ball.id, user_id=1 + number * 7 % 6)
seats = list(ball.seats.order_by("-position").values_list("id", flat=True))
block_seats(event_id=ball.id, seat_ids=seats)
for user_id in (1, 3, 4):
    join(event_id=ball.id, user_id=user_id)
unblock_seats(event_id=ball.id, seat_ids=seats[12:])
print(ball.id)
"""


@pytest.fixture(scope="session")
def opened(tmp_path_factory):
    """The address of a server whose database has the seeded rows, somebody of each group, and the
    hall to look at, by its id.
    """
    folder = tmp_path_factory.mktemp("browser")
    with fresh_database(folder) as database_url, served(database_url) as url:
        ball = subprocess.run(
            [sys.executable, "-c", MAKE_STAFF],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            cwd=settings.BASE_DIR,
            env=os.environ
            | {
                "DATABASE_URL": database_url,
                "DJANGO_SETTINGS_MODULE": "evently.settings",
                "EVENTLY_DEMO": "1",
            },
        )
        yield url, int(ball.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def site(opened):
    return opened[0]


@pytest.fixture(scope="session")
def ball(opened):
    """The address of the hall's page."""
    return f"/staff/events/event/{opened[1]}/change/"


@pytest.fixture(scope="session")
def browser():
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("There is no chromium: install Debian's package of that name.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, site):
    """Open the console as somebody; nothing may go wrong in the pages, nor leave for elsewhere."""
    wrong: list[str] = []
    contexts = []

    def open_as(name: str, **options) -> Page:
        context = browser.new_context(base_url=site, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: _is_elsewhere(asked.url, site) and wrong.append(asked.url))
        log_in(page, name)
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert wrong == []


def log_in(page: Page, name: str) -> None:
    page.goto("/staff/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/staff/")


def _is_elsewhere(url: str, site: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and parts.netloc != urlsplit(site).netloc


@pytest.fixture
def call(site):
    """Call the API; return status and body."""

    def send(method: str, path: str, body: dict | None = None, **headers: str):
        request = Request(
            f"{site}{path}",
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json", **headers},
            method=method,
        )
        try:
            with urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or "null")
        except OSError as refusal:
            return refusal.code, json.loads(refusal.read() or "null")

    return send


@pytest.fixture
def make_event(call):
    def make(**facts) -> dict:
        body = {
            "name": "Summer Night",
            "venue": "River Stage",
            "start_time": "2031-07-01T19:00:00",
            "end_time": "2031-07-01T23:00:00",
        }
        size = {} if "layout" in facts else {"total_seats": 40}
        status, event = call(
            "POST", "/admin/events", body | size | facts, **{"X-User-Role": "admin"}
        )
        assert status == 201
        return event

    return make


@contextmanager
def screenshot(page: Page, name: str):
    yield
    if os.environ.get("EVENTLY_SCREENSHOTS") and name in SHOWN:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=False)
