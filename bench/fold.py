"""Fold all changes of seats into the counts, as the worker does.

It prints how many there were, and the CPU seconds of this process that they took.
"""

import time

import django

django.setup()

from events.counts import fold_all  # noqa: E402  needs what is set up

if __name__ == "__main__":
    begun = time.process_time()
    changes = fold_all()
    print(changes, time.process_time() - begun)
