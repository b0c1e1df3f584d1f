"""What the desk does with proposals: show their versions, decide on their hunks, take back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from textual import on, work
from textual.widgets import OptionList

from chatspace.core.chat.conversation import Message
from chatspace.core.profiles.options import Options
from chatspace.core.rewriting.check import PassagePair
from chatspace.core.rewriting.decisions import Decision
from chatspace.core.rewriting.hunks import Hunk
from chatspace.core.rewriting.passage import Edit, edit_between
from chatspace.core.rewriting.review import Move, Review
from chatspace.core.text import display
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.jobs import Job, Jobs
from chatspace.tui.navigation import ScreenContext
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.widgets.desk_helper import DeskHelper, HunkEditor
from chatspace.tui.widgets.desk_hunks import DeskHunks
from chatspace.tui.widgets.desk_text import DeskText
from chatspace.tui.widgets.status_line import key_for
from chatspace.tui.writing import is_text
from chatspace.wiring import Workspace


@dataclass(frozen=True, slots=True)
class Step:
    """A decision, as the undo of the text knows it."""

    review: Review
    moves: tuple[Move, ...]


class DeskReview(ToolScreen):
    """Holds one question with its versions. The text that is edited is the editor's own."""

    options: Options
    session: int | None = None
    """The conversation that this desk's rewrites are stored in."""

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand) -> None:
        super().__init__(workspace, jobs, standing, typed)
        self.editor = DeskText(id="desk-text")
        self.helper = DeskHelper()

    def begin_review(self) -> None:
        self._seen = self.editor.text
        self._question: Message | None = None
        self._instruction = ""
        self._passage: PassagePair | None = None
        self._stale: set[int] = set()
        self._since: list[Edit] = []
        self._versions: list[Review] = []
        self._replies: dict[int, Message] = {}
        self._at = 0
        self._job: Job | None = None
        self._editing: int | None = None
        self._storing = asyncio.Lock()
        self.rejected: list[tuple[str, str]] = []

    @property
    def review(self) -> Review | None:
        """The version in sight."""
        return self._versions[self._at] if self._versions else None

    @property
    def job(self) -> Job | None:
        return self._job

    def title_of_session(self) -> str:
        """What the conversation of the rewrites is called."""
        raise NotImplementedError

    # Following the text

    def follow(self) -> None:
        """Let every place that is known follow what was edited since."""
        text = self.editor.text
        edit = edit_between(self._seen, text)
        if edit is None:
            return
        self._seen = text
        self._note(edit)
        for version in self._versions:
            version.follow(edit)

    def _note(self, edit: Edit) -> None:
        if self._passage:
            self._since.append(edit)

    @on(DeskText.Changed, "#desk-text")
    def _text_changed(self) -> None:
        self.follow()
        review = self.review
        if review:
            stale = {hunk.id for hunk in review.rewrite.hunks if not review.applies(hunk, self._seen)}
            for number in stale ^ self._stale:
                self.helper.hunks.refresh_hunk(review, number, self._seen)
            self._stale = stale

    @on(DeskText.Undone)
    def _undone(self, event: DeskText.Undone) -> None:
        """A decision was taken back in the text, or made again: let the hunk say so too."""
        step: Step = event.tag
        moves = step.moves if event.again else tuple(move.back for move in reversed(step.moves))
        self._carry_out(step.review, moves)

    # Showing

    def show_version(self, number: int) -> None:
        if not 0 <= number < len(self._versions):
            self.notify(f"There is no version {number + 1}.")
            return
        self._at = number
        review = self._versions[number]
        self.follow()
        self._stale = {hunk.id for hunk in review.rewrite.hunks if not review.applies(hunk, self._seen)}
        self.helper.show_hunks()
        self.helper.hunks.show(review, self._seen)
        pending = review.pending()
        self.helper.hunks.go_to(pending[0].id if pending else None)
        self.go_to_hunks()
        self._describe()

    def go_to_hunks(self) -> None:
        """To the list of what changes, unless somebody writes: its letters decide."""
        if is_text(self.focused):
            self.notify(f"The proposal has come. {key_for(self, 'desk.switch')} goes to it.")
        else:
            self.set_focus(self.helper.hunks)

    def _describe(self) -> None:
        """Which version this is, who wrote it, and how far the decisions are."""
        review = self.review
        if review is None:
            return
        reply: Message = self._replies[review.message]
        which = f"version {self._at + 1} of {len(self._versions)}" if len(self._versions) > 1 else ""
        cost = display.cost(reply.cost_usd) if reply.usage else ""
        lines = [display.line(which, reply.profile, reply.model, cost)]
        if review.rewrite.status == "truncated":
            why = f" ({reply.error.splitlines()[0]})" if reply.error else ""
            lines.append(f"The reply was cut{why}: what it never came to is left as it was.")
        lines += [f"⊘ {found.message}" for found in review.rewrite.gate.findings if found.severity == "block"][:2]
        if not review.rewrite.hunks:
            lines.append("Nothing changed: the passage already is what was asked for. m tries again.")
        else:
            kinds: list[tuple[Decision | None, str]] = [
                (None, "open"),
                ("accepted", "accepted"),
                ("rejected", "rejected"),
                ("edited", "edited"),
            ]
            lines.append(" · ".join(f"{count} {name}" for kind, name in kinds if (count := review.count(kind))))
        self.helper.say("\n".join(lines))

    @on(OptionList.OptionHighlighted, "#desk-hunks")
    def _highlighted(self) -> None:
        """The text shows where the hunk stands."""
        review, number = self.review, self.helper.hunks.current
        if review and number is not None and self.focused is self.helper.hunks:
            self.follow()
            self.editor.show_span(review.places[number])

    def close_proposal(self) -> None:
        """What was decided stays; what wasn't is left as it is in the text."""
        self._versions, self._at, self._question, self._passage = [], 0, None, None
        self.helper.show_keys()
        self.show_target()

    def ask_again(self) -> None:
        """One more version of what was asked last."""
        raise NotImplementedError

    def show_target(self) -> object:
        """Where the next passage goes."""
        raise NotImplementedError

    def show_state(self) -> None:
        """What the status line says."""
        raise NotImplementedError

    # Deciding

    @on(DeskHunks.VersionWanted)
    def _version_wanted(self, event: DeskHunks.VersionWanted) -> None:
        self.show_version(event.number - 1)

    @on(DeskHunks.Decided)
    def _decided(self, event: DeskHunks.Decided) -> None:
        review = self.review
        match event.verb:
            case "more":
                self.ask_again()
            case "undo":
                self.editor.undo()
            case "version" if len(self._versions) > 1:
                self.show_version((self._at + 1) % len(self._versions))
            case "accept_all" | "reject_all" if review:
                self.decide(review, list(review.pending()), "accepted" if event.verb == "accept_all" else "rejected")
            case "accept" | "reject" | "edit" if review and event.hunk is not None:
                hunk = next(each for each in review.rewrite.hunks if each.id == event.hunk)
                if event.verb == "edit":
                    self._edit(review, hunk)
                else:
                    self.decide(review, [hunk], "accepted" if event.verb == "accept" else "rejected")

    def _edit(self, review: Review, hunk: Hunk) -> None:
        self._editing = hunk.id
        state = review.states[hunk.id]
        self.helper.edit(state.text if state.decision in ("accepted", "edited") else hunk.after)

    @on(HunkEditor.Taken)
    def _edited(self, event: HunkEditor.Taken) -> None:
        review, number = self.review, self._editing
        self.end_edit()
        if review and number is not None:
            hunk = next(each for each in review.rewrite.hunks if each.id == number)
            self.decide(review, [hunk], "edited", event.text)

    def end_edit(self) -> None:
        self._editing = None
        self.helper.end_edit()
        self.set_focus(self.helper.hunks)

    def decide(self, review: Review, hunks: list[Hunk], decision: Decision, text: str | None = None) -> None:
        """Carry out a decision on hunks, in order, as one step; those that it isn't possible for are left."""
        self.follow()
        left = [hunk for hunk in hunks if not review.applies(hunk, self._seen)]
        blocked = [hunk for hunk in hunks if decision == "accepted" and hunk.blocked]
        moves = tuple(review.to(hunk, decision, text) for hunk in hunks if hunk not in left and hunk not in blocked)
        if left:
            self.notify(f"{display.count(len(left), 'change')} no longer apply: the text has changed there.")
        if blocked:
            self.notify(f"⊘ {blocked[0].blocked} It can be edited with e.", severity="warning")
        if not moves:
            return
        current = self.helper.hunks.current
        parts = [(review.places[move.hunk.id], move.now.text) for move in moves if move.now.text != move.was.text]
        self.editor.put(parts, Step(review, moves))
        self._carry_out(review, moves)
        self.helper.hunks.go_to(review.next_pending(moves[-1].hunk.id) or current)

    def _carry_out(self, review: Review, moves: tuple[Move, ...]) -> None:
        """Let everything follow what these moves do in the text, and keep them."""
        for move in moves:
            if review in self._versions:
                self._place(review, move)
            else:  # of a proposal that is closed, whose places nobody followed
                review.states[move.hunk.id] = move.now
            self._keep(review.message, move)
            if review is self.review:
                self.helper.hunks.refresh_hunk(review, move.hunk.id, self._seen)
        self._describe()
        self.show_state()

    def _place(self, review: Review, move: Move) -> None:
        """Let every place follow what a move does in the text."""
        edit = review.move(move)
        if move.now.text == move.was.text:
            return
        self._note(edit)
        for version in self._versions:
            if version is not review:
                version.follow(edit)
        self._seen = self._seen[: edit.at] + move.now.text + self._seen[edit.at + edit.removed :]

    def _keep(self, message: int, move: Move) -> None:
        turned_down = (move.hunk.before, move.hunk.after)
        if move.was.decision == "rejected" and turned_down in self.rejected:
            self.rejected.remove(turned_down)
        if move.now.decision == "rejected":
            self.rejected.append(turned_down)
        self._store(message, move)

    @work
    async def _store(self, message: int, move: Move) -> None:
        desk = self.workspace.desk
        async with self._storing:  # in the order in which they were made
            if move.now.decision is None:
                await self.in_thread(desk.undecide, message, move.hunk)
            else:
                await self.in_thread(desk.decide, message, move.hunk, move.now.decision, move.now.text)
