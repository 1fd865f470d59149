"""Kill the server process before every statement of every writing call, and around COMMIT.

Afterwards the rows are those from before or those of the whole, every promise is kept, and the
same request again completes it.
"""

import argparse
import importlib
import os

import django

from tests import postgres as launcher


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", default="", metavar="WORDS", help="calls whose name has them")
    parser.add_argument("--points", type=int, help="so many of each call, at random; else all")


def main(options: argparse.Namespace) -> int:
    # A client that is killed loses nothing of the server's, so the server need not be durable.
    with launcher.server() as url:
        os.environ |= {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "evently.settings"),
            "EVENTLY_DEMO": "1",
            "EVENTLY_DATABASE_POOL": "0",
        }
        django.setup()
        # Needs the settings, which need the server's address.
        return importlib.import_module("reliability.crash.run").run(
            only=options.only, at_most=options.points
        )
