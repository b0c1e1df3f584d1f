"""The history: what was said, paid for and made, in one SQLite database."""

from chatspace.adapters.history.store import Store

__all__ = ["Store"]
