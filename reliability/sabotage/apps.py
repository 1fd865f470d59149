import importlib
import os

from django.apps import AppConfig

MODULES = ["reliability.sabotage.bugs", "reliability.sabotage.group_bugs"]


class SabotageConfig(AppConfig):
    name = "reliability.sabotage"

    def ready(self) -> None:
        # They import the product, so not before every app is loaded.
        modules = map(importlib.import_module, MODULES)
        bugs = {name: bug for module in modules for name, bug in vars(module).items()}
        bugs[os.environ["EVENTLY_SABOTAGE"]]()
