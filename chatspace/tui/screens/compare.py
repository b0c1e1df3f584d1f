"""Comparing: one message to several at once, the answers side by side or in tabs, and one of them picked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Region
from textual.strip import Strip

from chatspace.core.conversation import Message, Unsent
from chatspace.core.errors import ChatspaceError
from chatspace.core.events import ReplyFinished, ReplyStarted
from chatspace.core.text import display
from chatspace.core.titles import title_from
from chatspace.core.usage import Cost
from chatspace.tui.jobs import Job, JobEnded, JobHappened, Work
from chatspace.tui.messages import PromptPaused, Submitted
from chatspace.tui.places import Onward, Standing
from chatspace.tui.screens.contestants import Chosen, Contestants
from chatspace.tui.screens.differences import Differences, Side
from chatspace.tui.screens.place import EVERYWHERE, PlaceScreen
from chatspace.tui.widgets.answer_column import AnswerColumn
from chatspace.tui.widgets.answers import Answers
from chatspace.tui.widgets.composer import Composer
from chatspace.tui.widgets.ground import ground
from chatspace.tui.widgets.prompt import Prompt
from chatspace.tui.yanking import yank


class CompareScreen(PlaceScreen):
    """A column for each contestant, with a job of its own that nobody waits for and that outlives the screen."""

    CSS_PATH = "compare.tcss"
    HELP = """\
