"""The figures in every format there is, as bytes."""

import logging
import shutil
from typing import Any

from analytics.export import as_csv, as_json
from analytics.tables import as_tables

FORMATS = ("table", "json", "csv", "svg", "png")
WIDTH_WHEN_PIPED = 80


def render(figures: dict[str, Any], as_format: str, *, rows: str, is_coloured: bool) -> bytes:
    """Return the figures in one of `FORMATS`; text is UTF-8.

    `rows` says which figures the CSV has, and `is_coloured` is for tables.
    """
    match as_format:
        case "table":
            width = shutil.get_terminal_size((WIDTH_WHEN_PIPED, 0)).columns
            return as_tables(figures, width=width, is_coloured=is_coloured).encode()
        case "json":
            return as_json(figures).encode()
        case "csv":
            return as_csv(figures, rows=rows).encode()
        case _:
            return _draw(figures, as_format)


def _draw(figures: dict[str, Any], image_format: str) -> bytes:
    # It warns of a home that it can't write to, and then does without.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    from analytics import charts  # a second's import that only a picture is worth

    return charts.draw(figures, image_format=image_format)
