"""Statements that PostgreSQL prepares: planned once for each connection, and run many times."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from psycopg import Connection, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import DiagnosticField, ExecStatus, Format, TransactionStatus

# The settings have no other level.
_BEGIN = b"BEGIN ISOLATION LEVEL READ COMMITTED"
_DONE = {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}

# By what name each connection knows which statement.
_names: WeakKeyDictionary[Connection, dict[str, bytes]] = WeakKeyDictionary()


class Query(NamedTuple):
    """SQL with a `%s` for each value, and the values."""

    sql: str
    params: Sequence[Any]


def run_prepared(connection: Connection, queries: Sequence[Query]) -> list[list[tuple]]:
    """Run queries that are prepared the first time, one after the other; return each one's rows.

    By libpq's own calls, which take half of the time that a cursor does, and several together in
    one round trip. The types of the values are the server's to infer. psycopg must not prepare
    anything on the connection itself: it drops whatever is prepared after each ROLLBACK. The
    transaction that psycopg would begin is begun.

    Raises what psycopg does, of the first one that fails; those behind it aren't run.
    """
    names = _names.setdefault(connection, {})
    values = Transformer(connection)
    sent = [
        (
            names.get(query.sql) or _prepare(connection, query.sql, names),
            values.dump_sequence(query.params, [PyFormat.TEXT] * len(query.params)),
        )
        for query in queries
    ]
    pgconn = connection.pgconn
    begins = pgconn.transaction_status == TransactionStatus.IDLE and not connection.autocommit
    if begins or len(sent) > 1:
        results = _run_together(connection, sent, begins=begins)
    else:
        # A time in binary is a number, where its text would be parsed in Python.
        results = [pgconn.exec_prepared(*sent[0], None, Format.BINARY)]
    return [_rows(values, _checked(connection, result)) for result in results]


def _run_together(connection: Connection, sent: list[tuple], *, begins: bool) -> list:
    pgconn = connection.pgconn
    pgconn.enter_pipeline_mode()
    if begins:
        pgconn.send_query_params(_BEGIN, None)
    for name, dumped in sent:
        pgconn.send_query_prepared(name, dumped, None, Format.BINARY)
    pgconn.pipeline_sync()
    # Each result is followed by a None; the last one tells that all is there.
    results = [pgconn.get_result() for _ in range(2 * (begins + len(sent)) + 1)][:-1:2]
    for result in results:
        if result is None or result.status not in _DONE:
            with suppress(OperationalError):
                pgconn.exit_pipeline_mode()
            _checked(connection, result)
    pgconn.exit_pipeline_mode()
    return results[begins:]


def _rows(values: Transformer, result: Any) -> list[tuple]:
    values.set_pgresult(result)
    return values.load_rows(0, result.ntuples, tuple)


def _prepare(connection: Connection, sql: str, names: dict[str, bytes]) -> bytes:
    name = f"evently_{len(names)}".encode()
    parts = sql.split("%s")
    numbered = "".join(f"{part}${place}" for place, part in enumerate(parts[:-1], start=1))
    query = (numbered + parts[-1]).replace("%%", "%")
    _checked(connection, connection.pgconn.prepare(name, query.encode()))
    names[sql] = name
    return name


def _checked(connection: Connection, result: Any) -> Any:
    if result and result.status in _DONE:
        return result
    if result and result.error_field(DiagnosticField.SQLSTATE):
        raise error_from_result(result)
    raise OperationalError(connection.pgconn.get_error_message())
