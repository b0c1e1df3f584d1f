"""What a text is about, without a model: its central sentences and its own key phrases, the same every time."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from chatspace.core.document import Span
from chatspace.core.extraction import KeyPoint
from chatspace.core.text.language import STOPWORDS, language_of
from chatspace.core.text.scripts import shown, without_marks
from chatspace.core.text.sentences import segments, split_segment

MAX_COMPARED = 240
"""Sentences that are compared with each other; a longer text is narrowed to its best ones by word weight first."""

MAX_SENTENCES = 50_000
"""Sentences that are read; texts of 10 MB have about as many."""

_MIN_WORDS = 5
_MAX_WORDS = 60
_TOO_SIMILAR = 0.5
_EDGE = 0.08
_STEM = 7

_NOISE = re.compile(r"\]\([^()\]\s]{0,300}\)|https?://\S++|<[^<>\n]{1,200}>|`[^`\n]{1,200}`")
_WORD = re.compile(r"[^\W_](?:[\w'’-]*\w)?")
_PHRASE_PART = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?|\d[\w.,]*|[^\w\s]")
_ALL_STOPWORDS = frozenset().union(*STOPWORDS.values()) | {"http", "https", "www", "com"}


def key_points(text: str, spans_to_skip: Sequence[Span] = (), limit: int = 8) -> tuple[KeyPoint, ...]:
    """The most central sentences, best first, with scores from 1.0 down; never a heading or a table row.

    `spans_to_skip` are code and other blocks that aren't prose. Near repetitions of a better sentence are left out.
    """
    spans = list(islice(_candidates(text, spans_to_skip), MAX_SENTENCES))
    stop = _stopwords(text)
    bags = [_bag(text[start:end], stop) for start, end in spans]
    spans_and_bags = [
        (span, bag) for span, bag in zip(spans, bags, strict=True) if _MIN_WORDS <= sum(bag.values()) <= _MAX_WORDS
    ] or [(span, bag) for span, bag in zip(spans, bags, strict=True) if bag]
    if not spans_and_bags:
        return ()
    weights = _inverse_frequencies([bag for _, bag in spans_and_bags])
    chosen = _narrow(spans_and_bags, weights, len(text))
    vectors = [_unit_vector(bag, weights) for _, bag in chosen]
    places = [start for (start, _), _ in chosen]
    scores = [score * _place_bonus(at, len(text)) for score, at in zip(_centrality(vectors), places, strict=True)]
    best = max(scores)
    kept: list[int] = []
    for index in sorted(range(len(chosen)), key=lambda i: (-scores[i], i)):
        if len(kept) == limit:
            break
        if all(_cosine(vectors[index], vectors[other]) < _TOO_SIMILAR for other in kept):
            kept.append(index)
    spans = [chosen[index][0] for index in kept]
    return tuple(
        KeyPoint(text[start:end], (start, end), round(scores[index] / best, 4))
        for index, (start, end) in zip(kept, spans, strict=True)
    )


def key_phrases(text: str, limit: int = 12) -> list[str]:
    """Phrases of one to four words in the source's own spelling, best first."""
    stop = _stopwords(text)
    spellings: dict[str, Counter[str]] = {}
    bonus: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for segment in segments(text):
        if segment.kind == "row":
            continue
        for phrase in _phrases(_NOISE.sub(" ", _plain(text[segment.start : segment.end])), stop):
            key = " ".join(word.lower() for word in phrase)
            spellings.setdefault(key, Counter())[" ".join(phrase)] += 1
            words.update(_stem(word) for word in phrase)
            if segment.kind == "heading":
                bonus[key] += 2
    scores = {key: _phrase_score(key, sum(forms.values()) + bonus[key], words) for key, forms in spellings.items()}
    kept: list[str] = []
    taken: list[frozenset[str]] = []
    for key in sorted(scores, key=lambda name: (-scores[name], name)):
        if len(kept) == limit:
            break
        stems = frozenset(_stem(word) for word in key.split())
        if any(stems <= other or len(stems & other) > len(stems) / 2 for other in taken):
            continue
        taken.append(stems)
        forms = spellings[key]
        kept.append(min(forms, key=lambda form: (-forms[form], form)))
    return kept


