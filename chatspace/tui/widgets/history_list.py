"""The side list: the stored conversations, the pinned ones first, then by day, loaded by the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chatspace.core.text.safe import for_screen
from chatspace.tui.messages import ConversationChosen

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Conversation

PAGE = 100

OF_ONE = ("rename", "tag", "pin", "archive", "delete", "export")
"""What is asked for the conversation under the cursor."""


class HistoryList(OptionList):
    """Shows what it is given, asks for more when its end comes into sight, and says what the user wants done."""

    HELP = """\
Enter opens the conversation under the cursor where it was left; f9 or esc goes back.
e renames it, t sets its tags, p pins it on top, a archives it and brings it back.
d moves it to the trash, u undoes what was done last. . shows the archive, then the trash.
x exports it into a file. space marks several for a, d and x; esc takes the marks away.
In the trash d deletes for good and D empties it: nothing else ever does.
"""

    BINDINGS = [
        Binding("e", "ask('rename')", "rename", id="history.rename"),
        Binding("t", "ask('tag')", "tags", id="history.tag"),
        Binding("p", "ask('pin')", "pin", id="history.pin"),
        Binding("a", "ask('archive')", "archive, or bring back", id="history.archive", show=False),
        Binding("d", "ask('delete')", "delete", id="history.delete"),
        Binding("D", "ask('empty')", "empty the trash", id="history.empty", show=False),
        Binding("u,ctrl+z", "app.undo", "undo", id="app.undo"),
        Binding("space", "mark", "mark", show=False, id="history.mark"),
        Binding("x", "ask('export')", "export", id="history.export"),
        Binding("full_stop", "ask('shelf')", "archive and trash", id="history.shelf"),
        Binding("slash", "ask('search')", "search", id="history.search"),
    ]

    @dataclass
    class MoreWanted(Message):
        """The user came near the end of what is loaded."""

        after: Conversation

    class Marked(Message):
        """There are other marks."""

    @dataclass
    class Asked(Message):
        """The user wants this done: one of OF_ONE with the conversation, or `shelf`, `search`, `empty`.

        `archive`, `delete` and `export` are for the marked ones, and without marks for the one under the cursor.
        """

        verb: str
        conversation: Conversation | None

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._shown: dict[str, Conversation] = {}
        self._marked: set[int] = set()
        self._heading = ""
        self._complete = False

    def show(self, page: Sequence[Conversation], current: int | None, *, complete: bool = False) -> None:
        """Replace everything; the cursor stays on its conversation, else goes to the one that is open."""
        stood, at = self.under_cursor, self.highlighted or 0
        top = self.scroll_offset.y
        self.clear_options()
        self._shown, self._heading = {}, ""
        self.add_page(page)
        self._complete = complete or len(page) < PAGE
        if self.has_focus and stood and str(stood.id) in self._shown:
            self.mark(stood.id)
        elif self.has_focus and self._shown:
            self._stand_near(at)
        else:
            self.mark(current)
        if self.has_focus:
            self.scroll_to(y=top, animate=False)

    def add_page(self, page: Sequence[Conversation]) -> None:
        today = datetime.now().astimezone().date()
        options: list[Option] = []
        for conversation in page:
            heading = _heading(conversation, today)
            if heading != self._heading:
                options.append(Option(Text(heading, style="dim"), disabled=True))
                self._heading = heading
            self._shown[str(conversation.id)] = conversation
            options.append(Option(self._line(conversation), id=str(conversation.id)))
        self.add_options(options)  # at once: each time the list measures itself
        self._complete = len(page) < PAGE

    def mark(self, current: int | None) -> None:
        """Put the cursor on the conversation that is open."""
        self.highlighted = self.get_option_index(str(current)) if str(current) in self._shown else None

    @property
    def marked(self) -> tuple[Conversation, ...]:
        """In the order of the list."""
        return tuple(one for one in self._shown.values() if one.id in self._marked)

    def action_mark(self) -> None:
        """Mark the conversation, or take its mark away, and go on to the next."""
        if one := self.under_cursor:
            self._marked ^= {one.id}
            self.replace_option_prompt(str(one.id), self._line(one))
            self.action_cursor_down()
            self.post_message(self.Marked())

    def mark_again(self, conversations: Iterable[int]) -> None:
        """These too are marked, as soon as they are shown."""
        self._marked |= set(conversations)

    def clear_marks(self) -> None:
        marked, self._marked = self.marked, set()
        for one in marked:
            self.replace_option_prompt(str(one.id), self._line(one))

    def _line(self, conversation: Conversation) -> Text:
        """The title, and the tags below it."""
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append("✓ " if conversation.id in self._marked else "", style="bold")
        line.append(for_screen(conversation.title) or "Untitled")
        if conversation.tags:
            line.append("\n  " + " ".join(f"#{for_screen(tag)}" for tag in conversation.tags), style="dim")
        return line

    @property
    def under_cursor(self) -> Conversation | None:
        option = self.highlighted_option
        return self._shown.get(option.id or "") if option else None

    def holds(self, conversation: int) -> bool:
        return str(conversation) in self._shown

    @property
    def loaded(self) -> int:
        return len(self._shown)

    @property
    def cursor_row(self) -> int:
        """The line of the viewport that the conversation under the cursor begins on."""
        line = self._index_to_line[self.highlighted] if self.highlighted is not None else 0
        return line - self.scroll_offset.y

    def action_ask(self, verb: str) -> None:
        """Have it done."""
        conversation = self.under_cursor if verb in OF_ONE else None
        if conversation or verb not in OF_ONE:
            self.post_message(self.Asked(verb, conversation))

    def on_focus(self) -> None:
        if self.highlighted is None and self._shown:
            self._stand_near(0)

    def _stand_near(self, at: int) -> None:
        """Put the cursor on the conversation at this place, or on the last before it."""
        places = [index for index in range(self.option_count) if not self.get_option_at_index(index).disabled]
        self.highlighted = min(places, key=lambda index: (abs(index - at), index))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if not self._complete and self._shown and event.option_index > self.option_count - PAGE // 4:
            self._complete = True  # until the page that is asked for now has come
            self.post_message(self.MoreWanted(list(self._shown.values())[-1]))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(ConversationChosen(self._shown[str(event.option_id)]))


def _heading(conversation: Conversation, today: date) -> str:
    if conversation.deleted:
        return f"deleted {_day(conversation.deleted.astimezone().date(), today)}"
    if conversation.pinned:
        return "pinned"
    return _day(conversation.updated.astimezone().date(), today)


def _day(day: date, today: date) -> str:
    if day >= today:
        return "today"
    if day == today - timedelta(days=1):
        return "yesterday"
    if day > today - timedelta(days=7):
        return day.strftime("%A").lower()
    return day.strftime("%B %Y").lower()
