"""The rows that are made in SQL are such as the services make, but that nobody is told of them."""

import psycopg
import pytest

from bench.data import Halls, fill
from bench.servers import manage
from tests.served import fresh_database

pytestmark = pytest.mark.postgresql

HALLS = [
    Halls(2, seats=3, booked=1),
    Halls(1, seats=4, booked=4, given_back=2, waiting=3),
]
BY_STATUS = "SELECT status, count(*) FROM bookings_booking GROUP BY status ORDER BY status"


def test_rows_keep_the_promises_and_are_counted(tmp_path, django_db_setup):
    with fresh_database(tmp_path, is_empty=True) as url:
        manage(url, "migrate", "--no-input", "--verbosity", "0")
        with psycopg.connect(url, autocommit=True) as connection:
            fill(connection, HALLS, users=5)
            made = connection.execute(BY_STATUS).fetchall()
        with pytest.raises(RuntimeError) as complaint:
            manage(url, "check_integrity")

    told = [line for line in str(complaint.value).splitlines() if "wasn't announced" in line]
    assert made == [("active", 6), ("cancelled", 8)]
    assert len(told) == 6 + 8 + 8
    assert f"CommandError: {len(told)} broken promises." in str(complaint.value)
