"""What the sources disagree about and what a draft says that they don't, as findings of a gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatspace.core.document import Source
from chatspace.core.extraction import Finding
from chatspace.core.facts import contradictions, ground
from chatspace.core.runs.run import Claim, Variant
from chatspace.core.text.scripts import shown


def named_texts(sources: Sequence[Source]) -> list[tuple[str, str]]:
    """Each source by a name of its own."""
    names: list[str] = []
    for source in sources:
        names.append(source.name if source.name not in names else f"{source.name} ({len(names) + 1})")
    return [(name, source.text) for name, source in zip(names, sources, strict=True)]


def disagreements(sources: Sequence[tuple[str, str]]) -> list[Finding]:
    """What the sources (name, text) say differently. Spans and lines are those of the first."""
    main_name, main_text = sources[0]
    findings = []
    for found in contradictions(sources):
        places = (found.first, found.second)
        first, second = (f"{shown(place.raw)} ({place.source})" for place in places)
        span = next((place.span for place in places if place.source == main_name), None)
        line = main_text.count("\n", 0, span[0]) + 1 if span else None
        message = f"{found.about}: {first} against {second}"
        findings.append(Finding("contradiction", "warn", found.first.raw, found.second.raw, span, line, message))
    return findings


def ungrounded(draft: str, claims: Sequence[Claim]) -> list[Finding]:
    """The claims of a draft that its sources don't bear out, at the draft's lines."""
    return [
        Finding(
            check="grounding",
            severity="warn",
            expected=claim.source_value,
            actual=claim.claim,
            span=claim.span,
            line=draft.count("\n", 0, claim.span[0]) + 1,
            message=message,
        )
        for claim in claims
        if (message := _message(claim))
    ]


def marked(
    variants: Sequence[Variant], sources: Sequence[tuple[str, str]]
) -> tuple[tuple[Variant, ...], list[Finding]]:
    """The variants, each with what in it the sources (name, text) don't have, and that as findings."""
    text, spans = "", list[tuple[Variant, range]]()
    for variant in variants:
        start, text = len(text), f"{text}{variant.text}\n\n"
        spans.append((variant, range(start, len(text))))
    wrong = [claim for claim in ground(text, sources) if claim.verdict in ("unsupported", "altered")]
    made, findings = [], list[Finding]()
    for variant, span in spans:
        mine = [claim for claim in wrong if claim.span[0] in span]
        made.append(replace(variant, ungrounded=tuple(claim.claim for claim in mine)) if mine else variant)
        findings += [
            Finding("grounding", "warn", each.source_value, each.claim, message=f"{variant.field}: {_message(each)}")
            for each in mine
        ]
    return tuple(made), findings


def _message(claim: Claim) -> str:
    match claim.verdict:
        case "unsupported":
            said = f"“{claim.claim}” is not in any source."
        case "altered":
            said = f"“{claim.claim}” differs from the source: “{claim.source_value}”."
        case "recombined":
            said = f"“{claim.claim}” is in the source, but about something else."
        case _:
            return ""
    return f"{said} {claim.note}".rstrip()
