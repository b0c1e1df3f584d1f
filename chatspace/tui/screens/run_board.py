"""What the place of a run shows: the stages at the left, the one chosen at the right, and the runs there were."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import OptionList, Static

from chatspace.core.chat.conversation import Message
from chatspace.core.live.run import SOURCE, LiveRun, StageName, row_names
from chatspace.core.runs.run import RunRecord
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace.reruns import Corrections
from chatspace.core.workspace.stored_runs import StoredRun
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.jobs import Job, Jobs
from chatspace.tui.navigation import ScreenContext
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.widgets.rows import Rows
from chatspace.tui.widgets.run_pane import RunPane
from chatspace.tui.widgets.run_rows import MUTED, WITH_COST, stage_line
from chatspace.wiring import Workspace

WIDE = 100
"""Columns from which on the stages say what they cost."""

BESIDE = 72
"""Columns from which on the stages stand beside the one that is chosen."""


class RunBoard(ToolScreen):
    """Shows one run, or the list of those there were."""

    CSS_PATH = "run.tcss"

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand) -> None:
        super().__init__(workspace, jobs, standing, typed)
        self._journey: LiveRun | None = None
        self._stored: StoredRun | None = None
        self._job: Job | None = None
        self._message: Message | None = None
        self._reply: Message | None = None
        self._corrections = Corrections()
        self._before: tuple[StoredRun, Corrections] | None = None
        self._editing: StageName | None = None
        self._begun = ""
        self._refused: str | None = None
        self._shown: StageName = SOURCE
        self._following = True
        self._in_pane = False
        self._runs: list[RunRecord] = []
        self._all_listed = False
        self._offered: Message | None = None

    def body(self) -> ComposeResult:
        with Horizontal(id="run-body"):
            with Vertical(id="run-side"):
                yield Rows(id="run-stages")
                yield Static(id="run-facts")
            yield RunPane(id="run-pane")
        yield Static(id="run-nothing")
        yield Rows(id="run-list")

    @property
    def stages(self) -> Rows:
        return self.query_one("#run-stages", Rows)

    @property
    def former(self) -> Rows:
        return self.query_one("#run-list", Rows)

    @property
    def pane(self) -> RunPane:
        return self.query_one(RunPane)

    @property
    def run(self) -> StoredRun | None:
        """The run in sight, once it has ended."""
        return self._stored

    @property
    def job(self) -> Job | None:
        """What runs now."""
        return self._job

    @property
    def shown(self) -> StageName:
        """The stage in sight."""
        return self._shown

    @property
    def _listing(self) -> bool:
        """Whether the list of runs is in sight."""
        return self._journey is None

    # The stages

    def _show(self) -> None:
        """Everything as it stands now."""
        journey = self._journey
        self._lay_out()
        if journey is None:
            self._show_list()
            return
        if self._following:
            self._shown = journey.current
        width = self.stages.size.width or (WITH_COST + 2)
        changed, stages = self._changed, row_names()
        rows = [(place, stage_line(journey, stage, width, stage in changed)) for place, stage in enumerate(stages)]
        if self.stages.option_count == len(rows):
            for place, line in rows:
                self.stages.put(place, line)
            self.stages.go_to(stages.index(self._shown))
        else:
            self.stages.show(rows, stages.index(self._shown))
        self._show_stage()
        self._show_state()

    @property
    def _changed(self) -> tuple[str, ...]:
        """The stages with a correction that no run has taken yet."""
        return self._corrections.stages

    def _show_stage(self) -> None:
        if self._journey:
            accepted, editing = self._corrections.accepted, self._editing is not None
            self.pane.show(self._journey, self._shown, accepted=accepted, editing=editing)

    def _tick(self) -> None:
        """The clock of the stage that runs."""
        journey = self._journey
        if journey and self._job and journey.running:
            place = row_names().index(journey.running[0])
            if self.stages.option_count > place:
                self.stages.put(place, stage_line(journey, journey.running[0], self.stages.size.width, False))
            self._show_state()

    @on(OptionList.OptionHighlighted, "#run-stages")
    def _moved(self) -> None:
        at = self.stages.at
        if at is not None and row_names()[at] != self._shown:
            self._following = False
            self._shown = row_names()[at]
            self._show_stage()
            self.show_hints()

    @on(OptionList.OptionSelected, "#run-stages")
    def _clicked(self) -> None:
        self._enter_pane()

    def _enter_pane(self) -> None:
        self._in_pane = True
        self._lay_out()
        self.set_focus(self.pane.part)
        self.show_hints()

    def _leave_pane(self) -> None:
        self._in_pane = False
        self._lay_out()
        self.set_focus(self.stages)
        self.show_hints()

    # What is said of the whole

    def _show_state(self) -> None:
        journey = self._journey
        if journey is None:
            return
        names = [source.name for source in journey.sources] or [journey.record.source.name if journey.record else ""]
        record = journey.record
        how = (record.channel, record.sla, record.pipeline) if record else ()
        self.entitle(display.line(f"Run of {' and '.join(names)}", *how))
        self.query_one("#run-facts", Static).update(self._facts(journey))
        self.say(self._said(journey))
        self.show_hints()

    def _said(self, journey: LiveRun) -> str:
        if self._editing:
            return f"editing {self._editing} · esc keeps it"
        if self._job:
            spent = display.seconds(journey.elapsed_ms(journey.running[0])) if journey.running else ""
            return display.line(next(iter(journey.running), "reading"), spent, "esc stops", journey.calling)
        if self._changed:
            return f"✎ {', '.join(self._changed)} changed · r runs from there, u takes it back"
        stored = self._stored
        if stored is None:
            return "✗ this run could not begin · r tries again" if journey.error else ""
        if rejected := stored.rejected_at:
            return f"✗ the gate rejected the {rejected} · e on gate accepts it"
        if broken := stored.broken_at:
            return f"✗ {stored.record.status} · r tries again from {broken}"
        return f"✓ {stored.record.status}"

    def _facts(self, journey: LiveRun) -> Content:
        """What it took, where it came from, and what is to be known of it."""
        record, lines = journey.record, list[Content]()
        if self._job and journey.calling:
            lines.append(Content.styled(for_screen(journey.calling), MUTED))
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
        lines += [Content.styled(f"! {for_screen(note)}", "$text-warning") for note in journey.notes]
        return Content("\n").join(lines)

    def _show_list(self) -> None:
        """The runs there were."""
        raise NotImplementedError

    def _lay_out(self) -> None:
        """Both beside one another where there is room, else one at a time; or the list."""
        width = self.app.size.width
        self.query_one("#run-body").display = not self._listing
        self.former.display = self._listing and self.former.option_count > 0
        self.query_one("#run-nothing").display = self._listing and not self.former.option_count
        one = width < BESIDE
        self.set_class(one, "one")
        self.set_class(width >= WIDE, "wide")
        self.query_one("#run-side").display = not one or not self._in_pane
        self.pane.display = not one or self._in_pane

    def on_resize(self, event: Resize) -> None:
        if self.is_mounted:
            self.call_after_refresh(self._show)
