"""The history: what was said, paid for and made, in one SQLite database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatspace.adapters.history.store import Store

__all__ = ["Store"]


def __getattr__(name: str) -> Any:
    """The store is imported when it is asked for: whether the file can be opened, the database alone says."""
    if name != "Store":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from chatspace.adapters.history.store import Store

    return Store
