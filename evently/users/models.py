"""The people, the tokens that speak for them, and who failed to log in."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from itertools import combinations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

# What a token may be used for; in this order they are written down.
SCOPES = ("read", "book", "admin")
SCOPE_SETS = [" ".join(some) for n in (1, 2, 3) for some in combinations(SCOPES, n)]

# Of whoever was erased; that domain never exists (RFC 2606, section 2).
NOBODYS_ADDRESS = "@erased.invalid"


class User(AbstractUser):
    """One person. Whoever `is_staff` has the admin role; an inactive one is unknown to the API."""

    email = models.EmailField(_("e-mail address"))

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
            self.live()
            .filter(digest=digest(secret), user__is_active=True)
            .select_related("user")
            .first()
        )

    def live(self) -> "ApiTokenQuerySet":
        """Keep what is neither revoked nor expired, by the database's clock."""
        has_time_left = models.Q(expires_at=None) | models.Q(expires_at__gt=Now())
        return self.filter(has_time_left, revoked_at=None)

    def unused_since(self, moment: datetime) -> "ApiTokenQuerySet":
        return self.filter(models.Q(last_used_at=None) | models.Q(last_used_at__lt=moment))


class ApiToken(models.Model):
    """A bearer token of one user, stored as a hash. Live until it is revoked or expires."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    name = models.CharField(
        _("name"), max_length=100, blank=True, help_text=_("What it is used for.")
    )
    # As RFC 6749, section 3.3, writes them; what the user may not do, no scope allows.
    scope = models.CharField(_("scope"), max_length=30, default=SCOPE_SETS[-1])
    digest = models.CharField(_("digest"), max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("Empty: never.")
    )
    # Right to the minute: a busy token must not cost a write per request.
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope__in=SCOPE_SETS), name="api_token_has_known_scopes"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name or 'token'} #{self.pk}"

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.scope.split())


class LoginFailures(models.Model):
    """How often the login failed for one name, or from one address, since `began_at`.

    A try counts before its password is looked at, so that many at once are no way around.
    """

    # A keyed hash of the name or address: neither is to be found here.
    digest = models.CharField(max_length=64, primary_key=True)
    number = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "login failures"

    def __str__(self) -> str:
        return f"{self.number} since {self.began_at}"


def new_secret() -> str:
    """Make a token of 256 random bits; the prefix lets secret scanners know it."""
    return f"evently_{secrets.token_urlsafe(32)}"


def scope_of(scopes: Iterable[str]) -> str:
    """Write scopes down in their one order; raise ValueError for an unknown one, or for none."""
    wanted = set(scopes)
    if not wanted or wanted - set(SCOPES):
        raise ValueError(f"Scopes are one or more of {', '.join(SCOPES)}.")
    return " ".join(scope for scope in SCOPES if scope in wanted)


def digest(secret: str) -> str:
    # A random 256-bit secret needs no salt and no slow hash: it can't be guessed from a list.
    return hashlib.sha256(secret.encode()).hexdigest()
