"""Stamp a seat whose status changes, whoever changes it: see `events.seat_versions`.

A row that is written as a whole, with a stamp read before, is stamped anew as well.
"""

from django.db import migrations

CREATE = {
    'postgresql': [
        """
        CREATE FUNCTION events_stamp_seat() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.changed_in := pg_current_xact_id()::text::bigint;
            RETURN NEW;
        END
        $$
        """,
        """
        CREATE TRIGGER events_seat_changed
        BEFORE UPDATE OF status, changed_in ON events_seat FOR EACH ROW
        WHEN (OLD.status IS DISTINCT FROM NEW.status
              OR OLD.changed_in IS DISTINCT FROM NEW.changed_in)
        EXECUTE FUNCTION events_stamp_seat()
        """,
    ],
    'sqlite': [
        """
        CREATE TRIGGER events_seat_changed
        AFTER UPDATE OF status, changed_in ON events_seat FOR EACH ROW
        WHEN OLD.status <> NEW.status OR OLD.changed_in > NEW.changed_in
        BEGIN
            UPDATE events_seat SET changed_in = 1 + max(OLD.changed_in, (
                SELECT coalesce(max(changed_in), 0) FROM events_seat
                WHERE event_id = NEW.event_id AND changed_in > 0
            )) WHERE id = NEW.id;
        END
        """,
    ],
}
DROP = {
    'postgresql': [
        'DROP TRIGGER events_seat_changed ON events_seat',
        'DROP FUNCTION events_stamp_seat()',
    ],
    'sqlite': ['DROP TRIGGER events_seat_changed'],
}


def create(apps, schema_editor):
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0010_seat_changed_in'),
    ]

    operations = [migrations.RunPython(create, drop)]
