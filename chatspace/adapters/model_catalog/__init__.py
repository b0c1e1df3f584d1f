"""Where a call really goes on this machine."""

from chatspace.adapters.model_catalog.catalog import LocalCatalog

__all__ = ["LocalCatalog"]
