"""Which calls count against which limit, and what the answers tell of it."""

import pytest

pytestmark = pytest.mark.django_db

UNKNOWN_USER = {"X-User-ID": "999999"}


@pytest.fixture(autouse=True)
def one_process_at_noon(settings, time_machine):
    settings.WEB_CONCURRENCY = settings.EVENTLY_INSTANCES = 1
    settings.NUM_PROXIES = 1
    time_machine.move_to("2026-03-01T12:00:15Z", tick=False)


@pytest.fixture
def limits(settings):
    """Set the three limits, all off unless they are named."""

    def set_limits(*, user_writes=0, address_writes=0, anonymous_reads=0):
        settings.EVENTLY_THROTTLE_USER_WRITES_PER_MINUTE = user_writes
        settings.EVENTLY_THROTTLE_ADDRESS_WRITES_PER_MINUTE = address_writes
        settings.EVENTLY_THROTTLE_ANONYMOUS_READS_PER_MINUTE = anonymous_reads

    return set_limits


def from_address(address, **headers):
    return {"X-Forwarded-For": address} | headers


def statuses(answers):
    return [answer.status_code for answer in answers]


def mark_read(client, address="203.0.113.1"):
    return client.post("/users/me/notifications/read-all", headers=from_address(address))


def read(client, address="203.0.113.1", **headers):
    return client.get("/events", headers=from_address(address, **headers))


def test_call_too_many_is_429_and_tells_when(client, limits):
    limits(anonymous_reads=2)

    answers = [read(client) for _ in range(3)]

    assert statuses(answers) == [200, 200, 429]
    assert answers[2]["Content-Type"] == "application/problem+json"
    assert answers[2]["Retry-After"] == "46"
    assert answers[2].json() == {
        "type": "urn:evently:problem:throttled",
        "title": "Throttled",
        "status": 429,
        "detail": "Request was throttled. Expected available in 46 seconds.",
        "code": "throttled",
    }


def test_call_too_many_is_counted_by_its_limit(client, limits, risen):
    limits(anonymous_reads=2)

    for _ in range(4):
        read(client)

    assert risen("evently_throttled_total", scope="anonymous-reads") == 2


def test_every_answer_of_a_limited_call_tells_quota_and_rest(client, limits):
    limits(anonymous_reads=2)

    answers = [read(client) for _ in range(3)]

    assert {answer["RateLimit-Policy"] for answer in answers} == {'"anonymous-reads";q=2;w=60'}
    assert [answer["RateLimit"] for answer in answers] == [
        '"anonymous-reads";r=1;t=46',
        '"anonymous-reads";r=0;t=46',
        '"anonymous-reads";r=0;t=46',
    ]


def test_write_of_a_user_counts_for_both_and_tells_both(as_holder, limits):
    limits(user_writes=5, address_writes=9)

    answer = mark_read(as_holder)

    assert answer["RateLimit-Policy"] == '"user-writes";q=5;w=60, "address-writes";q=9;w=60'
    assert answer["RateLimit"] == '"user-writes";r=4;t=46, "address-writes";r=8;t=46'


def test_answers_without_content_tell_it_too(client, event, limits):
    limits(anonymous_reads=9)
    etag = read(client)["ETag"]

    answers = [
        read(client, **{"If-None-Match": etag}),
        read(client, **{"If-Match": '"another"'}),
        client.get("/events/999999", headers=from_address("203.0.113.1")),
    ]

    assert statuses(answers) == [304, 412, 404]
    assert [answer["RateLimit"] for answer in answers] == [
        f'"anonymous-reads";r={left};t=46' for left in (7, 6, 5)
    ]


