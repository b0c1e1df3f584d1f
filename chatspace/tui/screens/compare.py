"""Comparing: one message to several at once, the answers side by side or in tabs, and one of them picked."""

from __future__ import annotations

from dataclasses import replace

from textual import work
from textual.binding import Binding

from chatspace.core.errors import ChatspaceError
from chatspace.tui.navigation import ScreenContext, ScreenResult
from chatspace.tui.screens.compare_asking import CompareAsking
from chatspace.tui.screens.differences import Differences, Side
from chatspace.tui.screens.target_picker import TargetPicker
from chatspace.tui.screens.tool_screen import EVERYWHERE
from chatspace.tui.widgets.answer_column import AnswerColumn
from chatspace.tui.writing import after
from chatspace.tui.yanking import yank


class CompareScreen(CompareAsking):
    """The answers side by side or in tabs: one is looked at, stopped, asked for again, compared, and picked."""

    HELP = """\
One message to several at once. Each answer is stored as it comes; one that fails leaves the others alone.
left and right (h, l) or 1 to 6 choose an answer, z shows it alone and all of them again, j k g G move in it.
s stops it and keeps what came, r asks it again, y yanks it, d shows the differences to another, word by word.
B hides who is who, until you have picked. Enter or w picks the answer: the conversation goes on from it.
i or f6 goes to the prompt: a further message goes to all, each behind its own answer. Esc leaves; what streams goes on.
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
        Binding("f6", "next_part", "next part", show=False, priority=True, id="compare.parts"),
    ]

    # Keys

    @work(exclusive=True, group="contestants")
    async def action_choose_model(self) -> None:
        """Others to compare, as long as nobody was asked."""
        if self._message or self._asking:
            self.notify(f"These {len(self.columns)} are asked already. f3 in the conversation compares others.")
            return
        chosen = await self.app.push_screen_wait(TargetPicker(self.workspace, self._options))
        if chosen:
            await self.answers.fill(chosen.candidates, blind=chosen.blind)
            self._show_state()

    @property
    def standing_here(self) -> ScreenContext:
        reply = self.chosen.reply if self.chosen else None
        return replace(self.standing, chosen=reply or self.standing.chosen, prompt=self.prompt.text)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the prompt the letters are its own; some keys need something to act on."""
        if not hasattr(self, "_message") or action in EVERYWHERE:
            return True
        column = self.chosen
        if action == "next_part":
            return column is not None
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

    def action_next_part(self) -> None:
        """From the prompt to what is attached, to the chosen answer, and back."""
        if self.chosen:
            self.set_focus(after([*self.composer.parts, self.chosen.transcript], self.focused))

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
            self.dismiss(ScreenResult(column.reply.conversation, column.reply.id, self.prompt.text))

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
            self.dismiss(ScreenResult(prompt=text) if text and text != self.standing.prompt else None)
