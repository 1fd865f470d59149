"""The page that is asked for most: a list's first one, with nothing in the query string."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from evently.api.pagination import DEFAULT_LIMIT
from evently.statements import Statement


class FirstPage:
    """Composed once, where any other page is composed for its request.

    `rows` returns the list as it is when nothing narrows it, with an `Argument` for what varies.
    """

    def __init__(
        self, columns: tuple[str, ...], rows: Callable[[], QuerySet], *, limit: int = DEFAULT_LIMIT
    ) -> None:
        self._columns = columns
        # One more than is shown tells whether there is another page.
        self._rows = Statement(lambda: rows().values_list(*columns)[: limit + 1])

    def read(self, **values: Any) -> list[dict[str, Any]]:
        return [dict(zip(self._columns, row, strict=True)) for row in self._rows.all(**values)]
