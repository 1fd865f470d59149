"""Let the groups of staff see orders and holds; who may change bookings may end them, too."""

from django.db import migrations

MODELS = [("bookings", "order"), ("events", "hold")]
MAY = {
    "organisers": ["view", "change"],
    "front desk": ["view", "change"],
    "analysts": ["view"],
}


def allow(apps, schema_editor):
    for group, permissions in _allowed(apps):
        group.permissions.add(*permissions)


def forbid(apps, schema_editor):
    for group, permissions in _allowed(apps):
        group.permissions.remove(*permissions)


def _allowed(apps):
    """Yield the groups that are still there, with what is theirs."""
    for group in apps.get_model("auth", "Group").objects.filter(name__in=MAY):
        names = [(app, action, model) for app, model in MODELS for action in MAY[group.name]]
        yield group, [_permission(apps, *name) for name in names]


def _permission(apps, app, action, model):
    """Find or make a permission: Django makes those of new tables after all migrations."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app, model=model
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename=f"{action}_{model}",
        defaults={"name": f"Can {action} {model}"},
    )
    return permission


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0005_orders_of_bookings"),
        ("events", "0009_holds_of_seats"),
    ]
    operations = [migrations.RunPython(allow, forbid)]
