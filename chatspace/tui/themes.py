"""The themes: our two, Textual's own, and the terminal's colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.theme import Theme

if TYPE_CHECKING:
    from chatspace.tui.screens.pick_dialog import PickItem

DARK = Theme(
    name="chatspace",
    primary="#7aa2c8",
    secondary="#8c9bab",
    accent="#e0a458",
    foreground="#d6d9de",
    background="#15181c",
    surface="#1b1f24",
    panel="#23282e",
    success="#8fb573",
    warning="#d9b35f",
    error="#e06c62",
    dark=True,
)
LIGHT = Theme(
    name="chatspace-light",
    primary="#2f5f8a",
    secondary="#5b6673",
    accent="#a85d00",
    foreground="#24292f",
    background="#fbfaf7",
    surface="#f3f1ec",
    panel="#e9e6df",
    success="#4b7a2b",
    warning="#8a6500",
    error="#b3261e",
    dark=False,
)


def theme_items(themes: Mapping[str, Theme]) -> Sequence[PickItem]:
    """What can be chosen: ours first, then the dark ones, the light ones, and those of the terminal itself."""
    from chatspace.tui.screens.pick_dialog import PickItem  # the screen that they are chosen in

    groups: dict[str, list[PickItem]] = {"chatspace": [], "dark": [], "light": [], "the terminal's own colours": []}
    for name, theme in sorted(themes.items()):
        if name == "textual-ansi":
            continue  # an older name of ansi-dark
        own = "chatspace" if name in (DARK.name, LIGHT.name) else ""
        group = own or ("the terminal's own colours" if theme.ansi else "dark" if theme.dark else "light")
        detail = ("dark" if theme.dark else "light") if own or theme.ansi else ""
        groups[group].append(PickItem(name, group, detail))
    return [item for items in groups.values() for item in items]
