"""`/schema` and the two pages that show it: nothing is asked of anybody else's server."""

import re
from html.parser import HTMLParser

import pytest

pytestmark = pytest.mark.once

PAGES = ["/docs", "/redoc"]
SAME_FOR_ALL_PAGES = {
    "base-uri": {"'none'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
    "object-src": {"'none'"},
}
OWN_ADDRESSES_ONLY = SAME_FOR_ALL_PAGES | {
    "default-src": {"'self'"},
    "script-src": {"'self'", "'unsafe-inline'"},
    "style-src": {"'self'", "'unsafe-inline'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'", "data:"},
    "worker-src": {"blob:"},
}


class Page(HTMLParser):
    """What a page makes a browser do: the addresses it loads, and the policy it comes with."""

    def __init__(self, response):
        super().__init__()
        self.loaded = []
        self.policy = policy_of(response)
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        assert "http-equiv" not in values, "the header is the one place of the policy"
        self.loaded += [
            values[name] for name in ("src", "href", "srcset", "data") if name in values
        ]


def policy_of(response):
    rules = [rule.split() for rule in response["Content-Security-Policy"].split(";")]
    return {name: set(sources) for name, *sources in rules}


@pytest.fixture(params=PAGES)
def page(request, client):
    return Page(client.get(request.param))


def load(client, address):
    """Return a static file's status and content."""
    answer = client.get(address)
    # Read to its end, a file is closed by the client, and no database connection with it.
    return answer.status_code, b"".join(answer).decode(errors="replace")


def test_page_loads_own_addresses_only(page):
    assert page.loaded
    assert all(re.match(r"/static/[a-z]", address) for address in page.loaded)


def test_page_forbids_the_browser_every_other_address(page):
    assert page.policy == OWN_ADDRESSES_ONLY


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/staff/login/", "/staff/", "/staff/users/user/", "/staff/no/such/page/"]
)
def test_staff_site_forbids_scripts_within_the_page(path, client):
    assert policy_of(client.get(path)) == SAME_FOR_ALL_PAGES | {
        "default-src": {"'self'"},
        "img-src": {"'self'", "data:"},
        "script-src": {"'self'", "'unsafe-eval'"},
        "style-src": {"'self'", "'unsafe-inline'"},
    }


@pytest.mark.parametrize("path", ["/schema", "/healthz", "/users/me", "/nothing"])
def test_answer_of_the_api_is_no_page_and_needs_no_policy(path, client):
    assert "Content-Security-Policy" not in client.get(path)


def test_page_loads_nothing_that_is_missing(page, client):
    assert {load(client, address)[0] for address in page.loaded} == {200}


def test_styles_of_page_load_nothing_from_elsewhere(client):
    page = Page(client.get("/docs"))
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
