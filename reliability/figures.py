"""What a run shows at its end."""

from rich.console import Console
from rich.table import Table


def show(title: str, rows: list[tuple[str, ...]], *headings: str) -> None:
    """Print figures as a table, the first column naming what the others count."""
    table = Table(title=title, show_header=bool(headings), title_justify="left")
    width = max((len(row) for row in rows), default=1)
    for n in range(width):
        heading = headings[n] if headings else ""
        table.add_column(heading, justify="right" if n else "left")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
