"""Rows of the run's place: a stage of a run, and a run in the list of those there were."""

from __future__ import annotations

from rich.cells import set_cell_size
from textual.content import Content

from chatspace.core.live.run import LiveRun, StageName, State
from chatspace.core.runs.run import RunRecord
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace.reruns import GATE

WORDS: dict[State, tuple[str, str]] = {
    "waiting": ("·", "waiting"),
    "running": ("▸", "running"),
    "done": ("✓", "done"),
    "given": ("=", "reused"),
    "corrected": ("✎", "by hand"),
    "changed": ("✎", "changed"),
    "warned": ("!", "findings"),
    "rejected": ("✗", "rejected"),
    "broken": ("✗", "failed"),
    "unmade": ("·", "not made"),
    "absent": ("–", "not asked"),
}
"""The mark of each state, which tells it without colour, and its word."""

BROKEN_WORDS = {"truncated": "cut off", "stopped": "stopped", "interrupted": "interrupted", "over_budget": "budget"}

FAULTS: tuple[State, ...] = ("rejected", "broken")
MUTED = "$foreground 60%"

NAME, WORD, TIME, COST = 8, 12, 7, 9
WITH_COST = 2 + NAME + WORD + TIME + COST + 2
"""Columns from which on a stage's cost is shown."""

MARKS = {"complete": "✓", "truncated": "✗", "rejected": "✗", "failed": "✗"}


def stage_line(live: LiveRun, stage: StageName, width: int, changed: bool) -> Content:
    """One stage: its mark and word, how long it took, what it cost."""
    state: State = "changed" if changed else live.state(stage)
    mark, said = WORDS[state][0], WORDS[state][1] if changed else word(live, stage)
    elapsed, cost = live.elapsed_ms(stage), live.cost(stage)
    colour = "$text-error" if state in FAULTS else "$accent" if state in ("running", "changed") else "$foreground"
    faint = state in ("waiting", "unmade", "absent")
    parts: list[Content | str | tuple[str, str]] = [
        (f"{mark} ", colour),
        (f"{set_cell_size(stage, NAME - 1)} ", MUTED if faint else "$foreground"),
        (set_cell_size(said, WORD), colour if state in FAULTS or state == "running" else MUTED),
        (("" if elapsed is None else short_time(elapsed)).rjust(TIME), MUTED),
    ]
    if width >= WITH_COST:
        parts.append((("" if cost is None else short_cost(cost.usd)).rjust(COST), MUTED))
    return Content.assemble(*parts)


def word(live: LiveRun, stage: StageName) -> str:
    """The state of a stage in a word or two."""
    state = live.state(stage)
    if state == "broken" and live.record:
        return BROKEN_WORDS.get(live.record.status, "failed")
    if stage == GATE and state == "warned":
        return f"{sum(len(gate.findings) for gate in live.gates.values())} found"
    if stage == GATE and state == "corrected":
        return "accepted"
    if state == "unmade" and stage in live.artifacts:
        return "by rule"
    return WORDS[state][1]


def short_time(milliseconds: int) -> str:
    """In at most seven columns."""
    said = display.seconds(milliseconds)
    return said.replace(" min ", "m ").replace("m 0 s", "m") if milliseconds >= 60_000 else said


def short_cost(usd: float | None) -> str:
    """In at most nine columns; an unknown price is never shown as nothing."""
    return "$ unknown" if usd is None else "–" if usd == 0 else "<$0.001" if usd < 0.001 else display.cost(usd)


def run_line(record: RunRecord, width: int) -> Content:
    """One of the runs there were: when, how it ended, of what, for where, what it took."""
    started = record.started[:16].replace("T", " ")
    mark = MARKS.get(record.status, "■")
    colour = "$text-error" if mark == "✗" else MUTED
    took = f"{display.seconds(record.elapsed_ms)} · {display.cost(record.totals.cost_usd)}" if record.elapsed_ms else ""
    corrected = f" · by hand: {', '.join(record.corrected)}" if record.corrected else ""
    others = f" and {len(record.others)} more" if record.others else ""
    name = for_screen(record.source.name + others)
    room = max(10, width - 17 - 14 - 2)
    detail = display.line(record.channel, took) + corrected
    if width < 80:
        return Content.assemble((f"{started}  ", MUTED), (f"{mark} {record.status:<12}", colour), name)
    named = set_cell_size(name, min(30, room // 2))
    return Content.assemble(
        (f"{started}  ", MUTED), (f"{mark} {record.status:<12}", colour), named, (f"  {detail}", MUTED)
    )
