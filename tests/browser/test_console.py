"""The staff console, as somebody at a screen uses it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import screenshot

pytestmark = pytest.mark.browser

SEAT = "[data-seats] button"


def seats_that_are(page, status):
    return page.locator(f"{SEAT}.ev-{status}")


def test_dashboard_shows_the_figures(visit):
    page = visit("boss")

    expect(page.get_by_role("heading", name="Bookings today")).to_be_visible()
    expect(page.locator(".ev-day")).to_have_count(30)
    page.get_by_role("link", name="7", exact=True).click()
    expect(page.locator(".ev-day")).to_have_count(7)
    page.get_by_text("As a table").click()
    expect(page.locator("details tbody tr")).to_have_count(7)


def test_event_is_created_and_its_map_follows_the_sale(visit, call):
    page = visit("organiser")
    page.goto("/staff/events/event/add/")
    for label, value in {"Name": "Gala", "Venue": "Opera", "Total seats": "30"}.items():
        page.get_by_label(label, exact=False).first.fill(value)
    page.locator("[name=start_time_0]").fill("2031-07-01")
    page.locator("[name=start_time_1]").fill("19:00:00")
    page.locator("[name=end_time_0]").fill("2031-07-01")
    page.locator("[name=end_time_1]").fill("23:00:00")
    page.locator("[name=status]").select_option("published")
    page.locator("[name=_continue]").click()
    page.wait_for_url("**/change/")
    event_id = int(page.url.split("/")[-3])

    expect(seats_that_are(page, "available")).to_have_count(30)
    assert call("POST", "/bookings", {"event_id": event_id, "user_id": 1})[0] == 201

    expect(seats_that_are(page, "booked")).to_have_count(1, timeout=15_000)
    expect(seats_that_are(page, "booked")).to_have_attribute("title", re.compile("Seat-1 · Booked"))


def test_blocked_seat_is_refused_by_the_api(visit, call, make_event):
    event = make_event()
    page = visit("organiser")
    page.goto(f"/staff/events/event/{event['id']}/change/")
    page.locator(f"{SEAT}[title^='Seat-7 ']").click()
    page.get_by_role("button", name="Block chosen seats").click()

    expect(page.locator("[data-message]")).to_have_text("1 blocked.")
    expect(seats_that_are(page, "blocked")).to_have_count(1)
    wish = {"event_id": event["id"], "user_id": 1, "seat_number": "Seat-7"}
    status, body = call("POST", "/bookings", wish)
    assert (status, body["code"]) == (409, "seat_unavailable")


def test_map_is_walked_by_keyboard(visit, make_event):
    event = make_event()
    page = visit("boss")
    page.goto(f"/staff/events/event/{event['id']}/change/")
    page.locator(SEAT).first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")

    expect(page.locator(f"{SEAT}[aria-pressed=true]")).to_have_attribute(
        "title", "Seat-2 · Available"
    )


# --- However it is looked at --------------------------------------------------------------------

PAGES = {
    "dashboard": "/staff/",
    "events": "/staff/events/event/",
    "event": "/staff/events/event/1/change/",
    "new-event": "/staff/events/event/add/",
    "bookings": "/staff/bookings/booking/",
    "line": "/staff/waitlists/waitlistentry/",
}
SCREENS = {
    "light": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 390, "height": 844}},
}
SERIOUS = {"serious", "critical"}


@pytest.mark.parametrize("screen", SCREENS)
def test_pages_have_no_serious_fault_for_whoever_sees_or_moves_otherwise(visit, screen):
    page = visit("boss", **SCREENS[screen])
    faults = {}
    for name, path in PAGES.items():
        page.goto(path)
        page.wait_for_load_state("networkidle" if name != "event" else "load")
        if name == "event":
            expect(page.locator(SEAT).first).to_be_visible()
        with screenshot(page, f"{name}-{screen}"):
            looked = Axe().run(page).response
        assert looked["passes"]  # it has looked at something
        if screen == "narrow":
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        serious = [fault for fault in looked["violations"] if fault["impact"] in SERIOUS]
        if serious:
            faults[name] = [
                (fault["id"], [node["html"][:160] for node in fault["nodes"]][:3])
                for fault in serious
            ]

    assert faults == {}
