"""Make the groups that staff are put into, with what each may do on the staff site."""

from django.db import migrations

LOOK = {"events": ["event", "seat"], "bookings": ["booking"], "waitlists": ["waitlistentry"]}
# What they may see, and what they may do beside it.
GROUPS = {
    "organisers": (
        LOOK | {"notifications": ["notification"], "users": ["user"]},
        {
            "events": ["add_event", "change_event", "delete_event", "change_seat"],
            "bookings": ["change_booking"],
            "waitlists": ["change_waitlistentry"],
        },
    ),
    "front desk": (
        LOOK | {"users": ["user"]},
        {"bookings": ["change_booking"], "waitlists": ["change_waitlistentry"]},
    ),
    "analysts": (LOOK, {}),
}


def make_groups(apps, schema_editor):
    for name, (seen, done) in GROUPS.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        codenames = {app: [f"view_{model}" for model in models] for app, models in seen.items()}
        for app, more in done.items():
            codenames[app] = codenames[app] + more
        for app, of_app in codenames.items():
            for codename in of_app:
                group.permissions.add(_permission(apps, app, codename))


def delete_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


def _permission(apps, app, codename):
    """Find or make a permission: Django makes those of new tables after all migrations."""
    action, model = codename.split("_")
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app, model=model
    )
    name = apps.get_model(app, model)._meta.verbose_name
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": f"Can {action} {name}"}
    )
    return permission


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("bookings", "0002_active_of_user"),
        ("events", "0003_counts_of_seats_and_bookings"),
        ("notifications", "0001_initial"),
        ("users", "0003_login_failures"),
        ("waitlists", "0001_initial"),
    ]
    operations = [migrations.RunPython(make_groups, delete_groups)]
