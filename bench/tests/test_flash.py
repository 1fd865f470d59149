import pytest

from bench.crowd import Reply, told_early

pytestmark = pytest.mark.once


def test_nobody_is_told_early_while_answers_overlap():
    assert told_early([Reply(201, 0, 2), Reply(202, 1, 3), Reply(201, 2.5, 4)]) == 0


def test_whoever_waits_before_somebody_else_comes_and_is_sold_a_seat_was_told_early():
    assert told_early([Reply(202, 0, 1), Reply(201, 2, 3), Reply(202, 2, 4)]) == 1


def test_nobody_is_told_early_where_nothing_is_sold():
    assert told_early([Reply(202, 0, 1), Reply(0, 0, 1)]) == 0
