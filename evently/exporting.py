"""The formats that lists are exported in, without what their library would take along.

openpyxl imports numpy and PIL where it finds them, for cells that nobody here has. A process
would pay a fifth of its memory for that.
"""

import sys

_UNNEEDED = [name for name in ("numpy", "PIL") if name not in sys.modules]

sys.modules.update(dict.fromkeys(_UNNEEDED))  # None: the import fails, which openpyxl allows for
try:
    from import_export.formats.base_formats import CSV, XLSX
finally:
    for name in _UNNEEDED:
        del sys.modules[name]

EXPORT_FORMATS = [CSV, XLSX]
