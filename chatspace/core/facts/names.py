"""Candidate names by rule: runs of capitalised words, told apart by their neighbours and by short word lists."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from chatspace.core.document import Span
from chatspace.core.extraction import Entity, EntityType
from chatspace.core.facts import name_lists as lists
from chatspace.core.text.language import STOPWORDS, language_of
from chatspace.core.text.reading import reading
from chatspace.core.text.sentences import segments, split_segment, unwrapped

MAX_RUNS = 200_000
"""Runs of capitalised words that are looked at; later ones in a longer text make no name."""

_WORD = r"(?:[A-ZÀ-ÖØ-Þ]\.(?=[ ][A-ZÀ-ÖØ-Þ])|[A-ZÀ-ÖØ-Þ][\w&]*+(?:(?:-|[’'])[A-ZÀ-ÖØ-Þ]\w*+)*+|[a-z]{1,2}[A-Z]\w++)"
_OPENING = 40
"""Characters before a first word that may be marks and quotes."""

_LINK = r"(?:\ (?:of\ the|of|&|de\ la|de|del|van\ der|van|von\ der|von|zu|für)\ |\.?\ )"
_RUN = re.compile(
    rf"(?<![\w@#/]){_WORD}(?:{_LINK}{_WORD}){{0,5}}+(?:\ \d{{1,3}}(?:\.\d{{1,3}}){{0,2}}+(?![\w%]|[.,:/-]\d))?"
)
_LOWERED = re.compile(r"(?<![\w.@/])[a-zß-ÿ][a-zß-ÿ]++")
_ACRONYM_BEHIND = re.compile(r" \((?:the )?(?P<short>[A-ZÀ-Þ][A-Za-z0-9&-]{1,11})\)")
_SPLIT = re.compile(rf"\ (?:and|&)\ |{_LINK}")
_CAPITAL = re.compile(r"[A-ZÀ-ÖØ-Þ]")
_INITIAL = re.compile(r"[A-ZÀ-Þ]\.")
_NO_SINGLE_NAMES = lists.ACRONYMS_THAT_ARE_NO_NAMES | lists.ORGANIZATION_HEADS | lists.PLACE_HEADS
_BEGIN_A_GERMAN_NAME = lists.ORGANIZATION_HEADS | lists.FIRST_NAMES | lists.PLACES
_STOPWORDS = STOPWORDS["en"] | STOPWORDS["de"]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A cleaned run; `sure` unless it is one word at the start of a sentence, whose capital proves nothing."""

    name: str
    span: Span
    sure: bool
    hint: EntityType | None


def find_names(text: str, skip: Sequence[Span] = (), lang: str | None = None) -> list[Entity]:
    """People, organisations, places and products in the order of their first mention, ids from e1 on; `by` is "rule".

    `skip` are spans without names, such as code; `lang` is an ISO 639-1 code, else the text decides. Headings alone
    make no name. In a German text, where every noun has a capital, a name needs a title, a first name, a legal form, a
    model number or a known place.
    """
    read = reading(text, names=True)
    found = _found(read.text, [read.inner(span) for span in skip], lang)
    return [
        Entity(f"e{number}", kind, name, aliases, tuple(map(read.outer, sorted(spans))))
        for number, (kind, name, aliases, spans) in enumerate(found, 1)
    ]


_Named = tuple[EntityType, str, tuple[str, ...], list[Span]]
"""A name's kind, the name, its other forms and where it stands."""


def _found(text: str, skip: Sequence[Span], lang: str | None) -> list[_Named]:
    german = (lang or language_of(text)) == "de"
    lowered = frozenset(_LOWERED.findall(text))
    prose: list[_Candidate] = []
    headings: list[_Candidate] = []
    for in_heading, first, run in islice(_runs(text, sorted(skip), german), MAX_RUNS):
        (headings if in_heading else prose).extend(_clean(text, run, first, lowered, german))
    known = {candidate.name for candidate in prose if candidate.sure}
    known |= {word for name in known if " " in name for word in (name.split()[0], name.split()[-1])}
    mentions: dict[str, list[Span]] = defaultdict(list)
    hints: dict[str, EntityType] = {}
    for candidate in sorted([*prose, *headings], key=lambda one: one.span):
        if candidate.name in known:
            mentions[candidate.name].append(candidate.span)
            if candidate.hint:
                hints.setdefault(candidate.name, candidate.hint)
    return _entities(mentions, _with_acronyms(text, mentions), hints, german)


