"""How much of the sources was read, and why a gate stopped a run."""

from __future__ import annotations

from chatspace.core.document import Source
from chatspace.core.errors import GateRejected
from chatspace.core.extraction import Coverage, GateReport


def read_of(coverage: Coverage) -> str:
    return f"{coverage.read}/{coverage.chunks} chunks read"


def rejected(title: str, gate: GateReport, source: Source) -> GateRejected:
    blocking = [finding for finding in gate.findings if finding.severity == "block"]
    reasons = "; ".join(
        f"line {finding.line}: {finding.message}" if finding.line else finding.message for finding in blocking[:3]
    )
    more = f" and {len(blocking) - 3} more" if len(blocking) > 3 else ""
    return GateRejected(title, f"{source.name}: {reasons}{more}", "Fix the text, or continue with --force.")
