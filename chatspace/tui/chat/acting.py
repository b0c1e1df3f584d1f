"""What can be done with the text of the message under the cursor."""

from __future__ import annotations

from textual import work
from textual.actions import SkipAction

from chatspace.core.text import display
from chatspace.tui.chat.tree import Tree
from chatspace.tui.yanking import yank


class Acting(Tree):
    """Takes texts from the conversation to the clipboard and to other screens."""

    @work
    async def action_check_facts(self) -> None:
        """Every claim of the draft under the cursor, and what its source says."""
        message = self._chosen
        if message is None:
            return
        evidence = await self.in_thread(self._workspace.grounding.check, message.text, message.run)
        if evidence is not None:
            from chatspace.tui.screens.facts import FactsScreen  # what it imports takes a tenth of a second

            self.app.push_screen(FactsScreen(message.text, evidence))

    @work
    async def action_yank(self) -> None:
        """The text of this message as it was written, to the clipboard."""
        entry = self._pane.transcript.entry_under_cursor
        if entry:
            await yank(self, self._workspace, self._pane.transcript.sheet.source_of(entry.key), "the message")

    @work
    async def action_yank_code(self) -> None:
        """A code block of this message to the clipboard, chosen by its number where there are several."""
        message = self._chosen
        if message is None:
            return
        blocks = self._pane.transcript.sheet.code_blocks(message.id)
        if not blocks:
            self.notify("There is no code block in this message.")
            return
        number: int | None = 1
        if len(blocks) > 1:
            from chatspace.tui.screens.code_blocks import CodeBlocks

            number = await self.app.push_screen_wait(CodeBlocks(blocks))
        if number:
            await yank(self, self._workspace, blocks[number - 1], f"code block {number}")

    def action_copy_text(self) -> None:
        """What is selected, to the clipboard; a key that copies never does anything else."""
        text = self.get_selected_text()
        if not text:
            raise SkipAction
        self._yank_selection(text)

    @work
    async def _yank_selection(self, text: str) -> None:
        await yank(self, self._workspace, text, f"the selection, {display.count(len(text), 'character')}")
