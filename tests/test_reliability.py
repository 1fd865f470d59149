"""`make reliability` in short: the same crowds, the same mishaps, fewer of them."""

import secrets

import pytest

from reliability import faults, histories
from reliability.cluster import cluster
from reliability.mishaps import MISHAPS
from reliability.proxy import Proxy
from reliability.storm import Storm

# Each brings up a whole Evently, which takes its time on a busy machine.
pytestmark = [pytest.mark.postgresql, pytest.mark.timeout(400)]

STRIKES = {
    "COMMIT's answer lost",
    "PostgreSQL killed (-9) and started",
    "all backends terminated",
    "connections reset",
    "seats locked by a stranger",
    "web process killed",
}


@pytest.fixture
def seed():
    """A new one each time; `python -m reliability COMMAND --seed` takes it."""
    seed = secrets.token_hex(4)
    print(f"seed {seed}")
    return seed


def test_histories_of_crowds_are_explained(seed, tmp_path):
    with cluster() as evently:
        tally = histories.run(evently, seed=seed, number=6, save=tmp_path)
        integrity = evently.manage("check_integrity")

    assert not tally.is_bad
    assert tally.verdicts.total() == 6
    assert integrity == "Every promise is kept.\n"


def test_histories_of_crowds_among_mishaps_are_explained_and_recovery_is_soon(seed, tmp_path):
    proxy = Proxy()
    chosen = [mishap for mishap in MISHAPS if mishap.name in STRIKES]
    with cluster(proxy=proxy, workers=2) as evently:
        storm = Storm(evently, proxy, seed=seed, save=tmp_path)
        storm.rage(chosen, number=len(STRIKES))
        storm.tally.integrity = evently.manage("check_integrity")
        casualties = evently.casualties()
    proxy.close()

    assert {strike.name for strike in storm.strikes} == STRIKES
    assert not faults.show(storm, casualties)
    assert storm.tally.integrity == "Every promise is kept.\n"
