"""Where letters go: nothing but a key made for it leads from a text into a part whose letters are commands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from textual.app import App
from textual.keys import Keys
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget
from textual.widgets import Input, TextArea

from chatspace.tui.widgets.prompt import Prompt

NAMES = frozenset(key.value for key in Keys)


def types(key: str) -> bool:
    """Whether the key alone writes a character."""
    return "+" not in key and (len(key) == 1 or key == "space" or key not in NAMES)


def is_text(widget: Widget | None) -> bool:
    """Whether letters are written there."""
    return isinstance(widget, Input | TextArea)


def takes_letters(widget: Widget) -> bool:
    """Whether a letter is a command there: of the part itself, or of what it stands in."""
    nodes = takewhile(lambda node: not isinstance(node, App), widget.ancestors_with_self)
    return any(types(key) for node in nodes for key in node._bindings.key_to_bindings)


def beside(text: Widget, step: int) -> Widget | None:
    """Where tab leads from a text: to the next text, or to a part that has no letters for commands."""
    chain = text.screen.focus_chain
    if text not in chain:
        return None
    at = chain.index(text)
    others = [chain[(at + step * number) % len(chain)] for number in range(1, len(chain))]
    return next((part for part in others if is_text(part) or not takes_letters(part)), None)


def lead(screen: Screen[Any], step: int) -> None:
    """Go to the part behind the focus, or before it; from a text to none whose letters are commands."""
    focused = screen.focused
    if focused and is_text(focused):
        if part := beside(focused, step):
            screen.set_focus(part)
    elif step > 0:
        screen.focus_next()
    else:
        screen.focus_previous()


def after(parts: Sequence[Widget], focused: Widget | None) -> Widget:
    """The part behind the one with the focus, and behind the last the first."""
    at = next((index for index, part in enumerate(parts) if part is focused), -1)
    return parts[(at + 1) % len(parts)]


class WritingScreen(Screen[ScreenResultType]):
    """A screen on which neither the mouse nor the layout takes the focus from where one writes."""

    def get_focusable_widget_at(self, x: int, y: int) -> Widget | None:
        """A click beside the prompt does what it does there, and the next letter is still the prompt's."""
        widget = super().get_focusable_widget_at(x, y)
        if isinstance(self.focused, Prompt) and widget and not is_text(widget) and takes_letters(widget):
            return None
        return widget

    def _reset_focus(self, widget: Widget, avoiding: list[Widget] | None = None) -> None:
        """A text that a small terminal has no room for keeps the focus: Textual would give it to another part."""
        squeezed = widget not in (avoiding or ()) and all(node.display for node in widget.ancestors_with_self)
        if not (is_text(widget) and widget.is_attached and squeezed):
            super()._reset_focus(widget, avoiding)
