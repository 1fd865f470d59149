"""Makes a process's clock jump at a signal: the seconds stand in the file of `EVENTLY_CLOCK`.

Python imports this by itself in every process that has this folder in its `PYTHONPATH`. Only the
calendar's clock jumps, as it does on a machine: pauses are measured by the monotonic one.
"""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

JUMP = signal.SIGRTMIN + 1
_travels = []


def _jump(*_: object) -> None:
    # Late, since most processes never come here.
    import time_machine

    while _travels:
        _travels.pop().stop()
    offset = timedelta(seconds=float(Path(os.environ["EVENTLY_CLOCK"]).read_text() or 0))
    if offset:
        travel = time_machine.travel(datetime.now(UTC) + offset, tick=True)
        travel.start()
        _travels.append(travel)


if "EVENTLY_CLOCK" in os.environ:
    signal.signal(JUMP, _jump)
