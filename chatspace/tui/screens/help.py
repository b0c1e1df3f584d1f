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

from chatspace.tui.commands import COMMANDS
from chatspace.tui.navigation import SCREENS
from chatspace.tui.palette import what_it_does
from chatspace.tui.screens.tool_screen import EVERYWHERE, ToolScreen, idle_actions
from chatspace.tui.widgets.status_line import key_display

WIDE = 100
"""Columns from which on the help stands over the right half alone."""

SHORTEST_KEY, MAX_KEY = 18, 24
"""Columns that keys, or a command with its arguments, take before they are broken."""

NAMES = {
    "ChatScreen": "the conversation",
    "ChatFoot": "what waits",
    "ConversationPane": "the message under the cursor",
    "Transcript": "moving in the text",
    "HistoryList": "the history",
    "HistoryPane": "the history, what is asked",
    "Rows": "the list",
    "BatchBoard": "batch",
    "BatchTable": "the list",
    "CompareBoard": "compare",
    "StageView": "the stage",
    "RunBoard": "the run",
    "DeskBoard": "text and helper",
    "DeskText": "the text",
    "DeskKeys": "the keys of your list",
    "DeskHunks": "the proposal",
    "HunkEditor": "the sentence that is edited",
    "OpeningsBoard": "the openings",
    "TextEditor": "the text that is edited",
    "VariantsBoard": "the variants",
    "VariantEditor": "the variant that is edited",
    "AttachmentRows": "the attachments",
}
"""What parts are called, where that isn't the name of their class."""

Section = tuple[str, dict[str, str]]


class Help(ModalScreen[None]):
    """Explains the part of `screen` that has the focus."""

    CSS_PATH = "help.tcss"
    BINDINGS = [
        Binding("escape,f1,q", "dismiss", "back", id="help.leave"),
        Binding("d", "docs", "documentation", id="help.docs"),
    ]

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self._about = about(screen)
        self._sections = sections(screen)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(Text("d opens the documentation · esc closes", style="dim"), classes="help-part")
            if self._about:
                yield Static(self._about, markup=False, classes="help-part")
            commands = {f"/{name} {slash.arguments}".strip(): slash.summary for name, slash in COMMANDS.items()}
            *ours, brought = self._sections
            for title, rows in (*ours, ("commands, typed in the prompt", commands), brought):
                yield Static(_table(title, rows), classes="help-part")

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width >= WIDE, "wide")

    async def action_docs(self) -> None:
        """Read the documentation."""
        await self.dismiss()
        await self.app.run_action("visit('docs')")


def about(screen: Screen[Any]) -> str:
    """The HELP of the focused part, or of what it stands in; in a place behind that of the place."""
    nodes = screen.focused.ancestors_with_self if screen.focused else [screen]
    text = next((text.strip() for node in nodes if (text := getattr(node, "HELP", None))), "")
    if isinstance(screen, ToolScreen) and screen.HELP.strip() not in ("", text):
        text = f"{screen.HELP.strip()}\n\n{text}".strip()
    return re.sub(r"(?<![.:!?\n])\n(?=\S)", " ", text)  # the panel has lines of its own width


def sections(screen: Screen[Any]) -> list[Section]:
    """The keys that work now as they are mapped, hidden ones too: the focused part's first, the app's after them.

    The keys of text and lists, which Textual's own widgets bring along, come last. Keys that do the same share a line.
    """
    ours: dict[DOMNode, dict[str, tuple[list[str], str]]] = {}
    everywhere: dict[str, tuple[list[str], str]] = {}
    brought: dict[str, tuple[list[str], str]] = {}
    for active in screen.active_bindings.values():
        binding, node = active.binding, active.node
        own = binding.id or what_it_does(node, binding.action)
        said = binding.description or what_it_does(node, binding.action)
        if said and active.enabled and not _idle(node, binding.action):
            part = everywhere if _works_everywhere(node, binding.action) else ours.setdefault(node, {})
            part = part if own else brought
            keys, _ = part.setdefault(
                binding.action, ([], said.lower() if part is brought else said[:1].lower() + said[1:])
            )
            keys.append(key_display(screen.app, binding))
    found = [(_title(node), actions) for node, actions in ours.items()]
    found += [("everywhere", everywhere), ("moving and text", brought)]
    return [
        (title, {", ".join(dict.fromkeys(keys)): said for keys, said in actions.values()})
        for title, actions in found
        if actions
    ]


def _works_everywhere(node: DOMNode, action: str) -> bool:
    return node is node.app or (isinstance(node, ToolScreen) and action.partition("(")[0] in EVERYWHERE - {"leave"})


def _idle(node: DOMNode, action: str) -> bool:
    """Whether a key would only say why it does nothing here."""
    return isinstance(node, ToolScreen) and action in idle_actions(node)


def _title(node: DOMNode) -> str:
    """What a part is called: a place as in the palette, another by what it is to the user."""
    if isinstance(node, ToolScreen) and node.typed.name in SCREENS:
        return SCREENS[node.typed.name].title.lower()
    name = type(node).__name__
    if name in NAMES:
        return NAMES[name]
    name = name.removesuffix("Screen") or "screen"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _table(title: str, rows: dict[str, str]) -> Group:
    table = Table.grid(padding=(0, 2, 0, 0))
    width = max(SHORTEST_KEY, min(MAX_KEY, max(map(len, rows), default=0)))
    table.add_column(width=width, min_width=width, overflow="fold")
    table.add_column()
    for name, text in rows.items():
        table.add_row(Text(name, style="bold"), Text(text))
    return Group(Text(title, style="dim"), table)
