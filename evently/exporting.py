"""The formats that lists are exported in, without what their library would take along.

openpyxl imports numpy and PIL where it finds them, for cells that nobody here has. A process
would pay a fifth of its memory for that.
"""

import sys
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_IMPORTED_ROWS = 500
MAX_COLUMNS = 50
# A megabyte of nothing, packed well, unpacks to a thousand.
MAX_UNPACKED_BYTES = 20_000_000

_UNNEEDED = [name for name in ("numpy", "PIL") if name not in sys.modules]

sys.modules.update(dict.fromkeys(_UNNEEDED))  # None: the import fails, which openpyxl allows for
try:
    import openpyxl
    from import_export.formats.base_formats import CSV, XLSX
finally:
    for name in _UNNEEDED:
        del sys.modules[name]


class BoundedCSV(CSV):
    def create_dataset(self, in_stream: Any, **kwargs: Any) -> tablib.Dataset:
        dataset = super().create_dataset(in_stream, **kwargs)
        _refuse_too_many(len(dataset))
        return dataset


class BoundedXLSX(XLSX):
    """Reads no further than rows may reach: a sheet may claim to have a million times 16,384."""

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        with ZipFile(BytesIO(in_stream)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED_BYTES:
                raise ValidationError(_("The file is too large once it is unpacked."))
        sheet = openpyxl.load_workbook(BytesIO(in_stream), read_only=True, data_only=True).active
        bounds = {"max_row": MAX_IMPORTED_ROWS + 2, "max_col": MAX_COLUMNS, "values_only": True}
        header, *rows = (row for row in sheet.iter_rows(**bounds) if any(row))
        _refuse_too_many(len(rows))
        width = max(place for place, name in enumerate(header, 1) if name)
        return tablib.Dataset(*(row[:width] for row in rows), headers=header[:width])


def _refuse_too_many(rows: int) -> None:
    if rows > MAX_IMPORTED_ROWS:
        few = _("Import at most %(number)d rows at once.") % {"number": MAX_IMPORTED_ROWS}
        raise ValidationError(few)


EXPORT_FORMATS = [BoundedCSV, BoundedXLSX]
