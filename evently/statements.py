"""The statements of the hot path: composed once, prepared by the server, run with other values.

To make SQL of a query set costs Django several times of what it costs PostgreSQL to run it, and a
statement that is prepared is planned once for a connection. What is sent for every booking is
therefore written here as elsewhere, as a query set or a row, and composed the first time.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, cached_property, partial
from typing import Any, NamedTuple, TypeVar

import orjson
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import (
    BigIntegerField,
    DateField,
    Expression,
    Field,
    JSONField,
    Model,
    QuerySet,
)
from django.db.models.base import ModelState
from django.db.models.sql.compiler import SQLCompiler

from evently.preparing import Query, run_prepared

M = TypeVar("M", bound=Model)

_ENCODER = DjangoJSONEncoder()

# Of some of a statement's values, by position.
Adapters = list[tuple[int, Callable[[Any], Any]]]


class Argument(Expression):
    """A value of a query set that each run gives: an integer, unless a field is named."""

    def __init__(self, name: str, field: Field | None = None) -> None:
        self.name = name
        super().__init__(output_field=field or BigIntegerField())

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]


class Statement:
    """A query set of `values_list()` that is composed once, with an `Argument` for what varies."""

    def __init__(self, compose: Callable[[], QuerySet]) -> None:
        self._compose = compose

    def first(self, **values: Any) -> tuple | None:
        """Run it with a value for each argument, and return the first row, if there is one."""
        return next(iter(self.all(**values)), None)

    def all(self, **values: Any) -> list[tuple]:
        """Run it with a value for each argument, and return the rows."""
        return self.converted(execute(*self.query(**values)))

    def query(self, **values: Any) -> Query:
        """Return what is sent for these values, for whoever sends it together with others."""
        sql, names, adapters, _ = self._composed
        return Query(sql, _params(values, names, adapters))

    def converted(self, rows: list[tuple]) -> list[tuple]:
        """Return rows as Django would, of those that the database gave."""
        converters = self._composed[3]
        if not converters:
            return rows
        return [_converted(row, converters, connections[DEFAULT_DB_ALIAS]) for row in rows]

    @cached_property
    def _composed(self) -> tuple[str, list[str], Adapters, dict]:
        compiler = self._compose().query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        shown = ["%s" if isinstance(param, Argument) else _literal(param) for param in params]
        arguments = [param for param in params if isinstance(param, Argument)]
        names = [argument.name for argument in arguments]
        adapters = _adapters([argument.field for argument in arguments])
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        return sql % tuple(shown), names, adapters, converters


def made(model: type[M], **values: Any) -> M:
    """Make a row, of columns' values and constant defaults, in a third of a model's own time."""
    row = model.__new__(model)
    row._state = ModelState()
    vars(row).update(_blank(model) | values)
    return row


def insert(rows: Sequence[Model], *, needs_ids: bool = True) -> None:
    """Insert rows of one kind whose every value is known: one statement.

    They are given their ids, unless nobody needs them.

    That of a single row is prepared; several rows are Django's own business.
    """
    if len(rows) != 1:
        type(rows[0])._default_manager.bulk_create(rows)
        return
    [row] = rows
    sql, returning, names, adapters = _insertion(type(row))
    params = _params(row.__dict__, names, adapters)
    _write(_Write(sql + returning, params, row) if needs_ids else _Write(sql, params))


def write(sql: str, params: Sequence[Any]) -> None:
    """Run a writing statement of the hot path, of which nothing is to be returned."""
    _write(_Write(sql, params))


@contextmanager
def together() -> Iterator[None]:
    """Send all that is inserted and written in the block as one statement, as it ends.

    Until then no row has its id: another one that needs it gets the row's `IdOf`. Nothing may be
    read that is written here. (SQLite, which has no such statement, is sent one after the other.)
    """
    writes: list[_Write] = []
    token = _gathered.set(writes)
    try:
        yield
    finally:
        _gathered.reset(token)
    if connection.vendor == "postgresql":
        _send_as_one(writes)
    else:
        for each in writes:
            _send(each)


class IdOf(NamedTuple):
    """The id of a row that gets it in the same block of `together`."""

    row: Model


def execute(sql: str, params: Sequence[Any]) -> list[tuple]:
    """Run a statement of the hot path, with `%s` for each value, and return its rows."""
    [rows] = execute_all([Query(sql, params)])
    return rows


def execute_all(queries: Sequence[Query]) -> list[list[tuple]]:
    """Run statements of the hot path one after the other, sent together; return each one's rows.

    Straight by the database's library, whose errors become Django's all the same: Django's own
    cursor takes more time than a short statement. It is used where somebody looks on, and behind
    PgBouncer, which hands a connection to somebody else, who has prepared other statements.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.execute_wrappers or database.queries_logged or settings.EVENTLY_PGBOUNCER:
        with database.cursor() as cursor:
            return [_rows(cursor, query) for query in queries]
    database.ensure_connection()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        if database.vendor == "postgresql":
            return run_prepared(database.connection, queries)
        return [
            database.connection.execute(_with_question_marks(sql), params).fetchall()
            for sql, params in queries
        ]


