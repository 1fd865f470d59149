"""Lists of the staff site as sheets: what is filtered goes out, and rows come in after a look."""

from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from import_export.admin import ExportMixin, ImportExportMixin
from unfold.contrib.import_export.forms import ExportForm

from evently import transactions
from evently.api.staff_columns import page_address
from evently.api.staff_uploads import ConfirmForm, SignedUpload, UploadForm
from evently.idempotency.services import AnsweredBefore, Claim


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
