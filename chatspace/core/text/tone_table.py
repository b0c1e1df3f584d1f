"""Tones side by side: each measure of each text, and how large it is within the set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatspace.core.text.tone import Tone, tone


@dataclass(frozen=True, slots=True)
class Measure:
    """One column: its short title, what it means, where it comes from, and how it is written."""

    title: str
    meaning: str
    of: Callable[[Tone], float | None]
    written: str = "{:.0f}"


MEASURES: Sequence[Measure] = (
    Measure("words", "total number", lambda tone: tone.words),
    Measure("length", "words per sentence, on average", lambda tone: tone.sentence_mean, "{:.1f}"),
    Measure("spread", "variation of sentence length, in words", lambda tone: tone.sentence_spread, "{:.1f}"),
    Measure("I, we", "share of first-person pronouns among personal pronouns", lambda tone: tone.first, "{:.0%}"),
    Measure("you", "share of second-person pronouns among personal pronouns", lambda tone: tone.second, "{:.0%}"),
    Measure("they", "share of third-person pronouns among personal pronouns", lambda tone: tone.third, "{:.0%}"),
    Measure("passive", "share of sentences in the passive voice", lambda tone: tone.passive, "{:.0%}"),
    Measure("hedges", "hedges (may, about, perhaps) per 100 words", lambda tone: tone.hedges, "{:.1f}"),
    Measure("? !", "questions and exclamations", lambda tone: tone.questions + tone.exclamations),
    Measure("ease", "reading ease, from 0 (very hard) to 100 (very easy)", lambda tone: tone.reading_ease),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A measure of one text. `share` is its place between the set's zero and its highest, 0 to 1; `value` and `share`
    are None where the language has no rules for it."""

    value: float | None
    share: float | None
    written: str


def tone_table(texts: Sequence[str], lang: str | None = None) -> list[list[Cell]]:
    """A row for each text, in their order, with a cell for each of MEASURES."""
    tones = [tone(text, lang) for text in texts]
    columns = [_column(measure, [measure.of(each) for each in tones]) for measure in MEASURES]
    return [[column[row] for column in columns] for row in range(len(texts))]


def order(rows: Sequence[Sequence[Cell]], column: int, *, descending: bool = True) -> list[int]:
    """The indexes of the rows by one measure; what has none stands last, equals keep their order."""
    sign = -1 if descending else 1

    def key(index: int) -> tuple[bool, float]:
        value = rows[index][column].value
        return value is None, 0.0 if value is None else sign * value

    return sorted(range(len(rows)), key=key)


def _column(measure: Measure, values: Sequence[float | None]) -> list[Cell]:
    known = [value for value in values if value is not None]
    low, high = min(0.0, *known, 0.0), max(0.0, *known, 0.0)

    def cell(value: float | None) -> Cell:
        if value is None:
            return Cell(None, None, "–")
        share = (value - low) / (high - low) if high > low else 0.0
        return Cell(value, share, measure.written.format(value))

    return [cell(value) for value in values]
