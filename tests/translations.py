"""The texts that the staff site says, and their translations.

`python -m tests.translations` brings the catalogues up to date after a text was written: what is
new stands in them untranslated, what nobody says any more is gone, and the compiled ones are as
the others are.
"""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
CALLED = {"_", "gettext", "gettext_lazy", "gettext_noop"}
CALLED_WITH_PLURAL = {"ngettext", "ngettext_lazy"}
FLOORS = ["evently", "events", "bookings", "waitlists", "notifications", "analytics"]
# What Django makes of a template for xgettext.
IN_TEMPLATE = re.compile(
    r"\bgettext\((u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\")\)|\b_\((\"[^\"]*\"|'[^']*')\)"
)

WRITTEN_ON = datetime(2026, 1, 1, tzinfo=UTC)

Text = str | tuple[str, str]


def texts() -> set[Text]:
    """Return every text of ours that is put into the reader's language; a pair has a plural."""
    found: set[Text] = set()
    for floor in FLOORS:
        root = Path(settings.BASE_DIR, floor)
        for path in root.rglob("*.py"):
            if not {"tests", "migrations"} & set(path.relative_to(root).parts):
                found |= set(_in_code(path.read_text()))
        for path in root.rglob("*.html"):
            found |= set(in_template(path.read_text()))
    return found | said_by_libraries()


def said_by_libraries() -> set[Text]:
    """Return what unfold says, which speaks English only, on pages of ours."""
    listed = Path(settings.BASE_DIR, "evently", "locale", "unfold.txt").read_text()
    return set(listed.splitlines())


def catalogue(language: str) -> Catalog:
    return read_po(BytesIO(_path(language, "po").read_bytes()), locale=language)


def compiled(catalogue: Catalog) -> bytes:
    # A time of day would make another file of the same texts.
    catalogue.creation_date = catalogue.revision_date = WRITTEN_ON
    written = BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def compiled_here(language: str) -> bytes:
    return _path(language, "mo").read_bytes()


def in_template(source: str) -> Iterator[Text]:
    for match in IN_TEMPLATE.finditer(templatize(source)):
        yield ast.literal_eval(match[1] or match[2])


def _in_code(source: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        said = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        if node.func.id in CALLED and said and isinstance(said[0], str):
            yield said[0]
        elif node.func.id in CALLED_WITH_PLURAL:
            yield (said[0], said[1])


def _update(language: str) -> int:
    path = _path(language, "po")
    before = catalogue(language) if path.exists() else Catalog(locale=language)
    about = {"project": "Evently", "version": "", "msgid_bugs_address": "", "language_team": ""}
    after = Catalog(locale=language, fuzzy=False, **about)
    for text in texts():
        known = before.get(text if isinstance(text, str) else text[0])
        flags = ["python-format"] if "%" in str(text) else []
        after.add(text, known.string if known else None, flags=flags)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = BytesIO()
    write_po(written, after, sort_output=True, width=100, omit_header=False)
    # The time of writing would change every line of history for nothing.
    kept = [
        line
        for line in written.getvalue().decode().splitlines()
        if "-Date:" not in line and "Translator:" not in line and not line.startswith("# ")
    ]
    path.write_text("\n".join(kept) + "\n")
    _path(language, "mo").write_bytes(compiled(catalogue(language)))
    return sum(not message.string or message.string == ("", "") for message in after if message.id)


def _path(language: str, kind: str) -> Path:
    return Path(settings.LOCALE_PATHS[0], language, "LC_MESSAGES", f"django.{kind}")


if __name__ == "__main__":
    for language in LANGUAGES:
        print(f"{language}: {_update(language)} untranslated")
