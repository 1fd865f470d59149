"""How commands print: colour only for a terminal that wants it, nothing cut off in a pipe."""

import os
from typing import IO, Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

WIDTH_OF_A_PIPE = 200


def console(file: IO[str] | Any) -> Console:
    """Return a console on this stream, without any style if `NO_COLOR` is set or it is a pipe."""
    screen = Console(
        file=file,
        # rich's own reading of NO_COLOR keeps bold and dim.
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,  # a name may have brackets in it
        emoji=False,
    )
    if not screen.is_terminal:
        screen.width = WIDTH_OF_A_PIPE
    return screen


def table(*columns: str) -> Table:
    return Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)


def progress(file: IO[str]) -> Progress:
    """Return a progress bar that shows on a terminal only."""
    screen = console(file)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=screen,
        disable=not screen.is_terminal,
    )
