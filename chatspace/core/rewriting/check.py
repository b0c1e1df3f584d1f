"""Whether a rewrite may stand: its own structure, and that of the text round it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chatspace.core.document import Span
from chatspace.core.errors import SourceError
from chatspace.core.extraction import Finding, GateReport
from chatspace.core.rewriting.hunks import Hunk
from chatspace.core.stages.gate import check_structure
from chatspace.core.structure import Structure, parse
from chatspace.core.structure.compare import shortened

ASKED = {
    ("list_depths", "list_kinds"): re.compile(
        r"\blist|bullet|\bitems?\b|enumerat|prose|aufzähl|stichpunkt|fließtext", re.I
    ),
    ("table_shape",): re.compile(r"\btab(?:le|ul|elle)|\bcolumns?\b|\brows?\b|prose|spalte|zeile|fließtext", re.I),
    ("code",): re.compile(r"\bcode|snippet|\bfence", re.I),
}
"""What an instruction says that is about a structure; then changing it is no loss."""

STRUCTURAL = re.compile(r"[\n|`~]|^\s*(?:[-+*#>]|\d+[.)])")
"""What a hunk must have in it to change a structure."""


@dataclass(frozen=True, slots=True)
class PassagePair:
    """The part of a text that is to be rewritten."""

    whole: str
    span: Span

    @classmethod
    def all_of(cls, text: str) -> PassagePair:
        return cls(text, (0, len(text)))

    @property
    def text(self) -> str:
        return self.whole[slice(*self.span)]

    def replaced(self, after: str) -> str:
        """The whole text with `after` in the place of the passage."""
        return self.whole[: self.span[0]] + after + self.whole[self.span[1] :]


def check(
    passage: PassagePair, after: str, instruction: str, *, complete: bool, keep_structure: bool = False
) -> GateReport:
    """The gate after a rewrite. Spans and lines are those of the whole text before.

    It blocks on an empty passage, on a lost list, table or code block that the instruction doesn't speak of (that no
    instruction may touch where `keep_structure` is asked for), and on any change of the structure outside the passage.
    """
    if not after.strip() and passage.text.strip():
        return GateReport(
            "rejected", 0.0, (Finding("empty", "block", "a text", "nothing", message="The rewrite is empty."),)
        )
    findings: list[Finding] = []
    if not complete:
        message = "The reply is incomplete; the rest of the passage is unchanged."
        findings.append(Finding("complete", "warn", "a complete reply", "a partial reply", message=message))
    try:
        inside = check_structure(parse(passage.text), parse(after))
        findings += (_allowed(found, instruction, keep_structure) for found in _placed(inside.findings, passage))
        findings += _outside(passage, after)
    except SourceError as error:
        return GateReport("rejected", 0.0, (Finding("structure", "block", message=f"{error}."),))
    rejected = any(found.severity == "block" for found in findings)
    return GateReport("rejected" if rejected else "passed", inside.path_f1, tuple(findings))


def broken_by(passage: PassagePair, hunk: Hunk, instruction: str, keep_structure: bool = False) -> str | None:
    """Why this hunk can't be taken by itself, where it can't."""
    if not STRUCTURAL.search(hunk.before) and not STRUCTURAL.search(hunk.after):
        return None
    text = passage.text
    after = text[: hunk.span[0]] + hunk.after + text[hunk.span[1] :]
    report = check(passage, after, instruction, complete=True, keep_structure=keep_structure)
    return next((found.message for found in report.findings if found.severity == "block"), None)


def _placed(findings: Sequence[Finding], passage: PassagePair) -> Iterator[Finding]:
    """Findings about the passage, at their place in the whole text."""
    offset = passage.span[0]
    lines = passage.whole.count("\n", 0, offset)
    for found in findings:
        span = (found.span[0] + offset, found.span[1] + offset) if found.span else None
        yield replace(found, span=span, line=found.line + lines if found.line else None)


def _allowed(found: Finding, instruction: str, keep_structure: bool) -> Finding:
    asked = any(found.check in checks and pattern.search(instruction) for checks, pattern in ASKED.items())
    return replace(found, severity="warn") if asked and not keep_structure else found


def _outside(passage: PassagePair, after: str) -> Iterator[Finding]:
    """The first block outside the passage that is read differently with the new text."""
    start, end = passage.span
    if not passage.whole[:start].strip() and not passage.whole[end:].strip():
        return
    before, now = parse(passage.whole), parse(passage.replaced(after))
    shift = len(after) - (end - start)
    was = [*_apart(before, start, end, 0)]
    new = [*_apart(now, start, end + shift, shift)]
    if was == new:
        return
    at = next(
        (index for index, pair in enumerate(zip(was, new, strict=False)) if pair[0] != pair[1]), min(len(was), len(new))
    )
    span, shape = was[at] if at < len(was) else ((start, end), None)
    said = f"“{shortened(passage.whole[slice(*span)])}”" if shape else "The text around the passage"
    line = passage.whole.count("\n", 0, span[0]) + 1
    message = f"{said} outside the passage would be parsed differently after this rewrite."
    yield Finding("outside", "block", None, None, span, line, message)


def _apart(structure: Structure, start: int, end: int, shift: int) -> Iterator[tuple[Span, object]]:
    """The blocks outside `[start, end)` at their places before, and of those that reach into it what they are."""
    numbers = {item.span[0]: (item.depth, item.number) for item in structure.items}
    for leaf in structure.leaves:
        first, last = leaf.span
        if last <= start:
            yield leaf.span, leaf.shape
        elif first >= end:
            yield (first - shift, last - shift), leaf.shape
        else:
            if first < start:
                yield (first, start), (leaf.path, leaf.kind)
            if last > end:
                yield (end - shift, last - shift), (leaf.path, leaf.kind)
    for place, number in numbers.items():
        if place < start:
            yield (place, place), number
        elif place >= end:
            yield (place - shift, place - shift), number
