import pytest

from bench.charts import draw_all

pytestmark = pytest.mark.once

SAMPLE = {"rate": 100.0, "python_ms": 2.0, "postgres_ms": 1.0}
RESULTS = {
    "scenarios": {
        "book": {"sides": {"any seat": [SAMPLE, SAMPLE | {"rate": 120.0}], "FastAPI": [SAMPLE]}},
        "seed": {"sides": {}},
    }
}


def test_scenario_with_samples_gets_a_chart_that_names_its_sides(tmp_path):
    [file] = draw_all(RESULTS, tmp_path)

    drawn = file.read_text()
    assert file.name == "book.svg"
    assert [name in drawn for name in ("any seat", "FastAPI", "requests per second")] == [True] * 3


def test_same_results_give_the_same_chart(tmp_path):
    first = draw_all(RESULTS, tmp_path / "first")[0].read_bytes()
    second = draw_all(RESULTS, tmp_path / "second")[0].read_bytes()

    assert first == second
