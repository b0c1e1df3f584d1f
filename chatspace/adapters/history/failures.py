"""What a failure of the database means to its user."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from chatspace.core.errors import StoreError
from chatspace.locations import HOME_VARIABLE

KEPT = "Stored data is not affected."
ELSEWHERE = f"set {HOME_VARIABLE} to another folder"


def explain(error: Exception, path: Path) -> StoreError:
    """The StoreError that tells a user what happened to the database at `path` and what to do."""
    if isinstance(error, OverflowError) or is_dangling(error):
        return missing()
    reason = f"{path}: {error}"
    match _primary_code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreError(
                "The history is busy",
                f"another program has locked {path}",
                f"Close that program or try again later. {KEPT}",
            )
        case sqlite3.SQLITE_FULL:
            return StoreError(
                "The history can't be written", f"no space left for {path}", f"Free up space, or {ELSEWHERE}. {KEPT}"
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreError(
                "The history is damaged",
                reason,
                f"Replace the file with a backup (`sqlite3 FILE .recover` may recover its content), or {ELSEWHERE}.",
            )
        case sqlite3.SQLITE_INTERRUPT:
            return StoreError("The search was stopped")
    return StoreError(
        "The history can't be opened or written",
        reason,
        f"Check the disk space and your permission to write to {path.parent}, or {ELSEWHERE}. {KEPT}",
    )


def missing() -> StoreError:
    return StoreError(
        "History entry not found",
        "it doesn't exist, or another program has deleted it",
        "`chatspace history list` shows all conversations.",
    )


def is_busy(error: sqlite3.Error) -> bool:
    return _primary_code(error) == sqlite3.SQLITE_BUSY


def is_taken(error: sqlite3.IntegrityError) -> bool:
    """Whether a row with this primary key is there already."""
    return error.sqlite_errorcode in (sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID)


def is_dangling(error: Exception) -> bool:
    """Whether a row would have belonged to one that isn't there."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY


def _primary_code(error: Exception) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
