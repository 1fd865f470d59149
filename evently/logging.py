"""Structured logs: JSON in production, readable lines in development, the request's id in each."""

from typing import Any

import structlog


def logging_settings(log_format: str) -> dict[str, Any]:
    """Configure structlog and return the settings for Python's logging, which it writes through."""
    before = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    as_json = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    as_text = [structlog.dev.ConsoleRenderer(colors=False)]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": before,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *(as_json if log_format == "json" else as_text),
                ],
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "structured"},
        },
        "root": {"handlers": ["stderr"], "level": "INFO"},
        # Its handlers are Django's own defaults; ours is the root's.
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # The request log has a line for every answer, with the traceback of a failure.
            "django.request": {"level": "CRITICAL"},
            # Whoever tries other hosts' names gets a 400, and no traceback in our log.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
        },
    }
