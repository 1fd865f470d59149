import pytest

from bench import pgbench, wrk

pytestmark = pytest.mark.once

OF_PGBENCH = """\
pgbench (18.6)
transaction type: book.sql
number of transactions actually processed: 13418
number of failed transactions: 2 (0.015%)
latency average = 1.192 ms
initial connection time = 9.321 ms
tps = 6709.000000 (without initial connection time)
"""


def test_pgbench_output_is_read():
    assert pgbench.read(OF_PGBENCH) == {"requests": 13418, "seconds": 2, "errors": 2}


def test_pgbench_output_without_a_rate_is_refused():
    with pytest.raises(RuntimeError, match="aborted"):
        pgbench.read("pgbench: error: client 0 aborted")


def test_pgbench_log_is_read():
    lines = [f"0 {n} {n * 1000} 0 1764000000 {n}" for n in range(1, 101)]

    assert pgbench.latencies(lines) == {"p50_ms": 50, "p99_ms": 99}


def test_wrk_output_is_read():
    output = 'Running 1s test\n  1 threads\n\nRESULT {"requests": 3, "statuses": {"201": 3}}\n'

    assert wrk.read(output) == {"requests": 3, "statuses": {"201": 3}}


def test_wrk_output_without_a_result_is_refused():
    with pytest.raises(RuntimeError, match="unable to connect"):
        wrk.read("unable to connect to 127.0.0.1:1 Connection refused")


def test_load_tells_the_script_what_to_send():
    load = wrk.Load(
        "POST",
        "/bookings",
        '{"event_id": {event}}',
        {"X-User-ID": "{user}"},
        {"user": (1, 50, 1), "event": (7, 3, 2)},
        expected=(201, 202),
        next_number=9,
    )

    assert load.arguments() == [
        *("1", "9", "201,202", "POST", "/bookings", '{"event_id": {event}}'),
        *("X-User-ID: {user}", "user=1,50,1", "event=7,3,2"),
    ]
