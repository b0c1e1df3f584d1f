"""Figures, dates, money, names: found, given canonical values, and looked up in a source."""

from chatspace.core.facts.align import align
from chatspace.core.facts.contradictions import Contradiction, Location, contradictions
from chatspace.core.facts.find import find_facts
from chatspace.core.facts.ground import ground
from chatspace.core.facts.metadata import find_metadata
from chatspace.core.facts.names import find_names

__all__ = [
    "Contradiction",
    "Location",
    "align",
    "contradictions",
    "find_facts",
    "find_metadata",
    "find_names",
    "ground",
]
