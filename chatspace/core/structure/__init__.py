"""Markdown into blocks with spans, the fallback parser, comparing two structures."""

from chatspace.core.structure.compare import compare
from chatspace.core.structure.fidelity import path_f1
from chatspace.core.structure.model import Code, Footnote, Item, Leaf, Quote, Structure, Table
from chatspace.core.structure.parse import parse
from chatspace.core.structure.sections import count_words

__all__ = [
    "Code",
    "Footnote",
    "Item",
    "Leaf",
    "Quote",
    "Structure",
    "Table",
    "compare",
    "count_words",
    "parse",
    "path_f1",
]
