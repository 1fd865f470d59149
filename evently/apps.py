from django.apps import AppConfig


class EventlyConfig(AppConfig):
    name = "evently"

    def ready(self) -> None:
        from evently import checks  # noqa: F401  registers them; the apps must be loaded first
