"""The status line: what the next message goes to, said once, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.app import App
from textual.binding import Binding
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from chatspace.core.text import display

if TYPE_CHECKING:
    from chatspace.core.workspace.conversations import SendPreview

BETWEEN = " · "
HELP_ACTION = "app.help"


class StatusLine(Widget):
    """`left` says where the text goes and what it will take, `right` the keys that work here, the nearest first.

    Where there is no room for all keys, the last ones go, but not the one for help.
    """

    class LeftClicked(Message):
        """The state on the left was clicked."""

    left: reactive[str] = reactive("")
    right: reactive[str] = reactive("")

    def render(self) -> Text:
        width = self.size.width
        right = self._fitting(width - cell_len(self.left) - 2)
        room = max(0, width - cell_len(right) - 2)
        left = self.left if cell_len(self.left) <= room else set_cell_size(self.left, max(0, room - 1)) + "…"
        return Text(set_cell_size(left, room) + "  " + right, no_wrap=True, overflow="crop")

    async def on_click(self, event: Click) -> None:
        """A key that is shown does what it does when it is pressed."""
        right = self._fitting(self.content_size.width - cell_len(self.left) - 2)
        at = event.x - self.gutter.left - (self.content_size.width - cell_len(right))
        if at < 0:
            self.post_message(self.LeftClicked())
            return
        part = right[: right.find(BETWEEN, at) if BETWEEN in right[at:] else None].rpartition(BETWEEN)[2]
        for active in self.screen.active_bindings.values():
            if _hint(self.app, active.binding) == part:
                await self.app.run_action(active.binding.action, active.node)
                return

    def _fitting(self, room: int) -> str:
        """As many keys as there is room for; the last one, for help, always."""
        keys = self.right.split(BETWEEN)
        while len(keys) > 1 and cell_len(BETWEEN.join(keys)) > room:
            keys.pop(-2)
        return BETWEEN.join(keys)


def standing(profile: str, outlook: SendPreview) -> str:
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
    """The keys that work where the focus is: every active binding that is to be shown, the nearest first, help last."""
    said: dict[str, str] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.show and active.enabled and binding.description and binding.action not in said:
            said[binding.action] = _hint(screen.app, binding)
    last = [said.pop(action) for action in (HELP_ACTION, "help") if action in said]
    return BETWEEN.join((*said.values(), *last))


def _hint(app: App[Any], binding: Binding) -> str:
    return f"{key_display(app, binding)} {binding.description}"


def key_for(screen: Screen[Any], *ids: str) -> str:
    """The first key that does one of these actions where the focus is, as it is bound now; "" where none does."""
    bindings = (active.binding for active in screen.active_bindings.values() if active.enabled)
    return next((key_display(screen.app, binding) for binding in bindings if binding.id in ids), "")


def key_display(app: App[Any], binding: Binding) -> str:
    """A key as short as it is understood: `^o`, `f1`, `esc`, `enter`."""
    return app.get_key_display(binding).replace("⏎", "enter")
