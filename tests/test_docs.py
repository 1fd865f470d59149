"""`/schema` and the two pages that show it: nothing is asked of anybody else's server."""

import re
from html.parser import HTMLParser

import pytest

PAGES = ["/docs", "/redoc"]
OWN_ADDRESSES_ONLY = {
    "default-src": {"'self'"},
    "script-src": {"'self'", "'unsafe-inline'"},
    "style-src": {"'self'", "'unsafe-inline'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'", "data:"},
    "worker-src": {"blob:"},
}


class Page(HTMLParser):
    """What a page makes a browser do: the addresses it loads, and the policy it sets first."""

    def __init__(self, html):
        super().__init__()
        self.loaded, self.policy = [], None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if values.get("http-equiv") == "Content-Security-Policy":
            assert not self.loaded, "the policy doesn't hold for what stands before it"
            self.policy = values["content"]
        self.loaded += [
            values[name] for name in ("src", "href", "srcset", "data") if name in values
        ]


@pytest.fixture(params=PAGES)
def page(request, client):
    return Page(client.get(request.param).content.decode())


def load(client, address):
    """Return a static file's status and content."""
    answer = client.get(address)
    # Read to its end, a file is closed by the client, and no database connection with it.
    return answer.status_code, b"".join(answer).decode(errors="replace")


def test_page_loads_own_addresses_only(page):
    assert page.loaded
    assert all(re.match(r"/static/[a-z]", address) for address in page.loaded)


def test_page_forbids_the_browser_every_other_address(page):
    policy = [rule.split() for rule in page.policy.split(";")]

    assert {name: set(sources) for name, *sources in policy} == OWN_ADDRESSES_ONLY


def test_page_loads_nothing_that_is_missing(page, client):
    assert {load(client, address)[0] for address in page.loaded} == {200}


def test_styles_of_page_load_nothing_from_elsewhere(client):
    page = Page(client.get("/docs").content.decode())
    [style] = [address for address in page.loaded if address.endswith(".css")]

    _, css = load(client, style)

    assert "@import" not in css
    assert all(address.startswith("data:") for address in re.findall(r"url\([\"']?([^)]*)", css))


def test_swagger_asks_no_validator_about_the_description(client):
    assert '"validatorUrl": null' in client.get("/docs").content.decode()


@pytest.mark.parametrize("query", ["version=%0a", "lang=de", "format=yaml"])
def test_served_description_is_the_same_whatever_is_asked(query, client):
    assert client.get(f"/schema?{query}").content == client.get("/schema").content


def test_served_description_unchanged_isnt_sent_again(client):
    etag = client.get("/schema")["ETag"]

    assert client.get("/schema", HTTP_IF_NONE_MATCH=etag).status_code == 304
