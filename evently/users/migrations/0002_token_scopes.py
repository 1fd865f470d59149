from django.db import migrations, models


class Migration(migrations.Migration):
    """Tokens get scopes, an end and a last use. Those there are keep all scopes and never expire."""

    dependencies = [
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='apitoken',
            name='scope',
            field=models.CharField(default='read book admin', max_length=30),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='expires_at',
            field=models.DateTimeField(blank=True, help_text='Empty: never.', null=True),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='last_used_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name='apitoken',
            constraint=models.CheckConstraint(condition=models.Q(('scope__in', ['read', 'book', 'admin', 'read book', 'read admin', 'book admin', 'read book admin'])), name='api_token_has_known_scopes'),
        ),
    ]
