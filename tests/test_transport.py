"""Requests that Django alone would take for empty, or fail on."""

import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest

from evently.api import transport
from evently.api.transport import mended

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client):
    """A client whose requests go through what stands in front of Django."""
    handler = client.handler
    client.handler = lambda environ: mended(lambda environ, _: handler(environ))(environ, None)
    return client


def post_in_chunks(client, body):
    # A server tells no length then, and hands over a stream that comes to an end by itself.
    return client.generic(
        "POST",
        "/bookings",
        content_type="application/json",
        CONTENT_LENGTH="",
        HTTP_TRANSFER_ENCODING="chunked",
        **{"wsgi.input": body},
    )


def test_body_in_chunks_is_read(client, event, holder):
    wish = json.dumps({"user_id": holder.id, "event_id": event.id}).encode()

    response = post_in_chunks(client, BytesIO(wish))

    assert (response.status_code, response.json()["user_id"]) == (201, holder.id)


def test_body_in_chunks_that_is_empty_is_invalid(client):
    assert post_in_chunks(client, BytesIO()).json()["code"] == "invalid"


@pytest.mark.parametrize("size", [64 * 1024 + 1, 5_000_000])
def test_body_in_chunks_that_is_too_large_is_413(client, size):
    response = post_in_chunks(client, BytesIO(b" " * size))

    assert response.status_code == 413
    assert response.json() == {
        "type": "urn:evently:problem:payload_too_large",
        "title": "Payload too large",
        "status": 413,
        "detail": "A body has at most 65536 bytes.",
        "code": "payload_too_large",
    }


def test_body_in_chunks_without_end_is_not_read_for_ever(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100_000
    body = BytesIO(b" " * 5_000_000)

    post_in_chunks(client, body)

    assert body.tell() == 100_001


@pytest.mark.parametrize(
    "media_type", ["application/json; charset*=klingon''%41", "text/plain; x*=y''z"]
)
def test_media_type_that_cannot_be_read_is_415(client, media_type):
    response = client.generic("POST", "/bookings", b"{}", media_type)

    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


# --- Lanes --------------------------------------------------------------------------------------


@pytest.fixture
def busy_lanes(monkeypatch):
    """A server whose only lane is taken by a request that doesn't end."""
    monkeypatch.setattr(transport, "PATIENCE_SECONDS", 0)
    lanes = transport.Lanes(lambda environ, _: [environ["PATH_INFO"].encode()], number=1)
    lanes._free.get()
    return lanes


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_what_watches_is_answered_while_every_lane_is_busy(busy_lanes, path):
    assert busy_lanes({"PATH_INFO": path}, None) == [path.encode()]


def test_request_that_finds_no_lane_is_counted(busy_lanes, risen):
    begun = []

    busy_lanes({"PATH_INFO": "/events"}, lambda status, _: begun.append(status))

    assert begun == ["503 Service Unavailable"]
    assert risen("evently_database_refusals_total", reason="EveryLaneBusy") == 1


# --- Turns --------------------------------------------------------------------------------------


def answer(environ, start_response):
    if environ["PATH_INFO"] == "/fails":
        raise RuntimeError
    return [environ["PATH_INFO"].encode()]


@pytest.fixture
def turns(monkeypatch):
    monkeypatch.setattr(transport, "TURN_SECONDS", 60)
    return transport.Turns(answer)


def test_request_waits_until_the_one_before_it_is_answered(turns):
    first = turns({"PATH_INFO": "/first"}, None)
    with ThreadPoolExecutor() as threads:
        second = threads.submit(turns, {"PATH_INFO": "/second"}, None)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.2)
        first.close()

        assert b"".join(second.result(timeout=10)) == b"/second"


def test_request_passes_one_that_takes_too_long(turns, monkeypatch):
    turns({"PATH_INFO": "/first"}, None)
    monkeypatch.setattr(transport, "TURN_SECONDS", 0)

    assert list(turns({"PATH_INFO": "/second"}, None)) == [b"/second"]


def test_request_that_fails_ends_its_turn(turns):
    with pytest.raises(RuntimeError):
        turns({"PATH_INFO": "/fails"}, None)

    assert list(turns({"PATH_INFO": "/second"}, None)) == [b"/second"]
