"""Lists are bare arrays; the way on is in the `Link` header (RFC 8288)."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from evently.api.fields import EARLIEST, LATEST
from evently.api.identity import MAX_ID, is_number

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
# The total of a longer list may be so many seconds old.
ALWAYS_COUNTED = 1_000
TOTAL_SECONDS = 1
# NUL, and surrogates, which are halves of characters: no database has them in a text.
IMPOSSIBLE_TEXT = re.compile("[\0\ud800-\udfff]")


class LinkedPagination(BasePagination):
    """What both ways of paging share: `?limit=`, the headers, and their description."""

    default_limit = DEFAULT_LIMIT
    max_limit = MAX_LIMIT
    has_total = True
    # What a view knows already, it sets: the total, and the rows of the first page.
    total: int | None = None
    first_rows: list | None = None

    def get_paginated_response(self, data: Any) -> Response:
        links = [("next", self.next_url()), ("prev", self.previous_url())]
        headers = {}
        if any(url for _, url in links):
            headers["Link"] = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links if url)
        if self.total is not None:
            headers["X-Total-Count"] = str(self.total)
        return Response(data, headers=headers)

    def get_paginated_response_schema(self, schema: dict) -> dict:
        return schema

    def get_schema_operation_parameters(self, view: Any) -> list[dict]:
        limit = _query_parameter(
            "limit",
            f"How many rows to answer; more than {self.max_limit} is taken as {self.max_limit}.",
            {"type": "integer", "minimum": 1, "maximum": MAX_ID, "default": self.default_limit},
        )
        return [limit, self.position_parameter()]

    def next_url(self) -> str | None:
        raise NotImplementedError

    def previous_url(self) -> str | None:
        raise NotImplementedError

    def position_parameter(self) -> dict:
        raise NotImplementedError

    def _read_limit(self, request: Request) -> int:
        return min(_read_integer(request, "limit", self.default_limit, at_least=1), self.max_limit)


class OffsetPagination(LinkedPagination):
    """`?offset=` for lists that stay short; counts the rows for `X-Total-Count`."""

    def paginate_queryset(self, queryset: QuerySet, request: Request, view: Any = None) -> list:
        self.url = request.build_absolute_uri()
        self.limit = self._read_limit(request)
        self.offset = _read_integer(request, "offset", 0, at_least=0)
        if self.total is None:
            self.total = queryset.count()
        if self.offset >= self.total:
            return []
        if self.first_rows is not None:
            return self.first_rows[: self.limit]
        return list(queryset[self.offset : self.offset + self.limit])

    def next_url(self) -> str | None:
        following = self.offset + self.limit
        if following >= (self.total or 0):
            return None
        return replace_query_param(self.url, "offset", following)

    def previous_url(self) -> str | None:
        if self.offset == 0:
            return None
        # From beyond the end to the last page.
        previous = max(min(self.offset, self.total or 0) - self.limit, 0)
        return replace_query_param(self.url, "offset", previous)

    def position_parameter(self) -> dict:
        return _query_parameter(
            "offset",
            "How many rows to pass over.",
            {"type": "integer", "minimum": 0, "maximum": MAX_ID, "default": 0},
        )


class SeatMapPagination(OffsetPagination):
    default_limit = 100
    max_limit = 1000


class KeysetPagination(LinkedPagination):
    """`?cursor=` for lists that grow without end: a page costs the same wherever it lies.

    A cursor holds the ordering's values of the row beside which the page begins, so rows that
    come or go meanwhile neither repeat nor hide others. DRF's own cursor compares the first
    ordering field only and steps over ties by counting them.
    """

    has_total = False

    def paginate_queryset(self, queryset: QuerySet, request: Request, view: Any = None) -> list:
        self.url = request.build_absolute_uri()
        self.ordering = queryset.query.order_by or queryset.model._meta.ordering
        limit = self._read_limit(request)
        values, backward = _read_cursor(request, self.ordering)
        rows = self.first_rows
        if rows is None:
            rows = self._read(queryset, values, backward, limit + 1)
        more, rows = len(rows) > limit, rows[:limit]

        self.rows = rows[::-1] if backward else rows
        self.has_next = backward or more
        self.has_previous = more if backward else values is not None
        if self.has_total:
            is_whole = not self.has_next and not self.has_previous
            self.total = len(rows) if is_whole else _count(queryset, request)
        return self.rows

    def next_url(self) -> str | None:
        return self._url_beside(self.rows[-1], False) if self.has_next and self.rows else None

    def previous_url(self) -> str | None:
        return self._url_beside(self.rows[0], True) if self.has_previous and self.rows else None

    def position_parameter(self) -> dict:
        return _query_parameter(
            "cursor",
            "Where to go on; taken from the `Link` header.",
            {"type": "string", "minLength": 1},
        )

    def _read(self, rows: QuerySet, values: list | None, backward: bool, limit: int) -> list:
        if values is not None:
            rows = rows.filter(self._beyond(rows.model, values, backward))
        return list((rows.reverse() if backward else rows)[:limit])

    def _beyond(self, model: Any, values: list, backward: bool) -> Q:
        """Return the condition for rows that come after (backward: before) the cursor's row."""
        fields = [(name.lstrip("-"), name.startswith("-") != backward) for name in self.ordering]
        try:
            pairs = [
                (name, "lt" if descending else "gt", _of_field(model, name, value))
                for (name, descending), value in zip(fields, values, strict=True)
            ]
        except (InvalidValue, ValueError, TypeError) as error:
            raise _invalid("cursor", "This cursor doesn't belong to this list.") from error
        # The leading bound is implied by the rest, but an index can be entered by it.
        name, comparison, value = pairs[0]
        return Q(**{f"{name}__{comparison}e": value}) & _after(pairs)

    def _url_beside(self, row: dict[str, Any], backward: bool) -> str:
        values = [row[name.lstrip("-")] for name in self.ordering]
        token = json.dumps(
            [",".join(self.ordering), backward, values], default=str, separators=(",", ":")
        )
        cursor = base64.urlsafe_b64encode(token.encode()).decode()
        return replace_query_param(self.url, "cursor", cursor)


