"""The answer to what can't be read as HTTP, which the server refuses before Evently sees it."""

import json
import socket
from http import HTTPStatus

from evently.api.document import MEDIA_TYPE, problem

NO_REQUEST = "This isn't a request that the server can read."
ON_OUR_SIDE = "Something went wrong on our side."


def refuse(client: socket.socket, status: int, reason: str, message: str) -> None:
    """Send a problem in place of gunicorn's HTML, which quotes the request."""
    is_ours = status == HTTPStatus.INTERNAL_SERVER_ERROR
    code = "error" if is_ours else reason.lower().replace(" ", "_")
    document = problem(status=status, code=code, detail=ON_OUR_SIDE if is_ours else NO_REQUEST)
    body = json.dumps(document).encode()
    head = [
        f"HTTP/1.1 {status} {reason}",
        "Connection: close",
        f"Content-Type: {MEDIA_TYPE}",
        f"Content-Length: {len(body)}",
    ]
    client.settimeout(0)  # whoever doesn't read isn't waited for
    client.sendall("\r\n".join([*head, "", ""]).encode() + body)
