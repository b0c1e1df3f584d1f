"""Finding a former prompt by its words, over all conversations."""

from __future__ import annotations

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.chat.conversation import SentPrompt
from chatspace.core.text.display import count
from chatspace.core.text.safe import for_screen
from chatspace.tui.widgets.blocking_calls import BlockingCalls
from chatspace.tui.widgets.rows import move
from chatspace.wiring import Workspace

PAGE = 50
MAX_LINE_LENGTH = 300
MAX_LINES = 6
"""What the preview shows of a long one."""


class PromptSearch(ModalScreen[str | None], BlockingCalls):
    """Gives the text, or None where esc leaves. What is typed narrows the list; further pages come with the cursor."""

    CSS_PATH = "prompt_search.tcss"
    HELP = "Type words of a prompt that you sent once; enter puts it into the prompt, where ctrl+z takes it back."
    BINDINGS = [
        Binding("escape", "dismiss", "back", id="former.leave"),
        Binding("down,ctrl+n", "move(1)", "next", show=False, id="former.next"),
        Binding("up,ctrl+r,ctrl+k", "move(-1)", "previous", show=False, id="former.previous"),
        Binding("pagedown", "move(10)", "a page on", show=False, id="former.page_down"),
        Binding("pageup", "move(-10)", "a page back", show=False, id="former.page_up"),
    ]

    def __init__(self, workspace: Workspace, typed: str = "") -> None:
        super().__init__()
        self._workspace = workspace
        self._typed = typed if "\n" not in typed and len(typed) < 100 and not typed.startswith("/") else ""
        self._found: list[SentPrompt] = []
        self._seen: set[str] = set()
        self._last: SentPrompt | None = None
        self._more = False

    def compose(self) -> ComposeResult:
        with Vertical(id="former"):
            yield Input(self._typed, placeholder="Words of a former prompt", id="former-filter", compact=True)
            yield OptionList(id="former-list", markup=False, compact=True)
            yield Static(id="former-text", markup=False)
            yield Static("enter takes it · esc goes back", id="former-keys")

    def on_mount(self) -> None:
        self.set_focus(self.query_one(Input))
        self._look()

    @on(Input.Changed)
    def _narrowed(self) -> None:
        self._look()

    @work(exclusive=True, group="former")
    async def _look(self) -> None:
        """The newest that match."""
        self._workspace.history.search.interrupt()
        self._found, self._seen, self._last, self._more = [], set(), None, True
        page = await self._page()
        options = self.query_one(OptionList)
        options.clear_options()
        self._add(page)
        options.highlighted = 0 if self._found else None
        if not self._found:
            self._preview(None)

    @work(exclusive=True, group="former")
    async def _look_further(self) -> None:
        self._add(await self._page())

    async def _page(self) -> list[SentPrompt]:
        containing = self.query_one(Input).value
        ask = self._workspace.conversations.asked
        page = await self.in_thread(ask, None, self._last, limit=PAGE, containing=containing) or ()
        self._more = len(page) == PAGE
        self._last = page[-1] if page else self._last
        return list(page)

    def _add(self, page: list[SentPrompt]) -> None:
        new = []
        for asked in page:
            if asked.text not in self._seen:
                self._seen.add(asked.text)
                new.append(asked)
        self._found += new
        self.query_one(OptionList).add_options(Option(_line(asked)) for asked in new)
        if self._more and not new:
            self._look_further()

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index < len(self._found):
            self._preview(self._found[event.option_index])
        if self._more and event.option_index >= len(self._found) - 5:
            self._look_further()

    def _preview(self, asked: SentPrompt | None) -> None:
        preview = self.query_one("#former-text", Static)
        if asked is None:
            preview.update(Text("Nothing that you sent has these words.", style="dim"))
            return
        lines = for_screen(asked.text[: MAX_LINE_LENGTH * MAX_LINES]).splitlines()
        left = asked.text.count("\n") + 1 - MAX_LINES
        preview.update("\n".join(lines[:MAX_LINES]) + (f"\n… and {count(left, 'line')} more" if left > 0 else ""))

    def action_move(self, step: int) -> None:
        """Move in the list while typing goes on."""
        if self._found:
            move(self.query_one(OptionList), step)

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.dismiss(self._found[at].text)


def _line(asked: SentPrompt) -> Text:
    first, _, rest = asked.text[:MAX_LINE_LENGTH].strip().partition("\n")
    date = f"{asked.created.astimezone():%d %b %Y}"
    more = (f"  + {count(asked.text.strip().count(chr(10)), 'line')}", "dim") if rest else ""
    return Text.assemble((f"{date}  ", "dim"), for_screen(first), more, no_wrap=True, overflow="ellipsis")
