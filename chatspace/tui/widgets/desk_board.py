"""The desk's two sides: the text, and the helper that proposes how to put its passages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import DescendantFocus, Resize
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList

from chatspace.core.document import Span
from chatspace.core.rewriting.decisions import Decision
from chatspace.core.workspace.desk import Opened
from chatspace.tui.jobs import JobEnded
from chatspace.tui.sessions.changed import Changed
from chatspace.tui.sessions.desk import DeskSession
from chatspace.tui.widgets.desk_helper import DeskHelper, HunkEditor, RewriteRequested
from chatspace.tui.widgets.desk_hunks import DeskHunks
from chatspace.tui.widgets.desk_text import DeskText
from chatspace.tui.widgets.status_line import key_for
from chatspace.tui.writing import is_text

WIDE = 100
"""Columns from which on text and helper stand side by side."""


@dataclass
class SessionChanged(Message):
    """The session of the desk told of a change."""

    changed: Changed


class DeskBoard(Horizontal):
    """Shows a session, and lets it do what is asked for on either side."""

    BINDINGS = [
        Binding("ctrl+r", "ask", "rewrite", priority=True, id="desk.ask"),
        Binding("f6", "switch", "other side", show=False, priority=True, id="desk.switch"),
        Binding("ctrl+g", "editor", "your own editor", show=False, id="prompt.editor"),
    ]

    def __init__(self, session: DeskSession) -> None:
        super().__init__(id="desk-body")
        self.session = session
        self.editor = DeskText(id="desk-text")
        self.helper = DeskHelper()

    def compose(self) -> ComposeResult:
        yield self.editor
        yield self.helper

    def load(self, opened: Opened) -> None:
        """Put a text on the desk; one that was kept comes as an edit, so that undo leads back to the file."""
        self.editor.load_text(opened.original)
        self.session.file.begin(self.editor.text)
        if opened.restored:
            self.editor.put([((0, len(self.editor.text)), opened.restored.text)])
            self.follow()
        self.go(self.editor)

    # The text

    @on(DeskText.Changed, "#desk-text")
    def follow(self) -> None:
        """Tell the session what stands in the text."""
        self.session.follow(self.editor.text, self.editor.chosen)

    @on(DeskText.Undone)
    def _undone(self, event: DeskText.Undone) -> None:
        """Let the hunk say so too."""
        if event.again:
            self.session.redo(event.tag)
        else:
            self.session.undo(event.tag)

    def action_editor(self) -> None:
        """Go on writing the text in your own editor."""
        self.go(self.editor)
        self.editor.action_editor()

    # Asking

    def action_ask(self) -> None:
        """Mark the passage, and go to where one says what should change."""
        if self.session.asking.live or self._passage() is None:
            return
        if self.session.proposal:
            self.session.close_proposal()
        self.helper.show_keys()
        self.go(self.helper.keys if self.helper.keys.option_count else self.helper.instruction)

    def _passage(self) -> Span | None:
        """What is selected, else the block at the cursor, which is then selected."""
        self.follow()
        span = self.session.passage()
        if span and span != self.editor.chosen:
            self.editor.show_span(span)
        return span

    @on(RewriteRequested)
    def _asked(self, event: RewriteRequested) -> None:
        span = self._passage()
        if span:
            self.helper.instruction.value = event.instruction
            self.session.ask(event.instruction, span)
            self._wait()

    def _wait(self) -> None:
        """Show the proposal that is asked for as it grows."""
        if live := self.session.asking.live:
            self.helper.show_stream(live)
            self.go(self.helper.stream)

    @on(JobEnded)
    def _job_ended(self, event: JobEnded) -> None:
        """What failed is told by the session; this is a defect of ours."""
        if event.error:
            self.notify(event.error.explained, severity="error", timeout=10)

    # Showing the session

    @on(SessionChanged)
    def _show(self, event: SessionChanged) -> None:
        proposal, live = self.session.proposal, self.session.asking.live
        match event.changed.part:
            case "asking" if live:
                self.helper.show_target(live.message)
            case "asking" if proposal is None or not proposal.versions:
                self._show_target()
            case "proposal" if live is None:
                self._show_proposal()
            case "hunks" if proposal and proposal.review:
                self.helper.refresh_hunks(proposal, event.changed.hunks, self.session.text)

    def _show_proposal(self) -> None:
        proposal = self.session.proposal
        if proposal is None:
            self.helper.show_keys()
            self._show_target()
        else:
            self.helper.show_proposal(proposal, self.session.text)
            # To the list of what changes, unless somebody writes: its letters decide.
            if is_text(self.screen.focused):
                self.notify(f"The proposal has come. {key_for(self.screen, 'desk.switch')} goes to it.")
            else:
                self.go(self.helper.hunks)

    @work(exclusive=True, group="target")
    async def _show_target(self) -> None:
        target = await self.session.asking.target()
        if target and not self.session.asking.live and not (self.session.proposal and self.session.proposal.versions):
            why = f" ({target.why})" if target.why else ""
            self.helper.say(f"{target.profile.name} · {target.model} → {target.host}{why}")

    @on(OptionList.OptionHighlighted, "#desk-hunks")
    def _highlighted(self) -> None:
        """The text shows where the hunk stands."""
        proposal, number = self.session.proposal, self.helper.hunks.current
        review = proposal.review if proposal else None
        if review and number is not None and self.helper.hunks.has_focus:
            self.follow()
            self.editor.show_span(review.places[number])

    # Deciding

    @on(DeskHunks.VersionWanted)
    def _version_wanted(self, event: DeskHunks.VersionWanted) -> None:
        self.follow()
        self.session.show_version(event.number - 1)

    @on(DeskHunks.Decided)
    def _decided(self, event: DeskHunks.Decided) -> None:
        proposal = self.session.proposal
        if event.verb == "undo":
            self.editor.undo()
        elif event.verb == "more":
            self.session.ask_again()
            self._wait()
        elif proposal and (review := proposal.review):
            pending = [hunk.id for hunk in review.pending()]
            match event.verb, event.hunk:
                case "version", _ if len(proposal.versions) > 1:
                    self.session.show_version((proposal.at + 1) % len(proposal.versions))
                case "accept_all", _:
                    self._decide("accepted", pending)
                case "reject_all", _:
                    self._decide("rejected", pending)
                case "accept", int(hunk):
                    self._decide("accepted", [hunk])
                case "reject", int(hunk):
                    self._decide("rejected", [hunk])
                case "edit", int(hunk):
                    self.helper.edit(review, hunk)

    @on(HunkEditor.Taken)
    def _edited(self, event: HunkEditor.Taken) -> None:
        self.helper.end_edit()
        self._decide("edited", [event.hunk], event.text)

    def _decide(self, decision: Decision, hunks: Collection[int], text: str | None = None) -> None:
        self.follow()
        current = self.helper.hunks.current
        decided = self.session.decide(decision, hunks, text)
        if decided:
            parts, step = decided
            self.editor.put(parts, step)
            self.helper.hunks.go_to(step.review.next_pending(step.moves[-1].hunk.id) or current)

    # Moving about

    def action_switch(self) -> None:
        """Go to the other side."""
        proposal = self.session.proposal
        if self.in_helper:
            self.go(self.editor)
        elif self.session.asking.live:
            self.go(self.helper.stream)
        else:
            self.go(self.helper.hunks if proposal and proposal.versions else self.helper.instruction)

    def step_back(self) -> bool:
        """One step: from the edit of a hunk to the hunks, to the instruction, to the text; False where none is left."""
        focused = self.screen.focused
        if self.session.asking.live:
            self.session.asking.stop()
        elif focused is self.helper.editor:
            self.helper.end_edit()
        elif focused is self.helper.hunks:
            self.session.close_proposal()
            self.go(self.helper.instruction)
        elif focused is self.editor:
            return False
        else:
            self.go(self.editor)
        return True

    @property
    def in_helper(self) -> bool:
        return self.helper.has_focus_within

    def go(self, widget: Widget) -> None:
        self.set_class(widget is not self.editor, "helping")
        if widget is self.editor and self.in_helper:
            # What was marked to be shown must not be typed over.
            self.editor.put_cursor(self.editor.chosen[0])
        self.screen.set_focus(widget)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.set_class(event.widget is not self.editor, "helping")

    def on_resize(self, event: Resize) -> None:
        self.set_class(self.app.size.width < WIDE, "narrow")
