"""Bugs that are made on purpose: each has who catches it, and the quickest are caught here.

`python -m reliability sensitivity` makes all of them.
"""

import subprocess
import sys

import pytest
from django.conf import settings

from reliability.sabotage.catches import CATCHES
from reliability.sensitivity import WHAT


def test_every_bug_is_told_in_a_line_and_caught():
    assert {catch.bug for catch in CATCHES} == set(WHAT)
    assert all(what.count("\n") == 0 for what in WHAT.values())


@pytest.mark.postgresql
@pytest.mark.timeout(300)
def test_quickest_bugs_are_caught():
    done = subprocess.run(
        [sys.executable, "-m", "reliability", "sensitivity", "--quick"],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )

    assert done.stdout.endswith("2 bugs, 0 times not caught\n"), done.stdout
    assert done.returncode == 0
