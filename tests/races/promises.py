"""The promises, as `manage.py check_integrity` sees them in the committed rows."""

from bookings.integrity import breaches


def broken_promises() -> set[str]:
    """Return the numbers of the promises that the rows break, as in ARCHITECTURE.md."""
    return {breach.promise.partition(":")[0] for breach in breaches()}
