"""The stages of a run with their state, and below them what the run took."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static

from chatspace.core.live.run import LiveRun, StageName, row_names
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.tui.sessions.run_in_sight import RunInSight
from chatspace.tui.widgets.rows import Rows
from chatspace.tui.widgets.run_rows import MUTED, WITH_COST, stage_line


class RunStages(Vertical):
    """Shows how far a run is; one of its stages is under the cursor."""

    @dataclass
    class Moved(Message):
        """The cursor came to another stage."""

        stage: StageName

    class Entered(Message):
        """The stage under the cursor is wanted whole."""

    def __init__(self) -> None:
        super().__init__(id="run-side")
        self._shown: StageName = ""
        self.rows = Rows(id="run-stages")

    def compose(self) -> ComposeResult:
        yield self.rows
        yield Static(id="run-facts")

    def show(self, run: RunInSight, *, at_work: bool) -> None:
        """Every stage as it is now, with the cursor on the one in sight; `at_work` while the run goes on."""
        stages, width, self._shown = row_names(), self.rows.size.width or (WITH_COST + 2), run.shown
        lines = [stage_line(run.live, stage, width, stage in run.changed) for stage in stages]
        if self.rows.option_count == len(lines):
            for place, line in enumerate(lines):
                self.rows.put(place, line)
            self.rows.go_to(stages.index(run.shown))
        else:
            self.rows.show(list(enumerate(lines)), stages.index(run.shown))
        self.query_one("#run-facts", Static).update(_facts(run.live, at_work=at_work))

    def tick(self, live: LiveRun) -> None:
        """The clock of the stage that runs, and what its call does."""
        if live.running and self.rows.option_count:
            stage = live.running[0]
            self.rows.put(row_names().index(stage), stage_line(live, stage, self.rows.size.width, False))
        self.query_one("#run-facts", Static).update(_facts(live, at_work=True))

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        at = self.rows.at
        if at is not None and row_names()[at] != self._shown:
            self._shown = row_names()[at]
            self.post_message(self.Moved(self._shown))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Entered())


def _facts(live: LiveRun, *, at_work: bool) -> Content:
    """What the run took, where it came from, and what is to be known of it."""
    record, lines = live.record, list[Content]()
    if at_work and live.calling:
        lines.append(Content.styled(for_screen(live.calling), MUTED))
    if record:
        totals = record.totals
        took = [display.seconds(record.elapsed_ms)] if record.elapsed_ms else []
        if totals.calls:
            known = f", {display.cost(totals.cost_known_usd)} known" if totals.cost_usd is None else ""
            took += [display.cost(totals.cost_usd) + known, display.count(totals.calls, "call")]
        lines.append(Content.styled(" · ".join(took), MUTED))
        if totals.calls:
            mark = "~" if totals.estimated else ""
            lines.append(Content.styled(f"{mark}{totals.input:,} → {mark}{totals.output:,} tokens", MUTED))
        lines.append(Content.styled(record.started[:16].replace("T", " "), MUTED))
        if record.corrected:
            lines.append(Content.styled(f"✎ by hand: {', '.join(record.corrected)}", "$accent"))
        if record.from_run:
            lines.append(Content.styled(f"from run {record.from_run[:8]}", MUTED))
    lines += [Content.styled(f"! {for_screen(note)}", "$text-warning") for note in live.notes]
    return Content("\n").join(lines)
