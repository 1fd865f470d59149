"""The figures for programs: JSON as the API answers it, and CSV."""

import csv
import json
from io import StringIO
from typing import Any

from analytics.serializers import AnalyticsSerializer, DaySerializer, EventFiguresSerializer

CSV_ROWS = {"daily": DaySerializer, "events": EventFiguresSerializer}

# What a spreadsheet takes for the beginning of a formula, and runs
# (https://owasp.org/www-community/attacks/CSV_Injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_json(figures: dict[str, Any]) -> str:
    data = AnalyticsSerializer(figures).data
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_csv(figures: dict[str, Any], *, rows: str) -> str:
    """Return one table of the figures as CSV (RFC 4180): a row per day, or one per event.

    The columns are named and filled as in the JSON. Text that a spreadsheet would take for a
    formula is led by an apostrophe.
    """
    serializer = CSV_ROWS[rows]
    table = StringIO()
    writer = csv.DictWriter(table, fieldnames=list(serializer().fields))
    writer.writeheader()
    for row in serializer(figures[rows], many=True).data:
        writer.writerow({column: _defused(value) for column, value in row.items()})
    return table.getvalue()


def _defused(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
