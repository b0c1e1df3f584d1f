"""The palette: every action that works now by its name, then the places and the slash commands, none listed by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode
from textual.screen import Screen
from textual.types import IgnoreReturnCallbackType

from chatspace.core.text import display
from chatspace.tui.commands import COMMANDS
from chatspace.tui.navigation import SCREENS
from chatspace.tui.widgets.prompt import Prompt
from chatspace.tui.widgets.status_line import key_display

NOT_HERE = ("app.palette", "move.")
"""How the ids begin of what makes no sense from here."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette, and below it what it does and its keys."""

    name: str
    help: str
    run: IgnoreReturnCallbackType


WALKING = ("app.focus_next", "app.focus_previous")
"""Lead from where the focus is, which the palette has taken."""


class Actions(Provider):
    """What can be done on the screen that the palette was opened over."""

    async def discover(self) -> Hits:
        for command in commands(self.screen):
            yield DiscoveryHit(command.name, command.run, help=_plain(command.help))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in commands(self.screen):
            score = matcher.match(command.name)
            if score > 0:
                yield Hit(score, matcher.highlight(command.name), command.run, help=_plain(command.help))


def _plain(text: str) -> str:
    """Without markup; Textual's own escaping leaves `[PATH]` open."""
    return text.replace("[", "\\[")


def commands(screen: Screen[Any]) -> Iterator[Command]:
    """What the footer shows first, then the nearest; where messages are written, places and slash commands too."""
    known = {place.title for place in SCREENS.values()}
    for name, help_, run in _actions(screen):
        if name not in known:
            known.add(name)
            yield Command(name, help_, run)
    prompts = screen.query(Prompt)
    if not prompts:
        return
    for name, slash in COMMANDS.items():
        place = SCREENS.get(name)
        title = place.title if place else f"/{name}"
        keys = display.line(place.key if place else "", f"/{name} {slash.arguments}".strip())
        run = (
            partial(screen.run_action, f"place('{name}')") if place else partial(_begin, screen, prompts.first(), name)
        )
        yield Command(title, f"{slash.summary} ({keys})", run)


def _actions(screen: Screen[Any]) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
    app = screen.app
    actions: dict[tuple[DOMNode, str], list[Binding]] = {}
    for active in screen.active_bindings.values():
        known = active.binding.id or _method(active.node, active.binding.action)
        if active.enabled and active.binding.description and known and active.binding.action not in WALKING:
            actions.setdefault((active.node, active.binding.action), []).append(active.binding)
    # What the footer shows matters most.
    for (node, action), bindings in sorted(actions.items(), key=lambda item: not item[1][0].show):
        first = bindings[0]
        if not (first.id or "").startswith(NOT_HERE):
            keys = ", ".join(key_display(app, binding) for binding in bindings)
            help_ = f"{first.tooltip or what_it_does(node, action)} ({keys})".strip()
            yield first.description, help_, partial(app.run_action, action, node)


def what_it_does(node: DOMNode, action: str) -> str:
    """The first line of the action's own docstring; nothing of what Textual brings along."""
    method = _method(node, action)
    return (method.__doc__ or "").strip().split("\n")[0] if method else ""


def _method(node: DOMNode, action: str) -> Callable[..., object] | None:
    """The method of the workspace that does an action."""
    owner, _, name = action.partition("(")[0].rpartition(".")
    holder = node.app if owner == "app" else node.screen if owner == "screen" else node
    method = getattr(holder, f"action_{name}", None)
    return method if getattr(method, "__module__", "").startswith("chatspace.") else None


def _begin(screen: Screen[Any], prompt: Prompt, name: str) -> None:
    """The command stands in the prompt, to be completed and sent."""
    prompt.put(f"/{name} ")
    screen.set_focus(prompt)