One message to several at once. Each answer is stored as it comes; one that fails leaves the others alone.
left and right (h, l) or 1 to 6 choose an answer, z shows it alone and all of them again, j k g G move in it.
s stops it and keeps what came, r asks it again, y yanks it, d shows the differences to another, word by word.
B hides who is who, until you have picked. Enter or w picks the answer: the conversation goes on from it.
i goes to the prompt: a further message goes to all, each behind its own answer. Esc leaves; what streams goes on.
"""
    BINDINGS = [
        Binding("enter,w", "pick", "pick", id="compare.pick"),
        Binding("left,h", "step(-1)", "previous answer", show=False, id="compare.previous"),
        Binding("right,l", "step(1)", "next answer", show=False, id="compare.next"),
        *(Binding(str(n), f"choose({n})", f"answer {n}", show=False, id=f"compare.answer_{n}") for n in range(1, 7)),
        Binding("s,x", "stop", "stop", id="compare.stop"),
        Binding("r", "again", "ask again", id="compare.again"),
        Binding("z", "zoom", "zoom", id="compare.zoom"),
        Binding("d", "differences", "differences", id="compare.differences"),
        Binding("B", "blind", "blind", id="compare.blind"),
        Binding("y", "yank", "yank", id="compare.yank"),
        Binding("i", "write", "write", id="compare.write"),
    ]

    def body(self) -> ComposeResult:
        yield Answers(id="compare-answers")
        yield Composer(self.workspace, lambda: self.standing.conversation, id="composer", commands=False)

    def render_lines(self, crop: Region) -> list[Strip]:
        return ground(super().render_lines, crop)

    def on_mount(self) -> None:
        self._options = self.standing.options
        self._message: Message | None = None
        self._asking = False
        self._picked: AnswerColumn | None = None
        self.entitle("Compare")
        self.composer.furnish()
        self.composer.put(Unsent(self.typed.text or self.standing.prompt, self.standing.attached))
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
            chosen = await self.app.push_screen_wait(Contestants(self.workspace, self._options))
        if chosen is None:
            self.action_leave()
            return
        await self.answers.fill(chosen.candidates, blind=chosen.blind)
        if self.prompt.text.strip():
            self.prompt.post_message(Submitted(self.prompt.text))  # by way of the composer, which reads its sources

    def _named(self, names: Sequence[str]) -> Chosen:
        """Raises UsageProblem."""
        candidates = tuple(self.workspace.compare.candidate(name, self._options) for name in names)
        self.workspace.compare.check([each.contestant for each in candidates], self._options)
        return Chosen(candidates, blind=False)

    @on(Submitted)
    @work
    async def _submitted(self) -> None:
        if self.columns:
            await self._ask()

    async def _ask(self) -> None:
        """The first message to all; a further one behind each answer."""
        text = self.prompt.text
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
        self._taken()
        for column in self.columns:
            self._start(column, self._message)
        await self.in_thread(self.workspace.history.save_prompt, self.standing.conversation, "")

    @on(PromptPaused)
    def _paused(self, event: PromptPaused) -> None:
        """What stands here unsent is kept, as in the conversation."""
        where = self._message.conversation if self._message else self.standing.conversation
        self._keep(where, event.text, self.composer.paths)

    @work(exclusive=True, group="keep")
    async def _keep(self, conversation: int | None, text: str, attached: Sequence[str]) -> None:
        await self.in_thread(self.workspace.history.save_prompt, conversation, text, attached)

    def _ask_further(self, text: str) -> None:
        if any(column.running for column in self.columns):
            self.notify("An answer is still coming. s stops it and keeps what came.")
            return
        told = [(column, column.reply) for column in self.columns if column.reply and column.text.strip()]
        if not told:
            self.notify("There is no answer yet to go on from. r asks again.")
            return
        self._taken()
        sources, follow = self.composer.take_sources(), self.workspace.compare.follow
        for column, reply in told:
            work_ = partial(follow, reply, text, column.candidate.contestant, self._options, sources=sources)
            column.begin(self._job(work_), None)
        self._show_state()

    def _taken(self) -> None:
        """The prompt's text is on disk now."""
        self.entitle(f"Compare: {title_from(self.prompt.take())}")
        if self.chosen:
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
            said = " · ".join(part for part in (f"{len(ended)} of {len(columns)} ended", spent) if part)
        self.say(said)
        self.show_hints()

    @on(Answers.Moved)
    def _moved(self) -> None:
        self._show_state()

    # Keys

    @work(exclusive=True, group="contestants")
    async def action_choose_model(self) -> None:
        """Others to compare, as long as nobody was asked."""
        if self._message or self._asking:
            self.notify(f"These {len(self.columns)} are asked already. f3 in the conversation compares others.")
            return
        chosen = await self.app.push_screen_wait(Contestants(self.workspace, self._options))
        if chosen:
            await self.answers.fill(chosen.candidates, blind=chosen.blind)
            self._show_state()

    @property
    def standing_here(self) -> Standing:
        reply = self.chosen.reply if self.chosen else None
        return replace(self.standing, chosen=reply or self.standing.chosen, prompt=self.prompt.text)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the prompt the letters are its own; some keys need something to act on."""
        if not hasattr(self, "_message") or action in EVERYWHERE:
            return True
        column = self.chosen
        if column is None or self.focused is self.prompt:
            return False
        match action:
            case "stop":
                return column.running
            case "again":
                return column.question is not None and not column.running
            case "pick":
                return column.can_win
            case "yank":
                return column.reply is not None
            case "differences":
                return sum(each.reply is not None for each in self.columns) > 1
        return True

    def action_choose(self, number: int) -> None:
        self.answers.choose(number - 1)

    def action_step(self, step: int) -> None:
        self.answers.step(step)

    def action_zoom(self) -> None:
        self.answers.zoom()

    def action_write(self) -> None:
        self.set_focus(self.prompt)

    def action_stop(self) -> None:
        if self.chosen and self.chosen.job:
            self.jobs.stop(self.chosen.job)

    def action_again(self) -> None:
        if self.chosen and self.chosen.question:
            self._start(self.chosen, self.chosen.question)

    def action_blind(self) -> None:
        """Hide who is who, or show it again."""
        self.answers.hide_names(not self.answers.blind)

    def action_differences(self) -> None:
        """Between the chosen answer and the next."""
        told = [column for column in self.columns if column.reply]
        sides = [Side(column.name_shown, column.text) for column in told]
        if self.chosen in told and len(told) > 1:
            one = told.index(self.chosen)
            self.app.push_screen(Differences(sides, one, (one + 1) % len(told)))

    @work
    async def action_yank(self) -> None:
        if self.chosen:
            await yank(self, self.workspace, self.chosen.text, f"the answer of {self.chosen.name_shown}")

    # Going on

    @work(exclusive=True, group="pick")
    async def action_pick(self) -> None:
        """The chosen answer; where names are hidden they are shown first, and the next enter goes on."""
        column, message = self.chosen, self._message
        if column is None or message is None or column.first is None or not column.can_win:
            return
        if self._picked is not column:
            try:
                await self.workspace.compare.pick(message, column.first, leaf=column.reply, blind=self.answers.blind)
            except ChatspaceError as error:
                self.complain(error)
                return
            self._picked = column
            if self.answers.blind:
                self.answers.hide_names(False)
                return
        self._go_on(column)

    def _go_on(self, column: AnswerColumn) -> None:
        if column.reply:
            self.dismiss(Onward(column.reply.conversation, column.reply.id, self.prompt.text))

    def action_leave(self) -> None:
        """From the prompt to the answers, from there back; answers that still come are stored."""
        if self.composer.step_back():
            return
        if self._message and self.focused is self.prompt and self.chosen:
            self.set_focus(self.chosen.transcript)
            return
        column = self._picked or next((each for each in self.columns if each.state == "complete"), self.chosen)
        if column and column.reply:
            self._go_on(column)
        else:
            text = self.prompt.text
            self.dismiss(Onward(prompt=text) if text and text != self.standing.prompt else None)
