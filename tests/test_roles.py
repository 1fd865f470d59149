"""The two roles of `deploy/roles.sql`: one migrates, one serves and can't change the record."""

from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction

from bookings.erasure import erase_user
from bookings.event_services import change_event, delete_event
from bookings.services import cancel_booking
from conftest import Client
from evently.audit.models import AuditRecord
from evently.users.models import ApiToken, User
from events.counts import fold_all
from notifications.services import deliver_due
from tests.database import run_client
from tests.factories import EventFactory, expire_offer, make_booking, make_entry, make_full_event
from tests.staff import superuser
from waitlists.lapsing import lapse_all

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

SCRIPT = Path(__file__).parent.parent / "deploy" / "roles.sql"
TABLE = "audit_auditrecord"


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def make_roles(owner, app):
    run_client("psql", "-q", "-v", f"owner={owner}", "-v", f"app={app}", "-f", str(SCRIPT))


@pytest.fixture
def roles(transactional_db):
    """The names of both roles. Roles are the server's, so the database's name is in theirs."""
    owner, app = (f"{connection.settings_dict['NAME']}_{name}" for name in ("owner", "app"))
    make_roles(owner, app)
    yield owner, app
    sql(f'REASSIGN OWNED BY "{owner}" TO CURRENT_USER')
    sql(f'DROP OWNED BY "{app}"')
    sql(f'DROP OWNED BY "{owner}"')
    sql(f'DROP ROLE "{owner}", "{app}"')


@contextmanager
def acting_as(role):
    sql(f'SET ROLE "{role}"')
    try:
        yield
    finally:
        sql("RESET ROLE")


def privileges(role, table):
    """Return what a role may do with a table's rows."""
    every = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
    held = (f"has_table_privilege('{role}', '{table}', '{each}')" for each in every)
    [answers] = sql(f"SELECT {', '.join(held)}")
    return [each for each, is_held in zip(every, answers, strict=True) if is_held]


def live_through_everything(holder, stranger):
    """Book, cancel, offer, lapse, accept, tell, fold, block, change, cancel, delete and erase."""
    event = EventFactory(total_seats=2)
    cancel_booking(booking_id=make_booking(event, holder).id)
    full, [booking] = make_full_event()
    first, second = make_entry(full, holder), make_entry(full, stranger)
    cancel_booking(booking_id=booking.id)
    expire_offer(first)
    lapse_all()
    Client().as_user(stranger).post(f"/waitlists/{second.id}/accept")
    deliver_due()
    fold_all()
    Client().as_user(holder).post("/users/me/notifications/read-all")
    assert Client().get(f"/events/{event.id}/seats?compact=true").status_code == 200
    staff = superuser()
    staff.run("block", event.seats.first())
    staff.add(ApiToken, user=holder.id, name="till", scopes=["read"])
    change_event(event_id=full.id, changes={"status": "cancelled"})
    delete_event(event_id=event.id)
    erase_user(user_id=holder.id)


def test_application_role_serves_and_adds_to_the_record(roles, holder, stranger):
    _, app = roles

    with acting_as(app):
        live_through_everything(holder, stranger)

    actions = set(AuditRecord.objects.values_list("action", flat=True))
    assert actions >= {"offer_accepted", "offer_lapsed", "event_deleted", "user_erased"}
    assert User.objects.get(id=holder.id).is_erased


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {TABLE} SET actor_id = 1",
        f"DELETE FROM {TABLE}",
        f"TRUNCATE {TABLE}",
        f"ALTER TABLE {TABLE} DROP COLUMN at",
        f"CREATE RULE r AS ON INSERT TO {TABLE} DO INSTEAD NOTHING",
        f"DROP TABLE {TABLE}",
        "CREATE TABLE public.mine (id int)",
    ],
)
def test_application_role_is_refused_what_would_change_the_record(statement, roles, event):
    make_booking(event)

    with acting_as(roles[1]), pytest.raises(ProgrammingError) as refusal:
        sql(statement)

    assert refusal.value.__cause__.sqlstate == "42501"  # insufficient_privilege
    assert AuditRecord.objects.count() == 1


def test_roles_have_the_privileges_that_they_need_and_no_more(roles):
    owner, app = roles

    assert privileges(app, TABLE) == ["SELECT", "INSERT"]
    assert privileges(app, "bookings_booking") == ["SELECT", "INSERT", "UPDATE", "DELETE"]
    assert privileges(app, "django_migrations") == ["SELECT", "INSERT"]
    assert {"UPDATE", "DELETE", "TRUNCATE"} <= set(privileges(owner, TABLE))


def test_roles_made_again_are_the_same(roles):
    before = [privileges(role, table) for role in roles for table in (TABLE, "users_user")]

    make_roles(*roles)

    after = [privileges(role, table) for role in roles for table in (TABLE, "users_user")]
    assert after == before


def test_owner_role_migrates_and_what_it_makes_can_be_added_to_only(roles):
    owner, app = roles

    with transaction.atomic():
        with acting_as(owner):
            call_command("migrate", "audit", "zero", verbosity=0)
            call_command("migrate", "audit", verbosity=0)
        made = privileges(app, TABLE)
        transaction.set_rollback(True)

    assert made == ["SELECT", "INSERT"]
