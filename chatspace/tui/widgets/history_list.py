"""The side list: the stored conversations by day, newest first, loaded by the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chatspace.core.conversation import Conversation
from chatspace.core.text.safe import for_screen
from chatspace.tui.messages import ConversationChosen

PAGE = 100


class HistoryList(OptionList):
    """Shows what it is given and asks for more when its end comes into sight."""

    HELP = "Enter opens the conversation under the cursor where it was left. f9 or esc goes back."

    BINDINGS = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("g", "first", show=False),
        Binding("G", "last", show=False),
    ]

    class MoreWanted(Message):
        """The user came near the end of what is loaded."""

        def __init__(self, after: Conversation) -> None:
            super().__init__()
            self.after = after

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._shown: list[Conversation] = []
        self._complete = False

    def show(self, page: Sequence[Conversation], current: int | None) -> None:
        """Replace everything by the first page."""
        self.clear_options()
        self._shown, self._complete = [], False
        self.add_page(page)
        self.mark(current)

    def add_page(self, page: Sequence[Conversation]) -> None:
        today = datetime.now().astimezone().date()
        for conversation in page:
            heading = _day(conversation.updated.astimezone().date(), today)
            if not self._shown or heading != _day(self._shown[-1].updated.astimezone().date(), today):
                self.add_option(Option(Text(heading, style="dim"), disabled=True))
            self.add_option(Option(_title(conversation), id=str(conversation.id)))
            self._shown.append(conversation)
        self._complete = len(page) < PAGE

    def mark(self, current: int | None) -> None:
        """Put the cursor on the conversation that is open."""
        known = {str(conversation.id) for conversation in self._shown}
        self.highlighted = self.get_option_index(str(current)) if str(current) in known else None

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if not self._complete and self._shown and event.option_index > self.option_count - PAGE // 4:
            self._complete = True  # until the page that is asked for now has come
            self.post_message(self.MoreWanted(self._shown[-1]))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        chosen = next(one for one in self._shown if str(one.id) == event.option_id)
        self.post_message(ConversationChosen(chosen))


def _title(conversation: Conversation) -> Text:
    return Text(for_screen(conversation.title) or "Untitled", no_wrap=True, overflow="ellipsis")


def _day(day: date, today: date) -> str:
    if day >= today:
        return "today"
    if day == today - timedelta(days=1):
        return "yesterday"
    if day > today - timedelta(days=7):
        return day.strftime("%A").lower()
    return day.strftime("%B %Y").lower()
