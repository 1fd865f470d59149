"""The versions of an event's seat map: since one of them, a client asks what has changed.

A trigger stamps every seat whose status changes with a number (`Seat.changed_in`), so no way of
changing it can forget to. A version is read before the seats it is told with, and promises: what
isn't in them yet will have its number or a later one. So a change may be told twice, and none is
missed, in whatever order transactions end.

- On PostgreSQL the number is the transaction's own. Those commit in any order, so a version isn't
  the latest number that can be seen, but that of the oldest transaction that was still running.
- SQLite has one writer at a time, so each change gets the event's next number, and a version is
  the next one.

Numbers mean something to the one database that gave them. A version therefore names its era too:
the server, its timeline, which is another after a failover or a recovery, and the file of the
table, which is another after a restore. Of another era, or from the future, it gets all seats.
(SQLite knows no eras: after the file was put back, a version counts as soon as it was reached.)

With `evently.transactions` and the gate this is where dialects differ.
"""

import re
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Func, TextField
from django.db.models.sql.compiler import SQLCompiler

PATTERN = "[1-9][0-9]{0,18}-[0-9a-f]{1,8}"
_NO_ERA = "0"


class Version(NamedTuple):
    """What is told of a seat map, and comes back as `since`."""

    number: int
    era: str

    @classmethod
    def read(cls, text: str) -> "Version | None":
        """Return the version that a text tells; None: it tells none."""
        number, _, era = text.partition("-")
        return cls(int(number), era) if re.fullmatch(PATTERN, text) else None

    def __str__(self) -> str:
        return f"{self.number}-{self.era}"

    def precedes(self, current: "Version") -> bool:
        """Tell whether the database that is at the current version has been at this one."""
        return self.era == current.era and self.number <= current.number

    def settled(self, latest: int) -> "Version":
        """Return the earliest version that promises the same, given the latest number before it.

        It stays what it is until a seat of the event changes, whatever else the database does.
        """
        return self._replace(number=latest + 1)


class CurrentNumber(Func):
    """From which number on changes of the event's seats may still come: of rows of events."""

    output_field = BigIntegerField()
    template = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    latest = (
        "(SELECT COALESCE(MAX(changed_in), 0) + 1 FROM events_seat"
        ' WHERE event_id = "events_event"."id" AND changed_in > 0)'
    )

    def as_sqlite(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template=self.latest)


class CurrentEra(Func):
    """Which numbers belong together. A server that was just promoted tells so a little later."""

    output_field = TextField()
    template = """(SELECT to_hex(hashtext(concat_ws(' ',
        (SELECT system_identifier FROM pg_control_system()),
        (SELECT timeline_id FROM pg_control_checkpoint()),
        pg_relation_filenode('events_seat')))))"""

    def as_sqlite(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template=f"'{_NO_ERA}'")
