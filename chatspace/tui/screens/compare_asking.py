"""What the screen of a comparison asks for: one message to several, and further ones behind each answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import on, work
from textual.app import ComposeResult

from chatspace.core.calls.usage import Cost
from chatspace.core.chat.conversation import Message, UnsentPrompt
from chatspace.core.chat.titles import title_from
from chatspace.core.errors import ChatspaceError
from chatspace.core.events import ReplyFinished, ReplyStarted
from chatspace.core.text import display
from chatspace.tui.jobs import Job, JobEnded, JobHappened, Work
from chatspace.tui.messages import PromptPaused, Submitted
from chatspace.tui.screens.target_picker import ChosenTargets, TargetPicker
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.widgets.answer_column import AnswerColumn
from chatspace.tui.widgets.answers import Answers
from chatspace.tui.widgets.background import UniformBackground
from chatspace.tui.widgets.composer import Composer
from chatspace.tui.widgets.prompt import Prompt


class CompareAsking(ToolScreen, UniformBackground):
    """A column for each contestant, with a job of its own that nobody waits for and that outlives the screen."""

    CSS_PATH = "compare.tcss"
    AUTO_FOCUS = "#prompt"

    def body(self) -> ComposeResult:
        yield Answers(id="compare-answers")
        yield Composer(self.workspace, lambda: self.standing.conversation, id="composer", commands=False)

    def on_mount(self) -> None:
        self._options = self.standing.options
        self._message: Message | None = None
        self._asking = False
        self._picked: AnswerColumn | None = None
        self.entitle("Compare")
        self.composer.finish_mount()
        self.composer.put(UnsentPrompt(self.typed.text or self.standing.prompt, self.standing.attached))
        self.prompt.placeholder = "Write a message to all of them"
        self.set_focus(self.prompt)
        self._begin()

    @property
    def composer(self) -> Composer:
        return self.query_one(Composer)

    @property
    def prompt(self) -> Prompt:
        return self.composer.prompt

    @property
    def answers(self) -> Answers:
        return self.query_one(Answers)

    @property
    def columns(self) -> list[AnswerColumn]:
        """From left to right."""
        return self.answers.columns

    @property
    def chosen(self) -> AnswerColumn | None:
        return self.answers.chosen

    # Who is asked, and what

    @work
    async def _begin(self) -> None:
        """Those named, else those chosen from the list; then the text, where there is one."""
        names = [name.strip() for name in str(self.typed.options.get("profiles", "")).split(",") if name.strip()]
        if names:
            chosen = await self.in_thread(self._named, names)
        else:
            chosen = await self.app.push_screen_wait(TargetPicker(self.workspace, self._options))
        if chosen is None:
            self.action_leave()
            return
        await self.answers.fill(chosen.candidates, blind=chosen.blind)
        if self.prompt.text.strip():
            self.prompt.post_message(Submitted(self.prompt.text))  # by way of the composer, which reads its sources

    def _named(self, names: Sequence[str]) -> ChosenTargets:
        """Raises UsageError."""
        candidates = tuple(self.workspace.compare.candidate(name, self._options) for name in names)
        self.workspace.compare.check([each.contestant for each in candidates], self._options)
        return ChosenTargets(candidates, blind=False)

    @on(Submitted)
    @work
    async def _submitted(self, event: Submitted) -> None:
        if self.columns:
            await self._ask(event.text)

    async def _ask(self, text: str) -> None:
        """The first message to all; a further one behind each answer."""
        if self._message:
            self._ask_further(text)
            return
        if self._asking:
            return
        self._asking = True
        sources = self.composer.take_sources()
        contestants = [column.candidate.contestant for column in self.columns]
        last = self.standing.thread[-1] if self.standing.thread else None
        try:
            self._message = await self.workspace.compare.put(
                text,
                contestants,
                self._options,
                conversation=last.conversation if last else None,
                parent=last.id if last else None,
                sources=sources,
            )
        except ChatspaceError as error:
            self._asking = False
            self.composer.rows.give_back(sources)
            self.complain(error)
            return
        self._taken(text)
        for column in self.columns:
            self._start(column, self._message)
        self.workspace.prompt_drafts.save(self.standing.conversation, "")

    @on(PromptPaused)
    def _paused(self, event: PromptPaused) -> None:
        """What stands here unsent is kept, as in the conversation."""
        where = self._message.conversation if self._message else self.standing.conversation
        self.workspace.prompt_drafts.save(where, event.text, self.composer.paths)

    def _ask_further(self, text: str) -> None:
        if any(column.running for column in self.columns):
            self.notify("An answer is still coming. s stops it and keeps what came.")
            return
        told = [(column, column.reply) for column in self.columns if column.reply and column.text.strip()]
        if not told:
            self.notify("There is no answer yet to go on from. r asks again.")
            return
        self._taken(text)
        sources, follow = self.composer.take_sources(), self.workspace.compare.follow
        for column, reply in told:
            work_ = partial(follow, reply, text, column.candidate.contestant, self._options, sources=sources)
            column.begin(self._job(work_), None)
        self._show_state()

    def _taken(self, text: str) -> None:
        """The text is on disk now; who has written on meanwhile stays in the prompt, else the answers have the keys."""
        self.entitle(f"Compare: {title_from(text)}")
        written = self.prompt.take().removeprefix(text)
        if written:
            self.prompt.put(written)
        elif self.chosen:
            self.set_focus(self.chosen.transcript)

    def _start(self, column: AnswerColumn, question: Message) -> None:
        answer = partial(self.workspace.compare.answer, question, column.candidate.contestant, self._options)
        column.begin(self._job(answer), question)
        self._show_state()

    def _job(self, work_: Work) -> Job:
        conversation = self._message.conversation if self._message else None
        return self.jobs.start(conversation, work_, self, beside=True)

    # What happens

    @on(JobHappened)
    def _job_happened(self, message: JobHappened) -> None:
        for column in self.columns:
            if column.job is message.job:
                column.take(message.event)
        if isinstance(message.event, ReplyStarted | ReplyFinished):
            self._show_state()

    @on(JobEnded)
    def _job_ended(self, message: JobEnded) -> None:
        for column in self.columns:
            if column.job is message.job:
                column.end(message.error)
        self._show_state()

    # What is shown

    def _show_state(self) -> None:
        """How far they are, in the status line, with the keys that have something to act on."""
        columns = self.columns
        self.answers.show_tabs()
        hosts = ", ".join(dict.fromkeys(column.candidate.target.host for column in columns))
        if self._picked:
            said = f"{self._picked.name_shown} is picked · enter goes on from it"
        elif self._message is None:
            said = f"enter asks {len(columns)} → {hosts}" if columns else ""
        else:
            ended = [column for column in columns if not column.running]
            cost = Cost.total(column.reply.cost_usd for column in columns if column.reply and not column.running)
            spent = "blind" if self.answers.blind else display.cost(cost.usd) if ended else ""
            said = display.line(f"{len(ended)} of {len(columns)} ended", spent)
        self.say(said)
        self.show_hints()

    @on(Answers.Moved)
    def _moved(self) -> None:
        self._show_state()
