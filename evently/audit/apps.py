from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "evently.audit"
