"""The settings, a line each with its value, and below them every action with its keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chatspace.core.profiles.settings import KEYS, SETTINGS, Setting, Settings
from chatspace.core.text.safe import for_screen
from chatspace.tui.keys import Action, renamed

NAME_WIDTH = 18


class SettingsList(OptionList):
    """Marks what isn't as shipped. `actions` are listed once they are known."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self.actions: Mapping[str, Action] = {}

    @property
    def setting(self) -> Setting | None:
        """The one under the cursor, which may stand on a key."""
        option = self.highlighted_option
        return _setting(option.id or "") if option else None

    def show(self, settings: Settings) -> None:
        stood = self.highlighted or 0
        keys = renamed(settings.keys)
        rows = [Option(_row(setting, settings), id=setting.name) for setting in SETTINGS]
        if self.actions:
            rows += [Option("", disabled=True), Option(Text("keys", style="dim"), disabled=True)]
        for action in self.actions.values():
            mapped = keys.get(action.id)
            shown = (mapped or ",".join(action.keys)).replace(",", ", ")
            mark = "●" if mapped else " "
            row = Text.assemble(f"{mark} {action.id:<22} ", f"{shown:<20} ", (action.description, "dim"), no_wrap=True)
            rows.append(Option(row, id=f"{KEYS}.{action.id}"))
        self.clear_options()
        self.add_options(rows)
        self.highlighted = min(stood, self.option_count - 1)

    def about(self, id_: str, path: Path) -> str:
        """What a line stands for, and what may stand there in the file."""
        if action := self.actions.get(id_.removeprefix(f"{KEYS}.")):
            shipped = ", ".join(action.keys)
            return f'Shipped as {shipped}. Another key: write "{action.id}" = "..." under [{KEYS}] in\n{path}'
        setting = _setting(id_)
        if setting is None:
            return ""
        by_default = f"; by default {_shown(setting.default)}" if setting.default != "" else ""
        return f"{setting.explanation}\n{setting.allowed[:1].upper()}{setting.allowed[1:]}{by_default}."


def _row(setting: Setting, settings: Settings) -> Text:
    value = getattr(settings, setting.name)
    mark = " " if value == setting.default else "●"
    name = setting.name.replace("_", " ")
    shown = (_shown(value), "") if value != "" else (setting.empty, "dim")
    return Text.assemble(f"{mark} {name:<{NAME_WIDTH}} ", shown, no_wrap=True)


def _setting(name: str) -> Setting | None:
    return next((setting for setting in SETTINGS if setting.name == name), None)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return for_screen(str(value))
