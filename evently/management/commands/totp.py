"""`manage.py totp`: give somebody a second factor for the staff site, or take it away."""

from argparse import ArgumentParser
from typing import Any

import segno
from django.core.management.base import BaseCommand, CommandError

from evently.management.people import find_user
from evently.users.login_services import DeviceExists, enrol, remove_device


class Command(BaseCommand):
    help = (
        "Make a second factor (TOTP, RFC 6238) for a user of the staff site, and show it once: as "
        "an address and as a QR code to be read by an authenticator app."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="an id or a username; of digits, an id")
        parser.add_argument("--remove", action="store_true", help="take it away, as for a lost one")

    def handle(self, *args: Any, user: str, remove: bool, **options: Any) -> None:
        person = find_user(user)
        if remove:
            since = "any more" if remove_device(user=person) else "anyway"
            self.stdout.write(f"{person.username} has no second factor {since}.")
            return
        try:
            device = enrol(user=person)
        except DeviceExists as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(device.config_url)
        segno.make(device.config_url).terminal(out=self.stdout, compact=True)
        self.stderr.write("Every login to the staff site asks for its code from now on.")
