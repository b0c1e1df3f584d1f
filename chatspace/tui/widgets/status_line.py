"""The status line: what the next message goes to, said once, in one place."""

from __future__ import annotations

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget


class StatusLine(Widget):
    """`left` says where the text goes and what it will take, `right` the keys that work here."""

    left: reactive[str] = reactive("")
    right: reactive[str] = reactive("")

    def render(self) -> Text:
        width = self.size.width
        right = self.right if len(self.right) + 20 <= width else ""
        room = max(0, width - len(right) - 2)
        left = self.left if len(self.left) <= room else self.left[: max(0, room - 1)] + "…"
        return Text(left.ljust(room) + "  " + right, no_wrap=True, overflow="crop")
