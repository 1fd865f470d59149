"""Paging by offset and by cursor: every row once, whatever happens between two pages."""

import re
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
import time_machine
from django.core.cache import cache
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from conftest import Client
from events.models import Event
from tests.factories import (
    EventFactory,
    NotificationFactory,
    UserFactory,
    make_booking,
    make_entry,
    make_full_event,
)

START = datetime(2030, 1, 1, 19, tzinfo=UTC)
ORDERINGS = [
    sign + field for field in ("start_time", "end_time", "name", "id") for sign in ("", "-")
]
# Ties in every field but the id, in an order that is nobody's.
TIED = [(1, "b"), (0, "a"), (1, "a"), (0, "b"), (1, "b"), (0, "a"), (0, "a")]

pytestmark = pytest.mark.django_db


def make_events(facts):
    """Make events without seats, from days after `START` and names."""
    Event.objects.bulk_create(
        Event(
            name=name,
            venue="Pub",
            start_time=START + timedelta(days=day),
            end_time=START + timedelta(days=day, hours=1),
            total_seats=0,
        )
        for day, name in facts
    )


def linked(response):
    return {
        rel: url for url, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', response.get("Link", ""))
    }


def ids(response):
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()]


def walk(client, url, way="next"):
    """Return the pages from `url` on, as lists of ids, and the last page's address."""
    pages = []
    while True:
        response = client.get(url)
        pages.append(ids(response))
        if way not in linked(response):
            return pages, url
        url = linked(response)[way]


def all_ids(client, path):
    return ids(client.get(f"{path}{'&' if '?' in path else '?'}limit=100"))


def flat(pages):
    return list(chain.from_iterable(pages))


# --- Offset -------------------------------------------------------------------------------------


@pytest.fixture
def seven(holder):
    """The path of a list of seven seats."""
    return f"/events/{EventFactory(total_seats=7).id}/seats"


@pytest.mark.parametrize(
    ("query", "numbers", "links"),
    [
        ("limit=3", [1, 2, 3], {"next": "limit=3&offset=3"}),
        (
            "limit=3&offset=3",
            [4, 5, 6],
            {"next": "limit=3&offset=6", "prev": "limit=3&offset=0"},
        ),
        ("limit=3&offset=6", [7], {"prev": "limit=3&offset=3"}),
        (
            "limit=3&offset=1",
            [2, 3, 4],
            {"next": "limit=3&offset=4", "prev": "limit=3&offset=0"},
        ),
        ("limit=7", [1, 2, 3, 4, 5, 6, 7], {}),
        ("limit=3&offset=7", [], {"prev": "limit=3&offset=4"}),
        ("", [1, 2, 3, 4, 5, 6, 7], {}),
    ],
)
def test_offset_page_links_its_neighbours(client, seven, query, numbers, links):
    response = client.get(f"{seven}?{query}")

    assert [row["seat_number"] for row in response.json()] == [f"Seat-{n}" for n in numbers]
    assert response["X-Total-Count"] == "7"
    assert linked(response) == {
        rel: f"http://testserver{seven}?{query}" for rel, query in links.items()
    }


def test_offset_link_keeps_the_filters(client, seven):
    response = client.get(f"{seven}?status=available&limit=3")

    assert linked(response)["next"] == (
        f"http://testserver{seven}?limit=3&offset=3&status=available"
    )


def test_offset_beyond_the_end_links_to_the_last_page(client, seven):
    response = client.get(f"{seven}?limit=3&offset=1000")

    assert (ids(response), response["X-Total-Count"]) == ([], "7")
    assert linked(response)["prev"] == f"http://testserver{seven}?limit=3&offset=4"


def test_seat_map_has_a_hundred_seats_unless_told_otherwise_and_at_most_a_thousand(client):
    path = f"/events/{EventFactory(total_seats=1_001).id}/seats"

    lengths = [len(client.get(path, {"limit": n} if n else {}).json()) for n in (None, 1000, 5000)]

    assert lengths == [100, 1000, 1000]


def test_entries_carry_their_total(as_holder, holder):
    for _ in range(3):
        make_entry(make_full_event()[0], holder)

    response = as_holder.get("/waitlists/me?limit=2")

    assert (len(response.json()), response["X-Total-Count"]) == (2, "3")
    assert linked(response) == {"next": "http://testserver/waitlists/me?limit=2&offset=2"}


def test_users_carry_their_total(as_admin, admin):
    UserFactory.create_batch(2)

    response = as_admin.get("/admin/users?limit=1&offset=2")

    assert (len(response.json()), response["X-Total-Count"]) == (1, "3")


# --- Cursor -------------------------------------------------------------------------------------


def test_page_has_twenty_rows_unless_told_otherwise_and_at_most_a_hundred(client):
    make_events([(0, "a")] * 101)

    lengths = [
        len(client.get(f"/events{query}").json()) for query in ("", "?limit=7", "?limit=500")
    ]

    assert lengths == [20, 7, 100]


def test_counted_list_carries_its_total_on_every_page(client):
    make_events(TIED)
    first = client.get("/events?limit=3&search=a")

    second = client.get(linked(first)["next"])

    assert (first["X-Total-Count"], second["X-Total-Count"]) == ("4", "4")


@pytest.fixture
def nothing_kept():
    cache.clear()
    yield
    cache.clear()


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize(("number", "told_at_once"), [(1_000, "1001"), (1_001, "1001")])
def test_total_of_a_long_list_is_counted_once_a_second(client, number, told_at_once):
    make_events([(0, "a")] * number)
    with time_machine.travel(START, tick=False) as clock:
        client.get("/events")
        make_events([(0, "z")])
        at_once, of_others = client.get("/events"), client.get("/events?search=z")
        clock.shift(1)
        later = client.get("/events?limit=1")

    assert at_once["X-Total-Count"] == told_at_once
    assert of_others["X-Total-Count"] == "1"
    assert later["X-Total-Count"] == str(number + 1)


