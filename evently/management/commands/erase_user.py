"""`manage.py erase_user`: a person asks to be forgotten."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bookings.erasure import erase_user
from evently.api.errors import DomainRefusal
from evently.api.identity import MAX_ID


class Command(BaseCommand):
    help = (
        "Replace by their id all that says who a user is; their bookings still count. They can't "
        "log in or call any more, and leave every line. Nothing brings them back, apart from "
        "backups of the database. Repeating is harmless."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user_id", type=int, metavar="id")
        parser.add_argument("--yes", action="store_true", help="don't ask whether to")

    def handle(self, *args: Any, user_id: int, yes: bool, **options: Any) -> None:
        if not yes and input(f"Erase user {user_id} for good? [y/N] ").strip().lower() != "y":
            raise CommandError("Nothing was changed.")
        if not 1 <= user_id <= MAX_ID:
            raise CommandError("There is no such user.")
        try:
            erase_user(user_id=user_id)
        except DomainRefusal as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(f"User {user_id} is erased.")
