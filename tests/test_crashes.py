"""A server process that dies at any point of a call leaves nothing, or the whole.

`python -m reliability crashes` kills all writing calls; here are those that matter most,
at points that are drawn anew each time.
"""

import subprocess
import sys

import pytest
from django.conf import settings


@pytest.mark.postgresql
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "call",
    [
        "POST /bookings: sold",
        "DELETE /bookings/{id}: two wait",
    ],
)
def test_call_killed_at_any_point_is_nothing_or_the_whole(call):
    done = subprocess.run(
        [sys.executable, "-m", "reliability", "crashes", "--only", call, "--points", "12"],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )

    assert done.stdout.endswith("kill points, 0 left half done\n"), done.stdout
    assert done.returncode == 0
