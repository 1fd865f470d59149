"""Somebody on the staff site, with a browser."""

from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import AdminFactory


class Browser(Client):
    def see_list(self, model: type[Model], **filters) -> HttpResponse:
        return self.get(page("changelist", model), filters)

    def rows(self, model: type[Model], **filters) -> list[Model]:
        return list(self.see_list(model, **filters).context["cl"].result_list)

    def see(self, row: Model) -> HttpResponse:
        return self.get(page("change", type(row), row.pk))

    def add(self, model: type[Model], **values) -> HttpResponse:
        return self.post(page("add", model), values, follow=True)

    def change(self, row: Model, **values) -> HttpResponse:
        return self.post(page("change", type(row), row.pk), values, follow=True)

    def delete_row(self, row: Model) -> HttpResponse:
        return self.post(page("delete", type(row), row.pk), {"post": "yes"}, follow=True)

    def ask(self, action: str, *rows: Model, **values) -> HttpResponse:
        """Choose an action for rows, which leads to a page that asks whether to."""
        selected = {"action": action, "_selected_action": [row.pk for row in rows]}
        return self.post(page("changelist", type(rows[0])), selected | values, follow=True)

    def run(self, action: str, *rows: Model, **values) -> HttpResponse:
        """Choose an action for rows, and say yes to it."""
        return self.ask(action, *rows, post="yes", **values)

    def count_list_queries(self, model: type[Model]) -> int:
        with CaptureQueriesContext(connection) as queries:
            self.see_list(model)
        return len(queries)


def page(kind: str, model: type[Model], *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def staff_with(*permissions: str) -> Browser:
    """Log in as staff who have these permissions only."""
    user = AdminFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return _log_in(user)


def superuser() -> Browser:
    return _log_in(AdminFactory(is_superuser=True))


def told(response: HttpResponse) -> list[str]:
    """The messages on the page."""
    return [str(message) for message in response.context["messages"]]


def shown(response: HttpResponse) -> dict[str, str]:
    """What a row's own page shows, by the names of its fields."""
    lines = (line for fieldset in response.context["adminform"] for line in fieldset)
    return {field.field["name"]: field.contents() for line in lines for field in line}


def errors(response: HttpResponse) -> list[str]:
    """The errors of the form on the page."""
    return [str(error) for error_list in response.context["errors"] for error in error_list]


def _log_in(user: Model) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser
