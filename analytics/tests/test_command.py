"""`manage.py analytics`: where the data goes, and what is refused."""

import json
import os
import resource
from datetime import date, timedelta
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from django.core.management import CommandError, call_command

from analytics.tests.test_charts import PNG_SIGNATURE
from bookings.services import cancel_booking
from events.models import SeatCount
from tests.factories import EventFactory, make_booking

# A snapshot begins its own transaction, so there must be none around the test.
pytestmark = pytest.mark.django_db(transaction=True)

ESCAPE = "\x1b"


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    """Let no setting of who runs the tests decide about colour and width."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture
def booked_event():
    event = EventFactory(name="Gala")
    make_booking(event, seat_number="Seat-1")
    cancel_booking(booking_id=make_booking(event, seat_number="Seat-2").id)
    return event


def run(*options, stdout=None):
    """Run the command, return what it wrote to stdout and to stderr."""
    stdout, stderr = stdout or StringIO(), StringIO()
    call_command("analytics", *options, stdout=stdout, stderr=stderr)
    return stdout.getvalue(), stderr.getvalue()


def refusal(*options, stdout=None):
    with pytest.raises(CommandError) as refused:
        run(*options, stdout=stdout)
    assert refused.value.returncode == 1
    return str(refused.value)


def test_analytics_shows_tables_and_no_notes(booked_event):
    shown, notes = run()

    assert shown.splitlines()[-2].split() == [
        f"{booked_event.id}",
        *("Gala", "2030-06-01", "3", "1", "2", "0", "1", "33.3%"),
    ]
    assert (ESCAPE in shown, notes) == (False, "")


@pytest.mark.parametrize("output_format", ["table", "json", "csv", "svg"])
def test_analytics_of_empty_database_has_something_to_show(output_format):
    shown, notes = run("--format", output_format)

    assert (bool(shown), notes) == (True, "")


def test_analytics_json_is_what_the_api_answers(booked_event, as_admin):
    query = {"since": "2020-02-01", "until": "2026-03-01", "events_limit": 1}
    EventFactory()

    shown, _ = run(*("--format", "json"), *(f"{option(k)}={v}" for k, v in query.items()))

    from_command, from_api = json.loads(shown), as_admin.get("/admin/analytics", query).json()
    assert from_command | {"generated_at": from_api["generated_at"]} == from_api


def test_analytics_csv_has_the_days_of_the_range(booked_event):
    shown, _ = run("--format=csv", "--since=2026-03-01", "--until=2026-03-02")

    assert shown == "date,booked,cancelled\r\n2026-03-01,0,0\r\n2026-03-02,0,0\r\n"


def test_analytics_csv_of_events_has_the_events(booked_event):
    shown, _ = run("--format=csv", "--rows=events")

    [_, row] = shown.splitlines()
    assert row == f"{booked_event.id},Gala,2030-06-01T19:00:00+00:00,3,1,2,0,1,0.3333"


def test_analytics_of_one_event_leaves_out_the_others(booked_event):
    EventFactory(name="Concert")

    shown, _ = run("--format=json", f"--event={booked_event.id}")

    assert [event["name"] for event in json.loads(shown)["events"]] == ["Gala"]


def test_analytics_notes_on_stderr_which_events_are_not_listed(booked_event):
    EventFactory()

    _, notes = run("--events-limit=1")

    assert notes == "1 of 2 events are listed, those that start last.\n"


def test_analytics_on_a_terminal_is_coloured():
    shown, _ = run(stdout=Terminal())

    assert ESCAPE in shown


def test_analytics_with_force_color_is_coloured_when_piped():
    shown, _ = run("--force-color")

    assert ESCAPE in shown


def test_analytics_with_no_color_is_plain_on_a_terminal():
    shown, _ = run("--no-color", stdout=Terminal())

    assert ESCAPE not in shown


def test_analytics_with_no_color_in_the_environment_is_plain_on_a_terminal(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    shown, _ = run(stdout=Terminal())

    assert ESCAPE not in shown


def test_analytics_png_goes_to_stdout_where_that_is_no_terminal():
    stdout = TextIOWrapper(BytesIO(), encoding="ascii")

    call_command("analytics", "--format=png", stdout=stdout)

    assert stdout.buffer.getvalue().startswith(PNG_SIGNATURE)


def test_analytics_json_is_utf_8_whatever_stdout_speaks():
    EventFactory(name="Über")
    stdout = TextIOWrapper(BytesIO(), encoding="ascii")

    call_command("analytics", "--format=json", stdout=stdout)

    assert '"name": "Über"' in stdout.buffer.getvalue().decode()


def test_analytics_png_for_a_terminal_is_refused():
    assert refusal("--format=png", stdout=Terminal()) == (
        "A PNG is nothing for a terminal: name a file with --output."
    )


def test_analytics_read_by_somebody_who_has_seen_enough_ends_quietly():
    read, write = os.pipe()
    os.close(read)

    with open(write, "w") as stdout:
        call_command("analytics", stdout=stdout)


def test_analytics_with_output_replaces_the_file(tmp_path):
    path = tmp_path / "figures.json"
    path.write_text("before")

    shown, notes = run("--format=json", f"--output={path}")

    assert (shown, notes) == ("", f"Wrote {path}\n")
    assert json.loads(path.read_text())["totals"]["events"] == 0
    assert list(tmp_path.iterdir()) == [path]


def test_analytics_with_output_writes_through_a_link(tmp_path):
    path, link = tmp_path / "figures.csv", tmp_path / "link"
    link.symlink_to(path)

    run("--format=csv", f"--output={link}")

    assert (link.is_symlink(), path.read_text()[:5]) == (True, "date,")


def test_analytics_table_with_output_is_plain(tmp_path):
    path = tmp_path / "figures.txt"

    run(f"--output={path}", stdout=Terminal())

    assert ESCAPE not in path.read_text()


def test_analytics_that_fails_to_write_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "figures.json"
    path.write_text("before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))  # as if the disk were full

    try:
        complaint = refusal("--format=json", f"--output={path}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert complaint == f"Can't write {path}: File too large."
    assert ([*tmp_path.iterdir()], path.read_text()) == ([path], "before")


def test_analytics_with_output_into_a_device_leaves_the_device():
    assert refusal("--output=/dev/full") == "Can't write /dev/full: No space left on device."


def test_analytics_with_output_that_cannot_be_written_is_refused(tmp_path):
    missing = tmp_path / "missing" / "figures"

    assert refusal(f"--output={missing}") == f"Can't write {missing}: No such file or directory."
    assert refusal(f"--output={tmp_path}") == f"Can't write {tmp_path}: Is a directory."


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            ["--since=2026-02-30"],
            "--since: Date has wrong format. Use one of these formats instead: YYYY-MM-DD.",
        ),
        (
            ["--until="],
            "--until: Date has wrong format. Use one of these formats instead: YYYY-MM-DD.",
        ),
        (["--since=1899-12-31"], "--since: Must lie between 1900 and 2999."),
        (["--since=2026-03-02", "--until=2026-03-01"], "--until: Must not be before since."),
        (["--event=Gala"], "--event: A valid integer is required."),
        (["--event=1"], "There is no such event."),
        (["--event=9223372036854775808"], "There is no such event."),
        (["--events-limit=0"], "--events-limit: Ensure this value is greater than or equal to 1."),
    ],
)
def test_analytics_with_senseless_options_is_refused(options, complaint):
    assert refusal(*options) == complaint


def test_analytics_takes_a_range_of_3660_days():
    shown, _ = run("--format=csv", *days_apart(3_660))

    assert len(shown.splitlines()) == 1 + 3_661


def test_analytics_of_a_longer_range_is_refused():
    assert refusal(*days_apart(3_661)) == "--since: The range may have at most 3660 days."


def days_apart(days):
    until = date(2026, 3, 1)
    return [f"--since={until - timedelta(days=days)}", f"--until={until}"]


def option(parameter):
    return f"--{parameter.replace('_', '-')}"


def test_rebuild_counts_anew_and_tells_how_far_it_is(booked_event):
    SeatCount.objects.update(booked=7)

    shown, notes = run("--rebuild")

    assert shown == ""
    assert notes.splitlines() == [
        "Counted 1 of 1 events.",
        "Every event is counted, by the days of UTC.",
    ]
    assert json.loads(run("--format", "json")[0])["events"][0]["booked_seats"] == 1


def test_rebuild_tells_of_every_hundredth_part_of_many_events():
    EventFactory.create_batch(201, total_seats=0)

    _, notes = run("--rebuild")

    told = notes.splitlines()
    assert len(told) == 102
    assert told[0] == "Counted 2 of 201 events."
    assert told[-2] == "Counted 201 of 201 events."
