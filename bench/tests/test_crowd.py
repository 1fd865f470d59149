import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.crowd import LOST, Reply, post, rush

pytestmark = pytest.mark.once


class Shop(BaseHTTPRequestHandler):
    """Sells to users 1 and 2, refuses user 3 in chunks, and hangs up on user 4."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        user = self.headers["X-User-ID"]
        if user == "4":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif user == "3":
            self._answer(409, {"Transfer-Encoding": "chunked"}, b"4\r\nfull\r\n0\r\n\r\n")
        else:
            self._answer(201, {"Content-Length": "2"}, b"{}")

    def _answer(self, status, fields, body):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def shop():
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("connections", [1, 3])
def test_everybody_is_answered_once_and_a_lost_connection_is_told(shop, connections):
    wishes = [post("/bookings", "{}", X_User_ID=str(user)) for user in (1, 4, 3, 2)]

    replies = rush(shop, wishes, connections=connections)

    assert sorted(reply.status for reply in replies) == [LOST, 201, 201, 409]
    assert all(reply.begin <= reply.end for reply in replies)


def test_nobody_answers_where_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    [reply] = rush(f"http://127.0.0.1:{port}", [post("/", "{}")], connections=1)

    assert reply == Reply(LOST, reply.begin, reply.end)
