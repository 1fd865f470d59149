"""What gunicorn serves. System checks don't run under WSGI by themselves, so they are run here."""

import os

import structlog
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.management.base import SystemCheckError
from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evently.settings")

from evently.api.transport import Lanes, Turns, mended

application = Lanes(Turns(mended(get_wsgi_application())), number=settings.LANES)

# Checks that ask a database something run only where it is named.
messages = run_checks() + run_checks(tags=[Tags.database], databases=["default"])
# gunicorn loads this before it forks its workers, and nobody shares a connection.
connections.close_all()
for database in connections.all(initialized_only=True):
    if hasattr(database, "close_pool"):
        database.close_pool()
if errors := [message for message in messages if message.is_serious()]:
    raise SystemCheckError("\n".join(str(message) for message in errors))

if settings.EVENTLY_DEMO:
    structlog.get_logger("evently").warning(
        "demo_mode", note="identity headers are open, cookies go over plain HTTP"
    )
