"""The tone of a text in numbers, counted by rule: no model, the same every time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, pstdev

from chatspace.core.text.language import language_of
from chatspace.core.text.sentences import segments, sentences
from chatspace.core.text.word_lists import word_lists


@dataclass(frozen=True, slots=True)
class Tone:
    """What can be counted of a text's prose; code, headings and tables are left out.

    `sentence_mean` and `sentence_spread` (standard deviation) are in words. `first`, `second` and `third` are shares of
    the personal pronouns, `passive` is the share of sentences with a passive, `hedges` stand per 100 words.
    `reading_ease` is Flesch's for English and Amstad's for German (0 very hard, 100 very easy). In a language that has
    no rules here pronouns, passives and hedges are 0 and the reading ease is None.
    """

    words: int = 0
    sentences: int = 0
    sentence_mean: float = 0.0
    sentence_spread: float = 0.0
    first: float = 0.0
    second: float = 0.0
    third: float = 0.0
    passive: float = 0.0
    hedges: float = 0.0
    questions: int = 0
    exclamations: int = 0
    reading_ease: float | None = None


def tone(text: str, lang: str | None = None) -> Tone:
    """The tone of Markdown or plain text. `lang` is ISO 639-1 ("en", "de"); without it the text is asked."""
    prose = _prose(text)
    spoken = [prose[start:end] for start, end in sentences(prose)]
    counts = [len(_WORD.findall(sentence)) for sentence in spoken]
    lengths = [count for count in counts if count]
    if not lengths:
        return Tone()
    rules = _RULES.get(lang or language_of(prose) or "")
    bare = [sentence.rstrip(_CLOSERS) for sentence in spoken]
    counted = Tone(
        words=sum(lengths),
        sentences=len(lengths),
        sentence_mean=round(fmean(lengths), 1),
        sentence_spread=round(pstdev(lengths), 1),
        questions=sum(sentence.endswith(("?", "？")) for sentence in bare),
        exclamations=sum(sentence.endswith(("!", "！")) for sentence in bare),
    )
    return rules.add_to(counted, prose, spoken) if rules else counted


_WORD = re.compile(r"[^\W_](?:[\w'’-]*\w)?")
_CLOSERS = "\"'“”’»)]*_ "
_MARKUP = re.compile(
    r"!?\[([^\[\]\n]*)\](?:\([^()\s]*(?:\s\"[^\"\n]*\")?\)|\[[^\[\]\n]*\])|https?://\S+|<[^<>\n]{1,200}>|[*_`~]{1,3}"
)


def _prose(text: str) -> str:
    """Paragraphs and list items without their markup, a blank line between them."""
    parts = (text[part.start : part.end] for part in segments(text) if part.kind in ("text", "item"))
    return "\n\n".join(_MARKUP.sub(lambda found: found[1] or "", part) for part in parts)


def _one_of(heading: str) -> re.Pattern[str]:
    words = (word.replace("-", r"\s+") for word in sorted(word_lists("tone")[heading]))
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a language says it with. `ease` takes the mean words of a sentence and the mean syllables of a word."""

    persons: tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]
    passive: tuple[re.Pattern[str], ...]
    hedges: re.Pattern[str]
    vowels: re.Pattern[str]
    ease: tuple[float, float, float]

    def add_to(self, tone: Tone, prose: str, spoken: Sequence[str]) -> Tone:
        persons = [len(pattern.findall(prose)) for pattern in self.persons]
        first, second, third = (round(count / (sum(persons) or 1), 2) for count in persons)
        base, per_word, per_syllable = self.ease
        words = _WORD.findall(prose)
        syllables = fmean(max(1, len(self.vowels.findall(word))) for word in words)
        return replace(
            tone,
            first=first,
            second=second,
            third=third,
            passive=round(sum(self._is_passive(sentence) for sentence in spoken) / tone.sentences, 2),
            hedges=round(100 * len(self.hedges.findall(prose)) / tone.words, 1),
            reading_ease=round(base - per_word * tone.words / tone.sentences - per_syllable * syllables, 1),
        )

    def _is_passive(self, sentence: str) -> bool:
        return all(part.search(sentence) for part in self.passive)


_IRREGULAR = "|".join(sorted(word_lists("tone")["en participles"]))

_RULES = {
    "en": _Rules(
        persons=(_one_of("en first"), _one_of("en second"), _one_of("en third")),
        passive=(
            re.compile(
                r"\b(?:am|is|are|was|were|be|been|being|gets?|got)\s+(?:(?:not|also|\w{1,20}ly)\s+)?"
                rf"(?:\w{{2,20}}ed|{_IRREGULAR})\b",
                re.IGNORECASE,
            ),
        ),
        hedges=_one_of("en hedges"),
        # A final e is silent unless it follows another vowel or an l (table).
        vowels=re.compile(r"(?!e(?:s|d)?$)[aeiouy]+|(?<=[^aeiou]l)e$", re.IGNORECASE),
        ease=(206.835, 1.015, 84.6),
    ),
    "de": _Rules(
        persons=(
            _one_of("de first"),
            # The polite form is told by its capital, which a sentence's first word can't tell.
            re.compile(
                r"\b(?:[Dd]u|[Dd]ir|[Dd]ich|[Dd]eine?[mnr]?|[Ee]uch|[Ee]ure?[mnr]?)\b|(?<![.!?…]\s)(?<!^)\b(?:Sie|Ihnen|Ihre?[mnr]?)\b",
                re.MULTILINE,
            ),
            re.compile(r"\b(?:[Ee]r|[Ee]s|ihm|ihn|sie|ihnen|ihre?[mnr]?|[Ss]eine?[mnr]?)\b"),
        ),
        # The participle stands at the end of its clause.
        passive=(
            re.compile(r"\b(?:wird|werden|wurden?|worden)\b"),
            re.compile(
                r"\b(?:\w{0,12}ge\w{2,20}(?:t|en)|(?:be|ent|er|ver|zer)\w{2,20}(?:t|en)|\w{2,20}iert)"
                r"(?=\s*(?:[.,;:!?…)\"“–]|$|und\b|oder\b|w[eou]rden?\b|wird\b))"
            ),
        ),
        hedges=_one_of("de hedges"),
        vowels=re.compile(r"aa|ai|au|äu|ee|ei|eu|ie|oo|[aeiouyäöü]", re.IGNORECASE),
        ease=(180.0, 1.0, 58.5),
    ),
}
