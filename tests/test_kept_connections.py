"""Connections that clients keep open: each is served in its turn, however many there are."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from threading import Barrier
from urllib.parse import urlsplit

import pytest

from tests.served import fresh_database, served

# Several for each of the server's threads.
CLIENTS = 30
CALLS = 20


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    with fresh_database(folder) as database_url, served(database_url) as url:
        yield urlsplit(url).netloc


def ask(connection):
    connection.request("GET", "/events", headers={"X-User-ID": "1"})
    response = connection.getresponse()
    response.read()
    return response.status


@pytest.fixture
def connections(address):
    with ExitStack() as opened:
        made = [HTTPConnection(address, timeout=30) for _ in range(CLIENTS)]
        yield [opened.enter_context(closing(connection)) for connection in made]


def test_busy_connections_are_all_served(connections):
    together = Barrier(CLIENTS)

    def ask_again_and_again(connection):
        together.wait()
        return [ask(connection) for _ in range(CALLS)]

    with ThreadPoolExecutor(CLIENTS) as threads:
        statuses = list(threads.map(ask_again_and_again, connections))

    assert statuses == [[200] * CALLS] * CLIENTS


def test_idle_connections_keep_no_thread(connections):
    assert [ask(connection) for connection in connections] == [200] * CLIENTS
    assert [ask(connection) for connection in connections] == [200] * CLIENTS
