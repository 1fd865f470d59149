"""The figures as a picture: bookings per day above, utilisation per event below.

Laid out in inches from the top left, so that nothing overlaps whatever there is to be drawn.
matplotlib is heavy: import this module only where a picture is asked for.
"""

import warnings
from datetime import date
from io import BytesIO
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, date2num, num2date
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from analytics.text import displayable

MAX_EVENTS_DRAWN = 20
MAX_BARS = 100  # more are too thin to be told apart: an outline and a mean say it better

WIDTH, MARGIN = 11.0, 0.6
LABELS, VALUES = 3.5, 3.2  # beside the bars: the events' names, and their numbers
HEADER, FOOTER = 1.25, 0.5
PANEL_TITLE, DAILY, AXIS = 0.5, 2.9, 0.85
ROW, EMPTY_ROWS = 0.34, 3

INK, MUTED, FAINT = "#1f2933", "#667381", "#e6eaee"
BOOKED, CANCELLED = "#2f6fb5", "#d9822b"

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same picture everywhere
    "font.size": 9.5,
    "text.color": INK,
    "text.parse_math": False,  # a name with two dollar signs is no formula
    "axes.edgecolor": FAINT,
    "axes.labelcolor": MUTED,
    "axes.axisbelow": True,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "grid.color": FAINT,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "svg.hashsalt": "evently",  # the same figures make the same file
}


def draw(figures: dict[str, Any], *, image_format: str) -> bytes:
    """Return the picture as `svg` or `png`; equal figures make equal bytes."""
    drawn = most_booked(figures["events"])
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()  # whatever the user's own matplotlibrc says
        matplotlib.rcParams.update(STYLE)
        # A letter that the font lacks is drawn as a box; that is no reason to fail.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        return _save(_figure(figures, drawn), image_format)


