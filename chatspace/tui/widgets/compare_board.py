"""A comparison: the answers, and below them the prompt with what goes along."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message

from chatspace.core.chat.conversation import UnsentPrompt
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.jobs import Jobs
from chatspace.tui.messages import PromptPaused, Submitted
from chatspace.tui.navigation import ScreenContext
from chatspace.tui.session_view import SessionJobs
from chatspace.tui.sessions.changed import Listener
from chatspace.tui.sessions.compare import CompareSession
from chatspace.tui.widgets.answers import Answers
from chatspace.tui.widgets.background import UniformBackground
from chatspace.tui.widgets.composer import Composer
from chatspace.tui.writing import after
from chatspace.wiring import Workspace


class CompareBoard(Vertical, UniformBackground):
    """Shows its session, and lets it do what the keys say."""

    BINDINGS = [
        Binding("escape", "screen.leave", "back", id="place.leave"),
        Binding("enter,w", "answer('pick')", "pick", id="compare.pick"),
        Binding("left,h", "step(-1)", "previous answer", show=False, id="compare.previous"),
        Binding("right,l", "step(1)", "next answer", show=False, id="compare.next"),
        *(Binding(str(n), f"choose({n})", f"answer {n}", show=False, id=f"compare.answer_{n}") for n in range(1, 7)),
        Binding("s,x", "answer('stop')", "stop", id="compare.stop"),
        Binding("r", "answer('again')", "ask again", id="compare.again"),
        Binding("z", "answer('zoom')", "zoom", id="compare.zoom"),
        Binding("d", "answer('differences')", "differences", id="compare.differences"),
        Binding("B", "answer('blind')", "blind", id="compare.blind"),
        Binding("y", "answer('yank')", "yank", id="compare.yank"),
        Binding("i", "answer('write')", "write", id="compare.write"),
        Binding("f6", "next_part", "next part", show=False, priority=True, id="compare.parts"),
    ]

    @dataclass
    class Wanted(Message):
        """What is to be done with the chosen answer: `go_on` from it, `yank` it, or show its `differences`."""

        what: str

    def __init__(
        self, workspace: Workspace, jobs: Jobs, context: ScreenContext, typed: ParsedCommand, listener: Listener
    ) -> None:
        super().__init__(id="compare-board")
        self._reports = SessionJobs(lambda: self.session)
        self.session = CompareSession(workspace, jobs, self._reports, context, typed, listener)
        self.answers = Answers(id="compare-answers")
        self.composer = Composer(workspace, lambda: context.conversation, id="composer", commands=False)
        self._unsent = UnsentPrompt(typed.text or context.prompt, context.attached)

    def compose(self) -> ComposeResult:
        yield self.answers
        yield self.composer
        yield self._reports

    def on_mount(self) -> None:
        self.composer.finish_mount()
        self.composer.put(self._unsent)
        self.composer.prompt.placeholder = "Write a message to all of them"
        self.screen.set_focus(self.composer.prompt)

    async def fill(self, *, send: bool) -> None:
        """Show those who are compared now, and send what stands in the prompt to them."""
        await self.answers.fill(self.session.answers)
        self.show()
        prompt = self.composer.prompt
        if send and prompt.text.strip():
            prompt.post_message(Submitted(prompt.text))  # by way of the composer, which reads its sources

    def show(self) -> None:
        self.answers.show(self.session.answers, self.session.at)

    # Asking

    @on(Submitted)
    @work
    async def _submitted(self, event: Submitted) -> None:
        if self.session.can_ask():
            sources = self.composer.take_sources()
            if not await self.session.ask(event.text, sources, lambda: self._taken(event.text)):
                self.composer.rows.give_back(sources)

    def _taken(self, text: str) -> None:
        """Who has written on meanwhile stays in the prompt, else the answers have the keys."""
        prompt = self.composer.prompt
        written = prompt.take().removeprefix(text)
        if written:
            prompt.put(written)
        else:
            self.answers.focus_chosen()

    @on(PromptPaused)
    def _paused(self, event: PromptPaused) -> None:
        self.session.keep(event.text, self.composer.paths)

    # Keys

    @on(Answers.Chosen)
    def _chosen(self, event: Answers.Chosen) -> None:
        self.session.choose(event.at)
        if event.focus:
            self.answers.focus_chosen()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the prompt the letters are its own; some keys need something to act on."""
        if action == "next_part":
            return self.session.chosen is not None
        if action not in ("answer", "step", "choose"):
            return True
        if self.session.chosen is None or self.screen.focused is self.composer.prompt:
            return False
        return action != "answer" or self.session.can(str(parameters[0]))

    def action_answer(self, what: str) -> None:
        """Do with the chosen answer, or with all, what the key says."""
        match what:
            case "stop":
                self.session.stop()
            case "again":
                self.session.again()
            case "zoom":
                self.answers.zoom()
            case "blind":
                self.session.hide_names(not self.session.blind)
            case "write":
                self.screen.set_focus(self.composer.prompt)
            case "pick":
                self._pick()
            case _:
                self.post_message(self.Wanted(what))

    @work(exclusive=True, group="pick")
    async def _pick(self) -> None:
        if await self.session.pick():
            self.post_message(self.Wanted("go_on"))

    def action_choose(self, number: int) -> None:
        if number <= len(self.session.answers):
            self.session.choose(number - 1)
            self.answers.focus_chosen()

    def action_step(self, step: int) -> None:
        """To the answer beside, round and round."""
        self.action_choose((self.session.at + step) % len(self.session.answers) + 1)

    def action_next_part(self) -> None:
        """From the prompt to what is attached, to the chosen answer, and back."""
        transcript = self.answers.columns[self.session.at].transcript
        self.screen.set_focus(after([*self.composer.parts, transcript], self.screen.focused))

    def step_back(self) -> bool:
        """One step: out of what the composer shows, from the prompt to the answers; gives whether there was one."""
        if self.composer.step_back():
            return True
        if self.session.message and self.screen.focused is self.composer.prompt:
            self.answers.focus_chosen()
            return True
        return False
