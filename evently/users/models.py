"""The people, and the tokens that speak for them."""

import hashlib
import secrets

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower

# Of whoever was erased; that domain never exists (RFC 2606, section 2).
NOBODYS_ADDRESS = "@erased.invalid"


class User(AbstractUser):
    """One person. Whoever `is_staff` has the admin role; an inactive one is unknown to the API."""

    email = models.EmailField("e-mail address")

    class Meta(AbstractUser.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_in_any_case")
        ]

    @property
    def role(self) -> str:
        return "admin" if self.is_staff else "user"

    @property
    def is_erased(self) -> bool:
        """Tell whether the row no longer says who it is, and nobody reads its mails."""
        return self.email.endswith(NOBODYS_ADDRESS)

    @property
    def powers(self) -> dict[str, str | bool]:
        """What the user may do, for the record of changes: nothing that says who it is."""
        return {
            "role": self.role,
            "is_superuser": self.is_superuser,
            "is_active": self.is_active,
        }


def pseudonym(user_id: int) -> str:
    return f"erased-{user_id}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def by_secret(self, secret: str) -> "ApiToken | None":
        """Return the live token with this secret and an active user.

        The index is searched for the secret's hash, so the time taken tells nothing of the secret.
        """
        return (
            self.filter(digest=digest(secret), revoked_at=None, user__is_active=True)
            .select_related("user")
            .first()
        )


class ApiToken(models.Model):
    """A bearer token of one user, stored as a hash. Live until it is revoked."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, blank=True, help_text="What it is used for.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name or 'token'} #{self.pk}"


def new_secret() -> str:
    """Make a token of 256 random bits; the prefix lets secret scanners know it."""
    return f"evently_{secrets.token_urlsafe(32)}"


def digest(secret: str) -> str:
    # A random 256-bit secret needs no salt and no slow hash: it can't be guessed from a list.
    return hashlib.sha256(secret.encode()).hexdigest()