def _runs(text: str, skip: Sequence[Span], german: bool) -> Iterator[tuple[bool, bool, re.Match[str]]]:
    """Whether it stands in a heading, whether it begins a sentence or stands in a table row, and the run."""
    starts = [start for start, _ in skip]
    flat = unwrapped(text)
    for segment in segments(text):
        if not _CAPITAL.search(flat, segment.start, segment.end):
            continue
        row = segment.kind == "row"
        sentences = [(segment.start, segment.end)] if row else split_segment(text, segment, german)
        for start, end in sentences:
            for run in _RUN.finditer(flat, start, end):
                block = bisect_right(starts, run.start()) - 1
                if block >= 0 and skip[block][1] > run.start():
                    continue
                opening = text[max(start, run.start() - _OPENING) : run.start()].rstrip(" \n\"“„'*_(")
                first = run.start() - start < _OPENING and not any(map(str.isalnum, opening))
                first = first or opening.endswith(":")
                yield segment.kind == "heading", row or first, run


def _clean(text: str, run: re.Match[str], first: bool, lowered: frozenset[str], german: bool) -> Iterator[_Candidate]:
    """The names in a run: split at links that join two, without titles and without the words that only start."""
    for start, end in _parts(run):
        titled = False
        at_start = first and start == run.start()
        words = run.string[start:end].split(" ")
        while words:
            plain = words[0].rstrip(".")
            lower = plain.lower()
            if plain in lists.TITLES:
                titled = True
            elif plain in lists.SHORT_NAMES or not (_opens(lower) or (at_start and lower in lowered)):
                break
            start += len(words.pop(0)) + 1
        if german:
            while _has_a_common_noun(words):
                start += len(words.pop(0)) + 1
        if not words or not _may_be_a_name(words, lowered, titled):
            continue
        name = " ".join(words)
        alone = len(words) == 1 and at_start and start == run.start() and not titled and not _is_acronym(name)
        span = (start, start + len(name))
        yield _Candidate(name, span, not alone, _hint(text, span, titled))


def _has_a_common_noun(words: Sequence[str]) -> bool:
    """Whether a German run begins with a noun before the name ("Stadt Leipzig", "Imkerin Heike Lorenz")."""
    known = any(word in lists.PLACES or word in lists.FIRST_NAMES for word in words[1:])
    return known and words[0] not in _BEGIN_A_GERMAN_NAME


def _opens(word: str) -> bool:
    """Whether a word with a capital is there for the sentence's or the calendar's sake."""
    return word in _STOPWORDS or word in lists.NO_NAMES


def _parts(run: re.Match[str]) -> Iterator[Span]:
    """A run cut at "of" and at a point, unless what stands before is the head of a longer name ("Bank of England")."""
    text, start = run.string, run.start()
    for link in _SPLIT.finditer(text, run.start(), run.end()):
        before = text[start : link.start()].split()
        word = link[0].strip(" ")
        if not before or word in ("", "&", "de", "de la", "del", "van", "van der", "von", "von der", "zu"):
            continue
        if word in ("of", "of the", "für") and (
            before[-1] in lists.ORGANIZATION_HEADS or before[-1] in lists.PLACE_HEADS
        ):
            continue
        if word == "." and (len(before[-1]) == 1 or before[-1] in lists.TITLES or before[-1] == "St"):
            continue
        yield start, link.start()
        start = link.end()
    yield start, run.end()


def _is_acronym(name: str) -> bool:
    return 2 <= len(name) <= 6 and name.isupper() and name.isalpha()


def _may_be_a_name(words: Sequence[str], lowered: frozenset[str], titled: bool) -> bool:
    name = words[0]
    if name[0].isdecimal():
        return False
    if len(words) > 1:
        shouted = all(len(word) > 3 and word.isupper() for word in words)
        return not shouted and not (words[1].isdecimal() and name in lists.ACRONYMS_THAT_ARE_NO_NAMES)
    if name in lists.SHORT_NAMES or titled:
        return True
    if len(name) < 2 or name.isdecimal() or name in _NO_SINGLE_NAMES:
        return False
    return name.lower() not in lowered and name.lower() not in lists.PEOPLES and not (name.isupper() and len(name) > 6)


