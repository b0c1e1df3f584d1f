"""Drafting: a text from the sources, in one go where they fit the model's window, else section by section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from chatspace.core.calls.call import Call, Turn
from chatspace.core.calls.step_client import CONTINUATION_TOKENS, ModelReply, StepClient, too_large, unfinished
from chatspace.core.errors import ModelError
from chatspace.core.events import DeltaReceived, Emit, Warned
from chatspace.core.extraction import Coverage, Extraction
from chatspace.core.runs.chunks import MIN_CHUNK, TITLE_LENGTH, Chunk, cut
from chatspace.core.runs.manuscript import Apart, Manuscript
from chatspace.core.runs.outline import Outline, PlannedSection, plan_outline
from chatspace.core.runs.payload import Payload, chunk_overhead, chunk_payload
from chatspace.core.text.sentences import sentences
from chatspace.core.text.tokens import CHARACTERS_PER_TOKEN, estimate_tokens

LONG_TEXT = 2_500
WORDS_AT_ONCE = 1_500
"""Models stall near 2,000 words in one reply: what is to be longer than LONG_TEXT is asked for in shorter ones."""

HALVINGS = 2
"""How often the sections are made smaller where a server finds them too large all the same."""

MEMORY_TOKENS = 400
"""What a section is told of the others at most: as much again of the plan, and of what was said before."""

MEMORY_SHARE = 8
"""And at most one part in so many of the room."""
HEADING_TOKENS = TITLE_LENGTH + 20
"""A heading at its longest, in a script whose characters take a token each."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """The text as it came, the last of its calls, and how much of the sources the model was shown.

    `error` is what ended a text that isn't whole, `beside` what came for other steps.
    """

    text: str
    call: Call
    coverage: Coverage
    error: ModelError | None = None
    beside: str = ""


async def draft(
    shown: Payload, extractions: Sequence[Extraction], asker: StepClient, emit: Emit, *, headings: bool
) -> Drafted:
    """The draft of what is `shown`, or section by section of the sources' own text.

    That is where the payload doesn't fit the window, by our estimate or by the server's word, and where the text is to
    be longer than models write in one reply. A text that isn't whole is kept with what ended it. Raises ModelError
    where no text came at all.
    """
    manuscript = Manuscript(lambda text: emit(DeltaReceived(asker.step, text)))
    apart = Apart() if asker.variables.get("fields") else None
    room = await asker.room()
    replies = 1 if asker.target.offline else _replies(asker.variables.get("words"))
    refused: ModelError | None = None
    if replies == 1 and fits(shown, room):
        try:
            said = await _in_one_go(shown.text, asker, manuscript, apart)
        except ModelError as error:
            if error.kind != "context":
                raise
            emit(Warned(f"{str(error).rstrip('.')}. Writing the text section by section."))
            room, refused = shown.tokens // 2, error
        else:
            coverage = Coverage(shown.sections, shown.sections - len(shown.left_out))
            return replace(_drafted(manuscript, said, coverage), beside=apart.text if apart else "")
    sections = _Sections(extractions, asker, emit, manuscript, room or shown.tokens, headings, replies)
    for halving in range(HALVINGS + 1):
        try:
            return await sections.write()
        except ModelError as error:
            if error.kind != "context" or manuscript.text:
                raise
            if halving == HALVINGS:
                raise refused or error from None
            sections.room //= 2
    raise AssertionError("unreachable: the last try returns or raises")


def fits(shown: Payload, room: int | None) -> bool:
    """Whether it can be shown in one go, with what a continuation takes; a room of None has no limit."""
    return room is None or shown.tokens <= room - CONTINUATION_TOKENS


def _replies(words: int | None) -> int:
    """How many replies a text of so many words takes."""
    return 1 if words is None or words <= LONG_TEXT else -(-words // WORDS_AT_ONCE)


async def _in_one_go(user: str, asker: StepClient, manuscript: Manuscript, apart: Apart | None = None) -> ModelReply:
    """The reply as the text; what stands `apart` in it isn't part of that."""
    reply = manuscript.whole()
    on_text = partial(apart.hear, pass_on=reply.hear) if apart else reply.hear
    said = await asker.ask([Turn("user", user)], on_text=on_text)
    if apart:
        apart.end(reply.hear)
    reply.end()
    return said


def _drafted(manuscript: Manuscript, said: ModelReply, coverage: Coverage) -> Drafted:
    error = None
    if not said.whole:
        error = unfinished(said, "Received text is kept. Try again, or choose another model with --model.")
    return Drafted(manuscript.text, said.call, coverage, error)


