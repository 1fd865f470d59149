"""All rows of all our tables, comparable between runs; and a database that begins anew."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection

from notifications.models import Notification

THEIRS = {"admin", "auth", "contenttypes", "sessions"}  # Django's own
BEGUN_AT = datetime.now(UTC)
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d| UTC)?")
PATIENCE_SECONDS = 10

Rows = dict[str, list[tuple]]


def everything() -> Rows:
    """Return every row, with what differs from run to run made equal."""
    return {model._meta.db_table: _rows_of(model) for model in _models()}


def begin_anew() -> None:
    """Empty all our tables; ids begin at 1 again."""
    tables = (connection.ops.quote_name(model._meta.db_table) for model in _models())
    # TRUNCATE makes every file of every index anew, which takes ten times as long; without
    # triggers no foreign key asks for an order.
    everything_goes = "; ".join(f"DELETE FROM {table}" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET session_replication_role = replica; {everything_goes};"
            " SET session_replication_role = origin"
        )
        cursor.execute("SELECT setval(quote_ident(sequencename), 1, false) FROM pg_sequences")


def sequences() -> list[tuple[str, int, bool]]:
    """Return where every sequence stands: what is rolled back has used up its ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(sequencename), coalesce(last_value, 1), last_value IS NOT NULL"
            " FROM pg_sequences"
        )
        return cursor.fetchall()


def set_back(positions: list[tuple[str, int, bool]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany("SELECT setval(%s, %s, %s)", positions)


def until_alone() -> None:
    """Wait until the server has noticed that its client is dead, and ended what it did."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                " AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.002)
    raise TimeoutError("The session of a dead client doesn't end.")


def _rows_of(model: Any) -> list[tuple]:
    # Several people are told in any order, so a notification's id tells nothing.
    # A seat's stamp is the number of the transaction that changed it: another one each time.
    skipped = {"id"} if model is Notification else {"changed_in"}
    names = [field.attname for field in model._meta.fields if field.attname not in skipped]
    found = model._base_manager.values_list(*names)
    return sorted((tuple(map(_without_chance, row)) for row in found), key=repr)


def _models() -> list[Any]:
    return [model for model in apps.get_models() if model._meta.app_label not in THEIRS]


def _without_chance(value: Any) -> Any:
    match value:
        case datetime() if abs(value - BEGUN_AT) < timedelta(days=2):
            return "a time of this run"
        case bytes() | memoryview():
            return TIME.sub("a time", bytes(value).decode(errors="replace"))
        case str() if value.startswith(UNUSABLE_PASSWORD_PREFIX):
            return "no password"
        case str():
            return TIME.sub("a time", value)
    return value
