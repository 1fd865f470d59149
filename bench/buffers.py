"""How many pages a call's queries touch: `python -m bench.buffers METHOD PATH BODY USER …`.

It makes the call for each user in this process, and has PostgreSQL explain every query as it is
sent, on the database of `DATABASE_URL`. What is printed is JSON: for each call, its queries.
"""

import json
import sys
from collections.abc import Iterable
from typing import Any

import django
from django.db import connection
from django.test import Client

from bench.servers import run

EXPLAINED = ("SELECT", "WITH")
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "


def touched(
    database_url: str, method: str, path: str, *, users: Iterable[int], body: str = ""
) -> list[list[dict]]:
    """Make the calls in a process of their own; return each one's queries: text and pages."""
    callers = [str(user) for user in users]
    printed = run(database_url, "-m", "bench.buffers", method, path, body, *callers)
    return json.loads(printed.splitlines()[-1])


class Explainer:
    """A wrapper of Django's cursors that explains a query before it lets it pass."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict) -> Any:
        # What writes would do it twice.
        if sql.startswith(EXPLAINED) and " FROM " in sql and "INSERT INTO" not in sql:
            execute(EXPLAIN + sql, params, many, context)
            [[plan]] = context["cursor"].cursor.fetchone()
            self.found.append({"sql": sql, "pages": _pages(plan["Plan"])})
        return execute(sql, params, many, context)


def _pages(plan: dict[str, Any]) -> int:
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def _call(method: str, path: str, body: str, user: str) -> list[dict[str, Any]]:
    explainer = Explainer()
    with connection.execute_wrapper(explainer):
        answer = Client(SERVER_NAME="127.0.0.1").generic(
            method, path, body, content_type="application/json", headers={"X-User-ID": user}
        )
    if answer.status_code >= 400:
        raise SystemExit(f"{answer.status_code}: {answer.content.decode()}")
    return explainer.found


def main(method: str, path: str, body: str, *users: str) -> None:
    django.setup()
    print(json.dumps([_call(method, path, body, user) for user in users]))


if __name__ == "__main__":
    main(*sys.argv[1:])
