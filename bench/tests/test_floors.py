import pytest

from bench import floors
from bench.__main__ import SCENARIOS
from bench.figures import Figure
from bench.floors import Floor

pytestmark = pytest.mark.once


def a_floor(**values):
    return Floor(name="rate", scenario="book", words="a rate", **{"at": "least", "aim": 5} | values)


def test_floor_at_least_is_met_from_its_value_on():
    floor = a_floor(must=2)

    assert [floor.is_met(value) for value in (1.99, 2, 3)] == [False, True, True]
    assert [floor.is_aim_met(value) for value in (4.99, 5)] == [False, True]


def test_floor_at_most_is_met_up_to_its_value():
    floor = a_floor(at="most", must=2, aim=1)

    assert [floor.is_met(value) for value in (1, 2, 2.01)] == [True, True, False]
    assert [floor.is_aim_met(value) for value in (1, 1.01)] == [True, False]


def test_floor_without_a_must_is_met_by_anything_measured():
    assert a_floor().is_met(0)


def test_judge_leaves_out_scenarios_that_did_not_run():
    assert floors.judge([a_floor(must=2)], ["list"], {}) == []


def test_judge_misses_what_was_not_measured():
    [verdict] = floors.judge([a_floor()], ["book"], {})

    assert not verdict.is_met


def test_judge_goes_by_the_median():
    [verdict] = floors.judge([a_floor(must=2)], ["book"], {"rate": Figure(3, 1, 9)})

    assert verdict.is_met


def test_every_floor_belongs_to_a_scenario_and_says_which_way():
    from_file = floors.read()

    assert {floor.at for floor in from_file} == {"least", "most"}
    assert {floor.scenario for floor in from_file} <= set(SCENARIOS)