def _candidates(text: str, skip: Sequence[Span]) -> Iterator[Span]:
    """The sentences of paragraphs and list items that lie in no span to skip."""
    german = language_of(text) == "de"
    ordered = sorted(skip)
    starts = [start for start, _ in ordered]
    for segment in segments(text):
        if segment.kind not in ("text", "item"):
            continue
        for start, end in split_segment(text, segment, german):
            before = bisect_right(starts, start) - 1
            inside = before >= 0 and ordered[before][1] > start
            overlaps_next = before + 1 < len(ordered) and ordered[before + 1][0] < end
            if not inside and not overlaps_next and text[end - 1] != ":":
                yield start, end


def _stopwords(text: str) -> frozenset[str]:
    language = language_of(text)
    return STOPWORDS[language] if language else _ALL_STOPWORDS


def _plain(text: str) -> str:
    """`text` without note marks and tags, in which no word joins a figure."""
    return shown(without_marks(text))


def _stem(word: str) -> str:
    """Truncation: crude, but the same for every language and never wrong about a short word."""
    return word.lower()[:_STEM]


def _bag(sentence: str, stop: frozenset[str]) -> Counter[str]:
    words = _WORD.findall(_NOISE.sub(" ", _plain(sentence)))
    return Counter(word.lower()[:_STEM] for word in words if word.lower() not in stop)


def _inverse_frequencies(bags: Iterable[Counter[str]]) -> dict[str, float]:
    containing: Counter[str] = Counter()
    count = 0
    for bag in bags:
        containing.update(bag.keys())
        count += 1
    return {word: math.log(1 + count / found) for word, found in containing.items()}


def _narrow(
    sentences: list[tuple[Span, Counter[str]]], weights: dict[str, float], length: int
) -> list[tuple[Span, Counter[str]]]:
    """At most MAX_COMPARED sentences: those whose words the whole text uses most, in reading order."""
    if len(sentences) <= MAX_COMPARED:
        return sentences
    totals: Counter[str] = Counter()
    for _, bag in sentences:
        totals.update(bag)

    def salience(index: int) -> float:
        (start, _), bag = sentences[index]
        total = sum(weights[word] * math.log(totals[word]) for word in bag)
        return total / math.sqrt(len(bag)) * _place_bonus(start, length)

    best = sorted(range(len(sentences)), key=lambda index: (-salience(index), index))[:MAX_COMPARED]
    return [sentences[index] for index in sorted(best)]


def _unit_vector(bag: Counter[str], weights: dict[str, float]) -> dict[str, float]:
    vector = {word: count * weights[word] for word, count in bag.items()}
    norm = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {word: value / norm for word, value in vector.items()}


def _cosine(left: dict[str, float], right: dict[str, float]) -> float:
    if len(right) < len(left):
        left, right = right, left
    return sum(value * right[word] for word, value in left.items() if word in right)


def _centrality(vectors: list[dict[str, float]], damping: float = 0.85, rounds: int = 30) -> list[float]:
    """LexRank: a sentence matters when it resembles sentences that matter."""
    count = len(vectors)
    links: list[list[tuple[int, float]]] = [[] for _ in vectors]
    for i in range(count):
        for j in range(i):
            likeness = _cosine(vectors[i], vectors[j])
            if likeness > _EDGE:
                links[i].append((j, likeness))
                links[j].append((i, likeness))
    totals = [sum(likeness for _, likeness in row) or 1.0 for row in links]
    scores = [1.0 / count] * count
    for _ in range(rounds):
        scores = [
            (1 - damping) / count + damping * sum(scores[j] * likeness / totals[j] for j, likeness in row)
            for row in links
        ]
    return scores


def _place_bonus(start: int, length: int) -> float:
    """Texts say early what they are about."""
    return 1.0 + 0.3 * max(0.0, 1 - 5 * start / max(1, length))


def _phrases(prose: str, stop: frozenset[str]) -> Iterable[list[str]]:
    """Runs of words between stopwords and punctuation, four words at most."""
    run: list[str] = []
    for part in _PHRASE_PART.findall(prose):
        if part[0].isalpha() and part.lower() not in stop and len(part) > 1:
            run.append(part)
            continue
        if 1 <= len(run) <= 4:
            yield run
        run = []
    if 1 <= len(run) <= 4:
        yield run


def _phrase_score(phrase: str, count: float, words: Counter[str]) -> float:
    """Frequent words make a phrase weighty, repetition as a phrase makes it a term; two and three words read best."""
    stems = [_stem(word) for word in phrase.split()]
    weight = sum(math.log(1 + words[stem]) for stem in stems) / len(stems)
    return weight * math.log(1 + count) * {1: 0.7, 2: 1.2, 3: 1.2}.get(len(stems), 0.9)
