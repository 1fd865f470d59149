import importlib
import os

from django.apps import AppConfig


class SabotageConfig(AppConfig):
    name = "reliability.sabotage"

    def ready(self) -> None:
        # Imports the product, so not before every app is loaded.
        bugs = importlib.import_module("reliability.sabotage.bugs")
        getattr(bugs, os.environ["EVENTLY_SABOTAGE"])()
