"""Name the fields in words that are translated. It changes no table."""

import django.core.serializers.json
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_entry_moved'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='auditrecord',
            options={'ordering': ['-at', '-id'], 'verbose_name': 'audit record', 'verbose_name_plural': 'audit records'},
        ),
        migrations.AlterField(
            model_name='auditrecord',
            name='action',
            field=models.CharField(choices=[('booking_made', 'Booking made'), ('booking_cancelled', 'Booking cancelled'), ('seat_offered', 'Seat offered'), ('offer_accepted', 'Offer accepted'), ('offer_lapsed', 'Offer lapsed'), ('waitlist_left', 'Waitlist left'), ('entry_moved', 'Entry moved'), ('seats_blocked', 'Seats blocked'), ('seats_unblocked', 'Seats unblocked'), ('event_created', 'Event created'), ('event_changed', 'Event changed'), ('event_cancelled', 'Event cancelled'), ('event_deleted', 'Event deleted'), ('event_repaired', 'Event repaired'), ('user_created', 'User created'), ('user_changed', 'User changed'), ('user_deleted', 'User deleted'), ('user_erased', 'User erased'), ('password_changed', 'Password changed'), ('factor_added', 'Factor added'), ('factor_removed', 'Factor removed'), ('group_created', 'Group created'), ('group_changed', 'Group changed'), ('group_deleted', 'Group deleted'), ('token_created', 'Token created'), ('token_revoked', 'Token revoked')], max_length=20, verbose_name='action'),
        ),
        migrations.AlterField(
            model_name='auditrecord',
            name='actor_id',
            field=models.BigIntegerField(null=True, verbose_name='actor id'),
        ),
        migrations.AlterField(
            model_name='auditrecord',
            name='after',
            field=models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True, verbose_name='after'),
        ),
        migrations.AlterField(
            model_name='auditrecord',
            name='at',
            field=models.DateTimeField(verbose_name='at'),
        ),
        migrations.AlterField(
            model_name='auditrecord',
            name='before',
            field=models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True, verbose_name='before'),
        ),
        migrations.AlterField(
            model_name='auditrecord',
            name='request_id',
            field=models.CharField(max_length=64, null=True, verbose_name='request id'),
        ),
        migrations.AlterField(
            model_name='auditrecord',
            name='subject',
            field=models.CharField(choices=[('booking', 'Booking'), ('entry', 'Entry'), ('seat', 'Seat'), ('event', 'Event'), ('user', 'User'), ('token', 'Token'), ('group', 'Group')], max_length=7, verbose_name='subject'),
        ),
        migrations.AlterField(
            model_name='auditrecord',
            name='subject_id',
            field=models.BigIntegerField(verbose_name='subject id'),
        ),
    ]
