"""The chat: what is sent, edited, asked for again and walked through in one conversation at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chatspace.core.errors import ChatspaceError
from chatspace.tui.command_runner import SOURCE_COMMANDS
from chatspace.tui.commands import ParsedCommand, parse_slash
from chatspace.tui.entries import AGAIN
from chatspace.tui.sessions.changed import Changed, Listener
from chatspace.tui.sessions.chat_branch import Branch
from chatspace.tui.sessions.chat_export import ChatExport
from chatspace.tui.sessions.chat_options import NextOptions
from chatspace.tui.sessions.chat_preview import Preview
from chatspace.tui.sessions.chat_prompt import PromptDraft, PromptField
from chatspace.tui.sessions.chat_queue import MessageQueue
from chatspace.tui.sessions.chat_replies import STILL_COMING, Replies
from chatspace.tui.sessions.chat_switch import ConversationSwitch
from chatspace.tui.sessions.reply_target import Target
from chatspace.tui.sessions.tasks import Tasks

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from chatspace.core.chat.conversation import Message, QueuedMessage
    from chatspace.core.document import Source
    from chatspace.core.events import Event
    from chatspace.tui.jobs import Job, Jobs
    from chatspace.wiring import Workspace

Key = int | str | None
"""Of what is under the cursor: a message, a waiting message, or something else."""


class ChatSession:
    """Owns the branch in sight, what waits on it, the options of the next message and where that goes.

    The jobs report to the `owner`, who passes it on to `take` and `ended`.
    """

    def __init__(
        self,
        workspace: Workspace,
        jobs: Jobs,
        owner: MessagePump,
        field: PromptField,
        listener: Listener,
        *,
        local: bool = False,
    ) -> None:
        self._workspace = workspace
        self.listener = listener
        self._tasks = Tasks(listener)
        self.options = NextOptions(workspace, listener, local=local)
        self.branch = Branch(workspace, listener)
        self.replies = Replies(workspace, jobs, owner, self.branch, listener)
        self.prompt = PromptDraft(workspace, field, listener)
        self.target = Target(self.branch, field, listener)
        self.preview = Preview(workspace, listener)
        self.queue = MessageQueue(workspace, self.branch, listener, self.keep, self.prompt.give_back)
        parts = self.branch, self.options, self.replies, self.queue, self.target, self.prompt
        self.switch = ConversationSwitch(workspace, listener, parts, self.keep, self.refresh)
        self._export = ChatExport(workspace, self.branch, listener)

    @property
    def job(self) -> Job | None:
        """The job of the branch in sight."""
        return self.replies.job

    async def close(self) -> None:
        """Wait until all that was written here is on disk."""
        await self.queue.tasks.finished()
        self.keep()
        await self.prompt.flush()

    def keep(self) -> None:
        """Keep what stands unsent in the prompt, and what else was typed and isn't stored yet."""
        job = self.job
        line = [job.line] if job and not job.stored and job.queued is None else []
        self.prompt.keep(
            self.branch.conversation, [*line, *(job.early if job else ()), *self.queue.unstored, self.target.kept]
        )

    def refresh(self) -> None:
        """See again what sending the prompt would take."""
        field = self.prompt.field
        waiting = [] if self.target.current else [queued.text for queued in self.queue.waiting]
        self.preview.look(field.text, self.options.current, self.target.thread, waiting, field.sources)

    # Sending

    def submit(self, text: str) -> ParsedCommand | None:
        """Send what was written, or carry it out; gives a command that wants a screen of its own."""
        field, job = self.prompt.field, self.job
        try:
            typed = parse_slash(text)
        except ChatspaceError as error:
            self.listener(Changed(error=error))
            return None
        command = typed if typed and typed.name not in SOURCE_COMMANDS else None
        if not command and field.sources and job and (job.reply is None or job.early):
            said = "The reply hasn't begun yet. Send this with its sources in a moment."
            self.listener(Changed(notice=said))
        else:
            field.write(field.text.removeprefix(text))  # what was typed behind it meanwhile is the next message's
            if not command:
                self._send(text, field.take_sources())
            elif self._carry_out(command):
                command = None
        self.keep()
        return command

    def _carry_out(self, typed: ParsedCommand) -> bool:
        """Whether it is a command without a screen."""
        match typed.name:
            case "model" if typed.text:
                self.choose(None, typed.text)
            case "profile" if typed.text:
                self.choose(typed.text, None)
            case "think":
                self.options.think(typed.text.strip().lower())
                self.refresh()
            case "export":
                self._tasks.start(partial(self._export.write, typed))
            case _:
                return False
        return True

    def choose(self, profile: str | None, model: str | None) -> None:
        """Let another profile or model answer the next messages."""

        async def choose() -> None:
            await self.options.choose(profile, model)
            self.refresh()

        self._tasks.start(choose)

    def _send(self, text: str, sources: Sequence[Source]) -> None:
        """Send a message or the line of a command where the next one goes, or let it wait for the reply there."""
        target, options, field, job = self.target.current, self.options.current, self.prompt.field, self.job
        if target and target.kind == "amend":
            self._tasks.start(partial(self._amend, target.message, text))
        elif target and target.kind == "edit":
            self.replies.send(text, options, self.target.thread, beside=target.message, sources=sources)
        elif job:
            self._wait(text, job, sources)
        else:
            self.replies.send(text, options, self.branch.thread, sources=sources)
        if target:
            self.target.set(None)
            field.write(target.kept + field.text)

    def _wait(self, text: str, job: Job, sources: Sequence[Source] = ()) -> None:
        """Let a message wait for the reply, in the order in which they were written."""
        if job.reply is None or job.early:
            job.early.append(text)
        else:
            self.queue.add(text, job.reply, self.options.current, sources)
            self.refresh()

    async def _amend(self, reply: Message, text: str) -> None:
        """Keep the user's own version of a reply."""
        try:
            amended = await self._workspace.conversations.amend(reply, text)
        except ChatspaceError:
            self.prompt.put_before([text])
            raise
        self._grow(amended)
        self.refresh()

    # The tree. The key is that of what is under the cursor; without one, the last message is meant.

    def again(self, key: Key = None) -> None:
        """Ask for another reply, by the profile and model that answer now; the old one stays beside it."""
        waiting, last = self.queue.under(key), self.branch.last
        if last is None:
            return
        if waiting and last.status == "complete" and not self.job:
            self._tasks.start(partial(self._send_next, last))
        else:
            self.replies.again(last if waiting else self.branch.chosen(key) or last, self.options.current)

    def edit(self, key: Key) -> bool:
        """Write another version of this message, or of this reply by hand; the old one stays beside it.

        Gives whether there is anything to write now.
        """
        waiting, chosen = self.queue.under(key), self.branch.chosen(key)
        if waiting:
            return self.take_back(waiting)
        if chosen and self.replies.writing(chosen):
            self.listener(Changed(notice=STILL_COMING))
        elif chosen:
            self.target.edit(chosen)
            self.refresh()
            return True
        return False

    def branch_behind(self, key: Key) -> bool:
        """Go on from this message instead of from the last; what followed it stays. Gives whether it can be done."""
        chosen = self.branch.chosen(key)
        if chosen is None:
            return False
        if chosen.role == "user":  # it is the answers to it that r and e are for
            place = self.branch.place(chosen)
            if place == 0:
                said = "The conversation begins here: e edits this message, ctrl+n begins another conversation."
                self.listener(Changed(notice=said))
                return False
            chosen = self.branch.thread[place - 1]
        if self.target.branch(chosen):
            self.queue.load()
        self.refresh()
        return True

    def step_back(self) -> bool:
        """Give up what was begun, else stop the reply in sight; gives whether there was anything."""
        target, last = self.target.current, self.branch.last
        if target is None:
            return self.replies.stop()
        self.target.give_up_edit()
        self.target.set(None)
        if last and last.id != target.leaf.id:
            self.switch.tasks.start(partial(self._walk, target.leaf.id, last.id), "open")
        self.refresh()
        return True

    def walk(self, key: Key, step: int) -> None:
        """Go to another version of this message, with what was last seen below it."""
        if here := self.branch.versioned(key):
            self.switch.tasks.start(partial(self._walk_from, here, step), "open")

    async def _walk_from(self, here: Message, step: int) -> None:
        sibling = await self.branch.sibling(here, step)
        if sibling is not None:
            self.target.give_up_edit()
            self.target.set(None)
            await self._walk(sibling, here.parent)

    async def _walk(self, message: int, behind: int | None) -> None:
        if await self.branch.walk(message, behind):
            self.queue.load()
            self.refresh()

    # What waits

    def take_back(self, queued: QueuedMessage) -> bool:
        """A message that waits, back into the prompt; gives whether it isn't on its way already."""
        if self.replies.sends(queued):
            self.listener(Changed(notice="It is being sent."))
            return False
        sources = self.queue.drop(queued)
        self.prompt.put_before([queued.text])
        self.keep()
        if sources is None:
            self.queue.tasks.start(partial(self._take_out, queued))
        else:
            self.prompt.field.give_back(sources)
        return True

    async def _take_out(self, queued: QueuedMessage) -> None:
        sources = await asyncio.to_thread(self._workspace.history.attachments.of_queued, queued.id)
        self.prompt.field.give_back(sources)
        self.keep()
        if await self.prompt.flush():  # before it leaves the queue, so that it is always on disk
            await self.queue.remove(queued.id)
        self.refresh()

    async def _send_next(self, reply: Message) -> None:
        """Send what waits next for a reply that is whole now, as it was meant when it was written."""
        found = await self.queue.next(reply)
        if found and not self.replies.sends(found.queued):
            queued = found.queued
            options = replace(self.options.current, profile=queued.profile, model=queued.model, effort=queued.effort)
            self.replies.send(queued.text, options, found.thread, queued=queued, sources=found.sources)

    # What happens

    def take(self, job: Job, event: Event) -> None:
        # The first frame has no need of these.
        from chatspace.core.chat.titles import title_from
        from chatspace.core.events import DeltaReceived, MessageStored, ReplyFinished, ReplyStarted, Warned

        if job is self.replies.fresh and isinstance(event, MessageStored):
            self.replies.fresh = None
            self.prompt.forget()
            self.branch.conversation = event.message.conversation
            self.listener(Changed("title", text=title_from(event.message.text)))
            self.listener(Changed("history"))
        match event:
            case MessageStored(stored) if not job.beside:
                if job.queued is not None:
                    self.queue.sent(job.queued)
                self._grow(stored)
                self.keep()
            case ReplyStarted(stored) if not job.beside:
                self._grow(stored)
                if job.instead is not None:
                    self.queue.move(job.instead, stored.id)
                early, job.early = job.early, []
                for text in early:
                    self._wait(text, job)
            case DeltaReceived(_, text, thinking) if job.reply and self.branch.holds(job.reply.id):
                came = ("", text) if thinking else (text, "")
                self.listener(Changed("text", at=job.reply.id, text=came[0], thought=came[1]))
                self.replies.writes(job)
            case ReplyFinished(stored) if self.branch.holds(stored.id):
                self.branch.replace(stored)
            case Warned(text) if job is self.job:
                self.listener(Changed("note", text=text))

    def _grow(self, stored: Message) -> None:
        """A new message is in a conversation."""
        if stored.conversation != self.branch.conversation:
            return
        if stored.parent is not None and not self.branch.holds(stored.parent):
            self._tasks.start(self.branch.keep_place)
        elif self.branch.grow(stored):
            self.queue.load()

    def ended(self, job: Job, error: ChatspaceError | None) -> None:
        in_sight = job is self.replies.fresh or job.conversation == self.branch.conversation
        self.replies.ended(job)
        if error and job.reply is None and in_sight:
            said = f"{error.explained}\n{AGAIN}" if job.stored else error.explained
            self.listener(Changed("failure", text=said))
        if job.reply is None:
            self._give_back(job, in_sight)
        elif job.reply.status == "complete" and not job.beside:
            self._tasks.start(partial(self._send_next, job.reply))
        self.listener(Changed("waiting"))
        self.listener(Changed("history"))
        self.refresh()

    def _give_back(self, job: Job, in_sight: bool) -> None:
        """What was typed and couldn't be stored stands in the prompt again, or will when one comes back to it."""
        lost = [] if job.stored or job.queued is not None else [job.line]
        texts = [text for text in (*lost, *job.early) if text]
        job.early = []
        if not texts:
            return
        if in_sight:
            self.prompt.give_back("\n\n".join(texts), job.sources if lost else ())
            self.keep()
        else:
            self._tasks.start(partial(self.prompt.keep_for_later, job.conversation, texts))