def test_page_asked_for_by_head_has_the_headers_and_no_body(client):
    make_events(TIED)

    page, head = client.get("/events?limit=4"), client.head("/events?limit=4")

    assert (head.status_code, head.content) == (200, b"")
    assert [head[name] for name in ("Link", "X-Total-Count")] == [
        page[name] for name in ("Link", "X-Total-Count")
    ]


def test_first_page_links_next_only_and_a_lone_page_nothing(client):
    make_events(TIED)

    assert linked(client.get("/events?limit=4")).keys() == {"next"}
    assert linked(client.get("/events?limit=7")) == {}


@pytest.mark.parametrize("query", ["", "&upcoming=true", *(f"&ordering={o}" for o in ORDERINGS)])
def test_walk_of_events_yields_every_row_once_in_both_directions(client, query):
    make_events(TIED)
    everything = all_ids(client, f"/events?{query[1:]}")

    forth, last = walk(client, f"/events?limit=2{query}")
    back, first = walk(client, last, "prev")

    assert len(everything) == len(TIED)
    assert flat(forth) == everything
    assert [len(page) for page in forth] == [2, 2, 2, 1]
    assert flat(reversed(back)) == everything
    assert ids(client.get(first)) == everything[:2]


def test_walk_of_events_keeps_the_filters(client):
    make_events(TIED)

    forth, _ = walk(client, "/events?limit=1&search=b&ordering=name")

    assert flat(forth) == all_ids(client, "/events?search=b&ordering=name")


@pytest.mark.parametrize(
    "name", ["non\xa0breaking", "👩‍🚀 flies", "two\nlines", 'a"b\\c&d=e;f,<g>', "é"]
)
def test_walk_by_name_takes_every_name(client, name):
    make_events([(0, name), (0, name), (0, name)])

    forth, last = walk(client, "/events?limit=1&ordering=name")
    back, _ = walk(client, last, "prev")

    assert flat(forth) == all_ids(client, "/events?ordering=name") == flat(reversed(back))


def test_walk_meets_neither_twice_nor_never_what_stood_there_throughout(client):
    make_events(TIED)
    standing = all_ids(client, "/events?ordering=start_time")
    first = client.get("/events?limit=3&ordering=start_time")

    make_events([(-1, "before"), (0, "tied"), (9, "after")])
    Event.objects.filter(id=standing[2]).delete()
    rest, _ = walk(client, linked(first)["next"])

    met = ids(first) + flat(rest)
    assert [id for id in met if id in standing] == standing
    assert len(met) == len(set(met)) == len(TIED) + 2


def test_previous_page_of_a_deleted_row_is_what_stood_before_it(client):
    make_events(TIED)
    everything = all_ids(client, "/events?ordering=id")
    second = client.get(linked(client.get("/events?limit=3&ordering=id"))["next"])

    Event.objects.filter(id=everything[3]).delete()

    assert ids(client.get(linked(second)["prev"])) == everything[:3]


def test_walk_of_bookings_is_newest_first_and_uncounted(as_holder, holder):
    event = EventFactory(total_seats=5)
    made = [make_booking(event, holder, f"Seat-{n}").id for n in range(1, 6)]

    forth, last = walk(as_holder, "/users/me/bookings?limit=2")
    back, _ = walk(as_holder, last, "prev")

    assert forth == [[made[4], made[3]], [made[2], made[1]], [made[0]]]
    assert flat(reversed(back)) == made[::-1]
    assert "X-Total-Count" not in as_holder.get(last)


def test_walk_of_staff_bookings_keeps_the_filters(as_admin, holder):
    event = EventFactory(total_seats=4)
    made = [make_booking(event, holder, f"Seat-{n}").id for n in range(1, 4)]
    make_booking(event, seat_number="Seat-4")

    forth, _ = walk(as_admin, f"/admin/bookings?limit=2&user_id={holder.id}")

    assert forth == [[made[2], made[1]], [made[0]]]


def test_walk_of_the_record_keeps_the_filters(as_admin, holder):
    event = EventFactory(total_seats=3)
    made = [make_booking(event, holder, f"Seat-{n}").id for n in range(1, 4)]
    make_booking(EventFactory(), holder)

    forth, last = walk(as_admin, f"/admin/audit?limit=2&event_id={event.id}")
    back, _ = walk(as_admin, last, "prev")

    rows = as_admin.get(f"/admin/audit?event_id={event.id}").json()
    assert [row["subject_id"] for row in rows] == made[::-1]
    assert flat(forth) == [row["id"] for row in rows] == flat(reversed(back))


def test_walk_of_notifications_is_newest_first_and_the_callers_own(as_holder, holder):
    mine = [NotificationFactory(user=holder).id for _ in range(3)]
    NotificationFactory()

    forth, _ = walk(as_holder, "/users/me/notifications?limit=2")

    assert forth == [[mine[2], mine[1]], [mine[0]]]


@hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    facts=st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc")), max_size=9),
    limit=st.integers(1, 4),
    ordering=st.sampled_from(ORDERINGS),
)
def test_walk_of_any_events_is_the_whole_list(db, facts, limit, ordering):
    Event.objects.all().delete()
    make_events(facts)
    client = Client()

    forth, last = walk(client, f"/events?limit={limit}&ordering={ordering}")
    back, _ = walk(client, last, "prev")

    everything = all_ids(client, f"/events?ordering={ordering}")
    assert flat(forth) == everything == flat(reversed(back))
    assert len(everything) == len(facts)