def _rows(cursor: Any, query: Query) -> list[tuple]:
    cursor.execute(query.sql, query.params)
    return cursor.fetchall() if cursor.description else []


class _Write(NamedTuple):
    sql: str
    params: Sequence[Any]
    # That is inserted, and gets the id that the statement returns.
    row: Model | None = None


_gathered: ContextVar[list[_Write] | None] = ContextVar("gathered", default=None)


def _write(write: _Write) -> None:
    gathered = _gathered.get()
    if gathered is None:
        _send(write)
    else:
        gathered.append(write)


def _send(write: _Write) -> None:
    rows = execute(write.sql, list(map(known, write.params)))
    if write.row is not None:
        _give_id(write.row, rows[0][0])


def _send_as_one(writes: list[_Write]) -> None:
    inserted = [write.row for write in writes if write.row is not None]
    parts, params = [], []
    for write in writes:
        places = tuple(
            inserted.index(param.row) if isinstance(param, IdOf) else None for param in write.params
        )
        parts.append((write.sql, write.row is not None, places))
        params += [param for param in write.params if not isinstance(param, IdOf)]
    rows = execute(_joined(tuple(parts)), params)
    # A row without a column is none to Django's cursor.
    for row, pk in zip(inserted, rows[0] if inserted else (), strict=True):
        _give_id(row, pk)


def known(value: Any) -> Any:
    """Return a value, or the id that it stands for and that is known by now."""
    return value.row.pk if isinstance(value, IdOf) else value


def _give_id(row: Model, pk: int) -> None:
    vars(row).update({name: known(value) for name, value in vars(row).items()})
    row.pk = pk
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS


@cache
def _joined(parts: tuple[tuple[str, bool, tuple[int | None, ...]], ...]) -> str:
    """Make one statement of several, and let it return the ids of what they insert.

    Of each: its SQL, whether it inserts, and for which of its values which insertion's id stands.
    """
    named, inserted = [], 0
    for number, (sql, inserts, places) in enumerate(parts):
        name = f"row_{inserted}(id)" if inserts else f"part_{number}"
        inserted += inserts
        shown = ["%s" if place is None else f"(SELECT id FROM row_{place})" for place in places]
        named.append(f"{name} AS ({_filled(sql, shown)})")
    ids = ", ".join(f"(SELECT id FROM row_{number})" for number in range(inserted))
    return f"WITH {', '.join(named)} SELECT {ids}"


def _filled(sql: str, shown: Sequence[str]) -> str:
    """Return SQL with these texts in the places of its values."""
    between = sql.split("%s")
    return "".join(part + text for part, text in zip(between, [*shown, ""], strict=True))


@cache
def _with_question_marks(sql: str) -> str:
    return "%".join(part.replace("%s", "?") for part in sql.split("%%"))


@cache
def _blank(model: type[Model]) -> dict[str, Any]:
    blank = model()
    return {field.attname: getattr(blank, field.attname) for field in model._meta.concrete_fields}


@cache
def _insertion(model: type[Model]) -> tuple[str, str, list[str], Adapters]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    columns = ", ".join(quote(field.column) for field in fields)
    values = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {table} ({columns}) VALUES ({values})"
    return sql, f" RETURNING {key}", [field.attname for field in fields], _adapters(fields)


def _adapters(fields: list[Field]) -> Adapters:
    """Return at which positions a value isn't given to the database as it is, but how."""
    adapted = []
    for position, field in enumerate(fields):
        if isinstance(field, JSONField):
            adapted.append((position, _json))
        elif connection.vendor != "postgresql" and isinstance(field, DateField):
            adapted.append((position, partial(field.get_db_prep_save, connection=connection)))
    return adapted


def _params(values: dict[str, Any], names: list[str], adapters: Adapters) -> list[Any]:
    params = [values[name] for name in names]
    for position, adapt in adapters:
        params[position] = adapt(params[position])
    return params


def _json(value: Any) -> str | None:
    if value is None:
        return None
    return orjson.dumps(value, _ENCODER.default, orjson.OPT_PASSTHROUGH_DATETIME).decode()


def _converted(row: tuple, converters: dict, database: Any) -> tuple:
    values = list(row)
    for position, (functions, column) in converters.items():
        for function in functions:
            values[position] = function(values[position], column, database)
    return tuple(values)


def _literal(value: Any) -> str:
    if not isinstance(value, int | str) or isinstance(value, bool):
        raise TypeError(f"{value!r} can't stand in a statement")
    if isinstance(value, int):
        return str(value)
    return "'{}'".format(value.replace("'", "''").replace("%", "%%"))
