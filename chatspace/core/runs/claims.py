"""What copy is made of: a title, a lead, and the few sentences that say what there is, for how much, when and where."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatspace.core.extraction import Block, Extraction
from chatspace.core.runs.payload import content
from chatspace.core.text.sentences import segments, split_segment
from chatspace.core.text.tokens import estimate_tokens

MAX_TOKENS = 500
MAX_CLAIMS = 8
MAX_COMPARED = 200
"""Sentences among which the claims are chosen."""

LEAD_TOKENS = 130
CLAIM_TOKENS = 90
MIN_WORDS = 4
MAX_ROWS = 40

WEIGHTS = {"money": 1.0, "percent": 0.8, "url": 0.8, "email": 0.8, "date": 0.6, "quantity": 0.5, "number": 0.2}
NAME_WEIGHT = 0.3
POINT_WEIGHT = 1.2
AGAIN = 0.5
"""What a kind of fact weighs once more where a claim has it already."""

_CELL = re.compile(r"(?<!\\)\|")
_QUOTED = re.compile(r"\n[ \t]*>+[ \t]?")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, a list item or a table row as a sentence, with how many facts of each kind are in it."""

    place: tuple[int, int]
    text: str
    tokens: int
    weight: float
    kinds: tuple[str, ...]

    def worth(self, covered: Counter[str]) -> float:
        """Its weight with that of its facts, those of kinds that were covered weighing less."""
        return self.weight + sum(WEIGHTS.get(kind, 0.0) * AGAIN ** covered[kind] for kind in self.kinds)


def claims(extractions: Sequence[Extraction], draft: str | None = None, limit: int = MAX_TOKENS) -> str:
    """The title and the lead of the draft, else of the main source, and its claims, in at most `limit` tokens."""
    title, lead = _opening(draft) if draft else _opening(content(extractions[0]))
    main = extractions[0].doc
    title = title or (main.title if main.title != main.name else "")
    head = "\n\n".join(part for part in (f"# {_cut(title, limit // 8)}" if title else "", _lead(lead, limit)) if part)
    room = limit - estimate_tokens(head) - 1
    chosen = _chosen(list(_candidates(extractions)), head, room)
    lines = [f"- {each.text}" for each in sorted(chosen, key=lambda each: each.place)]
    return "\n\n".join(part for part in (head, "\n".join(lines)) if part)


def _opening(text: str) -> tuple[str, str]:
    """The title of a text and its first paragraph."""
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
    title = next((part.lstrip("# ").partition("\n")[0] for part in paragraphs if part.startswith("# ")), "")
    lead = next((part for part in paragraphs if part[0] not in "#-*|`~<>" or part.startswith("**")), "")
    return title, " ".join(lead.split())


def _lead(lead: str, limit: int) -> str:
    """Its first sentences that fit."""
    room, kept = min(LEAD_TOKENS, limit // 3), list[str]()
    for segment in segments(lead):
        for start, end in split_segment(lead, segment):
            room -= estimate_tokens(lead[start:end]) + 1
            if room < 0:
                break
            kept.append(lead[start:end])
    return " ".join(kept)


def _cut(title: str, most: int) -> str:
    title = " ".join(title.split())
    return title if estimate_tokens(title) <= most else title[: max(1, most - 1)] + "…"


def _chosen(candidates: Sequence[Claim], head: str, room: int) -> list[Claim]:
    """Those that say most, each beside what those before it have said."""
    said = " ".join(head.split())
    fitting = [each for each in candidates if each.tokens <= min(room, CLAIM_TOKENS) and each.text not in said]
    waiting = sorted(fitting, key=lambda each: -each.worth(Counter()))[:MAX_COMPARED]
    covered: Counter[str] = Counter()
    chosen: list[Claim] = []
    while waiting and len(chosen) < MAX_CLAIMS:
        best = max(waiting, key=lambda each: each.worth(covered))
        chosen.append(best)
        covered.update(set(best.kinds))
        room -= best.tokens
        waiting = [each for each in waiting if each is not best and each.text != best.text and each.tokens <= room]
    return chosen


def _candidates(extractions: Sequence[Extraction]) -> Iterator[Claim]:
    for number, extraction in enumerate(extractions):
        text = extraction.text or ""
        facts = sorted((fact.span[0], fact.type) for fact in extraction.facts)
        names = sorted(span[0] for entity in extraction.entities for span in entity.mentions)
        points = sorted((point.span[0], point.score) for point in extraction.key_points)
        for start, end, said in _sentences(extraction, text):
            kinds = tuple(kind for _, kind in facts[bisect_left(facts, (start, "")) : bisect_left(facts, (end, ""))])
            named = bisect_left(names, end) - bisect_left(names, start)
            inside = points[bisect_left(points, (start, -1.0)) : bisect_left(points, (end, -1.0))]
            weight = min(2, named) * NAME_WEIGHT + sum(POINT_WEIGHT * (1 + score) / 2 for _, score in inside)
            yield Claim((number, start), said, estimate_tokens(said) + 1, weight, kinds)


def _sentences(extraction: Extraction, text: str) -> Iterator[tuple[int, int, str]]:
    """Where each sentence stands, and the sentence on one line; headings are none, and code has none."""
    begin = min((section.span[0] for section in extraction.sections), default=0)
    for segment in segments(text):
        if segment.kind not in ("text", "item") or segment.start < begin:
            continue
        first = None
        for start, end in split_segment(text, segment):
            first = start if first is None else first
            said = " ".join(_QUOTED.sub(" ", text[first:end]).split())
            if _open_quote(said) and end < segment.end:
                continue  # what is quoted goes on
            if len(said.split()) >= MIN_WORDS and not said.endswith(":"):
                yield first, end, said
            first = None
    for block in extraction.blocks:
        if block.kind == "table":
            yield from _rows(text, block)


def _open_quote(text: str) -> bool:
    return text.count('"') % 2 == 1 or text.count("“") > text.count("”")


def _rows(text: str, block: Block) -> Iterator[tuple[int, int, str]]:
    """Each row with the names of its columns: "Tern 4 S: Output 5 kW; Price €6,900"."""
    at, header = block.span[0], list[str]()
    for number, line in enumerate(text[slice(*block.span)].split("\n")[: MAX_ROWS + 2]):
        cells = [cell.strip() for cell in _CELL.split(line.strip().strip("|"))]
        if number == 0:
            header = cells
        elif number > 1 and len(cells) > 1:
            named = [f"{name} {cell}".strip() for name, cell in zip(header[1:], cells[1:], strict=False) if cell]
            yield at, at + len(line), f"{cells[0]}: {'; '.join(named)}"
        at += len(line) + 1
