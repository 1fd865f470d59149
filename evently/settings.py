"""Evently's settings: one file, filled from the environment, safe unless told otherwise.

Every variable is listed in the README. A `.env` beside `manage.py` is read if present; what the
environment says wins. Values that make no sense stop the start.
"""

import logging
from pathlib import Path
from zoneinfo import ZoneInfo

from corsheaders.defaults import default_headers
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse
from psycopg import IsolationLevel
from redis.connection import parse_url

from evently.api.openapi_settings import SPECTACULAR_SETTINGS  # noqa: F401  Django reads it here
from evently.environment import choice, cores, demo_secret_key, env, flag, number, understood
from evently.exporting import EXPORT_FORMATS
from evently.logging import logging_settings
from evently.watching import extras
from evently.watching.navigation import sidebar

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = BASE_DIR / "data"

env.read_env(BASE_DIR / ".env")

# The demo: open identity headers, a generated key, cookies over plain HTTP. Never debugging.
EVENTLY_DEMO = flag("EVENTLY_DEMO")
DEBUG = flag("DEBUG")

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not EVENTLY_DEMO:
        raise ImproperlyConfigured(
            "SECRET_KEY is required. (For a try on this machine only, set EVENTLY_DEMO=1.)"
        )
    SECRET_KEY = demo_secret_key(DATA_DIR)

ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "api"] if EVENTLY_DEMO else []
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_HEADERS = [
    *default_headers,
    *("idempotency-key", "if-match", "if-none-match", "x-request-id", "x-user-id", "x-user-role"),
]
CORS_EXPOSE_HEADERS = [
    *("ETag", "Idempotent-Replayed", "Link", "Location", "RateLimit", "RateLimit-Policy"),
    *("Retry-After", "Seat-Map-Version", "X-Request-ID", "X-Total-Count"),
]

# --- Who is calling -----------------------------------------------------------------------------

EVENTLY_AUTH = choice("EVENTLY_AUTH", "headers", {"headers", "tokens", "jwt"})
EVENTLY_GATEWAY_SECRET = env.str("EVENTLY_GATEWAY_SECRET", default="")
EVENTLY_GATEWAY_SECRET_FALLBACK = env.str("EVENTLY_GATEWAY_SECRET_FALLBACK", default="")
EVENTLY_JWT_JWKS = env.str("EVENTLY_JWT_JWKS", default="")
EVENTLY_JWT_ISSUER = env.str("EVENTLY_JWT_ISSUER", default="")
EVENTLY_JWT_AUDIENCE = env.str("EVENTLY_JWT_AUDIENCE", default="")
EVENTLY_JWT_ALGORITHMS = env.list("EVENTLY_JWT_ALGORITHMS", default=["RS256", "ES256"])
EVENTLY_JWT_USER_CLAIM = env.str("EVENTLY_JWT_USER_CLAIM", default="sub")
EVENTLY_JWT_ROLE_CLAIM = env.str("EVENTLY_JWT_ROLE_CLAIM", default="role")
EVENTLY_JWT_LEEWAY_SECONDS = 60

# --- What it does -------------------------------------------------------------------------------

EVENTLY_OFFER_MINUTES = number("EVENTLY_OFFER_MINUTES", 30, at_most=7 * 24 * 60)
EVENTLY_HOLD_MINUTES = number("EVENTLY_HOLD_MINUTES", 10, at_most=30)
EVENTLY_PARTY_PATIENCE = number("EVENTLY_PARTY_PATIENCE", 3, at_most=1_000)
EVENTLY_PARTY_PATIENCE_MINUTES = number("EVENTLY_PARTY_PATIENCE_MINUTES", 60, at_most=7 * 24 * 60)
EVENTLY_DELIVERY_ATTEMPTS = number("EVENTLY_DELIVERY_ATTEMPTS", 10, at_most=100)
EVENTLY_WORKER_SECONDS = number("EVENTLY_WORKER_SECONDS", 5, at_most=3600)
EVENTLY_METRICS_TOKEN = env.str("EVENTLY_METRICS_TOKEN", default="")
EVENTLY_WORKER_METRICS_PORT = number("EVENTLY_WORKER_METRICS_PORT", 0, at_least=0, at_most=65_535)
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
SENTRY_DSN = env.str("SENTRY_DSN", default="")
extras.check("OTEL_EXPORTER_OTLP_ENDPOINT", OTEL_EXPORTER_OTLP_ENDPOINT)
extras.check("SENTRY_DSN", SENTRY_DSN)
EVENTLY_REQUIRE_IF_MATCH = flag("EVENTLY_REQUIRE_IF_MATCH")

# --- How many processes serve, and how often each caller may call -------------------------------

