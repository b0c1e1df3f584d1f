"""The status line: what the next message goes to, said once, in one place."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from chatspace.core.text import display
from chatspace.core.workspace.conversations import Outlook


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


def standing(profile: str, outlook: Outlook) -> str:
    """Where the next message goes and what sending it takes."""
    target = outlook.target
    parts = [profile, f"{target.model} → {target.host}"]
    if target.offline:
        return " · ".join((*parts, target.why))
    parts += [f"~{outlook.tokens:,} tokens", display.cost(outlook.cost_usd)]
    if outlook.share is not None:
        parts.append(f"{outlook.share:.0%} of the window")
    return " · ".join(parts)


def hints(screen: Screen[Any]) -> str:
    """The keys that work where the focus is: every active binding that is to be shown, the nearest first."""
    said: dict[str, str] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.show and active.enabled and binding.description and binding.action not in said:
            said[binding.action] = f"{screen.app.get_key_display(binding)} {binding.description}"
    return " · ".join(said.values())
