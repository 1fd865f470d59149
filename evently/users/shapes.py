"""Rows as the plain objects that the serializers describe."""

from typing import Any

USER_COLUMNS = ("id", "username", "email", "is_staff")


def shape_user(row: dict[str, Any]) -> dict[str, Any]:
    role = "admin" if row["is_staff"] else "user"
    return {"id": row["id"], "username": row["username"], "email": row["email"], "role": role}
