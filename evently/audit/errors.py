"""Why the record can't be changed: a fault of whoever tries, not an answer to anybody."""


class AppendOnly(Exception):
    """What was recorded stays as it is."""

    def __init__(self) -> None:
        super().__init__("A record is added, and never changed or deleted.")
