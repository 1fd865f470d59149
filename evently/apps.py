from django.apps import AppConfig
from django.core.signals import request_finished

from evently import pool
from evently.watching import extras


class EventlyConfig(AppConfig):
    name = "evently"

    def ready(self) -> None:
        from evently import checks  # noqa: F401  registers them; the apps must be loaded first
        from evently.metrics import note_pool

        # Connected after Django's own, which gives the request's connection back.
        request_finished.connect(note_pool)
        pool.install()
        extras.start()
