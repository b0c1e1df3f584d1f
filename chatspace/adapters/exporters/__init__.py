"""What leaves for other programs: the formats there are, and the files."""

from chatspace.adapters.exporters.exporter import FileExporter

__all__ = ["FileExporter"]
