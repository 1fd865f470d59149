"""The document that every error is (RFC 9457)."""

MEDIA_TYPE = "application/problem+json"


def problem(*, status: int, code: str, detail: str) -> dict:
    """Return the five members that every problem has."""
    return {
        "type": f"urn:evently:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
    }
