"""The payload: what a model is shown of its sources, their text as Markdown, once, within a budget of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatspace.core.document import Span
from chatspace.core.extraction import Extraction
from chatspace.core.runs.chunks import Chunk, shortened
from chatspace.core.runs.selection import Candidates, Own, best
from chatspace.core.text.fenced import OPENING, fenced, mark_for
from chatspace.core.text.safe import for_file
from chatspace.core.text.tokens import estimate_tokens

GIST_LENGTH = 160
MIN_CONTENT_WORDS = 5
"""What the front matter says in so many words is content, such as a summary; an author or a status isn't."""

NOTES_SHARE = 5
"""One part in so many of a budget is for what was left out."""

LARGEST_SHARE = 4
"""And what is shown as one takes at most one part in so many."""

WORDS_FACTOR = 2.5
SOURCE_SHARE = 0.35
"""What is shown for a text of so many words is at most the larger of these, of the words and of the source."""


@dataclass(frozen=True, slots=True)
class Payload:
    """`sections` is the number of sections, `left_out` names those of which nothing is shown.

    Of the source's sentences `shown` are there, of so many; None where all are.
    """

    text: str
    tokens: int
    sections: int
    left_out: tuple[str, ...] = ()
    shown: tuple[int, int] | None = None


def payload(
    extractions: Sequence[Extraction],
    *,
    budget: int | None = None,
    words: int | None = None,
    notes: Sequence[str] = (),
) -> Payload:
    """The text of all sources, with `notes` on what it doesn't say.

    Where that takes more than the `budget`, in tokens, or the sources are longer than a text of so many `words` needs,
    it is the sentences that carry the key points and facts, by section, and what is said in the sections left out.
    """
    texts = [content(extraction) for extraction in extractions]
    everything = _joined(extractions, texts, notes)
    tokens, sections = estimate_tokens(everything), sum(len(each.sections) for each in extractions)
    limits = [limit for limit in (budget, _needed(extractions, texts, words)) if limit is not None]
    if not limits or tokens <= min(limits):
        return Payload(everything, tokens, sections)
    return _selected(extractions, min(limits), notes)


def _needed(extractions: Sequence[Extraction], texts: Sequence[str], words: int | None) -> int | None:
    """The tokens that a text of so many words needs of its sources; None where it needs all."""
    there = sum(each.doc.words for each in extractions)
    if words is None or there <= words:
        return None
    share = max(WORDS_FACTOR * words / there, SOURCE_SHARE)
    return None if share >= 1 else int(share * sum(map(estimate_tokens, texts)))


def content(extraction: Extraction) -> str:
    """The source's own Markdown; of its front matter a title that its text doesn't have, and what is content."""
    text = extraction.text or ""
    start = min((section.span[0] for section in extraction.sections), default=0)
    body = text[start:].strip("\n")
    front = [f"{name}: {value}" for name, value in _front(extraction, body, start)]
    return "\n".join(["---", *front, "---", "", body]) if front else body


def _front(extraction: Extraction, body: str, start: int) -> Iterator[tuple[str, str]]:
    doc, flat = extraction.doc, " ".join(body.split())
    if doc.title != doc.name and (title := " ".join(doc.title.split())) not in flat:
        yield "title", title
    for name, value in doc.metadata.items() if start else ():
        said = " ".join(value.split()) if isinstance(value, str) else ""
        if name != "title" and len(said.split()) >= MIN_CONTENT_WORDS and said not in flat:
            yield name, said


def _joined(extractions: Sequence[Extraction], texts: Sequence[str], notes: Sequence[str]) -> str:
    """One source is shown bare, for the message is nothing else; several, and notes beside one, between marks."""
    if len(texts) == 1 and not notes and OPENING not in texts[0]:
        return texts[0]
    said = "\n".join(notes)
    mark = mark_for([*texts, said])
    parts = [
        fenced(text, mark, shortened(each.doc.name)) for each, text in zip(extractions, texts, strict=True) if text
    ]
    if notes:
        parts.append(f"-----BEGIN NOTES {mark}-----\n{said}\n-----END NOTES {mark}-----")
    return "\n\n".join(parts)


def _selected(extractions: Sequence[Extraction], limit: int, notes: Sequence[str]) -> Payload:
    sources = [Candidates.of(each, max(1, limit // LARGEST_SHARE)) for each in extractions]
    empty = estimate_tokens(_joined(extractions, ["x"] * len(extractions), (*notes, "x"))) + 2 * len(extractions)
    kept = best(sources, limit - empty - limit // NOTES_SHARE)
    texts = [each.arranged(chosen) for each, chosen in zip(sources, kept, strict=True)]
    left_out = [
        (extraction, own)
        for extraction, each, chosen in zip(extractions, sources, kept, strict=True)
        for own in each.left_out(chosen)
    ]
    room = limit - estimate_tokens(_joined(extractions, texts, (*notes, "x"))) - 1
    text = _joined(extractions, texts, (*notes, *_gists(left_out, room)))
    return Payload(
        text,
        estimate_tokens(text),
        sections=sum(len(each.sections) for each in sources),
        left_out=tuple(own.name for _, own in left_out),
        shown=(sum(map(len, kept)), sum(len(each.units) for each in sources)),
    )


def _gists(left_out: Sequence[tuple[Extraction, Own]], room: int) -> list[str]:
    """The sections of which nothing is shown, with as much said of each as fits for all."""
    if not left_out:
        return []
    names = [f"- {shortened(own.name)}, {len(own.text.split())} words" for _, own in left_out]
    gists = [f"{name}: {gist_of(each, own.span)}" for name, (each, own) in zip(names, left_out, strict=True)]
    for lines in (["Left out:", *gists], ["Left out:", *names], [f"{len(left_out)} sections are left out."]):
        if estimate_tokens("\n".join(lines)) <= room:
            return lines
    return []


def chunk_payload(extraction: Extraction, chunk: Chunk, part: str) -> str:
    """The source's text of one chunk below a line that says which part of which source it is, and under which heading.

    A stretch that begins in the middle of a section says so too.
    """
    lines = [_head(extraction, part)]
    for piece in chunk.pieces:
        headed = piece.path and piece.text.lstrip().startswith("#")
        above = piece.path[:-1] if headed else piece.path
        lines.append(f"(under {' / '.join(above)})\n\n{piece.text.strip()}" if above else piece.text.strip())
    return "\n\n".join(lines)


def chunk_overhead(extraction: Extraction) -> int:
    """The tokens of a chunk's payload without its text."""
    return estimate_tokens(_head(extraction, "999 of 999")) + 1


def _head(extraction: Extraction, part: str) -> str:
    return f"Part {part} of {' '.join(for_file(shortened(extraction.doc.name)).split())}:"


def gist_of(extraction: Extraction, span: Span) -> str:
    """What a stretch of the source says in one line: its best key point, else its beginning."""
    inside = [point for point in extraction.key_points if span[0] <= point.span[0] < span[1]]
    best_point = max(inside, key=lambda point: point.score, default=None)
    lines = (extraction.text or "")[slice(*span)][: 4 * GIST_LENGTH].splitlines()
    opening = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    gist = " ".join((best_point.text if best_point else opening.lstrip("-*+> ")).split())
    return gist if len(gist) <= GIST_LENGTH else gist[: GIST_LENGTH - 1] + "…"
