"""`manage.py analytics`: the figures as tables, as data, or as a picture; and their counts anew."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rest_framework import serializers

from analytics.export import CSV_ROWS
from analytics.formats import FORMATS, render
from analytics.queries import figures
from analytics.serializers import AnalyticsQuerySerializer
from bookings.recount import recount_all
from evently.api.errors import DomainRefusal


class OptionsSerializer(AnalyticsQuerySerializer):
    """The parameters of `GET /admin/analytics` under the same rules, and an event."""

    event = serializers.IntegerField(source="event_id", required=False)


class Command(BaseCommand):
    help = (
        "Show bookings, cancellations and utilisation, all of one moment. The data goes to "
        "stdout, or whole or not at all into --output; notes go to stderr."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Django's own colours don't know of it: https://no-color.org
        if os.environ.get("NO_COLOR"):
            kwargs["no_color"] = True
        super().__init__(*args, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=FORMATS, default="table")
        parser.add_argument("--since", metavar="DATE", help="First day, YYYY-MM-DD.")
        parser.add_argument("--until", metavar="DATE", help="Last day, inclusive.")
        parser.add_argument("--event", metavar="ID", help="Of this event only.")
        parser.add_argument(
            "--events-limit", metavar="N", help="List so many events, 100 if not said, to 1,000."
        )
        parser.add_argument(
            "--rows",
            choices=CSV_ROWS,
            default="daily",
            help="What a row of the CSV is: a day (date, booked, cancelled), or an event (the "
            "columns that the JSON has).",
        )
        parser.add_argument("--output", metavar="FILE", type=Path, help="Write into this file.")
        parser.add_argument(
            "--rebuild",
            action="store_true",
            help="Show nothing, but count all events anew from their seats and bookings, by the "
            "days of TIME_ZONE. Cut off, it goes on where it was.",
        )

    def handle(
        self, *args: Any, output: Path | None, rebuild: bool = False, **options: Any
    ) -> None:
        if rebuild:
            self._rebuild()
            return
        if options["format"] == "png" and output is None and not self._takes_bytes():
            raise CommandError("A PNG is nothing for a terminal: name a file with --output.")

        found = _read(options)
        self._note_unlisted(found)
        is_coloured = output is None and self._is_coloured(options)
        content = render(found, options["format"], rows=options["rows"], is_coloured=is_coloured)
        if output is None:
            self._print(content)
        else:
            _write(output, content)
            self._note(f"Wrote {output}")

    def _rebuild(self) -> None:
        recount_all(advance=self._note_progress)
        self._note(f"Every event is counted, by the days of {settings.TIME_ZONE}.")

    def _note_progress(self, done: int, total: int) -> None:
        """Tell of every hundredth part, and of the end."""
        if done % max(1, total // 100) == 0 or done == total:
            self._note(f"Counted {done:,} of {total:,} events.")

    def _takes_bytes(self) -> bool:
        return hasattr(self.stdout, "buffer") and not self.stdout.isatty()

    def _is_coloured(self, options: dict[str, Any]) -> bool:
        is_plain = options["no_color"] or os.environ.get("NO_COLOR")
        return options["force_color"] or (self.stdout.isatty() and not is_plain)

    def _note_unlisted(self, found: dict[str, Any]) -> None:
        listed, total = len(found["events"]), found["totals"]["events"]
        if listed < total:
            self._note(f"{listed:,} of {total:,} events are listed, those that start last.")

    def _note(self, text: str) -> None:
        self.stderr.write(text, str)  # not in the red of errors

    def _print(self, content: bytes) -> None:
        """Write bytes, whatever encoding stdout has: data is UTF-8, and a picture is no text."""
        try:
            if hasattr(self.stdout, "buffer"):
                self.stdout.flush()
                self.stdout.buffer.write(content)
            else:
                self.stdout.write(content.decode(), ending="")
            self.stdout.flush()
        except BrokenPipeError:
            # Whoever reads has seen enough (`| head`). Python's last flush must not fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())


def _read(options: dict[str, Any]) -> dict[str, Any]:
    given = {name: options[name] for name in OptionsSerializer().fields}
    asked = OptionsSerializer(data={k: v for k, v in given.items() if v is not None})
    if not asked.is_valid():
        raise CommandError("\n".join(_complaints(asked.errors)))
    try:
        return figures(**asked.validated_data)
    except DomainRefusal as refusal:
        raise CommandError(refusal.detail) from refusal


def _complaints(errors: dict[str, list[str]]) -> Iterator[str]:
    for field, messages in errors.items():
        for message in messages:
            yield f"--{field.replace('_', '-')}: {message}"


def _write(path: Path, content: bytes) -> None:
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)  # a pipe or a device isn't to be replaced
        else:
            _replace(path.resolve(), content)
    except OSError as error:
        raise CommandError(f"Can't write {path}: {error.strerror}.") from error


def _replace(path: Path, content: bytes) -> None:
    """Write beside it and rename, so that nobody ever finds half a file."""
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
