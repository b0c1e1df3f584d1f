"""What the gates of a run found, each thing beside the line that it is about."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from chatspace.core.extraction import Finding
from chatspace.core.live.run import LiveRun
from chatspace.core.runs.run import StageGate
from chatspace.core.stages.gate import KEPT
from chatspace.core.stages.registry import stage as stage_of
from chatspace.core.text.safe import for_screen
from chatspace.tui.widgets.run_lines import Line, hanging, muted
from chatspace.tui.widgets.run_rows import MUTED


def gate_lines(live: LiveRun, accepted: bool, width: int) -> Iterator[Line]:
    for number, gate in enumerate(live.gates.values()):
        if number:
            yield ""
        mark = {"passed": "✓", "repaired": "✓", "rejected": "✗"}[gate.status]
        colour = "$text-error" if gate.status == "rejected" else "$foreground"
        yield Content.assemble(
            (f"{mark} {gate.status}", f"bold {colour}"), (f"  after {for_screen(gate.stage)}", MUTED)
        )
        if not gate.findings:
            yield muted("nothing found")
        yield from _findings(gate, _texts(live, gate.stage), width)
    if accepted:
        yield ""
        yield Content.styled("✎ accepted: r continues anyway, and the run's record says so", "$accent")
    elif live.record and live.record.status == "rejected":
        yield ""
        yield "Correct the text and run it again, or accept it unchanged with e."


def _texts(live: LiveRun, stage: str) -> tuple[str, str]:
    """What the lines of a gate's findings are counted in, and where what was lost stood."""
    step, _, name = stage.partition(" ")
    source = next((each for each in live.sources[1:] if each.name == name), None) or next(iter(live.sources), None)
    text = source.text if source else ""
    made, prose = live.artifacts.get(step), stage_of(step).prose
    return (prose(made) if made and prose else text), text


def _findings(gate: StageGate, texts: tuple[str, str], width: int) -> Iterator[Line]:
    seen: set[tuple[str, int | None]] = set()
    for finding in _in_order(gate):
        if (finding.message, finding.line) in seen:
            continue
        seen.add((finding.message, finding.line))
        yield ""
        yield from _finding(finding, texts[1] if finding.check in KEPT else texts[0], width)


def _in_order(gate: StageGate) -> list[Finding]:
    """What blocks first."""
    return sorted(gate.findings, key=lambda each: (each.severity != "block", each.line or 0))


def _mark(finding: Finding) -> tuple[str, str]:
    """How heavy it is, with the colour of that."""
    return ("✗ ", "$text-error") if finding.severity == "block" else ("! ", "$text-warning")


def _finding(finding: Finding, text: str, width: int) -> Iterator[Line]:
    mark, colour = _mark(finding)
    before = Content.assemble((f"{mark}{finding.severity}s", colour), "  ")
    yield hanging(before, for_screen(finding.message), width, finding.check)
    lines = text.split("\n")
    if finding.line and finding.line <= len(lines):
        yield hanging(Content.styled(f"{finding.line:>6}  ", MUTED), for_screen(lines[finding.line - 1]), width)
    if finding.expected is not None or finding.actual is not None:
        yield Content.assemble(
            ("        expected ", MUTED), _said(finding.expected), (", actual ", MUTED), _said(finding.actual)
        )


def _said(value: object) -> str:
    if value is None:
        return "none"
    said = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return for_screen(said if len(said) <= 120 else f"{said[:119]}…")


def findings_in_short(gate: StageGate | None) -> list[Content]:
    """One line for each thing that was found, what blocks first."""
    if gate is None:
        return []
    return [
        Content.assemble(_mark(each), (f"line {each.line}: " if each.line else "", MUTED), for_screen(each.message))
        for each in _in_order(gate)
    ]
