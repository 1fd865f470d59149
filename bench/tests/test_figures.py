import pytest

from bench.figures import Figure, growth, percentile, ratio

pytestmark = pytest.mark.once


def test_figure_is_the_median_with_its_spread():
    assert Figure.of([3, 1, 2, 10]) == (2.5, 1, 10)


def test_ratio_compares_round_by_round():
    # The machine was half as fast in the second round, for both.
    assert ratio([100, 50, 110], [200, 100, 200]) == (0.5, 0.5, 0.55)


@pytest.mark.parametrize("exponent", [0, 0.5, 1, 2])
def test_growth_is_the_exponent(exponent):
    sizes = [10**5, 10**6, 10**7]

    assert growth(sizes, [3 * size**exponent for size in sizes]) == pytest.approx(exponent)


def test_percentile_is_a_value_that_was_seen():
    values = list(range(100, 0, -1))

    assert [percentile(values, share) for share in (0.01, 0.5, 0.99, 1)] == [1, 50, 99, 100]


def test_percentile_of_one_value_is_that_value():
    assert percentile([7], 0.99) == 7
