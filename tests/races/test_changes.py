"""Two staff who change the event that both have seen."""

import pytest

from bookings.event_services import change_event
from events import services as events
from events.errors import StaleVersion
from events.models import Event
from tests.races.cues import SALE_READ

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def comparing_before_the_gate(monkeypatch):
    """The version is compared by a look before the gate, as a view's condition is, not after it."""
    compare = events.require_version
    monkeypatch.setattr(events, "require_version", lambda event, expected: None)

    def change(*, event_id, changes, expected_versions):
        compare(events.find_event(event_id), expected_versions)
        return change_event(event_id=event_id, changes=changes)

    return change


def change_together(stage, event, service=change_event):
    """Let both change version 1: the first has read it when the second comes."""
    first, second = (
        stage.start(
            service,
            event_id=event.id,
            changes={"name": name},
            expected_versions={1},
            pause_after=cue,
        )
        for name, cue in (("First", SALE_READ), ("Second", None))
    )
    first.resume()
    return first.outcome, second.outcome


def test_one_of_two_who_saw_the_same_version_changes_it(stage, event):
    first, second = change_together(stage, event)

    assert (first.name, first.version) == ("First", 2)
    assert isinstance(second, StaleVersion)
    assert list(Event.objects.values_list("name", "version")) == [("First", 2)]


def test_compared_before_the_gate_both_change_it_and_one_is_lost(
    stage, event, comparing_before_the_gate
):
    first, second = change_together(stage, event, comparing_before_the_gate)

    assert (first.name, second.name) == ("First", "Second")
    assert list(Event.objects.values_list("name", "version")) == [("First", 3)]
