"""People as JSON."""

from django.contrib.auth.validators import UnicodeUsernameValidator
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from evently.api.fields import IdField, StrictCharField
from evently.users.models import User

ROLES = ["user", "admin"]


class UserSerializer(serializers.Serializer):
    id = IdField()
    username = serializers.CharField()
    email = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(choices=ROLES)


class StrictEmailField(StrictCharField, serializers.EmailField):
    """An e-mail address, as a string."""


class NewUserSerializer(serializers.Serializer):
    username = StrictCharField(
        max_length=150,
        validators=[UnicodeUsernameValidator(), UniqueValidator(User.objects.all())],
    )
    email = StrictEmailField(
        max_length=254, validators=[UniqueValidator(User.objects.all(), lookup="iexact")]
    )
    role = serializers.ChoiceField(choices=ROLES, default="user")