# A process computes on one core at a time, and one more has something to do while others wait.
# More than nine are for whoever says so.
WEB_CONCURRENCY = number("WEB_CONCURRENCY", min(cores(), 8) + 1, at_most=1_000)
EVENTLY_INSTANCES = number("EVENTLY_INSTANCES", 1, at_most=1_000)
# Not set: nobody stands in front, so X-Forwarded-For is anybody's word. Behind one it must be.
NUM_PROXIES = (
    number("NUM_PROXIES", 0, at_least=0, at_most=10) if "NUM_PROXIES" in env.ENVIRON else None
)
CACHE_URL = env.str("CACHE_URL", default="")
if CACHE_URL:
    understood("CACHE_URL", CACHE_URL, parse_url)  # redis://, rediss:// or unix://

EVENTLY_THROTTLE_USER_WRITES_PER_MINUTE = number(
    "EVENTLY_THROTTLE_USER_WRITES_PER_MINUTE", 1_200, at_least=0, at_most=10**8
)
EVENTLY_THROTTLE_ADDRESS_WRITES_PER_MINUTE = number(
    "EVENTLY_THROTTLE_ADDRESS_WRITES_PER_MINUTE", 30_000, at_least=0, at_most=10**8
)
EVENTLY_THROTTLE_ANONYMOUS_READS_PER_MINUTE = number(
    "EVENTLY_THROTTLE_ANONYMOUS_READS_PER_MINUTE", 60_000, at_least=0, at_most=10**8
)

# --- What Django is made of ---------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # before the admin, whose templates it replaces
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "evently.users.apps.StaffSiteConfig",  # django.contrib.admin, with a login of ours
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "rest_framework",
    "django_filters",
    "import_export",
    "drf_standardized_errors",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "evently",
    "evently.users",
    "evently.audit",
    "evently.idempotency",
    "evently.watching",
    "events",
    "notifications",
    "waitlists",
    "bookings",
    "analytics",
]

MIDDLEWARE = [
    "evently.api.middleware.RequestMetrics",
    "evently.api.middleware.RequestLog",
    "evently.api.content_policy.ContentPolicy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    *(["corsheaders.middleware.CorsMiddleware"] if CORS_ALLOWED_ORIGINS else []),
    "evently.users.middleware.Sessions",
    "evently.users.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "evently.users.middleware.Login",
    "evently.audit.middleware.Acting",
    "evently.users.middleware.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
if OTEL_EXPORTER_OTLP_ENDPOINT:
    # Where the request has an id, and log lines can be given the trace's.
    MIDDLEWARE.insert(2, "evently.watching.tracing.RequestTrace")

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "evently" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {"console": "evently.api.console_tags"},
        },
    }
]

ROOT_URLCONF = "evently.urls"
WSGI_APPLICATION = "evently.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "users.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en"
# Of the staff site. The API speaks English.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "evently" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
understood("TIME_ZONE", TIME_ZONE, ZoneInfo)

# --- Databases ----------------------------------------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'evently.sqlite3'}")
EVENTLY_DATABASE_POOL = number("EVENTLY_DATABASE_POOL", 4, at_least=0, at_most=100)
EVENTLY_PGBOUNCER = flag("EVENTLY_PGBOUNCER")
# How many requests a process works on at a time: one for each connection that it keeps.
LANES = EVENTLY_DATABASE_POOL or 4

