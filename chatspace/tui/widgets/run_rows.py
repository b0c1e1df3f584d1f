"""Rows of the run's place: a stage of the journey, and a run in the list of those there were."""

from __future__ import annotations

from rich.cells import set_cell_size
from textual.content import Content

from chatspace.core.runs.run import RunRecord
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.tui.widgets.run_progress import WORDS, RunProgress, StageName, State

FAULTS: tuple[State, ...] = ("rejected", "broken")
MUTED = "$foreground 60%"

NAME, WORD, TIME, COST = 8, 12, 7, 9
WITH_COST = 2 + NAME + WORD + TIME + COST + 2
"""Columns from which on a stage's cost is shown."""

MARKS = {"complete": "✓", "truncated": "✗", "rejected": "✗", "failed": "✗"}


def stage_line(journey: RunProgress, stage: StageName, width: int, changed: bool) -> Content:
    """One stage: its mark and word, how long it took, what it cost."""
    state: State = "changed" if changed else journey.state(stage)
    mark, word = WORDS[state]
    said = word if changed else journey.word(stage)
    elapsed, cost = journey.elapsed_ms(stage), journey.cost(stage)
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
