"""Openings of a story: passages that stand in the source, chosen by what can be counted of their tone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chatspace.adapters.offline.material import Material
from chatspace.adapters.offline.phrases import Statement, leans, points_back, stands_alone, statements
from chatspace.core.text.length import words as count_words
from chatspace.core.text.tone import tone as tone_of

MAX_WORDS = 90
SHORT_SENTENCE = 10
MAX_STARTS = 60


@dataclass(frozen=True, slots=True)
class _Way:
    """A way into a story: the tones that ask for it, and how much of it a first sentence and its passage have."""

    name: str
    tones: re.Pattern[str]
    score: Callable[[str, str], float]


def _way(name: str, tones: str, score: Callable[[str, str], float]) -> _Way:
    return _Way(name, re.compile(tones, re.IGNORECASE), score)


_PLAIN = _way(
    "plain", r"plain|simple|calm|schlicht|einfach|ruhig", lambda _, text: (tone_of(text).reading_ease or 50) / 50
)
_WAYS = (
    _way(
        "figure",
        r"figure|number|data|analy|fact|surpris|sober|dry|formal|zahl|sachlich|nüchtern",
        lambda first, _: 2.0 * bool(re.search(r"\d", first)),
    ),
    _way(
        "voice",
        r"voice|quote|person|human|warm|intimate|stimme|zitat|persönlich",
        lambda _, text: 2.0 * bool(re.search(r"[\"“„]\w", text)) + tone_of(text).first,
    ),
    _way(
        "short",
        r"short|urgent|punchy|bold|direct|kurz|knapp|dringend",
        lambda first, _: 12 / len(first.split()) if len(first.split()) <= SHORT_SENTENCE else 0.0,
    ),
    _way("question", r"question|curious|provoc|frage|neugierig", lambda first, _: 3.0 * ("?" in first)),
    _way(
        "address",
        r"you\b|friendly|playful|convers|address|anrede|freundlich|locker",
        lambda _, text: 2 * tone_of(text).second,
    ),
    _PLAIN,
)


def openings(materials: Sequence[Material], count: int, tones: Any) -> list[dict[str, str]]:
    """At most `count` of them as {"tone", "text"}, none sharing a sentence; `tones` is a text or a list of them.

    Where the source has nothing of a tone, a plain opening stands in its place and is called so.
    """
    said = [statement for material in materials for statement in statements(material) if statement.kind == "sentence"]
    starts = [index for index, statement in enumerate(said) if _can_begin(statement)]
    starts = sorted(starts, key=lambda index: -said[index].weight)[:MAX_STARTS]
    taken: set[int] = set()
    found: list[dict[str, str]] = []
    for name, way in _asked(tones, count):
        passages = {index: _passage(said, index, taken) for index in starts if index not in taken}
        worth = {index: _worth(said, passage, way) for index, passage in passages.items()}
        if not any(worth.values()):
            name, worth = _PLAIN.name, {index: _worth(said, passage, _PLAIN) for index, passage in passages.items()}
        if not worth or len(found) == count:
            break
        best = max(worth, key=lambda index: (worth[index], -index))
        taken.update(passages[best])
        found.append({"tone": name, "text": " ".join(said[index].text for index in passages[best])})
    return found


def _asked(tones: Any, count: int) -> list[tuple[str, _Way]]:
    """The tones asked for, in turn until there are enough; without any, every way there is."""
    listed = tones.split(",") if isinstance(tones, str) else tones if isinstance(tones, list | tuple) else []
    named = [tone.strip() for tone in listed if isinstance(tone, str) and tone.strip()]
    ways = [(tone, next((way for way in _WAYS if way.tones.search(tone)), _PLAIN)) for tone in named]
    ways = ways or [(way.name, way) for way in _WAYS]
    return (ways * (count // len(ways) + 1))[:count]


def _can_begin(statement: Statement) -> bool:
    return len(statement.text.split()) >= 4 and statement.text[-1] != ":" and stands_alone(statement.text.rstrip(".!?"))


def _worth(said: Sequence[Statement], passage: Sequence[int], way: _Way) -> float:
    first = said[passage[0]]
    text = " ".join(said[index].text for index in passage)
    return first.weight * (0.5 if points_back(first.text) else 1.0) * way.score(first.text, text)


def _passage(said: Sequence[Statement], start: int, taken: set[int]) -> list[int]:
    """`start` with what follows it in its paragraph, and the next paragraph's where that goes on from it."""
    indexes = [start]
    length = count_words(said[start].text)
    for index in range(start + 1, len(said)):
        same_paragraph = said[index].run == said[start].run
        length += count_words(said[index].text)
        goes_on = (same_paragraph or leans(said[index].text)) and not said[index].text.endswith(":")
        if index in taken or length > MAX_WORDS or not goes_on:
            break
        indexes.append(index)
    return indexes
