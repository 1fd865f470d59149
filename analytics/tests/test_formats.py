"""The figures as tables and CSV."""

import csv

import pytest

from analytics.export import as_csv
from analytics.tables import as_tables
from analytics.tests.samples import sample_event, sample_figures

pytestmark = pytest.mark.once

HUGE = sample_event(event_id=10**6, name="x" * 200, seats=100_000, booked=100_000, waiting=99_999)


def test_tables_show_totals_days_and_events():
    figures = sample_figures(events=[sample_event()])

    assert as_tables(figures, width=80, is_coloured=False) == (
        "Totals, 2026-03-30 to 2026-03-31, UTC\n"
        "Events  Seats  Bookings  Active  Cancelled  Waiting  Cancellation rate\n"
        "──────────────────────────────────────────────────────────────────────\n"
        "     1     50         6       4          2        0              33.3%\n"
        "\n"
        "Per day\n"
        "Date        Booked  Cancelled\n"
        "─────────────────────────────\n"
        "2026-03-30       3          1\n"
        "2026-03-31       3          1\n"
        "\n"
        "Per event\n"
        "ID  Name            Start       Seats  Booked  Avail.  Waiting  Canc.  Util.\n"
        "────────────────────────────────────────────────────────────────────────────\n"
        " 1  Exclusive Gala  2026-07-01     50      20      30        0      1  40.0%\n"
        "\n"
    )


def test_tables_fit_into_80_columns_with_the_largest_numbers():
    lines = as_tables(sample_figures(events=[HUGE]), width=80, is_coloured=False).splitlines()

    assert max(map(len, lines)) <= 80
    assert lines[-2].split() == [
        "1000000",
        "xxxxxxxx…",
        "2026-07-01",
        *("100,000", "100,000", "0", "99,999", "1", "100.0%"),
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("[red]Gala[/red] :smile:", "[red]Gala[/red] :smile:"),
        ("\x1b[31mGala\r\n", "�[31mGala��"),
        ("漢字コンサート 🎉", "漢字コンサート 🎉"),
    ],
)
def test_tables_show_names_as_they_are_and_run_no_control_characters(name, shown):
    figures = sample_figures(events=[sample_event(name=name)])

    assert f" {shown} " in as_tables(figures, width=120, is_coloured=False)


def test_csv_of_days_has_a_row_per_day():
    assert as_csv(sample_figures(), rows="daily") == (
        "date,booked,cancelled\r\n2026-03-30,3,1\r\n2026-03-31,3,1\r\n"
    )


def test_csv_of_events_has_a_row_per_event():
    figures = sample_figures(events=[sample_event(name='Jazz, "live"')])

    assert as_csv(figures, rows="events") == (
        "event_id,name,start_time,total_seats,booked_seats,available_seats,waiting,cancelled,"
        "utilization\r\n"
        '1,"Jazz, ""live""",2026-07-01T19:00:00+00:00,50,20,30,0,1,0.4\r\n'
    )


def test_csv_of_no_events_has_the_columns():
    assert as_csv(sample_figures(), rows="events").split(",")[0] == "event_id"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_csv_defuses_what_a_spreadsheet_takes_for_a_formula(start):
    name = f"{start}HYPERLINK(1)"

    text = as_csv(sample_figures(events=[sample_event(name=name)]), rows="events")

    [_, row] = csv.reader(text.splitlines(keepends=True))
    assert row[1] == f"'{name}"