def most_booked(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Choose the events worth drawing, and put the fullest first."""
    chosen = sorted(events, key=lambda event: -event["booked_seats"])[:MAX_EVENTS_DRAWN]
    return sorted(chosen, key=lambda event: (-event["utilization"], -event["booked_seats"]))


def _figure(figures: dict[str, Any], drawn: list[dict[str, Any]]) -> Figure:
    rows = (len(drawn) or EMPTY_ROWS) * ROW
    daily_top = HEADER + PANEL_TITLE
    events_top = daily_top + DAILY + AXIS + PANEL_TITLE
    figure = Figure(figsize=(WIDTH, events_top + rows + AXIS + FOOTER), facecolor="white")

    _draw_header(figure, figures)
    _title_panel(figure, HEADER, "Booked and cancelled per day", "")
    _draw_daily(_axes(figure, MARGIN + 0.6, daily_top, WIDTH - MARGIN, DAILY), figures["daily"])
    _title_panel(figure, events_top - PANEL_TITLE, "Utilisation per event", _scope(figures, drawn))
    _draw_events(_axes(figure, LABELS, events_top, WIDTH - VALUES, rows), drawn)
    _draw_footer(figure, figures)
    return figure


def _axes(figure: Figure, left: float, top: float, right: float, height: float) -> Axes:
    tall = figure.get_figheight()
    box = (left / WIDTH, 1 - (top + height) / tall, (right - left) / WIDTH, height / tall)
    return figure.add_axes(box)


def _write(figure: Figure, top: float, text: str, *, left: float = MARGIN, **style: Any) -> Text:
    at = 1 - top / figure.get_figheight()
    return figure.text(left / WIDTH, at, text, verticalalignment="top", **style)


def _draw_header(figure: Figure, figures: dict[str, Any]) -> None:
    totals = figures["totals"]
    summary = [
        _period(figures["since"], figures["until"]),
        _plural(totals["bookings"], "booking"),
        f"{totals['waiting']:,} waiting now",
    ]
    if totals["bookings"]:
        summary.insert(2, f"{figures['cancellation_rate']:.1%} of them cancelled since")
    _write(figure, 0.4, "Bookings and utilisation", fontsize=19, fontweight="bold")
    _write(figure, 0.82, "  ·  ".join(summary), fontsize=10.5, color=MUTED)


def _draw_footer(figure: Figure, figures: dict[str, Any]) -> None:
    moment = f"{figures['generated_at']:%Y-%m-%d %H:%M}"
    text = (
        f"As of {moment}, days in {figures['timezone']}. Cancelled: of the bookings made in this "
        "period, on the day they were cancelled."
    )
    _write(figure, figure.get_figheight() - 0.42, text, fontsize=8, color=MUTED)


def _title_panel(figure: Figure, top: float, title: str, remark: str) -> None:
    _write(figure, top + 0.12, title, fontsize=12, fontweight="bold")
    _write(
        figure,
        top + 0.15,
        remark,
        left=WIDTH - MARGIN,
        horizontalalignment="right",
        color=MUTED,
        fontsize=9,
    )


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + "s" * (number != 1)


def _period(since: date, until: date) -> str:
    days = [f"{day.day} {day:%b} {day.year}" for day in (since, until)]
    return " – ".join(dict.fromkeys(days))


def _scope(figures: dict[str, Any], drawn: list[dict[str, Any]]) -> str:
    """Say what is left out, if anything is."""
    total, listed = figures["totals"]["events"], len(figures["events"])
    all_listed, all_drawn = listed == total, len(drawn) == listed
    among = f"{total:,} events" if all_listed else f"the {listed:,} of {total:,} that start last"
    if all_drawn:
        return "" if all_listed else among.capitalize()
    return f"The {len(drawn)} most booked of {among}"


def _draw_daily(axes: Axes, daily: list[dict[str, Any]]) -> None:
    days = date2num([day["date"] for day in daily])
    booked = np.array([day["booked"] for day in daily])
    cancelled = np.array([day["cancelled"] for day in daily])
    _draw_counts(axes, days, booked, color=BOOKED, label="booked")
    _draw_counts(axes, days, -cancelled, color=CANCELLED, label="cancelled")
    if not booked.any():
        _say_empty(axes, "No booking was made in this period.")

    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.set_ylim(-1.08 * cancelled.max(), 1.08 * max(booked.max(), 1))
    axes.set_ylabel("bookings")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{abs(count):,.0f}"))
    axes.grid(axis="y")
    _label_days(axes, days)
    beside_title: dict[str, Any] = {"loc": "center right", "bbox_to_anchor": (1, 1 + 0.3 / DAILY)}
    axes.legend(ncols=4, frameon=False, borderpad=0, borderaxespad=0, **beside_title)


def _draw_counts(
    axes: Axes, days: np.ndarray, counts: np.ndarray, *, color: str, label: str
) -> None:
    if len(days) <= MAX_BARS:
        axes.bar(days, counts, width=0.8, linewidth=0, color=color, label=label)
        return
    edges = [*days - 0.5, days[-1] + 0.5]
    axes.stairs(counts, edges, fill=True, linewidth=0, color=color, alpha=0.4, label=label)
    window = 7 * max(round(len(days) / 365), 1)
    mean = np.convolve(counts, np.full(window, 1 / window), mode="valid")
    middles = days[window - 1 :] - (window - 1) / 2
    axes.plot(middles, mean, color=color, linewidth=1.6, label=f"mean of {window} days")


def _label_days(axes: Axes, days: np.ndarray) -> None:
    """Name every day where there is room for it, else as many as can be read."""
    beside = max(0.6, (10 - len(days)) / 2)  # or a single day's bar would be a wall
    axes.set_xlim(days[0] - beside, days[-1] + beside)
    axes.set_xlabel("day")
    if len(days) <= 10:
        axes.set_xticks(days)
    else:
        axes.xaxis.set_major_locator(AutoDateLocator(minticks=4, maxticks=9))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda day, _: _name(num2date(day), len(days))))


def _name(day: date, days: int) -> str:
    """Name a day as exactly as the spacing of its neighbours asks for."""
    if days <= 10:
        return f"{day:%a} {day.day} {day:%b}"
    if days <= 150:
        return f"{day.day} {day:%b}"
    return f"{day:%b} {day.year}" if days <= 1600 else f"{day.year}"


def _draw_events(axes: Axes, events: list[dict[str, Any]]) -> None:
    rows = range(len(events))
    axes.barh(rows, [1] * len(events), height=0.62, color=FAINT)
    axes.barh(rows, [event["utilization"] for event in events], height=0.62, color=BOOKED)
    for row, event in enumerate(events):
        _label_event(axes, row, event)
    if not events:
        _say_empty(axes, "There is no event yet.")

    axes.set_xlim(0, 1)
    axes.set_ylim(max(len(events), 1) - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xlabel("booked seats / seats")
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))


def _label_event(axes: Axes, row: int, event: dict[str, Any]) -> None:
    counts = f"{event['booked_seats']:,} of {event['total_seats']:,}"
    if event["waiting"]:
        counts += f" · {event['waiting']:,} waiting"
    beside: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"),
        "textcoords": "offset points",
        "va": "center",
    }
    name = axes.annotate(
        displayable(event["name"]), (0, row), xytext=(-10, 0), horizontalalignment="right", **beside
    )
    _shorten(name, (LABELS - MARGIN - 0.15) * axes.figure.dpi)
    percent = f"{event['utilization']:.0%}"
    axes.annotate(percent, (1, row), xytext=(44, 0), ha="right", fontweight="bold", **beside)
    axes.annotate(counts, (1, row), xytext=(54, 0), color=MUTED, fontsize=8.5, **beside)


def _shorten(text: Text, pixels: float) -> None:
    """Cut a text that is wider than its place, and show that it was cut."""
    whole = text.get_text()
    kept = len(whole)
    while text.get_window_extent().width > pixels and kept > 1:
        kept -= 1
        text.set_text(whole[:kept].rstrip() + "…")


def _say_empty(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=MUTED)


def _save(figure: Figure, image_format: str) -> bytes:
    buffer = BytesIO()
    # Without a date the same figures make the same file.
    metadata = {"Date": None, "Title": "Bookings and utilisation"} if image_format == "svg" else {}
    figure.savefig(buffer, format=image_format, dpi=144, metadata=metadata)
    return buffer.getvalue()
