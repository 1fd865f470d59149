import os
import subprocess
import sys

import pytest

from bench.processes import cpu_seconds, family, memory_mb, parent_of

pytestmark = pytest.mark.once

BUSY = "import time\nwhile time.process_time() < 0.3: pass\n"


def test_cpu_of_a_child_that_ended_counts_for_its_parent():
    before = cpu_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", BUSY], check=True)

    assert cpu_seconds(os.getpid()) - before >= 0.25


def test_family_holds_children():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert child.pid in family(os.getpid())
        assert parent_of(child.pid) == os.getpid()
    finally:
        child.communicate(b"\n")


def test_memory_has_its_share_of_what_it_shares():
    memory = memory_mb(os.getpid())

    assert 0 < memory["pss"] <= memory["rss"]
