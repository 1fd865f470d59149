"""Actions on the staff site: asked about first, run row by row, and told how they went."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import model_ngettext
from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from evently.api.errors import DomainRefusal
from evently.api.exceptions import ChangedMeanwhile, DatabaseUnavailable
from evently.api.identity import is_id
from evently.api.staff_columns import page_address

REFUSALS = (DomainRefusal, OperationalError, InterfaceError, IntegrityError)
# Of rows that an action is run on: a form may have no more fields than Django's thousand.
MOST_AT_ONCE = 900


class Asking:
    """Mixed into pages of rows: what is done to rows is asked about first."""

    def response_action(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        if not all(map(is_id, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise SuspiciousOperation("A row that was chosen has no number.")
        return super().response_action(request, queryset)

    def confirmed(
        self,
        request: HttpRequest,
        rows: QuerySet,
        do: Callable[[QuerySet], HttpResponse | None],
        *,
        action: str,
        title: str,
        warning: str,
        back: str | None = None,
    ) -> HttpResponse:
        """Do it to the rows once somebody says yes, on a page that shows them and a warning.

        The page sends its answer to the list, as the `action` of that name, and leads `back`
        afterwards.
        """
        back = back or self._back(request)
        chosen = list(rows[: MOST_AT_ONCE + 1])
        if not chosen:
            self.message_user(
                request, _("Nothing to do: that is done, or can't be."), messages.WARNING
            )
        elif len(chosen) > MOST_AT_ONCE:
            few = _("Choose at most %(number)d at once.") % {"number": MOST_AT_ONCE}
            self.message_user(request, few, messages.ERROR)
        elif "post" not in request.POST:
            shown = {"action": action, "title": title, "warning": warning, "back": back}
            return self._ask(request, chosen, **shown)
        elif answer := do(rows):
            return answer
        return redirect(back)

    def each_confirmed(
        self,
        request: HttpRequest,
        rows: QuerySet,
        service: Callable[[Any], object],
        *,
        done: Any,
        **asked: Any,
    ) -> HttpResponse:
        """Call the service for each of the rows once somebody says yes (see `confirmed`)."""

        def run(rows: QuerySet) -> None:
            self.run_each(request, rows, service, done=done)

        return self.confirmed(request, rows, run, **asked)

    def _ask(self, request: HttpRequest, rows: list[Model], **shown: Any) -> TemplateResponse:
        context = self.page(request, shown["title"]) | {
            "rows": [(row.pk, self.described(row)) for row in rows],
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "staff/ask.html", context | shown)

    def fill_in(
        self, request: HttpRequest, form: forms.Form, *, title: str, back: str
    ) -> TemplateResponse:
        """Show a page with a form, which is sent to where it came from."""
        shown = {"form": form, "back": back, "media": self.media + form.media}
        return TemplateResponse(request, "staff/fill_in.html", self.page(request, title) | shown)

    def page(self, request: HttpRequest, title: str) -> dict[str, Any]:
        """Return what every page of ours beside Django's is shown with."""
        request.current_app = self.admin_site.name
        request.crumb = title
        own = {"opts": self.opts, "title": title, "media": self.media}
        return self.admin_site.each_context(request) | own

    def one(self, request: HttpRequest, object_id: str) -> tuple[QuerySet, str]:
        """Return a row as an action takes rows, and its page, to come back to. Or 404."""
        row = self.row_or_404(request, object_id)
        rows = self.get_queryset(request).filter(pk=row.pk)
        return rows, page_address("change", self.model, row.pk)

    def row_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """Return the row of that address, however wrong that is: Django looks for any text."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    def described(self, row: Model) -> str:
        """Name a row on the page that asks about it."""
        return str(row)

    def _back(self, request: HttpRequest) -> str:
        """Return the page that an action was begun from: where it says so, else the list."""
        back = request.POST.get("back") or request.GET.get("back", "")
        if url_has_allowed_host_and_scheme(back, {request.get_host()}):
            return back
        return page_address("changelist", self.model)

    def run_each(
        self,
        request: HttpRequest,
        rows: Iterable[Model],
        service: Callable[[Any], object],
        *,
        done: Any,
    ) -> None:
        """Call the service for one row after the other; note in each one's history that it changed.

        A refusal concerns its row only. `done` tells of a number, as `report` wants it.
        """
        changed, refused = 0, Counter[str]()
        for row in rows:
            try:
                service(row)
            except REFUSALS as refusal:
                refused[explain(refusal)] += 1
            else:
                # In Django's own form, which is put into the words of whoever reads it.
                self.log_change(request, row, [{"changed": {"fields": ["status"]}}])
                changed += 1
        self.report(request, changed, refused, done=done)

    def report(
        self, request: HttpRequest, changed: int, refused: Counter[str], *, done: Any
    ) -> None:
        """Tell how many rows are done, and how many were refused for which reason.

        `done` is an `ngettext_lazy` with one `%d`.
        """
        refused = +refused  # without what is counted zero times
        if changed or not refused:
            level = messages.SUCCESS if changed else messages.WARNING
            self.message_user(request, done % changed, level)
        for reason, number in refused.items():
            counted = f"{number} {model_ngettext(self.opts, number)}"
            self.message_user(request, f"{counted}: {reason}", messages.ERROR)


def explain(refusal: Exception) -> str:
    """Return a sentence for people on why the change wasn't made."""
    match refusal:
        case DomainRefusal():
            return _(refusal.detail)
        case IntegrityError():
            return _(ChangedMeanwhile.default_detail)
    return _(DatabaseUnavailable.default_detail)
