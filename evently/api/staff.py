"""What the pages of the staff site share: services make the changes, and may refuse.

Django's admin saves and deletes inside a transaction of its own. Our services open theirs, insist
that it is the outermost one, and mean what they commit; so these pages call them outside of any.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import model_ngettext
from django.contrib.admin.views.main import ERROR_FLAG, ORDER_VAR, SEARCH_VAR, ChangeList
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from import_export.admin import ExportMixin, ImportExportMixin
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm

from evently import transactions
from evently.api.errors import DomainRefusal
from evently.api.exceptions import ChangedMeanwhile, DatabaseUnavailable
from evently.api.identity import is_id, is_number
from evently.api.staff_columns import EMPTY, page_address
from evently.api.staff_uploads import ConfirmForm, SignedUpload, UploadForm
from evently.audit.history import history_of
from evently.idempotency.services import AnsweredBefore, Claim

REFUSALS = (DomainRefusal, OperationalError, InterfaceError, IntegrityError)
# What a filter in an address brings about that no column can hold: too long a number, or none.
WRONG_FILTERS = (OverflowError, DataError, ValueError, TypeError, IndexError, ValidationError)
# Of rows that an action is run on: a form may have no more fields than Django's thousand.
MOST_AT_ONCE = 900
MOST_WORDS = 10  # of a search

admin.site.empty_value_display = EMPTY
# Whatever may be deleted at all is looked at by itself first.
admin.site.disable_action("delete_selected")


class StaffPages:
    """What lists and pages of rows have in common, Django's own included that we extend."""

    list_per_page = 50
    show_full_result_count = False
    # What a list says that has no rows.
    empty_text: Any = gettext_lazy("There is nothing here yet.")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict | None = None
    ) -> HttpResponse:
        _keep_order(request, self.opts.label_lower)
        filters = (value for name, value in request.GET.items() if name != SEARCH_VAR)
        if any(value.isdigit() and not is_number(value) for value in filters):
            # More digits than a column holds.
            return redirect(f"{request.path}?{ERROR_FLAG}=1")
        return super().changelist_view(request, extra_context)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow what Django does but patterns, which can be made to take for ever."""
        return "regex" not in lookup and super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Look for the first few words: each takes a condition for each column."""
        few = " ".join(search_term.split()[:MOST_WORDS])
        return super().get_search_results(request, queryset, few)

    def response_action(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        if not all(map(is_id, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise SuspiciousOperation("A row that was chosen has no number.")
        return super().response_action(request, queryset)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        # A number that no column can hold, in a field that lets choose by number.
        except OverflowError as reason:
            raise SuspiciousOperation("A number is too large.") from reason

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        try:
            return super().get_changelist_instance(request)
        except (
            OverflowError,
            DataError,
            ValueError,
            TypeError,
            IndexError,
            ValidationError,
        ) as reason:
            raise IncorrectLookupParameters(reason) from reason

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """Show what the record tells of the row, beside what the site itself has noted."""
        told = {"changes": history_of(self.model, object_id)}
        return super().history_view(request, object_id, (extra_context or {}) | told)

    def refuse_deletion(
        self, request: HttpRequest, object_id: str, refusal: Exception
    ) -> HttpResponse:
        """Lead back to the row, with the reason why it is still there."""
        self.message_user(request, explain(refusal), messages.ERROR)
        return redirect(page_address("change", self.model, object_id))

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

    @admin.display(description=gettext_lazy("related"))
    def related(self, row: Model) -> SafeString:
        """Link to the lists of what refers to this row.

        They are found in the models' own registry, so a floor needs no word of those above it.
        """
        shown = [
            relation
            for relation in row._meta.related_objects
            if self.admin_site.is_registered(relation.related_model)
        ]
        return format_html_join(
            " · ",
            '<a href="{}?{}__exact={}">{}</a>',
            [
                (
                    page_address("changelist", relation.related_model),
                    relation.field.name,
                    row.pk,
                    capfirst(relation.related_model._meta.verbose_name_plural),
                )
                for relation in shown
            ],
        )


class StaffForm(forms.ModelForm):
    """A form that is shown once more, as it was filled in, with the reason of a refusal."""

    refusal: str | None = None

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.refusal:
            raise ValidationError(self.refusal)
        return self.cleaned_data


class ServiceAdmin(admin.ModelAdmin):
    """Django's own pages, whose changes are a service's: outside of any transaction."""

    @method_decorator(csrf_protect)
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        try:
            return self._changeform_view(request, object_id, form_url, extra_context)
        except REFUSALS as refusal:
            request.refusal = explain(refusal)
            return self._changeform_view(request, object_id, form_url, extra_context)

    @method_decorator(csrf_protect)
    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        try:
            return self._delete_view(request, object_id, extra_context)
        except REFUSALS as refusal:
            return self.refuse_deletion(request, object_id, refusal)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[forms.ModelForm]:
        form = super().get_form(request, *args, **kwargs)
        form.refusal = getattr(request, "refusal", None)  # the class is made for this request
        return form


class StaffAdmin(StaffPages, ModelAdmin, ServiceAdmin):
    """Pages of the console whose changes are a service's; what it refuses is shown."""

    form = StaffForm
    list_filter_submit = False
    list_filter_sheet = False
    list_fullwidth = True
    compressed_fields = True
    warn_unsaved_form = True


class Exported(ExportMixin):
    """Mixed in before a list's other classes: what is filtered there can be had as CSV or XLSX."""

    export_form_class = ExportForm
    # Its formats and fields are asked for on a page of its own.
    show_change_form_export = False

    def export_action(self, request: HttpRequest) -> HttpResponse:
        try:
            return super().export_action(request)
        except IncorrectLookupParameters:  # as the list answers it
            return redirect(f"{page_address('changelist', self.model)}?{ERROR_FLAG}=1")


class Imported(ImportExportMixin, Exported):
    """Mixed in before a list's other classes: rows of a sheet become new ones, after a look."""

    import_form_class = UploadForm
    confirm_form_class = ConfirmForm
    tmp_storage_class = SignedUpload

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        unread = _("The file can't be read. Is it of that format, with a row of names on top?")
        form.add_error("import_file", e if isinstance(e, ValidationError) else unread)

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Make the rows, unless that was done: an upload counts once."""
        upload = sha256(request.POST.get("import_file_name", "").encode()).hexdigest()
        claim = Claim(caller=f"staff {request.user.pk}", key=upload, fingerprint="")
        try:
            transactions.run(claim.take)
        except AnsweredBefore:
            self.message_user(request, _("That was imported already."), messages.WARNING)
            return redirect(page_address("changelist", self.model))
        return super().process_import(request, **kwargs)

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        """Tell also which rows were refused meanwhile; the others are made."""
        response = super().process_result(result, request)
        for row in [*result.invalid_rows, *result.error_rows]:
            text = _("Row %(number)d was refused: it is as if it hadn't been there.")
            self.message_user(request, text % {"number": row.number}, messages.ERROR)
        return response


class LookOnlyAdmin(StaffAdmin):
    """Rows that nobody writes by hand: pages to look at, and actions that call services."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return rows with what they refer to, for a row's page as for the list."""
        return super().get_queryset(request).select_related(*(self.list_select_related or []))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell whether the list offers actions; a single row has nothing to edit."""
        return obj is None and bool(self.actions) and super().has_change_permission(request)

    def has_act_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Tell whether whoever asks may run the actions on a row's own page."""
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def explain(refusal: Exception) -> str:
    """Return a sentence for people on why the change wasn't made."""
    match refusal:
        case DomainRefusal():
            return _(refusal.detail)
        case IntegrityError():
            return _(ChangedMeanwhile.default_detail)
    return _(DatabaseUnavailable.default_detail)


def _keep_order(request: HttpRequest, name: str) -> None:
    """Show a list in the order that its reader chose last; remember another one."""
    orders = request.session.get("orders", {})
    if ORDER_VAR in request.GET:
        chosen = request.GET[ORDER_VAR]
        if orders.get(name, "") != chosen:
            request.session["orders"] = orders | {name: chosen}
    elif orders.get(name):
        request.GET = request.GET.copy()
        request.GET[ORDER_VAR] = orders[name]
