"""Statements that PostgreSQL prepares: planned once for each connection, and run many times."""

from collections.abc import Sequence
from typing import Any
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


def run_prepared(connection: Connection, sql: str, params: Sequence[Any]) -> list[tuple]:
    """Run SQL with a `%s` for each value, prepared the first time, and return the rows.

    By libpq's own call, which takes half of the time that a cursor does. The types of the values
    are the server's to infer. psycopg must not prepare anything on the connection itself: it
    drops whatever is prepared after each ROLLBACK. It begins the transaction that psycopg would.

    Raises what psycopg does.
    """
    names = _names.setdefault(connection, {})
    name = names.get(sql) or _prepare(connection, sql, names)
    values = Transformer(connection)
    dumped = values.dump_sequence(params, [PyFormat.TEXT] * len(params))
    pgconn = connection.pgconn
    if pgconn.transaction_status == TransactionStatus.IDLE and not connection.autocommit:
        result = _begin_and_run(pgconn, name, dumped)
    else:
        # A time in binary is a number, where its text would be parsed in Python.
        result = pgconn.exec_prepared(name, dumped, None, Format.BINARY)
    values.set_pgresult(_checked(connection, result))
    return values.load_rows(0, result.ntuples, tuple)


def _begin_and_run(pgconn: Any, name: bytes, dumped: Sequence[Any]) -> Any:
    """Send BEGIN and the statement together, and return the result of what failed or came last."""
    pgconn.enter_pipeline_mode()
    pgconn.send_query_params(_BEGIN, None)
    pgconn.send_query_prepared(name, dumped, None, Format.BINARY)
    pgconn.pipeline_sync()
    # Each result is followed by a None.
    begun, _, result, _, _ = [pgconn.get_result() for _ in range(5)]
    pgconn.exit_pipeline_mode()
    return result if begun.status in _DONE else begun


def _prepare(connection: Connection, sql: str, names: dict[str, bytes]) -> bytes:
    name = f"evently_{len(names)}".encode()
    parts = sql.split("%s")
    numbered = "".join(f"{part}${place}" for place, part in enumerate(parts[:-1], start=1))
    query = (numbered + parts[-1]).replace("%%", "%")
    _checked(connection, connection.pgconn.prepare(name, query.encode()))
    names[sql] = name
    return name


def _checked(connection: Connection, result: Any) -> Any:
    if result.status in _DONE:
        return result
    if result.error_field(DiagnosticField.SQLSTATE):
        raise error_from_result(result)
    raise OperationalError(connection.pgconn.get_error_message())