# DATABASE_REACH says from where the same data can be reached: this process, machine, or network.
DATABASES = {"default": understood("DATABASE_URL", DATABASE_URL, env.db_url_config)}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    DATABASE_REACH = "process" if _database["NAME"] == ":memory:" else "machine"
    if DATABASE_REACH == "machine":
        Path(_database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    _database["OPTIONS"] = {
        # One writer at a time, who waits for its turn when the transaction begins.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: with NORMAL a power cut takes commits that were already acknowledged.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # To open the file and read its schema takes longer than a short request.
    _database["CONN_MAX_AGE"] = 60
elif _database["ENGINE"] == "django.db.backends.postgresql":
    DATABASE_REACH = "network"
    _database["DISABLE_SERVER_SIDE_CURSORS"] = True  # a pooler hands them to somebody else
    options = _database.setdefault("OPTIONS", {})
    # Whatever the server's default: a snapshot from before the wait at a gate would be a wrong one.
    options["isolation_level"] = IsolationLevel.READ_COMMITTED
    options["server_side_binding"] = True
    # Nothing is prepared but by `evently.preparing`.
    options["prepare_threshold"] = None
    # A server that vanishes is noticed in seconds, not when TCP gives up.
    options |= {"connect_timeout": 3, "tcp_user_timeout": 10_000}
    options |= {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2}
    # What the server ended while it lay idle isn't handed out again.
    _database["CONN_HEALTH_CHECKS"] = True
    if EVENTLY_DATABASE_POOL:
        options["pool"] = {
            "min_size": 1,
            "max_size": EVENTLY_DATABASE_POOL,
            # Those that nobody needed for so long are closed, one after the other.
            "max_idle": 3,
            "timeout": 2,
            "reconnect_timeout": 0.5,
        }
    else:
        _database["CONN_MAX_AGE"] = 60
else:
    raise ImproperlyConfigured("DATABASE_URL must begin with postgresql:// or sqlite://.")

# --- Transport ----------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = not EVENTLY_DEMO and not DEBUG
SECURE_REDIRECT_EXEMPT = [
    r"^healthz$",
    r"^readyz$",
    r"^metrics$",
]  # asked from inside, over plain HTTP
SECURE_HSTS_SECONDS = 0 if EVENTLY_DEMO or DEBUG else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
X_FRAME_OPTIONS = "DENY"
EVENTLY_TLS_PROXY = flag("EVENTLY_TLS_PROXY")
if EVENTLY_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- The staff site -----------------------------------------------------------------------------

LOGIN_URL = "/staff/login/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not EVENTLY_DEMO and not DEBUG
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# The API knows callers by headers only, so no cookie needs to go there.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/staff/"
SESSION_COOKIE_AGE = 12 * 3600
EVENTLY_LOGIN_FAILURES = number("EVENTLY_LOGIN_FAILURES", 5, at_most=100)
EVENTLY_LOGIN_FAILURES_PER_ADDRESS = number(
    "EVENTLY_LOGIN_FAILURES_PER_ADDRESS", 50, at_most=100_000
)
EVENTLY_LOGIN_WINDOW_MINUTES = number("EVENTLY_LOGIN_WINDOW_MINUTES", 15, at_most=24 * 60)
EVENTLY_LOGIN_LOCK_MINUTES = number("EVENTLY_LOGIN_LOCK_MINUTES", 15, at_most=24 * 60)
EVENTLY_STAFF_TOTP = choice("EVENTLY_STAFF_TOTP", "optional", {"optional", "required"})
OTP_TOTP_ISSUER = "Evently"

UNFOLD = {
    "SITE_TITLE": "Evently",
    "SITE_HEADER": "Evently",
    "SITE_URL": None,  # the API has no front page to look at
    "SITE_SYMBOL": "confirmation_number",
    "SHOW_HISTORY": True,
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": lambda request: reverse("admin:language"), "navigation": []},
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("evently/icon.svg"),
        }
    ],
    "STYLES": [lambda request: static("evently/console.css")],
    "SCRIPTS": [lambda request: static("evently/console.js")],
    "SIDEBAR": {"navigation": sidebar},
    "DASHBOARD_CALLBACK": "evently.watching.dashboard.add_overview",
}

IMPORT_FORMATS = EXPORT_FORMATS
# Whoever may see a list may export it. What a sheet would take for a formula becomes text.
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "add"
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

# --- Static files -------------------------------------------------------------------------------

STATIC_URL = "/static/"
# The demo serves them from where they lie; a manifest needs `collectstatic`, which the image runs.
WHITENOISE_USE_FINDERS = EVENTLY_DEMO or DEBUG
STATIC_ROOT = None if WHITENOISE_USE_FINDERS else BASE_DIR / "staticfiles"
_manifest = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _plain if WHITENOISE_USE_FINDERS else _manifest},
}

# --- Mail ---------------------------------------------------------------------------------------

EMAIL_URL = env.str("EMAIL_URL", default="consolemail://")
EMAIL_CONFIG = understood("EMAIL_URL", EMAIL_URL, env.email_url_config)
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Evently <evently@localhost>")
EMAIL_TIMEOUT = 10

# --- The API ------------------------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # of the staff site's forms; the API's parser has its own

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["evently.api.renderers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["evently.api.parsers.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "evently.api.negotiation.OneFormat",
    "DEFAULT_PAGINATION_CLASS": "evently.api.pagination.OffsetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "evently.api.openapi.ProblemSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "UNICODE_JSON": True,
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "evently.api.problems.ProblemHandler",
    "EXCEPTION_FORMATTER_CLASS": "evently.api.problems.ProblemFormatter",
}

# --- Logs ---------------------------------------------------------------------------------------

LOG_FORMAT = choice("LOG_FORMAT", "text" if EVENTLY_DEMO or DEBUG else "json", {"text", "json"})
LOGGING = logging_settings(LOG_FORMAT)
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = ""
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
