"""From a model's answer to a rewrite: its hunks, what the gate says of them, and what is new in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatspace.core.extraction import Finding, GateReport
from chatspace.core.rewriting.check import PassagePair, broken_by, check
from chatspace.core.rewriting.hunks import Hunk, apply, completed, hunks, places_after
from chatspace.core.rewriting.rewrite import Rewrite

MAX_SEARCHED = 100_000
"""Characters of the text round the passage in which a figure is looked up; beyond that the passage alone counts."""

NEW_CLAIMS = frozenset({"unsupported", "altered"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model replied, and who it was; `complete` where the reply is whole."""

    text: str
    complete: bool = True
    profile: str = ""
    model: str = ""


def assess(
    passage: PassagePair,
    instruction: str,
    answer: Answer,
    *,
    keep_structure: bool = False,
    sources: Sequence[tuple[str, str]] = (),
) -> Rewrite:
    """The rewrite that an answer proposes. Parses the text twice: to be called from a thread.

    `sources` are further texts (name, text) that a figure or name may come from.
    """
    before = passage.text
    after = answer.text if answer.complete else completed(before, answer.text)
    found = hunks(before, after)
    gate = check(passage, after, instruction, complete=answer.complete, keep_structure=keep_structure)
    if gate.status == "rejected":
        found = _blocked(passage, found, instruction, gate, keep_structure)
    return Rewrite(
        instruction=instruction,
        profile=answer.profile,
        model=answer.model,
        status="complete" if answer.complete else "truncated",
        before=before,
        after=after,
        hunks=_flagged(passage, after, found, sources),
        gate=gate,
    )


def _blocked(
    passage: PassagePair, found: Sequence[Hunk], instruction: str, gate: GateReport, keep_structure: bool
) -> tuple[Hunk, ...]:
    """The hunks with those marked that break the structure by themselves, or together with others."""
    asked = {hunk.id: broken_by(passage, hunk, instruction, keep_structure) for hunk in found}
    left = tuple(hunk for hunk in found if not asked[hunk.id])
    rest = check(passage, apply(passage.text, left), instruction, complete=True, keep_structure=keep_structure)
    why = next((finding.message for finding in rest.findings if finding.severity == "block"), None)
    return tuple(replace(hunk, blocked=asked[hunk.id] or why) for hunk in found)


def _flagged(
    passage: PassagePair, after: str, found: tuple[Hunk, ...], sources: Sequence[tuple[str, str]]
) -> tuple[Hunk, ...]:
    """The hunks with the figures, dates and names that are new in them."""
    if not found or not after.strip():
        return found
    from chatspace.core.facts import ground  # its patterns take a tenth of a second to compile

    known = passage.whole if len(passage.whole) <= MAX_SEARCHED else passage.text
    claims = [claim for claim in ground(after, [("the text", known), *sources]) if claim.verdict in NEW_CLAIMS]
    flags: dict[int, list[Finding]] = {}
    for hunk, (start, end) in zip(found, places_after(found), strict=True):
        for claim in claims:
            if claim.span[0] < end and start < claim.span[1]:
                line = after.count("\n", 0, claim.span[0]) + 1
                was = f"; the text says “{claim.source_value}”" if claim.source_value else ""
                message = f"“{claim.claim}” is new{was}."
                flags.setdefault(hunk.id, []).append(
                    Finding("grounding", "warn", claim.source_value, claim.claim, claim.span, line, message)
                )
    return tuple(replace(hunk, flags=tuple(flags.get(hunk.id, ()))) for hunk in found)
