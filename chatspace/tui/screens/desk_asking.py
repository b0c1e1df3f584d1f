"""What the desk asks for: a passage to be put differently, once or again, and what comes of it."""

from __future__ import annotations

from functools import partial

from textual import on, work

from chatspace.core.document import Span
from chatspace.core.errors import ChatspaceError
from chatspace.core.events import DeltaReceived, MessageStored, ReplyStarted, Warned
from chatspace.core.rewriting.check import PassagePair
from chatspace.core.rewriting.passage import block_at
from chatspace.core.rewriting.review import Review
from chatspace.tui.jobs import JobEnded, JobHappened, Work
from chatspace.tui.screens.desk_review import DeskReview
from chatspace.tui.widgets.desk_helper import RewriteRequested


class DeskAsking(DeskReview):
    """Asks, and shows each proposal as it comes."""

    def take_passage(self) -> Span | None:
        """The selection, else the block at the cursor, which is then selected; None, and said so, without either."""
        self.follow()
        span = self.editor.chosen
        if self._seen[slice(*span)].strip():
            return span
        span = block_at(self._seen, span[1])
        if span[0] == span[1]:
            self.notify("There is no passage: put the cursor into one, or select it.")
            return None
        self.editor.show_span(span)
        return span

    @on(RewriteRequested)
    def _asked(self, event: RewriteRequested) -> None:
        if self._job:
            self.notify("A proposal is still coming. esc stops it and keeps what came.")
            return
        span = self.take_passage()
        if span is None:
            return
        self.close_proposal()
        self._instruction = event.instruction
        self.helper.instruction.value = event.instruction
        self._passage, self._since = PassagePair(self._seen, span), []
        propose = partial(self.workspace.desk.propose, self._passage.text, self._instruction, self.options)
        title, session = self.title_of_session(), self.session
        self._start(lambda emit: propose(emit, title=title, conversation=session))

    def ask_again(self) -> None:
        """One more version of what was asked last."""
        if self._job or self._passage is None:
            return
        if self._question is None:
            self.post_message(RewriteRequested(self._instruction))
            return
        question = self._question
        self._start(lambda emit: self.workspace.desk.answer(question, self.options, emit))

    def _start(self, work_: Work) -> None:
        self._job = self.jobs.start(self.session, work_, self)
        self.helper.show_stream()
        self.helper.say("waiting …")
        self.set_focus(None)
        self.show_state()

    @on(JobHappened)
    def _job_happened(self, message: JobHappened) -> None:
        if message.job is not self._job:
            return
        match message.event:
            case MessageStored(stored):
                self._question, self.session = stored, stored.conversation
            case ReplyStarted(reply):
                self.helper.say(f"{reply.profile} · {reply.model} → {reply.host}")
            case DeltaReceived(_, text, reasoning) if not reasoning:
                self.helper.grow(text)
            case Warned(text):
                self.notify(text)

    @on(JobEnded)
    @work
    async def _job_ended(self, message: JobEnded) -> None:
        if message.job is not self._job:
            return
        reply, passage = message.job.reply, self._passage
        made = None
        if reply is not None and passage is not None and reply.text.strip():
            made = await self.in_thread(self.workspace.desk.assess, passage, self._instruction, reply)
        self._job = None
        if reply is not None and passage is not None and made is not None:
            self.follow()
            review = Review.begin(reply.id, made, passage.span[0], self._since)
            self._versions.append(review)
            self._replies[reply.id] = reply
            self.show_version(len(self._versions) - 1)
            if message.error:
                self.complain(message.error)
        else:
            self._show_failure(message.error)
        self.show_state()

    def _show_failure(self, error: ChatspaceError | None) -> None:
        """Nothing came: what was asked stays, and one key asks again."""
        said = error.explained if error else "Stopped before anything came."
        if self._versions:
            self.notify(said, severity="error")
            self.show_version(self._at)
            return
        self.helper.show_hunks()
        self.helper.hunks.show(None, "")
        self.helper.say(f"{said}\nm tries again · esc back")
        self.go_to_hunks()
