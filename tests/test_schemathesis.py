"""The served schema keeps its word: schemathesis asks what it likes, with all its checks on."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.served import fresh_database, served

pytestmark = pytest.mark.once

SEED = 20260701
# How to be who calls, and what else. Nobody is let in at most doors, whatever is said there.
CALLERS = {
    "nobody": ("--phases", "examples,fuzzing,stateful"),
    "admin": ("--header", "X-User-ID: 2", "--header", "X-User-Role: admin"),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("options", CALLERS.values(), ids=CALLERS)
def test_served_schema_asked_at_random_describes_every_answer(options, tmp_path):
    with fresh_database(tmp_path) as database_url, served(database_url) as url:
        done = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"),
                *("run", f"{url}/schema", "--checks", "all", "--continue-on-failure"),
                *("--seed", str(SEED), "--max-examples", "2", *options),
            ],
            cwd=settings.BASE_DIR,
        )

    assert done.returncode == 0  # its report is in this test's output
