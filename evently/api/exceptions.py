"""What DRF has no exception for. (Apart from `problems`, which can't be imported by a parser.)"""

from django.utils.translation import gettext_noop as _
from rest_framework.exceptions import APIException, PermissionDenied


class PayloadTooLarge(APIException):
    """The body is larger than the API takes (RFC 9110, section 15.5.14)."""

    status_code = 413
    default_code = "payload_too_large"
    default_detail = "The body is too large."


class DatabaseUnavailable(APIException):
    """The database is away, full, or a lock was not to be had in time; asking again may work."""

    status_code = 503
    default_code = "database_unavailable"
    default_detail = _("The database can't answer now. Try again in a moment.")
    wait = 1


class IdentityProviderUnavailable(APIException):
    """Nobody can be believed until the identity provider's keys are known."""

    status_code = 503
    default_code = "identity_provider_unavailable"
    default_detail = "The identity provider can't be reached now. Try again in a moment."
    wait = 5


class InsufficientScope(PermissionDenied):
    """The token is good, but not for this call (RFC 6750, section 3.1)."""

    default_code = "insufficient_scope"
    default_detail = "The token lacks the scope that this call needs."

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.auth_header = f'Bearer error="insufficient_scope", scope="{scope}"'


class ChangedMeanwhile(APIException):
    """A constraint refused what every look before had allowed: somebody was faster."""

    status_code = 409
    default_code = "changed_meanwhile"
    default_detail = _("Somebody else changed this at the same moment. Look again and retry.")


class PreconditionRequired(APIException):
    """The server insists on an `If-Match`, so that nobody changes what they haven't seen."""

    status_code = 428
    default_code = "precondition_required"
    default_detail = "Name the version that you change, by If-Match."


class PreconditionFailed(APIException):
    """The content isn't the version that `If-Match` names (RFC 9110, section 13.1.1)."""

    status_code = 412
    default_code = "precondition_failed"
    default_detail = "The content has another version."


class IdempotencyKeyInUse(APIException):
    """A request with the same key is still being answered; asking again gets its answer."""

    status_code = 409
    default_code = "idempotency_key_in_use"
    default_detail = "A request with this Idempotency-Key is still being answered."
    wait = 1


class IdempotencyKeyReused(APIException):
    """The key belongs to another request of the same caller."""

    status_code = 422
    default_code = "idempotency_key_reused"
    default_detail = "This Idempotency-Key belongs to another request. Take a new one."


class OutcomeUnknown(DatabaseUnavailable):
    """The database was lost as it was to confirm the change: it was made whole, or not at all."""

    default_code = "outcome_unknown"
    default_detail = (
        "The database was lost before it confirmed the change. Look whether it was made, or ask "
        "again with the same Idempotency-Key."
    )
