"""Reading sources: every format becomes Markdown that keeps its structure and knows where it came from."""

from chatspace.adapters.readers.files import FileReader

__all__ = ["FileReader"]
