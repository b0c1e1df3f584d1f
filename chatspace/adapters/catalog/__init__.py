"""Where a call really goes on this machine."""

from chatspace.adapters.catalog.catalog import LocalCatalog

__all__ = ["LocalCatalog"]
