"""Whether a draft's names, quotes and addresses are its source's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice

from chatspace.core.document import Span
from chatspace.core.extraction import Entity, Fact
from chatspace.core.facts import name_lists as lists
from chatspace.core.facts.align import align, folded
from chatspace.core.facts.source_index import SourceIndex
from chatspace.core.runs.run import Verdict

_MAX_PLACES = 50
_LIKE_A_NAME = 0.8
_LIKE_A_QUOTE = 0.55
_LIKE_AN_ADDRESS = 0.7
_MAX_COMPARED = 400
_OMISSION = re.compile(r"\.{3,}|…|\[[^\[\]]{0,80}\]")
_EDGES = " .,;:!?-\"'()"


@dataclass(frozen=True, slots=True)
class WordVerdict:
    """A verdict with the source and the span that it rests on; `places` are all of (source, offset)."""

    verdict: Verdict
    source: int | None = None
    span: Span | None = None
    note: str = ""
    places: tuple[tuple[int, int], ...] = ()


def check_name(entity: Entity, name: str, index: SourceIndex) -> WordVerdict:
    """`name` is one mention of the draft's entity."""
    words = name.split()
    without_form = [word for word in words if word not in lists.LEGAL_FORMS]
    for form in dict.fromkeys((name, " ".join(without_form), lists.EXONYMS.get(name, name))):
        if places := _places(form, index):
            source, span = places[0]
            return WordVerdict("supported", source, span, places=tuple((number, at[0]) for number, at in places))
    if spelled := _spelled_out(name, index):
        return spelled
    if entity.type == "other" and all(_places(word, index) for word in words):
        source, span = _places(words[0], index)[0]
        return WordVerdict("supported", source, span, "its words occur separately in the source")
    return _nearest_name(entity, name, index)


def _places(name: str, index: SourceIndex) -> list[tuple[int, Span]]:
    """Where the sources have a name as whole words, whatever the case and the typography."""
    plain = folded(name)[0].strip()
    if not plain:
        return []
    pattern = re.compile(rf"(?<!\w){re.escape(plain)}(?!\w)")
    found: list[tuple[int, Span]] = []
    for number in range(len(index.sources)):
        source, places = index.folded(number)
        for match in islice(pattern.finditer(source), _MAX_PLACES):
            found.append((number, (places[match.start()], places[match.end() - 1] + 1)))
    return found


def _spelled_out(name: str, index: SourceIndex) -> WordVerdict | None:
    """An acronym of a name that the source only has in full."""
    if not (name.isupper() and 2 <= len(name) <= 6):
        return None
    for number, entity in index.entities:
        initials = "".join(word[0] for word in re.split(r"[ -]", entity.name) if word[:1].isupper())
        if initials == name:
            note = f"short for {entity.name}"
            return WordVerdict("supported", number, entity.mentions[0], note, ((number, entity.mentions[0][0]),))
    return None


def _nearest_name(entity: Entity, name: str, index: SourceIndex) -> WordVerdict:
    """Altered where a name of the source shares a word with it or is spelled nearly so."""
    words = {word.lower() for word in name.split() if len(word) > 1}
    best: tuple[float, int, Span] | None = None
    for number, other in index.entities[:_MAX_COMPARED]:
        shared = words & {word.lower() for word in other.name.split() if len(word) > 1}
        likeness = _likeness(name.lower(), other.name.lower())
        if shared and other.type in (entity.type, "other"):
            likeness = max(likeness, _LIKE_A_NAME)
        if likeness >= _LIKE_A_NAME and (best is None or likeness > best[0]):
            best = likeness, number, other.mentions[0]
    return WordVerdict("altered", best[1], best[2]) if best else WordVerdict("unsupported")


def _likeness(one: str, other: str) -> float:
    """How alike two spellings are; 0 where a quick look says that they aren't enough so."""
    matcher = SequenceMatcher(None, one, other)
    return matcher.ratio() if matcher.quick_ratio() >= _LIKE_A_NAME else 0.0


def check_quote(fact: Fact, index: SourceIndex) -> WordVerdict:
    """Word for word, but for typography, the closing punctuation and what brackets or dots mark as left out."""
    inner = str(fact.value)
    parts = [plain for part in _OMISSION.split(inner) if (plain := folded(part)[0].strip(_EDGES))]
    for number in range(len(index.sources)):
        source, places = index.folded(number)
        spans = list(_in_order(parts, source))
        if parts and len(spans) == len(parts):
            span = (places[spans[0][0]], places[spans[-1][1] - 1] + 1)
            return WordVerdict("supported", number, span, places=((number, span[0]),))
    return _nearest_quote(inner, index)


def _in_order(parts: Sequence[str], source: str) -> Iterator[Span]:
    at = 0
    for part in parts:
        at = source.find(part, at)
        if at < 0:
            return
        yield at, at + len(part)
        at += len(part)


def _nearest_quote(inner: str, index: SourceIndex) -> WordVerdict:
    for number, (_, text) in enumerate(index.sources):
        if near := align(inner.strip(_EDGES), text):
            return WordVerdict("altered", number, near[0])
    plain = folded(inner)[0]
    best: tuple[float, int, Span] | None = None
    for one in index.by_kind["quote"][:_MAX_COMPARED]:
        likeness = SequenceMatcher(None, plain, folded(str(one.fact.value))[0], autojunk=False).ratio()
        if likeness >= _LIKE_A_QUOTE and (best is None or likeness > best[0]):
            best = likeness, index.passages[one.passage].source, one.fact.span
    return WordVerdict("altered", best[1], best[2]) if best else WordVerdict("unsupported")


def check_address(fact: Fact, index: SourceIndex) -> WordVerdict:
    """A URL without regard to its scheme, "www." and a last slash; an email in any case."""
    wanted = _bare(str(fact.value))
    best: tuple[float, int, Span] | None = None
    for one in index.by_kind[fact.type][:_MAX_COMPARED]:
        source = index.passages[one.passage].source
        theirs = _bare(str(one.fact.value))
        if theirs == wanted:
            return WordVerdict("supported", source, one.fact.span, places=((source, one.fact.span[0]),))
        likeness = SequenceMatcher(None, wanted, theirs, autojunk=False).ratio()
        same_host = wanted.partition("/")[0] == theirs.partition("/")[0]
        if (same_host or likeness >= _LIKE_AN_ADDRESS) and (best is None or likeness > best[0]):
            best = likeness, source, one.fact.span
    return WordVerdict("altered", best[1], best[2]) if best else WordVerdict("unsupported")


def _bare(address: str) -> str:
    address = re.sub(r"\A(?:https?://)?(?:www\.)?", "", address, flags=re.IGNORECASE).rstrip("/")
    host, slash, path = address.partition("/")
    return host.lower() + slash + path
