import pytest

pytestmark = pytest.mark.once


@pytest.mark.urls("bench.urls")
def test_endpoint_that_does_nothing_asks_nothing_of_the_database(client):
    answer = client.get("/nothing")

    assert (answer.status_code, answer.json()) == (200, {})


@pytest.mark.urls("bench.urls")
def test_evently_is_served_beside_it(client):
    assert client.get("/healthz").status_code == 200
