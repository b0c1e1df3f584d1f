"""The material of a request: its sources, parsed."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chatspace.core.calls.call import Turn
from chatspace.core.facts import find_facts, find_names
from chatspace.core.structure import Structure, parse
from chatspace.core.text.language import STOPWORDS, language_of
from chatspace.core.text.ranking import key_phrases, key_points
from chatspace.core.text.scripts import shown, without_marks

FIGURES = frozenset({"money", "percent", "number", "quantity"})
MAX_FIGURES = 200


@dataclass(frozen=True, slots=True)
class Material:
    """One source. `key_points` and `figures` are plain text in the source's own words; `title` may be empty."""

    title: str
    structure: Structure
    key_points: tuple[str, ...]
    key_phrases: tuple[str, ...]
    names: tuple[str, ...]
    figures: tuple[str, ...]
    language: str | None

    @property
    def stopwords(self) -> frozenset[str]:
        return STOPWORDS.get(self.language or "en", STOPWORDS["en"])


_FENCED = re.compile(
    r"^-----BEGIN SOURCE(?: [^\n]*)? (?P<mark>[0-9a-f]{8})-----\n(?P<text>.*?)\n?^-----END SOURCE (?P=mark)-----$",
    re.M | re.S,
)


def read(turns: Sequence[Turn]) -> list[Material]:
    """What the first user turn holds: a text, or several between marks. Raises SourceError where one can't be read."""
    content = next((turn.content for turn in turns if turn.role == "user"), "").replace("\r\n", "\n")
    texts = [found["text"] for found in _FENCED.finditer(content)] or [content]
    return [_from_text(text) for text in texts if text.strip()]


def _from_text(text: str) -> Material:
    text = without_marks(text)
    structure = parse(text)
    code = [block.span for block in structure.blocks if block.kind == "code"]
    return Material(
        title=structure.title,
        structure=structure,
        key_points=tuple(plain(point.text) for point in key_points(text, code)),
        key_phrases=tuple(key_phrases(text)),
        names=tuple(entity.name for entity in find_names(text, code)),
        figures=tuple(shown(fact.raw) for fact in find_facts(text, code) if fact.type in FIGURES)[:MAX_FIGURES],
        language=language_of(text),
    )


def plain(markdown: str) -> str:
    """What a reader sees of a piece of Markdown, on one line and without footnote marks."""
    return reader_text(" ".join(leaf.text for leaf in parse(markdown).leaves if leaf.kind != "code"))


def reader_text(text: str) -> str:
    """Plain text without the marks of notes, raised ones among them."""
    return " ".join(shown(without_marks(_FOOTNOTE_MARK.sub("", text))).split())


_FOOTNOTE_MARK = re.compile(r"\[\^[^\]\s]{1,40}\]")


# What weighs


_WORD = re.compile(r"[^\W_](?:[\w'’-]*\w)?")
_STEM = 7


@dataclass(frozen=True, slots=True)
class Scale:
    """Weighs a sentence by how much of what the source keeps talking about it says."""

    weights: Mapping[str, float]
    key_points: frozenset[str]

    @classmethod
    def of(cls, material: Material) -> Scale:
        texts: Iterable[str] = (*(leaf.text for leaf in material.structure.leaves), *material.key_points)
        counts = Counter(
            word[:_STEM]
            for text in texts
            for word in map(str.lower, _WORD.findall(text))
            if word not in material.stopwords
        )
        return cls(
            {stem: math.log(1 + count) for stem, count in counts.items()},
            frozenset(point.casefold() for point in material.key_points),
        )

    def weigh(self, sentence: str) -> float:
        """Around 1 to 6; a key point weighs half as much again, a figure adds a little."""
        words = _WORD.findall(sentence)
        stems = {word.lower()[:_STEM] for word in words}
        weight = sum(self.weights.get(stem, 0.0) for stem in stems) / math.sqrt(max(4, len(words)))
        if any(character.isdigit() for character in sentence):
            weight *= 1.15
        return weight * 1.5 if reader_text(sentence).casefold() in self.key_points else weight
