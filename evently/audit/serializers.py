"""Records as JSON."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from evently.api.fields import IdField, MomentField
from evently.audit.actions import Action, Subject
from evently.audit.actor import ActorKind


@extend_schema_field({"type": "object", "additionalProperties": {}})
class FactsField(serializers.JSONField):
    """What a row was or is, by the names of its fields."""


class AuditRecordSerializer(serializers.Serializer):
    id = IdField()
    at = MomentField()
    actor_kind = serializers.ChoiceField(
        choices=ActorKind.choices,
        help_text="`admin`: with the admin role; `nobody`: the open demo's body named a user; "
        "`system`: the worker or a command.",
    )
    actor_id = IdField(allow_null=True, help_text="The user who acted, where one was named.")
    action = serializers.ChoiceField(choices=Action.choices)
    event_id = IdField(allow_null=True)
    subject = serializers.ChoiceField(
        choices=Subject.choices, help_text="The kind of row that was changed."
    )
    subject_id = IdField(help_text="Its id; the row may be deleted since.")
    user_id = IdField(allow_null=True, help_text="Whom it concerns.")
    request_id = serializers.CharField(
        allow_null=True,
        help_text="The `X-Request-ID`, if made of 16 to 64 hexadecimal digits and dashes: another "
        "could hold a name. Null outside of requests.",
    )
    before = FactsField(allow_null=True, help_text="Null for what is new.")
    after = FactsField(allow_null=True, help_text="Null for what is gone.")
