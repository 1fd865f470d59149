"""What is uploaded to an import, between the look at it and the yes.

Web processes share nothing but the database and the cache, and a file is more than a cache takes.
So the upload goes to the page that asks, signed, and comes back with the answer.
"""

import base64
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.utils.translation import gettext as _
from import_export.forms import ConfirmImportForm
from import_export.tmp_storages import BaseStorage
from unfold.contrib.import_export.forms import ImportForm

from evently.exporting import EXPORT_FORMATS

# Signed it is half as much again, and still a form that Django takes (2.5 MB).
MAX_UPLOAD_BYTES = 1_000_000
LONGEST_THOUGHT_SECONDS = 24 * 3600
_SALT = "evently.import"


class SignedUpload(BaseStorage):
    """Its name is all that it holds."""

    def save(self, data: bytes) -> None:
        text = base64.b64encode(data).decode()
        self.name = signing.dumps(text, salt=_SALT, compress=True)

    def read(self) -> Any:
        try:
            text = signing.loads(self.name, salt=_SALT, max_age=LONGEST_THOUGHT_SECONDS)
        except signing.BadSignature as reason:
            raise SuspiciousOperation("Not an upload of ours.") from reason
        data = base64.b64decode(text)
        return data if "b" in self.read_mode else data.decode(self.encoding)

    def remove(self) -> None:
        """Nothing was kept."""


class UploadForm(ImportForm):
    def clean_import_file(self) -> Any:
        upload = self.cleaned_data["import_file"]
        if upload.size > MAX_UPLOAD_BYTES:
            raise ValidationError(_("The file is larger than a megabyte. Split it."))
        return upload


class ConfirmForm(ConfirmImportForm):
    format = forms.ChoiceField(
        choices=[(str(place), "") for place in range(len(EXPORT_FORMATS))],
        widget=forms.HiddenInput,
    )
