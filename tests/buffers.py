"""How many pages PostgreSQL touches for an answer: what it costs, free of a machine's noise."""

import json
from collections.abc import Callable
from typing import Any

from django.db import connection

EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "


def buffers_of(call: Callable[[], Any]) -> int:
    """Return how many pages the SELECTs that a call sends touch, wherever those are."""
    touched = []

    def count(execute: Callable, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            touched.append(_pages(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        call()
    return sum(touched)


def _pages(sql: str, params: Any) -> int:
    with connection.cursor() as cursor:
        # Twice: a session's first time reads the catalogue too, and the top of an index.
        for _ in range(2):
            cursor.execute(EXPLAIN + sql, params)
            [[plan]] = cursor.fetchall()
    [explained] = json.loads(plan) if isinstance(plan, str) else plan
    return explained["Plan"]["Shared Hit Blocks"] + explained["Plan"]["Shared Read Blocks"]


def pack(*tables: str) -> None:
    """Leave no trace of what the tables held before, and let the planner know what they hold."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM (FULL, ANALYZE) {table}")
