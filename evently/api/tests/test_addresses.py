"""By which address a caller is counted, and that nobody can choose it."""

import pytest
from django.test import RequestFactory

from evently.api.addresses import client_address

pytestmark = pytest.mark.once

PEER = "198.51.100.7"


@pytest.fixture
def address(settings):
    """Tell the address of a request with this peer and header, behind so many proxies."""

    def tell(*, proxies=None, forwarded=None, peer=PEER):
        settings.NUM_PROXIES = proxies
        headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
        return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer))

    return tell


@pytest.mark.parametrize("proxies", [None, 0])
def test_header_without_a_proxy_is_nobodys_word(address, proxies):
    assert address(proxies=proxies, forwarded="203.0.113.1") == PEER


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "10.0.0.1, 203.0.113.1", "203.0.113.1"),
        (1, "203.0.113.1, 10.0.0.1,203.0.113.2", "203.0.113.2"),
        (2, "10.0.0.1, 203.0.113.1, 192.0.2.9", "203.0.113.1"),
        (2, "203.0.113.1, 192.0.2.9", "203.0.113.1"),
    ],
)
def test_address_is_what_the_outermost_proxy_wrote(address, proxies, forwarded, expected):
    assert address(proxies=proxies, forwarded=forwarded) == expected


@pytest.mark.parametrize("invented", ["10.0.0.1", "::1", "unknown", "", "a, b, c", "x" * 5_000])
def test_invented_hops_to_the_left_choose_nothing(address, invented):
    assert address(proxies=1, forwarded=f"{invented}, 203.0.113.1") == "203.0.113.1"


@pytest.mark.parametrize("forwarded", [None, "", "203.0.113.1"])
def test_request_that_came_past_a_proxy_is_its_peers(address, forwarded):
    assert address(proxies=2, forwarded=forwarded) == PEER


@pytest.mark.parametrize(
    "junk",
    [
        *("unknown", "_hidden", "203.0.113", "203.0.113.256", "203.0.113.1:", "203.0.113.1:port"),
        *("1", "0x7f.1", "[::1", "::1]", "[]", "[]:80", ":80", "203.0.113.1/24", "٣.1.1.1"),
        *('"203.0.113.1"', "for=203.0.113.1", "203.0.113.1\0", ":::", "1.1.1.1.1", "٣"),
    ],
)
def test_junk_from_a_proxy_is_its_peers(address, junk):
    assert address(proxies=1, forwarded=junk) == PEER


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("203.0.113.1:4711", "203.0.113.1"),
        ("  203.0.113.1  ", "203.0.113.1"),
        ("2001:db8:1:2::5", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::5]", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::5]:4711", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("[::ffff:203.0.113.1]:4711", "203.0.113.1"),
        ("::ffff:cb00:7101", "203.0.113.1"),
    ],
)
def test_address_has_one_spelling(address, written, expected):
    assert address(proxies=1, forwarded=written) == expected


@pytest.mark.parametrize(
    ("peer", "expected"),
    [("", "local"), ("unix:", "local"), ("2001:db8::1", "2001:db8::/64"), ("::1", "::/64")],
)
def test_peer_is_told_without_a_proxy(address, peer, expected):
    assert address(peer=peer) == expected


def test_proxy_on_a_unix_socket_tells_the_address(address):
    assert address(proxies=1, forwarded="203.0.113.1", peer="") == "203.0.113.1"


def test_proxy_on_a_unix_socket_that_tells_nothing_is_local(address):
    assert address(proxies=1, peer="") == "local"
