"""The gate: assertions between the stages; it passes, repairs or rejects."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from chatspace.core.document import Span
from chatspace.core.extraction import Finding, GateReport
from chatspace.core.structure import Structure, compare, parse, path_f1
from chatspace.core.structure.compare import REPLACEMENT, finding, replacement_characters
from chatspace.core.structure.raw_markers import raw_findings

KEPT = frozenset({"list_depths", "list_kinds", "table_shape", "code"})
"""The checks that block where structure must be kept and words may change."""

PLACEHOLDER = re.compile(
    r"\[(?:insert|add|your|placeholder|todo|tbd|link|name|date|company)\b[^\]\n]{0,80}\](?!\()"
    r"|\{\{[^}\n]{1,80}\}\}|\blorem ipsum\b|\bTODO\b|\bTBD\b|\bXX+\b",
    re.IGNORECASE,
)
PREAMBLE = re.compile(
    r"(?:sure|certainly|of course|absolutely)[,!.]|here(?:'s|’s| is| are) (?:the|your|a|an)\b[^\n]{0,80}:\s*$"
    r"|here(?:'s|’s| is) (?:the|your|a|an) (?:\w+ ){0,3}(?:draft|post|article|text|version|copy)\b"
    r"|as an ai\b|i(?:'m| am) sorry,",
    re.IGNORECASE | re.MULTILINE,
)
ASIDE = re.compile(r"\bas an ai(?: language)? (?:model|assistant)\b", re.IGNORECASE)


def check_extraction(structure: Structure) -> GateReport:
    """The parse of a source against its raw text; `path_f1` is the agreement of the two parsers."""
    findings = [*structure.findings, *raw_findings(structure)]
    if REPLACEMENT in structure.text:
        findings.append(_warning(replacement_characters(structure)))
    report = _report(findings, structure.agreement)
    if structure.parser == "legacy" and report.status == "passed":
        return replace(report, status="repaired")
    return report


def check_conversion(before: Structure, after: Structure) -> GateReport:
    """A text written anew that must say the same in the same structure, as an export does."""
    return _report(compare(before, after), path_f1(before, after))


def check_structure(before: Structure, after: Structure) -> GateReport:
    """A rewrite that must keep its structure: lost lists, tables and code block, the rest warns."""
    findings = compare(before, after, wording=False)
    weighed = (found if found.check in KEPT else _warning(found) for found in findings)
    return _report(weighed, path_f1(before, after))


def check_draft(text: str, *, complete: bool, keep: Structure | None = None) -> GateReport:
    """A draft before anyone sees it as done. Spans are in the draft, but for what was lost of `keep`."""
    if not text.strip():
        return _report([Finding("empty", "block", "a text", "nothing", message="The draft is empty.")])
    structure = parse(text)
    findings = list(_unfinished(structure, complete))
    if keep:
        findings += _kept(keep, structure)
    findings += map(_warning, (*structure.findings, *raw_findings(structure)))
    findings += _level_jumps(structure)
    findings += _leftovers(structure)
    return _report(findings, path_f1(keep, structure) if keep else 1.0)


def _report(findings: Iterable[Finding], fidelity: float = 1.0) -> GateReport:
    listed = tuple(findings)
    rejected = any(found.severity == "block" for found in listed)
    return GateReport("rejected" if rejected else "passed", round(fidelity, 4), listed)


def _warning(found: Finding) -> Finding:
    return replace(found, severity="warn")


def _unfinished(structure: Structure, complete: bool) -> Iterator[Finding]:
    if not complete:
        message = "The draft is incomplete."
        yield Finding("complete", "block", "a complete text", "a partial text", message=message)
    for code in structure.codes:
        if not code.closed:
            yield finding("fences", structure, code.span, "a closing fence", None, "This code fence is never closed.")
    if REPLACEMENT in structure.text:
        yield replacement_characters(structure)


def _kept(keep: Structure, draft: Structure) -> Iterator[Finding]:
    """The lists, tables and code blocks of `keep` that the draft doesn't have, wherever they stand in it."""
    for check, noun in (("list_depths", "list"), ("table_shape", "table"), ("code", "code block")):
        left = Counter(key for key, _ in _shapes(draft, check))
        for key, span in _shapes(keep, check):
            if left[key]:
                left[key] -= 1
            else:
                yield finding(check, keep, span, 1, 0, f"The draft has lost a {noun} from its source.")


def _shapes(structure: Structure, check: str) -> list[tuple[Hashable, Span]]:
    """What must be found again, with its span: a list's depths and kinds, a table's size, a code block itself."""
    if check == "code":
        return [((code.info, code.content), code.span) for code in structure.codes]
    if check == "table_shape":
        return [((len(table.rows), table.columns), table.span) for table in structure.tables]
    return [((block.depths, block.ordered), block.span) for block in structure.blocks if block.kind == "list"]


def _level_jumps(structure: Structure) -> Iterator[Finding]:
    headings = [(int(leaf.kind[1]), leaf) for leaf in structure.leaves if leaf.is_heading]
    for (above, _), (level, leaf) in pairwise(headings):
        if level > above + 1:
            message = f"A level {level} heading follows a level {above} heading."
            yield _warning(finding("heading_levels", structure, leaf.span, above + 1, level, message))


def _leftovers(structure: Structure) -> Iterator[Finding]:
    """What a template or a model's manner left in the prose."""
    opening = PREAMBLE.match(structure.text.lstrip())
    if opening:
        message = f"The draft opens by talking about itself: “{opening[0].strip()}”."
        yield _warning(finding("preamble", structure, (0, len(opening[0])), None, opening[0], message))
    for leaf in structure.leaves:
        if leaf.kind in ("code", "html"):
            continue
        for check, pattern, noun in (("placeholder", PLACEHOLDER, "placeholder"), ("aside", ASIDE, "model's aside")):
            match = pattern.search(leaf.text)
            if match:
                message = f"“{match[0]}” looks like a {noun} left in the text."
                yield _warning(finding(check, structure, leaf.span, None, match[0], message))