class CountedKeysetPagination(KeysetPagination):
    """A cursor, for a list with a total. One of more than 1,000 rows is kept for a second."""

    has_total = True


def _count(rows: QuerySet, request: Request) -> int:
    """Count the rows of a list, unless it is long and that was just done.

    To count 10,000 rows costs PostgreSQL many times what a page of them does.
    """
    query = request.query_params.copy()
    for name in ("cursor", "limit"):
        query.pop(name, None)
    asked = f"{request.path}?{query.urlencode()}"
    key = f"total:{hashlib.sha256(asked.encode()).hexdigest()}"
    total = cache.get(key)
    if total is None:
        total = rows.count()
        if total > ALWAYS_COUNTED:
            cache.set(key, total, TOTAL_SECONDS)
    return total


def _of_field(model: Any, name: str, value: Any) -> Any:
    value = model._meta.get_field(name).to_python(value)
    lowest, highest = (EARLIEST, LATEST) if isinstance(value, datetime) else (1, MAX_ID)
    if not isinstance(value, str) and not lowest <= value <= highest:
        raise ValueError("nothing that a list could hold")
    return value


def _after(pairs: list[tuple[str, str, Any]]) -> Q:
    (name, comparison, value), *rest = pairs
    beyond = Q(**{f"{name}__{comparison}": value})
    return beyond | (Q(**{name: value}) & _after(rest)) if rest else beyond


def _read_cursor(request: Request, ordering: Sequence[str]) -> tuple[list | None, bool]:
    cursor = request.query_params.get("cursor")
    if cursor is None:
        return None, False
    try:
        its_ordering, backward, values = json.loads(
            base64.urlsafe_b64decode(cursor.encode("ascii"))
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise _invalid("cursor", "This cursor can't be read.") from error
    if its_ordering != ",".join(ordering):
        raise _invalid("cursor", "This cursor doesn't belong to this list.")
    if not isinstance(values, list) or not all(_is_plain(value) for value in values):
        raise _invalid("cursor", "This cursor can't be read.")
    return values, backward is True


def _is_plain(value: Any) -> bool:
    match value:
        case bool():
            return False
        case int():
            return abs(value) <= MAX_ID
        case str():
            return not IMPOSSIBLE_TEXT.search(value)
    return False


def _read_integer(request: Request, name: str, default: int, *, at_least: int) -> int:
    raw = request.query_params.get(name)
    if raw is None:
        return default
    if not is_number(raw) or not at_least <= int(raw) <= MAX_ID:
        raise _invalid(name, f"Must be an integer of at least {at_least}.")
    return int(raw)


def _invalid(field: str, detail: str) -> ValidationError:
    return ValidationError({field: detail}, code="invalid")


def _query_parameter(name: str, description: str, schema: dict) -> dict:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "allowEmptyValue": False,
        "description": description,
        "schema": schema,
    }
