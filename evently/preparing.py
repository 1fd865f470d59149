"""Which statements PostgreSQL prepares: plans once for each connection, and runs many times."""

from typing import Any

from django.db.backends.postgresql.base import ServerBindingCursor
from psycopg.types.numeric import Int8

# So many runs of any other statement don't prepare it.
NEVER_BY_ITSELF = 10**9


class Prepared(str):
    """SQL that is worth preparing, with constants where it has constants.

    What Django composes has parameters in their place, and a plan that is made for any value can't
    know that `status = 'available'` and use a partial index. So that isn't prepared.
    """


class PreparingCursor(ServerBindingCursor):
    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> "PreparingCursor":
        if isinstance(query, Prepared):
            # A number's type goes by its size otherwise, and each has a statement of its own.
            params = [Int8(param) if type(param) is int else param for param in params]
            # A time in binary is a number, where its text is parsed in Python. (Nothing that is
            # prepared returns JSON, of which Django wants the text.)
            kwargs |= {"prepare": True, "binary": True}
        else:
            kwargs["prepare"] = False
        return super().execute(query, params, **kwargs)
