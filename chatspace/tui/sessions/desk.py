"""What a user does at the desk: a text is opened, rewritten passage by passage, decided on, and saved."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chatspace.core.document import Span
from chatspace.core.rewriting.check import PassagePair
from chatspace.core.rewriting.counts import Counts, counts
from chatspace.core.rewriting.decisions import Decision
from chatspace.core.rewriting.passage import block_at, edit_between
from chatspace.core.rewriting.review import Move, Review
from chatspace.core.text import display
from chatspace.tui.sessions.changed import Changed, Listener, attempt
from chatspace.tui.sessions.desk_asking import DeskAsking, Start
from chatspace.tui.sessions.desk_decisions import DeskDecisions
from chatspace.tui.sessions.desk_file import DeskFile
from chatspace.tui.sessions.desk_proposal import Proposal, Step
from chatspace.tui.sessions.later import Later

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message
    from chatspace.core.profiles.options import Options
    from chatspace.core.profiles.profile import Channel, DeskKey
    from chatspace.core.workspace.desk import Opened
    from chatspace.wiring import Workspace

PAUSE_SECONDS = 0.5
"""How much typing a crash may lose."""

REST_SECONDS = 0.8
"""How long nothing is typed before the text is counted."""


class DeskSession:
    """Owns the file, what is asked for, the proposal in sight, and what was decided.

    The file's text is what the editor was last known to hold; `chosen` is selected there, or empty at the cursor.
    """

    def __init__(self, workspace: Workspace, options: Options, start: Start, listener: Listener) -> None:
        desk = workspace.desk
        self._library = workspace.library
        self._listener = listener
        self.file = DeskFile(desk, workspace.exporter, listener)
        self.asking = DeskAsking(desk, options, start, listener)
        self.decisions = DeskDecisions(desk, self.file, listener)
        self.proposal: Proposal | None = None
        self.chosen: Span = (0, 0)
        self.counted: Counts | None = None
        self._channel: Channel | None = None
        self._stale: frozenset[int] = frozenset()
        self._keeping = Later(PAUSE_SECONDS, self.keep)
        self._counting = Later(REST_SECONDS, self.count, postponed=True)

    # The file

    @property
    def text(self) -> str:
        return self.file.text

    async def open(self, path: Path | None = None, message: Message | None = None) -> Opened | None:
        """A file, else the text of a message, else an empty one; None, and said so, where it can't be read."""
        opened = await self.file.open(path, message)
        self.asking.conversation = opened.conversation if opened else None
        return opened

    async def keys(self) -> Sequence[DeskKey]:
        """The user's own keys."""
        return await attempt(self._listener, asyncio.to_thread(self._library.desk_keys)) or ()

    async def load(self) -> None:
        """The first count, for the channel."""
        channel = self.asking.options.channel
        self._channel = await attempt(self._listener, asyncio.to_thread(self._library.channel, channel))
        await self.count()

    async def keep(self) -> None:
        """Keep what isn't saved."""
        await attempt(self._listener, self.file.keep(self.asking.conversation))
        self._listener(Changed("file"))

    async def close(self) -> None:
        """Whichever way the desk is left, what was decided is stored and the text is kept. Raises StoreError."""
        self._keeping.stop()
        self._counting.stop()
        await self.decisions.stored()
        await self.file.keep(self.asking.conversation)

    # The text

    def follow(self, text: str, chosen: Span | None = None) -> None:
        """Let every place that is known follow what was edited since."""
        self.chosen = chosen or self.chosen
        edit = edit_between(self.text, text)
        if edit:
            self.file.text = text
            if self.proposal:
                self.proposal.follow(edit)
            self._edited()
        self._refresh()

    def _edited(self) -> None:
        self.file.note = ""
        self._keeping.begin()
        self._counting.begin()

    def _refresh(self, hunks: Collection[int] = ()) -> None:
        """Tell which hunks in sight have changed: these, and those that apply again or no longer."""
        stale = self.proposal.stale(self.text) if self.proposal else frozenset()
        changed = frozenset(hunks) | (stale ^ self._stale)
        self._stale = stale
        if changed:
            self._listener(Changed("hunks", changed))

    async def count(self) -> None:
        """Count the text, and the selection or the line at the cursor."""
        text, (start, end) = self.text, self.chosen
        passage = text[start:end] or text[text.rfind("\n", 0, end) + 1 :].partition("\n")[0]
        counted = asyncio.to_thread(counts, text, passage, self._channel, self.file.first)
        self.counted = await attempt(self._listener, counted)
        self._listener(Changed("counts"))

    def passage(self) -> Span | None:
        """The selection, else the block at the cursor; None, and said so, without either."""
        if self.text[slice(*self.chosen)].strip():
            return self.chosen
        span = block_at(self.text, self.chosen[1])
        if span[0] == span[1]:
            self._listener(Changed(notice="No passage selected. Put the cursor in a paragraph, or select text."))
            return None
        return span

    # Proposals

    def ask(self, instruction: str, span: Span) -> None:
        """Ask for a passage to be put differently; a proposal before it is closed."""
        if self.asking.live:
            self._listener(Changed(notice="A proposal is still coming in. esc stops it and keeps the text so far."))
            return
        self.proposal, self._stale = Proposal(instruction, PassagePair(self.text, span)), frozenset()
        self.asking.ask(self.proposal, f"Desk: {self.file.opened.name}" if self.file.opened else "Desk")

    def ask_again(self) -> None:
        """One more version of what was asked last."""
        proposal = self.proposal
        if proposal is None or self.asking.live:
            return
        if proposal.question:
            self.asking.ask_again(proposal, proposal.question)
        else:
            self.ask(proposal.instruction, proposal.span)

    def show_version(self, number: int) -> None:
        """Another version, the first of which is 0."""
        proposal = self.proposal
        if proposal is None or not 0 <= number < len(proposal.versions):
            self._listener(Changed(notice=f"Version {number + 1} doesn't exist."))
            return
        proposal.at = number
        self._listener(Changed("proposal"))

    def close_proposal(self) -> None:
        """What was decided stays; what wasn't is left as it is in the text."""
        self.proposal = None
        self._listener(Changed("proposal"))

    # Decisions

    def decide(
        self, decision: Decision, numbers: Collection[int], text: str | None = None
    ) -> tuple[list[tuple[Span, str]], Step] | None:
        """What a decision on hunks of the version in sight puts into the text, and the step that undo knows it as.

        Hunks that it isn't possible for are left, and that is said; None where nothing is done.
        """
        review = self.proposal.review if self.proposal else None
        if review is None:
            return None
        hunks = [hunk for hunk in review.rewrite.hunks if hunk.id in numbers]
        left = [hunk for hunk in hunks if not review.applies(hunk, self.text)]
        blocked = [hunk for hunk in hunks if decision == "accepted" and hunk.blocked]
        if left:
            said = f"{display.count(len(left), 'change')} no longer apply: the text has changed there."
            self._listener(Changed(notice=said))
        if blocked:
            said = f"⊘ {blocked[0].blocked} It can be edited with e."
            self._listener(Changed(notice=said, severity="warning"))
        moves = tuple(review.to(hunk, decision, text) for hunk in hunks if hunk not in left and hunk not in blocked)
        if not moves:
            return None
        parts = [(review.places[move.hunk.id], move.now.text) for move in moves if move.now.text != move.was.text]
        self._carry_out(review, moves)
        return parts, Step(review, moves)

    def undo(self, step: Step) -> None:
        """A decision was taken back in the text."""
        self._carry_out(step.review, step.back)

    def redo(self, step: Step) -> None:
        """A decision was made again in the text."""
        self._carry_out(step.review, step.moves)

    def _carry_out(self, review: Review, moves: Sequence[Move]) -> None:
        """Let everything follow what these moves do in the text, and store them."""
        proposal, before = self.proposal, self.text
        for move in moves:
            if proposal and review in proposal.versions:
                self.file.text = proposal.carry_out(review, move, self.text)
            else:  # of a proposal that is closed, whose places nobody followed
                review.states[move.hunk.id] = move.now
            self.decisions.take(review.message, move)
        if self.text != before:
            self._edited()
        in_sight = proposal is not None and review is proposal.review
        self._refresh([move.hunk.id for move in moves] if in_sight else ())
