"""Evently's settings, and one path more: an endpoint that does nothing, to measure the frame by."""

from evently.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
