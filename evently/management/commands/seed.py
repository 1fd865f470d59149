"""`manage.py seed`: the walkthrough's data on a fresh database, and great halls on demand."""

import os
import sys
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from evently.api.logs import log_change
from evently.management import base_data, bulk_data, terminal
from evently.users.models import User
from events import gate as gates
from events.models import MAX_SEATS, Event

# No event has this id: its gate keeps two seeds apart.
SEEDING = 0
PEOPLE_SHOWN = 10


class Command(BaseCommand):
    help = (
        "Make the walkthrough's data on a fresh database, and more rows on demand. "
        "Repeating adds nothing, and brings back nothing that was deleted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--events", type=int, default=0, help="more events to come")
        parser.add_argument("--seats", type=int, default=100, help="of each (default 100)")
        parser.add_argument("--users", type=int, default=0, help="more people")
        parser.add_argument("--bookings", type=int, default=0, help="of those seats, in all")
        parser.add_argument("--random-seed", type=int, default=1, help="another: other rows")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("events", "seats", "users", "bookings", "random_seed")
        batch = bulk_data.Batch(**{name: options[name] for name in names})
        _require_sense(batch)

        password, is_new = gates.run_exclusively(
            SEEDING, partial(_plant, batch=batch), is_lengthy=True
        )
        self._tell(batch, has_added=is_new or password is not None)
        self._introduce(password)
        self._show_calls()

    def _tell(self, batch: bulk_data.Batch, *, has_added: bool) -> None:
        if not has_added:
            self.stdout.write("There is data already; nothing was added.")
        elif not batch.is_empty:
            self.stdout.write(
                f"Made {batch.events:,} events of {batch.seats:,} seats, {batch.users:,} users "
                f"and {batch.bookings:,} bookings."
            )

    def _introduce(self, password: str | None) -> None:
        """Print who there is, and how staff log in."""
        people = User.objects.all()
        table = terminal.table("id", "username", "role")
        for user in people[:PEOPLE_SHOWN]:
            table.add_row(str(user.id), user.username, user.role)
        terminal.console(self.stdout).print(table)
        if (unseen := people.count() - PEOPLE_SHOWN) > 0:
            self.stdout.write(f"and {unseen:,} more\n\n")

        if password:
            self.stdout.write(f"Staff site: /staff/, user {base_data.ADMIN}, password {password}")
            self.stdout.write("(shown this once; a new one: manage.py changepassword admin)")
        elif staff := people.filter(is_staff=True, is_active=True).first():
            self.stdout.write(
                f"Staff site: /staff/, user {staff.username}; "
                f"a new password: manage.py changepassword {staff.username}"
            )

    def _show_calls(self) -> None:
        """Print calls that work as they stand, for the first user and the first event on sale."""
        user = User.objects.filter(is_active=True).first()
        event = Event.objects.filter(status=Event.Status.PUBLISHED).order_by("id").first()
        if not (user and event):
            return
        curl = f"curl {_identity(user)} http://127.0.0.1:{os.environ.get('PORT', '8000')}"
        self.stdout.write("\nTry:")
        self.stdout.write(f"  {curl}/events")
        self.stdout.write(f"  {curl}/users/me/bookings")
        self.stdout.write(
            f"  {curl}/bookings -H 'Content-Type: application/json' "
            f"""-d '{{"user_id": {user.id}, "event_id": {event.id}}}'"""
        )


def _require_sense(batch: bulk_data.Batch) -> None:
    for name in ("events", "seats", "users", "bookings"):
        if getattr(batch, name) < 0:
            raise CommandError(f"--{name} can't be negative.")
    if batch.seats > MAX_SEATS:
        raise CommandError(f"--seats can't be more than {MAX_SEATS:,}.")
    if batch.bookings > batch.events * batch.seats:
        raise CommandError("--bookings can't be more than there are seats: --events times --seats.")


def _plant(gate: gates.Gate, batch: bulk_data.Batch) -> tuple[str | None, bool]:
    """Insert what is missing; return the new admin's password, and whether the batch is new."""
    password = base_data.plant(now=gate.now) if base_data.is_fresh() else None
    is_new = not batch.is_empty and not batch.exists()
    if is_new:
        _plant_bulk(gate, batch)
    return password, is_new


def _plant_bulk(gate: gates.Gate, batch: bulk_data.Batch) -> None:
    with terminal.progress(sys.stderr) as progress:
        task = progress.add_task("Making rows", total=batch.size)
        bulk_data.plant(batch, now=gate.now, advance=lambda rows: progress.advance(task, rows))
    log_change("rows_made", events=batch.events, users=batch.users, bookings=batch.bookings)


def _identity(user: User) -> str:
    """Return curl's option that says who calls, in the mode that is served."""
    if settings.EVENTLY_AUTH == "tokens":
        return f'-H "Authorization: Bearer $(python manage.py token create {user.username})"'
    if settings.EVENTLY_GATEWAY_SECRET:
        return f"""-H "X-Gateway-Secret: $EVENTLY_GATEWAY_SECRET" -H 'X-User-ID: {user.id}'"""
    return f"-H 'X-User-ID: {user.id}'"
