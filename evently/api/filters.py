"""Filters that refuse what they don't understand."""

from typing import Any

import django_filters

YES_NO = [("true", "true"), ("false", "false")]


def yes_no(**kwargs: Any) -> django_filters.TypedChoiceFilter:
    """Make a filter that takes `true` or `false` and refuses everything else."""
    return django_filters.TypedChoiceFilter(
        choices=YES_NO, coerce=lambda value: value == "true", **kwargs
    )