def _hint(text: str, span: Span, titled: bool) -> EntityType | None:
    """What the words before and behind say: a title, a verb of speech, "in"."""
    before = text[max(0, span[0] - 16) : span[0]].split()
    behind = text[span[1] : span[1] + 16].split()
    if titled or (behind and behind[0].strip(".,;:") in lists.SPEECH) or (before and before[-1] in lists.SPEECH):
        return "person"
    after_comma = behind[1] if len(behind) > 1 and behind[0] == "," else ""
    if (before and before[-1].rstrip(",").lower() in lists.ROLES) or after_comma.strip(",.").lower() in lists.ROLES:
        return "person"
    if before and before[-1].lower() in ("in", "near", "nach", "à"):
        return "place"
    return None


def _with_acronyms(text: str, mentions: Mapping[str, list[Span]]) -> dict[str, str]:
    """Acronyms explained in parentheses behind the name they stand for: short to long."""
    found: dict[str, str] = {}
    for name, spans in mentions.items():
        behind = _ACRONYM_BEHIND.match(text, spans[0][1])
        if (
            behind
            and " " in name
            and behind["short"][0] == name[0]
            and set(behind["short"].upper()) <= set(name.upper())
        ):
            found.setdefault(behind["short"], name)
    return found


def _entities(
    mentions: Mapping[str, list[Span]],
    acronyms: Mapping[str, str],
    hints: Mapping[str, EntityType],
    german: bool,
) -> list[_Named]:
    types = {name: _type(name, hints.get(name)) for name in mentions}
    longer = _longer_names(mentions, types)
    owner = {name: acronyms.get(name) or longer.get(name) or name for name in mentions}
    grouped: dict[str, list[str]] = defaultdict(list)
    for name in mentions:
        grouped[owner[name] if owner.get(owner[name]) == owner[name] else name].append(name)
    shorts: dict[str, set[str]] = defaultdict(set)
    for short, full in acronyms.items():
        shorts[full].add(short)
    entities = []
    for name, members in grouped.items():
        if german and not _is_sure_in_german(name, hints.get(name)):
            continue
        aliases = tuple(sorted({*members, *shorts.get(name, ())} - {name}))
        spans = [span for member in members for span in mentions[member]]
        entities.append((types[name], name, aliases, spans))
    return sorted(entities, key=lambda entity: min(entity[3]))


def _longer_names(mentions: Mapping[str, list[Span]], types: Mapping[str, EntityType]) -> dict[str, str]:
    """A surname to the full name, the first word of a company or product to the whole, where only one has it."""
    by_word: dict[str, set[str]] = defaultdict(set)
    for name in mentions:
        words = name.split()
        if len(words) > 1:
            by_word[words[-1] if types[name] == "person" else words[0]].add(name)
            if types[name] == "person" and words[0] in lists.FIRST_NAMES:
                by_word[words[0]].add(name)
            if types[name] == "organization" and len(words) > 2:
                by_word[" ".join(words[:-1])].add(name)
    longest = {part: max(full, key=lambda name: (len(name), name)) for part, full in by_word.items()}
    return {
        part: longest[part]
        for part, full in by_word.items()
        if part in mentions and all(longest[part].startswith(name) for name in full)
    }


def _type(name: str, hint: EntityType | None) -> EntityType:
    words = name.replace(".", "").split()
    if words[-1] in lists.ORGANIZATION_HEADS or words[0] in lists.ORGANIZATION_HEADS or "&" in words:
        return "organization"
    given = words[0] in lists.FIRST_NAMES or _INITIAL.match(name) is not None
    if given and 2 <= len(words) <= 4 and not words[-1].isdigit():
        return "person"
    if words[-1].isdigit() or re.search(r"[a-z][A-Z]|\d", name):
        return "product"
    if name in lists.PLACES or words[-1] in lists.PLACE_HEADS or words[0] in ("Lake", "Mount", "San", "Saint", "Port"):
        return "place"
    if hint == "person" and len(words) <= 4:
        return "person"
    return hint or "other"


def _is_sure_in_german(name: str, hint: EntityType | None) -> bool:
    kind = _type(name, None)
    return kind != "other" or _is_acronym(name) or (hint == "person" and name.split()[0] not in lists.NO_NAMES)
