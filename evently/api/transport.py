"""What is mended about a request before Django sees it, which could make nothing of it."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils.http import parse_header_parameters

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def mended(application: Application) -> Application:
    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        _receive_chunks(environ)
        _drop_unreadable_media_type(environ)
        return application(environ, start_response)

    return serve


def _receive_chunks(environ: dict[str, Any]) -> None:
    """Give a body that comes in chunks its length: Django takes one without for empty."""
    if "HTTP_TRANSFER_ENCODING" in environ and not environ.get("CONTENT_LENGTH"):
        # One byte too many is enough to be refused as too large.
        body = environ["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def _drop_unreadable_media_type(environ: dict[str, Any]) -> None:
    """Leave a Content-Type such as `application/json; charset*=x''%41` out: Django fails on it."""
    try:
        parse_header_parameters(environ.get("CONTENT_TYPE", ""))
    except (ValueError, LookupError):
        environ["CONTENT_TYPE"] = "application/octet-stream"
