"""The staff console, as somebody at a screen uses it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import screenshot

pytestmark = pytest.mark.browser

SEAT = "[data-seats] .ev-seat"
ADMIN = {"X-User-Role": "admin"}


def seats_that_are(page, status):
    return page.locator(f"{SEAT}.ev-{status}")


def fill_in_new_event(page, **values):
    times = {"start_time_0": "2031-07-01", "start_time_1": "19:00:00"}
    times |= {"end_time_0": "2031-07-01", "end_time_1": "23:00:00"}
    for name, value in ({"venue": "Opera"} | times | values).items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=status]").select_option("published")
    page.locator("[name=_continue]").click()
    page.wait_for_url("**/change/")


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
    fill_in_new_event(page, name="Gala", total_seats="30")
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
    page.on("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Block chosen seats").click()

    expect(page.locator("[data-message]")).to_have_text("1 blocked.")
    expect(seats_that_are(page, "blocked")).to_have_count(1)
    wish = {"event_id": event["id"], "user_id": 1, "seat_number": "Seat-7"}
    status, body = call("POST", "/bookings", wish)
    assert (status, body["code"]) == (409, "seat_unavailable")


def test_map_is_walked_row_by_row(visit, ball):
    page = visit("boss")
    page.goto(ball)
    page.locator(f"{SEAT}[title^='A-3 ']").focus()
    page.keyboard.press("ArrowDown")

    expect(page.locator(f"{SEAT}:focus")).to_have_attribute("title", re.compile("^B-3 "))


def test_map_with_uneven_rows_is_walked_to_the_last_seat_of_a_shorter_one(visit, make_event):
    rows = [{"name": "A", "seats": 5}, {"name": "B", "seats": 3}, {"name": "C", "seats": 4}]
    layout = {"sections": [{"rows": rows}]}
    event = make_event(layout=layout)
    page = visit("boss")
    page.goto(f"/staff/events/event/{event['id']}/change/")
    page.locator(f"{SEAT}[title^='A-4 ']").focus()
    for title in ("B-3 ", "C-3 "):
        page.keyboard.press("ArrowDown")
        expect(page.locator(f"{SEAT}:focus")).to_have_attribute("title", re.compile(f"^{title}"))


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


def test_event_with_rows_is_drawn_row_by_row(visit):
    page = visit("organiser")
    page.goto("/staff/events/event/add/")
    fill_in_new_event(page, name="Opera Ball", rows="3", seats_per_row="8")

    expect(page.locator(SEAT)).to_have_count(24)
    expect(page.locator(".ev-row")).to_have_text(["A", "B", "C"])
    expect(page.locator(SEAT).last).to_have_attribute("title", "C-8 · Available")
    page.get_by_role("button", name="B", exact=True).click()
    expect(page.locator(f"{SEAT}[aria-pressed=true]")).to_have_count(8)
    page.locator(f"{SEAT}[title^='C-1 ']").click()
    page.locator(f"{SEAT}[title^='C-4 ']").click(modifiers=["Shift"])
    expect(page.locator(f"{SEAT}[aria-pressed=true]")).to_have_count(12)


def test_cancelled_booking_s_seat_goes_to_the_line(visit, call, make_event):
    event = make_event(name="Two Seats", total_seats=2)
    for user_id in (1, 3, 4, 5):
        call("POST", "/bookings", {"event_id": event["id"], "user_id": user_id})
    page = visit("clerk")
    page.goto(f"/staff/events/event/{event['id']}/change/")
    line = page.locator("section", has=page.get_by_role("heading", name="The line"))
    expect(line.locator("tbody tr td:first-child")).to_have_text(["1", "2"])

    page.locator(f"{SEAT}[title^='Seat-1 ']").click()
    page.get_by_role("button", name="Cancel bookings of chosen seats").click()
    expect(page.get_by_role("listitem").filter(has_text="Two Seats")).to_contain_text("ada")
    page.get_by_role("button", name="Yes, do it").click()

    expect(page.get_by_text("1 booking cancelled.")).to_be_visible()
    expect(line.locator("tbody tr td:first-child")).to_have_text(["Offered", "1"])
    expect(seats_that_are(page, "held")).to_have_attribute(
        "title", re.compile("Seat-1 · Held · chidi · → ")
    )


def test_hold_of_a_chosen_seat_is_given_back(visit, call, make_event):
    event = make_event(name="Held Back")
    wish = {"event_id": event["id"], "seat_numbers": ["Seat-3", "Seat-4"]}
    _, hold = call("POST", "/holds", wish, **{"X-User-ID": "3"})
    page = visit("clerk")
    page.goto(f"/staff/events/event/{event['id']}/change/")
    page.locator(f"{SEAT}[title^='Seat-3 ']").click()
    expect(page.get_by_role("button", name="Cancel bookings of chosen seats")).to_be_disabled()
    page.get_by_role("button", name="Give holds of chosen seats back").click()
    expect(page.get_by_text(f"#{hold['id']}: Held Back, bruno")).to_be_visible()
    page.get_by_role("button", name="Yes, do it").click()

    expect(page.get_by_text("1 hold given back.")).to_be_visible()
    expect(seats_that_are(page, "available")).to_have_count(40)


def test_person_is_moved_in_the_line_for_a_reason(visit, call, make_event):
    event = make_event(name="One Seat", total_seats=1)
    for user_id in (1, 3, 4):
        call("POST", "/bookings", {"event_id": event["id"], "user_id": user_id})
    page = visit("organiser")
    page.goto(f"/staff/waitlists/waitlistentry/?event__exact={event['id']}")
    page.get_by_role("row").filter(has_text="chidi").get_by_role("link").first.click()
    page.get_by_role("link", name="Move in the line").click()
    page.get_by_label("New position").fill("1")
    page.get_by_label("Reason").fill("Their first entry was lost.")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Moved. The reason is in the record.")).to_be_visible()
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("position: 2 → 1")).to_be_visible()


def test_event_is_cancelled_with_its_bookings(visit, call, make_event):
    event = make_event(name="Rained Off")
    for user_id in (1, 3):
        call("POST", "/bookings", {"event_id": event["id"], "user_id": user_id})
    page = visit("organiser")
    page.goto(f"/staff/events/event/{event['id']}/change/")
    page.get_by_role("link", name="Cancel event").click()
    expect(page.get_by_text("Active bookings that are cancelled with it: 2.")).to_be_visible()
    page.get_by_role("button", name="Yes, do it").click()

    expect(page.locator("[data-left]")).to_have_text("0")
    assert call("GET", f"/events/{event['id']}")[1]["status"] == "cancelled"
    _, active = call("GET", f"/admin/bookings?event_id={event['id']}&status=active", **ADMIN)
    assert active == []


def test_filtered_list_is_exported(visit, call, make_event):
    event = make_event(name="=Sum")
    call("POST", "/bookings", {"event_id": event["id"], "user_id": 3})
    page = visit("analyst")
    page.goto(f"/staff/bookings/booking/?event__exact={event['id']}")
    page.get_by_role("link", name="Export").click()
    page.get_by_label("Format").select_option("csv")
    with page.expect_download() as download:
        page.get_by_role("button", name="Submit").click()

    header, row = download.value.path().read_text().splitlines()
    assert header.startswith("id,event__name,")
    assert row.split(",")[1:4] == ["Sum", "Seat-1", "bruno"]


def test_sheet_of_events_is_looked_at_and_then_imported(visit, call, tmp_path):
    sheet = tmp_path / "events.csv"
    page = visit("organiser")
    header = "name,venue,start_time,end_time,timezone,status,total_seats\n"
    row = "{},Barn,2032-05-01 20:00,2032-05-01 22:00,Europe/Paris,published,{}\n"

    def look_at(*rows):
        sheet.write_text(header + "".join(rows))
        page.goto("/staff/events/event/import/")
        page.locator("[name=import_file]").set_input_files(sheet)
        page.get_by_label("Format").select_option("csv")
        page.get_by_role("button", name="Submit").click()

    look_at(row.format("Dance", "many"))
    expect(page.get_by_text("Enter a whole number.")).to_be_visible()

    look_at(row.format("Barn Dance", 5))
    page.get_by_role("button", name="Confirm import").click()
    expect(page.get_by_text("Import finished: 1 new")).to_be_visible()
    _, found = call("GET", "/events?search=Barn+Dance")
    assert [event["available_seats"] for event in found] == [5]


MAY = {
    "boss": {"Add", "Import", "Export", "Users"},
    "organiser": {"Add", "Import", "Export", "Users"},
    "clerk": {"Export", "Users"},
    "analyst": {"Export"},
}


@pytest.mark.parametrize("name", MAY)
def test_each_group_is_offered_what_it_may_do(visit, name):
    page = visit(name)
    page.goto("/staff/events/event/")
    offered = {
        "Add": page.locator("a[href$='/event/add/']"),
        "Import": page.get_by_role("link", name="Import"),
        "Export": page.get_by_role("link", name="Export"),
        "Users": page.get_by_role("link", name="Users"),
    }
    assert {what for what, links in offered.items() if links.count()} == MAY[name]

    page.goto("/staff/events/event/1/change/")
    expect(page.locator(SEAT).first).to_be_visible()
    buttons = set(page.locator(".ev-map button:not(.ev-seat)").all_inner_texts())
    block = {"Block chosen seats", "Give blocked seats back"}
    serve = {
        "Offer blocked seats to the next in line",
        "Cancel bookings of chosen seats",
        "Give holds of chosen seats back",
    }
    expected = {"boss": block | serve, "organiser": block | serve, "clerk": serve, "analyst": set()}
    assert buttons == expected[name]


def test_console_is_worked_by_keyboard_alone(visit):
    page = visit("boss")

    def go_to(selector, key="Enter"):
        wanted = page.locator(selector).first
        for _ in range(60):
            page.keyboard.press("Tab")
            if wanted.evaluate("it => it === document.activeElement"):
                return page.keyboard.press(key)
        raise AssertionError(f"Sixty tabs don't lead to {selector}")

    go_to("nav a[href='/staff/events/event/'], #nav-sidebar a[href='/staff/events/event/']")
    page.wait_for_url("**/staff/events/event/")
    go_to("a[x-on\\:click]:has-text('Filters')")
    go_to("#changelist-filter a[href*='status__exact=published']")
    page.wait_for_url("**status__exact=published**")
    go_to("input.action-select", key="Space")
    expect(page.locator("input.action-select").first).to_be_checked()


def test_times_are_told_in_the_event_s_time_zone_and_the_reader_s(visit, make_event):
    event = make_event(timezone="Europe/Berlin", start_time="2031-07-01T19:00:00")
    page = visit("boss", timezone_id="America/New_York")
    page.goto(f"/staff/events/event/{event['id']}/change/")

    start = page.locator(".ev-facts > div").first
    expect(start).to_have_text("2031-07-01 19:00 CEST (2031-07-01 13:00 GMT−4)")


def test_language_is_chosen_in_the_menu(visit):
    page = visit("boss")
    page.locator("[x-on\\:click*='openUserLinks']").first.click()
    page.get_by_role("button", name="Deutsch").click()

    expect(page.get_by_role("heading", name="Buchungen heute")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")


# --- However it is looked at --------------------------------------------------------------------

PAGES = {
    "dashboard": "/staff/",
    "events": "/staff/events/event/",
    "event": "{ball}",
    "new-event": "/staff/events/event/add/",
    "bookings": "/staff/bookings/booking/",
    "booking": "/staff/bookings/booking/1/change/",
    "order": "/staff/bookings/order/1/change/",
    "holds": "/staff/events/hold/",
    "line": "/staff/waitlists/waitlistentry/",
    "move": "/staff/waitlists/waitlistentry/1/move/",
    "question": "/staff/events/event/1/cancel_this/",
    "history": "/staff/events/event/1/history/",
    "import": "/staff/events/event/import/",
}
# Everything that has colours of its own.
IN_DARK = ["dashboard", "events", "event", "booking", "question"]
SCREENS = {
    "light": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 390, "height": 844}},
}
SERIOUS = {"serious", "critical"}


@pytest.mark.parametrize("screen", SCREENS)
def test_pages_have_no_serious_fault_for_whoever_sees_or_moves_otherwise(visit, ball, screen):
    page = visit("boss", **SCREENS[screen])
    faults = {}
    shown = PAGES if screen != "dark" else {name: PAGES[name] for name in IN_DARK}
    for name, path in shown.items():
        page.goto(path.format(ball=ball))
        page.wait_for_function("document.fonts.status === 'loaded'")
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