@dataclass
class _Sections:
    """A draft by plan, then chunk by chunk straight from the sources, each told what was said before it."""

    extractions: Sequence[Extraction]
    asker: StepClient
    emit: Emit
    manuscript: Manuscript
    room: int
    headings: bool
    least: int

    async def write(self) -> Drafted:
        memory = min(MEMORY_TOKENS, self.room // MEMORY_SHARE)
        filler = "x" * (memory * CHARACTERS_PER_TOKEN)
        heading = "x" * (HEADING_TOKENS * CHARACTERS_PER_TOKEN)
        beside = await self.asker.room(section=heading, outline=[filler], said_before=filler, words=9999)
        room = (self.room - 2 * memory if beside is None else min(beside, self.room)) - CONTINUATION_TOKENS
        budget = room - max(map(chunk_overhead, self.extractions))
        if budget < MIN_CHUNK:
            raise too_large(self.asker.target, 3 * MIN_CHUNK, max(0, room))
        if self.least > 1:
            budget = min(budget, sum(each.doc.tokens_estimate for each in self.extractions) * 5 // (4 * self.least))
        chunks = [
            chunk for number, extraction in enumerate(self.extractions) for chunk in cut(extraction, budget, number)
        ]
        if len(chunks) == 1:
            return await self._alone(chunks[0])
        why = (
            "the requested length needs several replies"
            if self.least > 1
            else f"the source doesn't fit {_window(self.asker)}"
        )
        self.emit(Warned(f"Writing the text section by section, from {len(chunks)} chunks: {why}."))
        outline = await plan_outline(self.extractions, chunks, self.asker)
        if outline.problem:
            self.emit(Warned(f"{outline.problem}. The draft keeps the order of the source."))
        return await self._all(chunks, outline, memory)

    async def _alone(self, chunk: Chunk) -> Drafted:
        """The text fits once the payload has shed what stands beside it."""
        shown = chunk_payload(self.extractions[chunk.source], chunk, "1 of 1")
        return _drafted(self.manuscript, await _in_one_go(shown, self.asker, self.manuscript), Coverage(1, 1))

    async def _all(self, chunks: Sequence[Chunk], outline: Outline, memory: int) -> Drafted:
        written: list[tuple[str, str]] = []
        last: ModelReply | None = None
        for index, section, part in _parts(outline):
            chunk = chunks[part]
            shown = chunk_payload(self.extractions[chunk.source], chunk, f"{part + 1} of {len(chunks)}")
            begins = section.parts[0] == part
            reply = self.manuscript.section(
                section.heading if self.headings else None, begins=begins, title=outline.title if self.headings else ""
            )
            try:
                last = await self.asker.ask(
                    [Turn("user", shown)],
                    on_text=reply.hear,
                    section=section.heading if begins else f"{section.heading} (going on)",
                    outline=_nearby(outline, index, memory),
                    said_before=_said(written, memory) or None,
                    words=self._words(chunk, chunks),
                )
            except ModelError as error:
                if last is None:
                    raise
                return self._ended(last, len(written), len(chunks), str(error))
            finally:
                text = reply.end()
            if not last.whole:
                return self._ended(last, len(written), len(chunks), last.call.error or "a reply was cut off")
            written.append((section.heading, text))
        assert last is not None, "a plan gives every chunk to a section"
        self.manuscript.add("\n")
        return Drafted(self.manuscript.text, last.call, Coverage(len(chunks), len(chunks)))

    def _ended(self, last: ModelReply, written: int, chunks: int, reason: str) -> Drafted:
        error = ModelError(
            f"The draft is incomplete: {written} of {chunks} parts are written",
            reason,
            "Finished parts are kept. Run the same command again to write only the missing parts.",
            kind="cut",
        )
        return Drafted(self.manuscript.text, last.call, Coverage(chunks, written), error)

    def _words(self, chunk: Chunk, chunks: Sequence[Chunk]) -> int | None:
        """The chunk's share of the length asked for."""
        words = self.asker.variables.get("words")
        if not words:
            return None
        sizes = [end - start for start, end in (each.span for each in chunks)]
        return max(1, round(int(words) * (chunk.span[1] - chunk.span[0]) / max(1, sum(sizes))))


def _window(asker: StepClient) -> str:
    window = asker.target.window
    return f"the context window of {asker.target.model} ({window:,} tokens)" if window else asker.target.model


def _parts(outline: Outline) -> list[tuple[int, PlannedSection, int]]:
    return [(index, section, part) for index, section in enumerate(outline.sections) for part in section.parts]


def _nearby(outline: Outline, index: int, room: int) -> list[str]:
    """The headings of the plan, as many round the section's own as fit."""
    headings = [section.heading for section in outline.sections]
    first = last = index
    used = estimate_tokens(headings[index])
    while first > 0 or last < len(headings) - 1:
        step = last + 1 if last < len(headings) - 1 and (first == 0 or last - index <= index - first) else first - 1
        used += estimate_tokens(headings[step]) + 2
        if used > room:
            break
        first, last = min(first, step), max(last, step)
    return headings[first : last + 1]


def _said(written: Sequence[tuple[str, str]], room: int) -> str:
    """What the sections before have said: the end of the last one, and the first sentence of each, the newest first."""
    if not written:
        return ""
    lines = [f"The last of them ends: … {_ending(written[-1][1], room // 2)}"]
    left = room - estimate_tokens(lines[0])
    for heading, text in reversed(written):
        line = f"- {heading}: {_opening(text)}"
        left -= estimate_tokens(line) + 1
        if left < 0:
            break
        lines.insert(0, line)
    return "\n".join(lines)


def _ending(text: str, most: int) -> str:
    """The end of the last paragraph, in at most so many tokens."""
    ending = text.rstrip().rpartition("\n")[2][-most * CHARACTERS_PER_TOKEN :]
    return ending if estimate_tokens(ending) <= most else ending[-most:]


def _opening(text: str) -> str:
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    found = sentences(body)
    return body[slice(*found[0])] if found else ""
