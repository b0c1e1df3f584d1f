"""Help: what the focused part is, the keys that work there, and the commands."""

from __future__ import annotations

import re
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.dom import DOMNode
from textual.events import Resize
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from chatspace.tui.palette import what_it_does
from chatspace.tui.slash import SLASHES
from chatspace.tui.widgets.status_line import key_display

WIDE = 100
"""Columns from which on the help stands over the right half alone."""

Section = tuple[str, dict[str, str]]


class Help(ModalScreen[None]):
    """Explains the part of `screen` that has the focus."""

    CSS_PATH = "help.tcss"
    BINDINGS = [Binding("escape,f1,q", "dismiss", "back", id="help.leave")]

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self._about = about(screen)
        self._sections = sections(screen)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            if self._about:
                yield Static(self._about, markup=False, classes="help-part")
            commands = {f"/{name} {slash.arguments}".strip(): slash.summary for name, slash in SLASHES.items()}
            *ours, brought = self._sections
            for title, rows in (*ours, ("commands, typed in the prompt", commands), brought):
                yield Static(_table(title, rows), classes="help-part")

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width >= WIDE, "wide")


def about(screen: Screen[Any]) -> str:
    """The HELP of the focused part, or of what it stands in."""
    nodes = screen.focused.ancestors_with_self if screen.focused else [screen]
    text = next((text.strip() for node in nodes if (text := getattr(node, "HELP", None))), "")
    return re.sub(r"(?<![.:!?\n])\n(?=\S)", " ", text)  # the panel has lines of its own width


def sections(screen: Screen[Any]) -> list[Section]:
    """The keys that work now as they are mapped, hidden ones too: the focused part's first, the app's after them.

    The keys of text and lists, which Textual's own widgets bring along, come last. Keys that do the same share a line.
    """
    ours: dict[DOMNode, dict[str, tuple[list[str], str]]] = {}
    brought: dict[str, tuple[list[str], str]] = {}
    for active in screen.active_bindings.values():
        binding, node = active.binding, active.node
        own = binding.id or what_it_does(node, binding.action)
        said = binding.description or what_it_does(node, binding.action)
        if said and active.enabled:
            part = ours.setdefault(node, {}) if own else brought
            keys, _ = part.setdefault(binding.action, ([], said[:1].lower() + said[1:]))
            keys.append(key_display(screen.app, binding))
    found = [(_title(node), actions) for node, actions in ours.items()] + [("moving and text", brought)]
    return [
        (title, {", ".join(dict.fromkeys(keys)): said for keys, said in actions.values()})
        for title, actions in found
        if actions
    ]


def _title(node: DOMNode) -> str:
    """`HistoryList` is the history list; what the app binds works everywhere."""
    if node is node.app:
        return "everywhere"
    name = type(node).__name__.removesuffix("Screen") or "screen"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _table(title: str, rows: dict[str, str]) -> Group:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=18)
    table.add_column()
    for name, text in rows.items():
        table.add_row(Text(name, style="bold"), Text(text))
    return Group(Text(title, style="dim"), table)
