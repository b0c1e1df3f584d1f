"""Stories: openings side by side, with a tone table that no model made; star, discard, merge, go on from one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from chatspace.core.text import display
from chatspace.core.workspace.stories import STEP
from chatspace.tui.screens.model_dialog import choose_model
from chatspace.tui.screens.tool_screen import EVERYWHERE, ToolScreen
from chatspace.tui.session_view import SessionJobs, listener_on
from chatspace.tui.sessions.changed import Changed
from chatspace.tui.sessions.story import StorySession
from chatspace.tui.widgets.opening_cards import WIDE
from chatspace.tui.widgets.openings_board import OpeningsBoard
from chatspace.tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from chatspace.tui.commands import ParsedCommand
    from chatspace.tui.jobs import Jobs
    from chatspace.tui.navigation import ScreenContext
    from chatspace.wiring import Workspace

NOTHING = """\
[b]Openings for a story[/b]

[b]/story brief.md[/b]                        three openings, each in a tone of its own
[b]/story brief.md --tones plain,warm[/b]     in the tones that you name
[b]/story brief.md --openings 6[/b]           so many

{offer}"""
OFFER = "[b]+[/b]   asks for three from the last message, {words} words"


class StoryScreen(ToolScreen):
    """The openings of one story. What is discarded stays on its scrap list."""

    CSS_PATH = "story.tcss"
    HELP = """\
Openings side by side, and below them measures of their tone, each bar relative to the highest of the set.
The bars are not grades: longer isn't better.
up and down (j, k) choose an opening, left and right (h, l) a column; o sorts by it, and again the other way.
≈ is nearly the same as another, ? contains facts that no source supports, … was cut off.
s stars, x discards, m merges the starred openings, u undoes it. tab shows the scrap list, where u restores.
e edits, v looks up the facts, y yanks, + asks for more in the same tones.
Enter continues with the opening: it is put into your prompt, in its conversation.
"""
    BINDINGS = [
        Binding("m", "ask('merge')", "merge", id="story.merge"),
        Binding("plus", "ask('more')", "more", id="story.more"),
        Binding("r", "ask('retry')", "try again", id="story.retry", show=False),
    ]

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand) -> None:
        super().__init__(workspace, jobs, standing, typed)
        self.board = OpeningsBoard(workspace, self.dismiss)
        self._reports = SessionJobs(lambda: self.session)
        listener = listener_on(self, self._changed)
        self.session = StorySession(workspace, jobs, self._reports, standing, typed, listener)
        self.board.session = self.session

    def body(self) -> ComposeResult:
        yield Static(id="story-nothing")
        yield self.board
        yield self._reports

    def on_mount(self) -> None:
        self._changed(Changed())
        self.board.focus_list()
        self.query_one(StatusLine).set_interval(0.3, lambda: self._show_state() if self.session.replies else None)
        self.run_worker(self.session.begin())

    # What is shown

    def _changed(self, change: Changed) -> None:
        session = self.session
        empty = not session.rows and not session.replies
        nothing = self.query_one("#story-nothing", Static)
        nothing.display, self.board.display = empty, not empty
        if empty:
            last = session.last_message if session.story is None else None
            nothing.update(NOTHING.format(offer=OFFER.format(words=f"{len(last.text.split()):,}") if last else ""))
        self.board.show(session.in_sight, change.at)
        if self.focused is None and not empty:
            self.board.focus_list()  # where its keys are
        self._show_state()

    @on(OpeningsBoard.Changed)
    def _show_state(self) -> None:
        self.board.show_coming(self.session.coming)
        reply = self.session.reply
        where = f"{reply.profile} · {reply.model} → {reply.host}" if reply and reply.model else ""
        place = "Scrap list" if self.session.marks.scraps_shown else "Openings"
        name = self.session.story.source.name if self.session.story else ""
        self.entitle(display.line(f"{place} for {name}" if name else place, where))
        self.say(state_of(self.session, self.board, wide=self.app.size.width >= WIDE))
        self.show_hints()

    # What the editor does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a text is edited, only what works everywhere does; some keys need something to act on."""
        if self.board.editing is not None:
            return action in EVERYWHERE
        if action != "ask":
            return True
        what = parameters[0]
        return len(self.session.starred) > 1 if what == "merge" else bool(self.session.failed) or what != "retry"

    @work(exclusive=True, group="ask")
    async def action_ask(self, what: str) -> None:
        """Have something written."""
        match what:
            case "more":
                await self.session.more()
            case "retry":
                await self.session.retry()
            case "merge":
                if await self.session.merge():
                    self.board.action_opening("edit")

    @work(exclusive=True, group="model")
    async def action_choose_model(self) -> None:
        """The profile or model that tells the next openings."""
        options = self.session.options
        target = await self.session.target(options)
        if target and (chosen := await choose_model(self.app, self.workspace, STEP, options, target.profile.name)):
            await self.session.choose(chosen)

    # Leaving

    @property
    def unfinished(self) -> str:
        return f"Opening {self.board.editing.number} is being edited: esc keeps it." if self.board.editing else ""

    def action_leave(self) -> None:
        """Leave the editor, stop what is being written, leave the scrap list, and then the place."""
        if self.board.editing is not None:
            self.board.leave_editor()
        elif self.session.replies:
            self.session.replies.stop()
        elif self.session.marks.scraps_shown:
            self.session.marks.toggle_scraps()
        else:
            self.dismiss(self.session.left)


def state_of(session: StorySession, board: OpeningsBoard, *, wide: bool) -> str:
    """What the status line says of a story."""
    if session.replies:
        count = len(session.replies)
        return f"{count} {'reply' if count == 1 else 'replies'} in progress · esc stops and keeps the text so far"
    if board.editing:
        return f"editing opening {board.editing.number} · esc keeps it"
    if session.failed:
        return "r tries again what failed"
    scraps = sum(not row.opening.on_board for row in session.rows)
    return display.line(
        display.count(len(session.rows) - scraps, "opening"),
        f"{len(session.starred)} starred" if session.starred else "",
        f"{scraps} scrapped" if scraps else "",
        f"{board.measure.title}: {board.measure.meaning}" if session.rows and wide else "",
    )
