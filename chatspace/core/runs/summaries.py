"""What a stage says of its output in one line, and why a gate stopped a run."""

from __future__ import annotations

from collections.abc import Sequence

from chatspace.core.document import Source
from chatspace.core.errors import GateRejected
from chatspace.core.extraction import Extraction, GateReport
from chatspace.core.runs.run import Coverage
from chatspace.core.text import display


def read_of(coverage: Coverage) -> str:
    return f"{coverage.read}/{coverage.chunks} chunks read"


def extract_summary(extractions: Sequence[Extraction]) -> str:
    counts = {
        "section": sum(section.level > 0 for each in extractions for section in each.sections),
        "list": sum(block.kind == "list" for each in extractions for block in each.blocks),
        "fact": sum(len(each.facts) for each in extractions),
        "name": sum(len(each.entities) for each in extractions),
        "quarantined item": sum(len(each.quarantine) for each in extractions),
    }
    return ", ".join(display.count(number, noun) for noun, number in counts.items() if number)


def rejected(title: str, gate: GateReport, source: Source) -> GateRejected:
    blocking = [finding for finding in gate.findings if finding.severity == "block"]
    reasons = "; ".join(
        f"line {finding.line}: {finding.message}" if finding.line else finding.message for finding in blocking[:3]
    )
    more = f" and {len(blocking) - 3} more" if len(blocking) > 3 else ""
    return GateRejected(title, f"{source.name}: {reasons}{more}", "Mend the text, or go on all the same with --force.")
