"""The picture. What it looks like was judged by eye; here, that it is drawn and what it says."""

import os
import re
import subprocess
import sys
from xml.dom import minidom

import pytest
from django.conf import settings

from analytics import charts
from analytics.tests.samples import sample_event, sample_figures

pytestmark = pytest.mark.once

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def many_events(number):
    return [sample_event(event_id=n, name=f"Event {n}", booked=n % 51) for n in range(number)]


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (1, {"Tue 31 Mar"}),
        (10, {"Sun 22 Mar", "Tue 31 Mar"}),
        (11, {"21 Mar", "31 Mar"}),
        (100, {"1 Jan", "15 Mar"}),
        (101, {"1 Jan", "mean of 7 days"}),
        (365, {"May 2025", "Jan 2026"}),
        (3_661, {"2018", "2026", "mean of 70 days"}),
    ],
)
def test_draw_names_the_days_of_any_range(days, labels):
    assert labels <= texts(sample_figures(days=days))


def test_draw_makes_a_png():
    picture = charts.draw(sample_figures(events=many_events(100)), image_format="png")

    assert picture.startswith(PNG_SIGNATURE)


def test_draw_of_empty_database_says_so():
    figures = sample_figures(days=1, booked=0, cancelled=0)

    assert {"There is no event yet.", "No booking was made in this period."} <= texts(figures)


def test_draw_of_full_and_of_seatless_event_tells_their_shares():
    full = sample_event(booked=50, waiting=1_234)
    seatless = sample_event(name="Online", seats=0, booked=0)

    shown = texts(sample_figures(events=[seatless, full]))

    assert {"100%", "50 of 50 · 1,234 waiting", "0%", "0 of 0"} <= shown


@pytest.mark.parametrize(
    ("listed", "total", "remark"),
    [
        (21, 21, "The 20 most booked of 21 events"),
        (100, 312, "The 20 most booked of the 100 of 312 that start last"),
        (5, 312, "The 5 of 312 that start last"),
    ],
)
def test_draw_says_which_events_it_leaves_out(listed, total, remark):
    assert remark in texts(sample_figures(events=many_events(listed), total_events=total))


def test_draw_chooses_the_most_booked_events_and_puts_the_fullest_first():
    large = sample_event(name="large", seats=1_000, booked=500)
    small = [sample_event(name=f"small {n}", seats=10, booked=n % 10) for n in range(40)]

    chosen = [event["name"] for event in charts.most_booked([large, *small])]

    assert (len(chosen), chosen[0], chosen[-1]) == (20, "small 9", "small 25")
    assert "large" in chosen


def test_draw_takes_any_name():
    names = [
        "$x^2$ and $y",
        "_under_score",
        "\\frac{",
        "<b> & </b> -->",
        "漢字コンサート",
        "🎉👨‍👩‍👧",
        "مهرجان الموسيقى",
        "\x1b\uffff",
        "x" * 200,
        " ",
    ]
    figures = sample_figures(events=[sample_event(name=name) for name in names])

    minidom.parseString(charts.draw(figures, image_format="svg"))


def test_draw_takes_a_name_with_dollars_as_it_is():
    assert "$x^2$" in texts(sample_figures(events=[sample_event(name="$x^2$")]))


def test_draw_makes_the_same_file_of_the_same_figures():
    figures = sample_figures(events=many_events(3))

    first, second = (charts.draw(figures, image_format="svg") for _ in range(2))

    assert first == second
    assert b"<dc:date>" not in first


def test_draw_with_a_home_that_it_cannot_write_to_says_nothing(tmp_path):
    drawing = (
        "import django; django.setup()\n"
        "from analytics.formats import render\n"
        "from analytics.tests.samples import sample_figures\n"
        "render(sample_figures(), 'svg', rows='daily', is_coloured=False)\n"
    )
    no_home = tmp_path / "file"
    no_home.touch()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("XDG_")},
        "DJANGO_SETTINGS_MODULE": "evently.settings",
        "HOME": str(no_home),
        "MPLCONFIGDIR": "",
    }

    done = subprocess.run(
        [sys.executable, "-c", drawing],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def texts(figures):
    """Return all that is written in the picture: an SVG tells it in comments beside the shapes."""
    picture = charts.draw(figures, image_format="svg").decode()
    return {text.strip() for text in re.findall(r"<!--(.*?)-->", picture)}
