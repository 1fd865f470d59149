"""The statements of the hot path: composed once, prepared by the server, run with other values.

To make SQL of a query set costs Django several times of what it costs PostgreSQL to run it, and a
statement that is prepared is planned once for a connection. What is sent for every booking is
therefore written here as elsewhere, as a query set or a row, and composed the first time.
"""

from collections.abc import Callable, Sequence
from functools import cache, cached_property, partial
from typing import Any

import orjson
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
from django.db.models.sql.compiler import SQLCompiler

from evently.preparing import Prepared

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
        sql, names, adapters, converters = self._composed
        rows = execute(sql, _params(values, names, adapters)).fetchall()
        if not converters:
            return rows
        return [_converted(row, converters, connections[DEFAULT_DB_ALIAS]) for row in rows]

    @cached_property
    def _composed(self) -> tuple[Prepared, list[str], Adapters, dict]:
        compiler = self._compose().query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        shown = ["%s" if isinstance(param, Argument) else _literal(param) for param in params]
        arguments = [param for param in params if isinstance(param, Argument)]
        names = [argument.name for argument in arguments]
        adapters = _adapters([argument.field for argument in arguments])
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        return Prepared(sql % tuple(shown)), names, adapters, converters


def insert(rows: Sequence[Model]) -> None:
    """Insert rows of one kind whose every value is known, and give them their ids: one statement.

    That of a single row is prepared; several rows are Django's own business.
    """
    if len(rows) != 1:
        type(rows[0])._default_manager.bulk_create(rows)
        return
    [row] = rows
    sql, names, adapters = _insertion(type(row))
    [row.pk] = execute(sql, _params(row.__dict__, names, adapters)).fetchone()
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS


def execute(sql: Prepared, params: Sequence[Any]) -> Any:
    """Run a statement of the hot path, and return the cursor that has its rows.

    Straight by psycopg, whose errors become Django's all the same: Django's own cursor takes a
    third of a short statement's time. It is used where somebody looks on, and on SQLite.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql" or database.execute_wrappers or database.queries_logged:
        cursor = database.cursor()
        cursor.execute(sql, params)
        return cursor
    database.ensure_connection()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        return database.connection.cursor().execute(sql, params)


@cache
def _insertion(model: type[Model]) -> tuple[Prepared, list[str], Adapters]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    columns = ", ".join(quote(field.column) for field in fields)
    values = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {table} ({columns}) VALUES ({values}) RETURNING {key}"
    return Prepared(sql), [field.attname for field in fields], _adapters(fields)


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
