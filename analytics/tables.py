"""The figures for people at a terminal."""

from io import StringIO
from typing import Any

from django.utils import timezone
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analytics.text import displayable


def as_tables(figures: dict[str, Any], *, width: int, is_coloured: bool) -> str:
    """Return totals, days and events as tables that fit into `width` columns."""
    text = StringIO()
    console = Console(
        file=text,
        width=width,
        force_terminal=is_coloured,
        no_color=not is_coloured,
        markup=False,  # a name in square brackets is a name
        emoji=False,
        highlight=False,
    )
    for table in (_totals(figures), _daily(figures), _events(figures)):
        console.print(table)
        console.print()
    lines = text.getvalue().splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _totals(figures: dict[str, Any]) -> Table:
    period = f"{figures['since']} to {figures['until']}, {figures['timezone']}"
    totals = figures["totals"]
    table = _table(f"Totals, {period}")
    for name in totals:
        table.add_column(name.capitalize(), justify="right")
    table.add_column("Cancellation rate", justify="right")
    counts = [f"{count:,}" for count in totals.values()]
    table.add_row(*counts, _percent(figures["cancellation_rate"]))
    return table


def _daily(figures: dict[str, Any]) -> Table:
    table = _table("Per day")
    table.add_column("Date")
    table.add_column("Booked", justify="right")
    table.add_column("Cancelled", justify="right")
    for day in figures["daily"]:
        table.add_row(f"{day['date']}", f"{day['booked']:,}", f"{day['cancelled']:,}")
    return table


def _events(figures: dict[str, Any]) -> Table:
    table = _table("Per event")
    table.add_column("ID", justify="right", no_wrap=True)
    table.add_column("Name", min_width=8)
    table.add_column("Start", no_wrap=True)
    for name in ("Seats", "Booked", "Avail.", "Waiting", "Canc.", "Util."):
        table.add_column(name, justify="right", no_wrap=True)
    for event in figures["events"]:
        table.add_row(*_cells(event))
    return table


def _cells(event: dict[str, Any]) -> list[str | Text]:
    counts = ("total_seats", "booked_seats", "available_seats", "waiting", "cancelled")
    return [
        f"{event['event_id']}",
        # A long name is cut, so that a row stays a line; JSON and CSV have it whole.
        Text(displayable(event["name"]), no_wrap=True, overflow="ellipsis"),
        f"{timezone.localtime(event['start_time']):%Y-%m-%d}",
        *(f"{event[count]:,}" for count in counts),
        _percent(event["utilization"]),
    ]


def _table(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )


def _percent(share: float) -> str:
    return f"{share:.1%}"
