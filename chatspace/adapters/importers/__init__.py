"""Reads the exports of other programs, one module a format."""

from chatspace.adapters.importers.importer import FileImporter

__all__ = ["FileImporter"]
