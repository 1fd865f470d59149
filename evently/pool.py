"""A look at a pooled connection before it is handed out, without a round trip to the server."""

import select
from typing import Any

from psycopg_pool import ConnectionPool

_ask = ConnectionPool.check_connection


def check_connection(connection: Any) -> None:
    """Raise if the server has ended the connection.

    It says so, and hangs up: there is something to read where nobody has asked anything. Only then
    is the server asked.
    """
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    if poll.poll(0):
        _ask(connection)


def install() -> None:
    """Have Django's pool look this way: it takes no other, and asks the server each time."""
    ConnectionPool.check_connection = staticmethod(check_connection)
