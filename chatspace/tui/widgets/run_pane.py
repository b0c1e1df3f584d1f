"""One stage of a run, whole: what it was given or made, the draft as it grows, or the editor that corrects it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from chatspace.core.live.run import LiveRun, StageName
from chatspace.core.runs.run import Draft
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace.reruns import GATE
from chatspace.tui.transcript.entries import Entry, Status
from chatspace.tui.widgets.run_gate_view import findings_in_short
from chatspace.tui.widgets.run_views import view_of
from chatspace.tui.widgets.text_editor import TextEditor
from chatspace.tui.widgets.transcript import Transcript

KEY = "text"


class StageView(VerticalScroll, inherit_bindings=False):
    """Scrolls up and down alone: left leads back to the stages."""

    BINDINGS = [
        Binding("up", "scroll_up", "up", show=False, id="stage.up"),
        Binding("down", "scroll_down", "down", show=False, id="stage.down"),
        Binding("pageup", "page_up", "page up", show=False, id="stage.page_up"),
        Binding("pagedown", "page_down", "page down", show=False, id="stage.page_down"),
        Binding("home", "scroll_home", "to the top", show=False, id="stage.top"),
        Binding("end", "scroll_end", "to the end", show=False, id="stage.end"),
    ]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[str] = []
        self._found = 0

    def compose(self) -> ComposeResult:
        yield Static(id="run-lines")

    def show(self, content: Content) -> None:
        self._lines = content.plain.split("\n")
        self.query_one("#run-lines", Static).update(content)

    # What `/` searches

    def texts(self) -> Sequence[tuple[int, str]]:
        return list(enumerate(self._lines))

    def at(self) -> Hashable:
        """The line that was gone to last."""
        return self._found

    def go_to(self, place: Hashable) -> None:
        assert isinstance(place, int)
        self._found = place
        width = max(1, self.size.width)
        above = sum(max(1, -(-cell_len(line) // width)) for line in self._lines[:place])
        self.scroll_to(y=max(0, above - self.size.height // 3), animate=False)


class RunPane(Vertical):
    """Shows the stage that was chosen."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._stage: StageName | None = None
        self._growing = False

    def compose(self) -> ComposeResult:
        yield Static(id="run-error", markup=False)
        yield StageView(id="run-view")
        yield Transcript(id="run-draft")
        yield Static(id="run-found")
        yield TextEditor(id="run-editor")

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    @property
    def editor(self) -> TextEditor:
        return self.query_one(TextEditor)

    @property
    def growing(self) -> bool:
        """Whether a draft is on its way."""
        return self._growing

    @property
    def grown(self) -> str:
        """The draft as far as it has come."""
        return self.transcript.sheet.source_of(KEY) if self._growing else ""

    @property
    def part(self) -> StageView | Transcript | TextEditor:
        """What the keys of movement are for."""
        if self.editor.display:
            return self.editor
        return self.transcript if self.transcript.display else self.query_one(StageView)

    def show(self, live: LiveRun, stage: StageName, *, accepted: bool = False, editing: bool = False) -> None:
        """The stage as it stands now; a stage that is come to anew is shown from its beginning."""
        drafted = stage == live.writing and (self._growing or live.text is not None)
        view = self.query_one(StageView)
        self.editor.display = editing
        self.transcript.display = drafted and not editing
        view.display = not drafted and not editing
        self._show_error(live, stage)
        found = self.query_one("#run-found", Static)
        found.display = drafted and not editing and live.text is not None
        if drafted:
            self._show_draft(live)
            found.update(self._found(live))
        else:
            view.show(view_of(live, stage, accepted, view.size.width - 2))
        if stage != self._stage:
            self._stage = stage
            view.scroll_home(animate=False)

    def _show_error(self, live: LiveRun, stage: StageName) -> None:
        error = self.query_one("#run-error", Static)
        told = stage == GATE and live.state(stage) == "rejected"  # by the findings
        error.display = bool(live.error) and stage == live.current and not told
        error.update(for_screen(live.error))

    def edit(self, text: str) -> None:
        """Put what is corrected into the editor."""
        self.editor.begin(text)
        self.editor.move_cursor((0, 0))

    # The draft

    def clear(self) -> None:
        """Another draft begins."""
        self._growing = False
        self.transcript.show(())

    def grow(self, text: str, reasoning: bool) -> None:
        """Another piece of the draft."""
        if not self._growing:
            self._growing = True
            self.transcript.show([Entry(KEY, "assistant", "", status="streaming")])
        self.transcript.extend(KEY, "" if reasoning else text, text if reasoning else "")

    def _show_draft(self, live: LiveRun) -> None:
        """The draft once it is whole, or as far as it came."""
        text, how = live.text, live.record.status if live.record else ""
        if text is None:
            return
        draft = live.artifacts.get(live.writing)
        status: Status = "complete"
        if isinstance(draft, Draft) and draft.status == "truncated":
            status = "stopped" if how == "stopped" else "truncated"
        entry = Entry(KEY, "assistant", text, _footer(draft) if isinstance(draft, Draft) else "", status=status)
        known = self.transcript.sheet.entries
        if not known:
            self.transcript.show([entry])
            self.transcript.go_to(KEY)
        elif known[0] != entry:
            self.transcript.update(entry)
        self._growing = False

    def _found(self, live: LiveRun) -> Content:
        """What the gate found in the draft."""
        gate = live.gates.get(live.writing)
        lines = findings_in_short(gate)
        if gate is None or not lines:
            return Content("✓ nothing found by the gate" if gate else "")
        word = "v shows each beside its source" if any(each.check == "grounding" for each in gate.findings) else ""
        head = Content.assemble((display.count(len(lines), "finding"), "bold"), f"  {word}" if word else "")
        return Content("\n").join([head, *lines])


def _footer(draft: Draft) -> str:
    words, coverage = display.count(len(draft.text.split()), "word"), draft.coverage
    read = f"{coverage.read}/{coverage.chunks} chunks read" if coverage.chunks else ""
    offline = "built-in engine, no language model" if draft.offline else ""
    return display.line(draft.profile, draft.model, offline, words, read)
