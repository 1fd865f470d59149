"""Does the data keep what Evently promises?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bookings.integrity import Breach, breaches, repair


class Command(BaseCommand):
    help = (
        "Report every broken promise that the data can show, read in one snapshot, so that the "
        "answer is right while people book. Exit status 1 if there is any."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fix",
            action="store_true",
            help="Put right first what can be without taking anything from anybody.",
        )

    def handle(self, *args: Any, fix: bool, **options: Any) -> None:
        found = breaches()
        if fix and found:
            self._report(found)
            for event_id in sorted({breach.event_id for breach in found}):
                repair(event_id=event_id)
            self.stdout.write("What could be repaired safely was repaired; looking again.")
            found = breaches()
        self._report(found)
        if found:
            raise CommandError(f"{len(found)} broken promises.")
        self.stdout.write("Every promise is kept.")

    def _report(self, found: list[Breach]) -> None:
        for breach in found:
            self.stdout.write(f"{breach.promise}: event {breach.event_id}, row {breach.row_id}")
