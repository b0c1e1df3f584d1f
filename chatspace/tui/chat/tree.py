"""The tree: versions of messages, replies asked for again, branches, and the ways between them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from textual import work
from textual.binding import Binding

from chatspace.tui.chat.sending import Sending
from chatspace.tui.chat.turning import ReplyTarget
from chatspace.tui.command_runner import SOURCE_COMMANDS
from chatspace.tui.commands import parse_slash
from chatspace.tui.jobs import Job, Work

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message, QueuedMessage
    from chatspace.core.profiles.options import Options


class Tree(Sending):
    """Acts on the message under the cursor, and on the last one where something else is under it."""

    # With priority: `up` belongs to the prompt, but for an empty one that something waits behind.
    BINDINGS = [
        Binding("f8", "again_last", "try the last reply again", id="chat.again-last", show=False, priority=True),
        Binding("up", "take_back", "take back what waits", id="chat.take-back", show=False, priority=True),
    ]

    @property
    def _chosen(self) -> Message | None:
        """The message under the cursor."""
        entry = self._pane.transcript.entry_under_cursor
        chosen = next((message for message in self._thread if entry and message.id == entry.key), None)
        return chosen or (self._thread[-1] if self._thread else None)

    @property
    def _chosen_waiting(self) -> QueuedMessage | None:
        """The waiting message under the cursor."""
        entry = self._pane.transcript.entry_under_cursor
        return next((queued for queued in self._waiting if entry and entry.key == f"queued {queued.id}"), None)

    def _place(self, message: Message) -> int:
        return next(place for place, one in enumerate(self._thread) if one.id == message.id)

    @property
    def _versioned(self) -> Message | None:
        """The message under the cursor or the nearest above it that has other versions."""
        chosen = self._chosen
        above = self._thread[: self._place(chosen) + 1] if chosen else []
        return next((message for message in reversed(above) if message.siblings > 1), None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action:
            case "sibling":
                return self._versioned is not None
            case "take_back":
                return bool(self._waiting) and self.focused is self._prompt and not self._prompt.text
            case "again" | "again_by" | "edit" | "branch" | "yank" | "yank_code" | "check_facts":
                return bool(self._thread)
        return super().check_action(action, parameters)

    # Again

    def action_again(self) -> None:
        """Ask for another reply, by the profile and model that stand now; the old one stays beside it."""
        if self._chosen_waiting and self._thread[-1].status == "complete" and not self.job:
            self._send_next(self._thread[-1])
        elif chosen := self._thread[-1] if self._chosen_waiting else self._chosen:
            self._again(chosen, self._options)

    def action_again_last(self) -> None:
        """Ask for another last reply, from wherever the focus is."""
        if self._thread:
            self._again(self._thread[-1], self._options)

    @work
    async def action_again_by(self) -> None:
        """Ask for another reply by a profile or model that is chosen for it alone."""
        from chatspace.tui.screens.model_dialog import ModelChoice, ModelDialog  # the first frame has no need of it

        chosen, options = self._chosen, self._options
        current = ModelChoice(profile=options.profile or "chat", model=options.model)
        choice = await self.app.push_screen_wait(ModelDialog(self._workspace, current, local=options.local))
        if choice and chosen:
            profile = choice.profile or options.profile
            self._again(chosen, replace(options, profile=profile, model=choice.model))

    def _again(self, chosen: Message, options: Options) -> None:
        place = self._place(chosen)
        reply = chosen if chosen.role == "assistant" else None
        asked = next((one for one in reversed(self._thread[:place]) if one.role == "user"), chosen) if reply else chosen
        if reply and self._jobs.writing(reply.id):
            self.notify("This reply is still coming. esc stops it and keeps what came.")
            return
        typed = parse_slash(asked.text) if asked.step in SOURCE_COMMANDS else None
        work_: Work
        if typed:
            thread = tuple(self._thread[: self._place(asked)])
            work_ = partial(self._slash.produce, typed, asked.text, options, thread, again=asked)
        elif asked.step == "chat" and asked.role == "user":
            work_ = partial(self._workspace.conversations.answer, asked, options)
        else:
            self.notify("This wasn't asked for in the chat, so it can't be asked for again here.")
            return
        job = Job(asked.conversation, asked.id, instead=reply.id if reply else None, stored=True)
        self._start(job, work_)

    # Editing and branching

    def action_edit(self) -> None:
        """Write another version of this message, or of this reply by hand; the old one stays beside it."""
        waiting, chosen = self._chosen_waiting, self._chosen
        if waiting:
            self._take_back(waiting)
        elif chosen and self._jobs.writing(chosen.id):
            self.notify("This reply is still coming. esc stops it and keeps what came.")
        elif chosen:
            self._give_up_editing()
            kind: Literal["edit", "amend"] = "edit" if chosen.role == "user" else "amend"
            kept = ReplyTarget(kind, chosen, self._place(chosen) + 1, self._turning_leaf, self._prompt.text)
            self._turn(kept)
            self._prompt.put(chosen.text)
            self.set_focus(self._prompt)
            self._refresh_preview()

    def action_branch(self) -> None:
        """Go on from this message instead of from the last; what followed it stays."""
        chosen = self._chosen
        if chosen is None:
            return
        place = self._place(chosen)
        if chosen.role == "user" and place == 0:
            self.notify("The conversation begins here: e edits this message, ctrl+n begins another conversation.")
            return
        if chosen.role == "user":  # it is the answers to it that r and e are for
            place -= 1
            chosen = self._thread[place]
        if place < len(self._thread) - 1:
            self._give_up_editing()
            self._turn(ReplyTarget("branch", chosen, place + 1, self._turning_leaf, ""))
            self._thread = self._thread[: place + 1]
            self._pane.replace_after(chosen.id, [])
            self._load_waiting()
        self.set_focus(self._prompt)
        self._refresh_preview()

    @property
    def _turning_leaf(self) -> Message:
        """Where giving up leads back to."""
        return self._turning.leaf if self._turning else self._thread[-1]

    def _give_up_editing(self) -> None:
        """What stood in the prompt before stands there again."""
        if self._turning and self._turning.kind != "branch":
            self._prompt.put(self._turning.kept)

    def _give_up_turning(self) -> None:
        """Back to the end of the branch that was in sight."""
        self._give_up_editing()
        turning = self._turning
        self._turn(None)
        if turning and self._thread[-1].id != turning.leaf.id:
            self._walk(turning.leaf.id, self._thread[-1].id)
        self._refresh_preview()

    # Between the branches

    @work(exclusive=True, group="open")
    async def action_sibling(self, step: int) -> None:
        """Another version of this message, with what was last seen below it."""
        here = self._versioned
        if here is None:
            return
        siblings = await self.in_thread(self._workspace.history.branches.siblings, here.id)
        if not siblings or here.id not in siblings:
            return
        place = siblings.index(here.id) + step
        if 0 <= place < len(siblings):
            self._give_up_editing()
            self._turn(None)
            await self._walk_to(siblings[place], here.parent)

    @work(exclusive=True, group="open")
    async def _walk(self, message: int, behind: int) -> None:
        await self._walk_to(message, behind)

    async def _walk_to(self, message: int, behind: int | None) -> None:
        """Show the branch that goes through a message, in the place of what stands behind another."""
        history, conversation = self._workspace.history, self._conversation
        leaf = await self.in_thread(history.branches.leaf_under, message)
        if leaf is None or conversation is None:
            return
        await self.in_thread(history.branches.set_leaf, conversation, leaf)
        thread = await self.in_thread(history.messages.thread, conversation, leaf)
        if thread is None or self._conversation != conversation:
            return
        self._thread = list(thread)
        start = 0 if behind is None else 1 + next((n for n, one in enumerate(thread) if one.id == behind), -1)
        self._pane.replace_after(behind if start else None, [self._entry(one) for one in thread[start:]])
        self._load_waiting()
        self._refresh_preview()
        self._show_status()

    # What waits

    def action_take_back(self) -> None:
        """The last message that waits, back into the prompt."""
        self._take_back(self._waiting[-1])

    def _take_back(self, queued: QueuedMessage) -> None:
        if self._jobs.sends(queued.id):
            self.notify("It is being sent.")
            return
        self._taken_back.add(queued.id)
        self._waiting.remove(queued)
        self._prompt.put("\n\n".join(text for text in (queued.text, self._prompt.text) if text))
        self.set_focus(self._prompt)
        self.keep_prompt()  # before it leaves the queue, so that it is always on disk
        self._take_from_queue(queued)

    @work
    async def _take_from_queue(self, queued: QueuedMessage) -> None:
        self._composer.rows.give_back(
            await self.in_thread(self._workspace.history.attachments.of_queued, queued.id) or ()
        )
        self.keep_prompt()
        await self._unqueue(queued.id)
        self._refresh_preview()
