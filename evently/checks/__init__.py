"""What nobody should serve with is refused at start, each thing by an id that stays.

The demo is let off most of it: it says in the log what it is.
"""

from evently.checks.counts import check_counts
from evently.checks.database import check_durability
from evently.checks.identity import check_gateway, check_jwt
from evently.checks.secrets import (
    check_database_password,
    check_gateway_secrets,
    check_metrics_token,
    check_secret_key,
)
from evently.checks.serving import (
    check_database_reach,
    check_debug,
    check_hosts,
    check_mail,
    check_origins,
    check_proxies,
    check_throttles,
)

__all__ = [
    "check_counts",
    "check_database_password",
    "check_database_reach",
    "check_debug",
    "check_durability",
    "check_gateway",
    "check_gateway_secrets",
    "check_hosts",
    "check_jwt",
    "check_mail",
    "check_metrics_token",
    "check_origins",
    "check_proxies",
    "check_secret_key",
    "check_throttles",
]
