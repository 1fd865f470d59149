"""Evently's settings, and a bug in it."""

from evently.settings import *  # noqa: F403
from evently.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "reliability.sabotage"]
