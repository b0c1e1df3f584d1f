"""What the place of a run shows: the stages at the left, the one chosen at the right, or the runs there were."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.events import Resize

from chatspace.core.events import DeltaReceived
from chatspace.core.workspace.reruns import ROUTE
from chatspace.tui.sessions.run import RunSession
from chatspace.tui.sessions.run_in_sight import RunInSight
from chatspace.tui.widgets.run_history import RunHistory
from chatspace.tui.widgets.run_pane import RunPane
from chatspace.tui.widgets.run_stages import RunStages
from chatspace.tui.widgets.text_editor import TextEditor

WIDE = 100
"""Columns from which on the stages say what they cost."""

BESIDE = 72
"""Columns from which on the stages stand beside the one that is chosen."""

PAGES = ("page_down", "page_up")

Wish = Literal["route", "facts", "yank", "export", "leave"]
"""What takes another screen, or leads away from this one."""


class RunBoard(Vertical):
    """Shows a session, and lets it do what the keys say; `grant` does what more than the board is needed for."""

    BINDINGS = [
        Binding("enter,right,l", "open", "open", id="run.open"),
        Binding("left,h", "close", "stages", show=False, id="run.close"),
        Binding("e", "edit", "correct", id="run.edit"),
        Binding("r", "run('again')", "run again from here", id="run.again"),
        Binding("u", "take_back", "take changes back", show=False, id="run.take_back"),
        Binding("n", "run('next')", "next source", id="run.next"),
        Binding("v", "wish('facts')", "facts", id="run.facts"),
        Binding("y", "wish('yank')", "yank", id="run.yank"),
        Binding("ctrl+s", "wish('export')", "export", id="run.export"),
        Binding("o", "list", "runs", id="run.list"),
        Binding("b", "wish('leave')", "leave it running", id="run.leave_running"),
        Binding("pageup", "page(-1)", "page up", show=False, id="run.page_up"),
        Binding("pagedown", "page(1)", "page down", show=False, id="run.page_down"),
    ]

    def __init__(self, session: RunSession, grant: Callable[[Wish], Awaitable[None]]) -> None:
        super().__init__(id="run-board")
        self._session = session
        self._grant = grant
        self._run: RunInSight | None = None
        self._in_pane = False
        self.stages = RunStages()
        self.pane = RunPane(id="run-pane")
        self.history = RunHistory()

    def compose(self) -> ComposeResult:
        with Horizontal(id="run-body"):
            yield self.stages
            yield self.pane
        yield self.history

    # What is shown

    def grow(self, delta: DeltaReceived) -> bool:
        """Another piece of the draft; False for the first, with which more changes than the text."""
        known = self.pane.growing
        self.pane.grow(delta.text, delta.reasoning)
        return known

    def show(self) -> None:
        """Everything as it is now."""
        run = self._session.run
        if run is not self._run:
            self._run = run
            self.pane.clear()
        self._lay_out()
        if run is None:
            self.history.show(self._session.list)
            self.screen.set_focus(self.history.rows)
            return
        self.stages.show(run, at_work=self._session.job is not None)
        self._show_stage()
        if self.screen.focused in (None, self.history.rows):
            self._in_pane = False
            self._lay_out()
            self.screen.set_focus(self.stages.rows)

    def _show_stage(self) -> None:
        if run := self._session.run:
            accepted, editing = run.corrections.accepted, self._session.edit is not None
            self.pane.show(run.live, run.shown, accepted=accepted, editing=editing)

    def _lay_out(self) -> None:
        """Both beside one another where there is room, else one at a time; or the list."""
        listing, width = self._session.run is None, self.app.size.width
        self.query_one("#run-body").display = not listing
        self.history.display = listing
        one = width < BESIDE
        self.set_class(one, "one")
        self.set_class(width >= WIDE, "wide")
        self.stages.display = not one or not self._in_pane
        self.pane.display = not one or self._in_pane

    def on_resize(self, event: Resize) -> None:
        self.call_after_refresh(self.show)

    # Moving

    @on(RunStages.Moved)
    def _look_at(self, event: RunStages.Moved) -> None:
        if self._session.run:
            self._session.run.look_at(event.stage)
            self._show_stage()

    @on(RunStages.Entered)
    def enter_pane(self) -> None:
        """Into the stage."""
        self._in_pane = True
        self._lay_out()
        self.screen.set_focus(self.pane.part)

    def leave_pane(self) -> None:
        """Back to the stages."""
        self._in_pane = False
        self._lay_out()
        self.screen.set_focus(self.stages.rows)

    @property
    def stages_hidden(self) -> bool:
        """Whether the stage is in sight alone."""
        return self._in_pane and self.has_class("one")

    @on(RunHistory.Chosen)
    @work(exclusive=True, group="open")
    async def _open_listed(self, event: RunHistory.Chosen) -> None:
        await self._session.open_listed(event.key)

    @on(RunHistory.NearEnd)
    @work(exclusive=True, group="page")
    async def _list_more(self) -> None:
        await self._session.list_more()

    @on(TextEditor.Left)
    @work(exclusive=True, group="edit")
    async def _edited(self, event: TextEditor.Left) -> None:
        await self._session.end_edit(event.text)
        if self._session.edit is None:
            self.leave_pane()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a stage is corrected, its keys are the editor's; some keys need a run to act on, or none under way."""
        session = self._session
        run, idle = session.run, session.job is None
        if session.edit is not None:
            return False
        match (action, *parameters):
            case ("edit",):
                return run is not None and idle and run.can_edit(run.shown)
            case ("run", "next"):
                return session.has_next and idle
            case ("run", _) | ("list",):
                return run is not None and idle
            case ("take_back",):
                return bool(run and run.changed)
            case ("wish", "facts"):
                return bool(run and run.stored and run.live.text is not None)
            case ("wish", "leave"):
                return not idle
            case ("wish", "yank") | ("close",) | ("page", _):
                return run is not None
        return True

    def action_open(self) -> None:
        """Into the stage; where something was changed, run again from there."""
        run = self._session.run
        if run is None:
            self.history.choose()
        elif run.changed:
            self.action_run("again")
        else:
            self.enter_pane()

    def action_close(self) -> None:
        """Back to the stages."""
        self.leave_pane()

    def action_edit(self) -> None:
        """Correct what the stage made."""
        run = self._session.run
        if run and run.shown == ROUTE:
            self.action_wish("route")
        elif run:
            self._session.begin_edit(run.shown)
            if edit := self._session.edit:
                self.pane.edit(edit.begun)
                self.enter_pane()

    @work(exclusive=True, group="again")
    async def action_run(self, what: Literal["again", "next"]) -> None:
        """Run the stage again with all behind it, or the next source."""
        if what == "next":
            await self._session.next()
            return
        await self._session.again()
        if self._session.job:
            self.leave_pane()

    @work(exclusive=True, group="open")
    async def action_list(self) -> None:
        """The runs there were, newest first."""
        await self._session.show_list()

    def action_take_back(self) -> None:
        self._session.take_back()

    def action_wish(self, wish: Wish) -> None:
        """Have done what more than the board is needed for."""
        self.run_worker(self._grant(wish), group=wish, exclusive=True)

    async def action_page(self, direction: int) -> None:
        part = self.pane.part
        forward, back = ("scroll_pages(1)", "scroll_pages(-1)") if part is self.pane.transcript else PAGES
        await self.app.run_action(forward if direction > 0 else back, part)