def test_user_from_many_addresses_has_one_limit(as_holder, limits):
    limits(user_writes=2)

    answers = [mark_read(as_holder, address) for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3")]

    assert statuses(answers) == [204, 204, 429]


def test_users_at_one_address_have_its_limit_together(as_holder, as_stranger, limits):
    limits(user_writes=2, address_writes=3)

    answers = [mark_read(caller) for caller in (as_holder, as_holder, as_stranger, as_stranger)]

    assert statuses(answers) == [204, 204, 204, 429]


def test_user_at_their_limit_uses_up_nothing_of_the_address(as_holder, as_stranger, limits):
    limits(user_writes=1, address_writes=2)

    answers = [mark_read(caller) for caller in (as_holder, as_holder, as_holder, as_stranger)]

    assert statuses(answers) == [204, 429, 429, 204]


def test_reads_of_a_known_caller_are_not_limited(as_holder, as_admin, limits):
    limits(anonymous_reads=1)

    answers = [read(caller) for caller in (as_holder, as_holder, as_admin, as_admin)]

    assert statuses(answers) == [200, 200, 200, 200]
    assert "RateLimit" not in answers[0]


def test_reads_and_writes_are_counted_apart(client, limits):
    limits(anonymous_reads=1, address_writes=1)

    answers = [read(client), mark_read(client), mark_read(client)]

    assert statuses(answers) == [200, 401, 429]


def test_caller_who_cannot_be_believed_is_limited_as_anonymous(client, limits):
    limits(anonymous_reads=2)

    answers = [read(client, **UNKNOWN_USER) for _ in range(3)]

    assert statuses(answers) == [401, 401, 429]


def test_token_that_is_guessed_is_limited_by_address(client, limits, settings):
    settings.EVENTLY_AUTH = "tokens"
    limits(address_writes=2)

    answers = [
        client.delete(
            "/bookings/1", headers=from_address("203.0.113.1", Authorization=f"Bearer {guess}")
        )
        for guess in range(3)
    ]

    assert statuses(answers) == [401, 401, 429]


def test_refused_call_counts_as_one(as_holder, limits):
    limits(user_writes=2)

    answers = [
        as_holder.delete("/admin/events/1"),
        as_holder.post("/bookings", {"event_id": "x"}),
        mark_read(as_holder),
    ]

    assert statuses(answers) == [403, 400, 429]


def test_body_of_a_call_too_many_is_not_looked_at(client, limits):
    limits(address_writes=1)

    answers = [client.generic("POST", "/bookings", b"{", "application/json") for _ in range(2)]

    assert statuses(answers) == [400, 429]


def test_header_that_is_invented_spares_nobody(client, limits):
    limits(anonymous_reads=2)

    answers = [read(client, f"10.0.0.{n}, 203.0.113.1") for n in range(3)]

    assert statuses(answers) == [200, 200, 429]


def test_addresses_of_one_household_are_one(client, limits):
    limits(anonymous_reads=2)

    answers = [read(client, f"2001:db8::{n}") for n in range(1, 4)]

    assert statuses(answers) == [200, 200, 429]


def test_limit_of_zero_is_off(client, as_holder, limits):
    limits()

    answers = [read(client), mark_read(as_holder)]

    assert statuses(answers) == [200, 204]
    assert not any(answer.has_header("RateLimit-Policy") for answer in answers)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/schema", "/docs", "/redoc"])
def test_what_machines_and_readers_ask_is_not_limited(client, limits, path):
    limits(anonymous_reads=1)

    assert statuses(client.get(path) for _ in range(3)) == [200, 200, 200]


def test_each_process_grants_its_share(client, limits, settings):
    settings.WEB_CONCURRENCY, settings.EVENTLY_INSTANCES = 2, 3
    limits(anonymous_reads=12)

    answers = [read(client) for _ in range(3)]

    assert statuses(answers) == [200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"anonymous-reads";q=2;w=60'


def test_admin_role_alone_is_limited_by_address(client, limits):
    limits(user_writes=1, address_writes=2)
    client.as_admin()

    answers = [client.delete("/admin/events/999999") for _ in range(3)]

    assert statuses(answers) == [404, 404, 429]
