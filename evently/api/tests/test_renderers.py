"""The renderer: the bytes of DRF's own, and never a fault of the encoding's."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ErrorDetail
from rest_framework.renderers import JSONRenderer

from evently.api.renderers import OrjsonRenderer
from events.models import Event

pytestmark = pytest.mark.once

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))  # without halves of characters
RATES = st.floats(0, 1).map(lambda rate: round(rate, 4))
PLAIN = st.none() | st.booleans() | st.integers() | RATES | TEXTS
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner))


def render(data):
    return OrjsonRenderer().render(data)


@given(JSON)
def test_renderer_writes_the_bytes_of_drf(data):
    assert render(data) == JSONRenderer().render(data)


@pytest.mark.parametrize(
    "data",
    [
        None,
        "\u2028 and \u2029, \x00 to \x1f, \x7f, é, 👩‍🚀",
        [2**63 - 1, 2**64 - 1, 2**64, -(2**63) - 1, 10**400],
        {2: "two", None: "none", True: "yes"},
        [gettext_lazy("Required."), ErrorDetail("Wrong.", code="wrong"), Event.Status.DRAFT],
        [datetime(2030, 6, 1, 19, 0, 0, 123456, tzinfo=UTC), date(2030, 6, 1), Decimal("1.50")],
        ("a", ["b", ("c",)]),
    ],
    ids=["nothing", "characters", "numbers", "keys", "kinds of text", "times", "tuples"],
)
def test_renderer_writes_what_else_drf_takes(data):
    assert render(data) == JSONRenderer().render(data)


def test_renderer_writes_deep_nesting():
    data = []
    for _ in range(500):
        data = [data]

    assert render(data) == JSONRenderer().render(data)


def test_renderer_replaces_halves_of_characters():
    assert render({"\ud800": ["no choice: \udfff, é"]}) == '{"?":["no choice: ?, é"]}'.encode()


def test_renderer_refuses_what_is_no_json():
    with pytest.raises(TypeError):
        render({"a": object()})
