"""Names as people typed them, made fit to be shown."""

from unicodedata import category

# Controls are commands to a terminal, not names; separators break a row; the last two break XML.
UNFIT_CATEGORIES = {"Cc", "Zl", "Zp"}
UNFIT = {"\ufffe", "\uffff"}


def displayable(text: str) -> str:
    return "".join(
        "�" if char in UNFIT or category(char) in UNFIT_CATEGORIES else char for char in text
    )
