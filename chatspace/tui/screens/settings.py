"""The settings: each with its value, what it does, and what may stand there; then every action with its keys."""

from __future__ import annotations

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.profiles.settings import KEYS, SETTINGS, Setting, Value
from chatspace.core.text.safe import for_screen
from chatspace.tui.has_settings import HasSettings
from chatspace.tui.keys import Action, actions, renamed
from chatspace.tui.screens.pick_dialog import PickDialog, PickItem
from chatspace.tui.screens.tool_screen import ToolScreen

NAME_WIDTH = 18


class SettingsScreen(ToolScreen):
    """Changes one value at a time, at once and in the file."""

    HELP = """\
Enter changes the setting under the cursor: a switch at once, a choice from a list, a text or number in a line below.
Everything is kept in the file that the status line names. Edit it by hand as you like: comments, order and what
chatspace doesn't know stay when something is changed here.
"""
    CSS_PATH = "settings.tcss"
    BINDINGS = [Binding("enter", "change", "change", id="settings.change")]

    def body(self) -> ComposeResult:
        yield OptionList(id="settings-list", markup=False, compact=True)
        yield Static(id="settings-about", markup=False)
        yield Input(id="settings-value", compact=True)

    def on_mount(self) -> None:
        self._actions: dict[str, Action] = {}
        self.entitle("Settings")
        self.say(str(self.workspace.settings.path))
        self._show()
        self.set_focus(self._list)
        self._load_keys()

    @property
    def _list(self) -> OptionList:
        return self.query_one("#settings-list", OptionList)

    @property
    def _line(self) -> Input:
        return self.query_one("#settings-value", Input)

    @property
    def _chosen_setting(self) -> Setting | None:
        """The one under the cursor, which may stand on a key."""
        option = self._list.highlighted_option
        return _setting(option.id or "") if option else None

    @property
    def _settled(self) -> HasSettings:
        app = self.app
        assert isinstance(app, HasSettings)
        return app

    @work
    async def _load_keys(self) -> None:
        """Which actions there are takes the import of every place."""
        self._actions = dict(await self.in_thread(actions) or {})
        self._show()

    def _show(self) -> None:
        options = self._list
        stood = options.highlighted or 0
        keys = renamed(self._settled.settings.keys)
        rows = [Option(self._row(setting), id=setting.name) for setting in SETTINGS]
        if self._actions:
            rows += [Option("", disabled=True), Option(Text("keys", style="dim"), disabled=True)]
        for action in self._actions.values():
            mapped = keys.get(action.id)
            shown = (mapped or ",".join(action.keys)).replace(",", ", ")
            mark = "●" if mapped else " "
            row = Text.assemble(f"{mark} {action.id:<22} ", f"{shown:<20} ", (action.description, "dim"), no_wrap=True)
            rows.append(Option(row, id=f"{KEYS}.{action.id}"))
        options.clear_options()
        options.add_options(rows)
        options.highlighted = min(stood, options.option_count - 1)

    def _row(self, setting: Setting) -> Text:
        value = getattr(self._settled.settings, setting.name)
        mark = " " if value == setting.default else "●"
        name = setting.name.replace("_", " ")
        shown = (_shown(value), "") if value != "" else (setting.empty, "dim")
        return Text.assemble(f"{mark} {name:<{NAME_WIDTH}} ", shown, no_wrap=True)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one("#settings-about", Static).update(self._about(event.option_id or ""))

    def _about(self, id_: str) -> str:
        if action := self._actions.get(id_.removeprefix(f"{KEYS}.")):
            shipped, path = ", ".join(action.keys), self.workspace.settings.path
            return f'Shipped as {shipped}. Another key: write "{action.id}" = "..." under [{KEYS}] in\n{path}'
        setting = _setting(id_)
        if setting is None:
            return ""
        by_default = f"; by default {_shown(setting.default)}" if setting.default != "" else ""
        return f"{setting.explanation}\n{setting.allowed[:1].upper()}{setting.allowed[1:]}{by_default}."

    # Changing

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        self.action_change()

    def action_change(self) -> None:
        """Change the setting under the cursor."""
        setting = self._chosen_setting
        if setting is None:
            return
        value = getattr(self._settled.settings, setting.name)
        if setting.name == "theme":
            self._pick_theme()
        elif isinstance(value, bool):
            self._change(setting, not value)
        elif setting.choices or setting.name in ("profile", "channel"):
            self._pick(setting, value)
        else:
            self._line.value, self._line.placeholder = str(value), setting.allowed
            self._line.display = True
            self.set_focus(self._line)

    @work
    async def _pick_theme(self) -> None:
        await self._settled.action_themes().wait()
        self._show()

    @work
    async def _pick(self, setting: Setting, value: str) -> None:
        library = self.workspace.library
        found: list[str] = list(setting.choices)
        if setting.name == "profile":
            profiles = await self.in_thread(library.profiles) or ()
            found = [profile.name for profile in profiles if "chat" in profile.steps]
        elif setting.name == "channel":
            found = [channel.name for channel in await self.in_thread(library.channels) or ()]
        title = f"Type a {setting.name.replace('_', ' ')}"
        chosen = await self.app.push_screen_wait(PickDialog(title, [PickItem(name) for name in found], value))
        if chosen is not None:
            self._change(setting, chosen)

    @on(Input.Submitted)
    def _written(self, event: Input.Submitted) -> None:
        setting = self._chosen_setting
        if setting is None:
            return
        number = isinstance(setting.default, int)
        value: Value = int(event.value) if number and event.value.strip().isdecimal() else event.value.strip()
        if reason := setting.fault(value):
            self.notify(f"{reason}. Allowed: {setting.allowed}.", severity="error")
            return
        self._put_away()
        self._change(setting, value)

    def _change(self, setting: Setting, value: Value) -> None:
        self._settled.change_setting(setting.name, value)
        self._show()

    def _put_away(self) -> None:
        self._line.display = False
        self.set_focus(self._list)

    def action_leave(self) -> None:
        """Put the line away, or go back."""
        if self._line.display:
            self._put_away()
        else:
            self.dismiss(None)


def _setting(name: str) -> Setting | None:
    return next((setting for setting in SETTINGS if setting.name == name), None)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return for_screen(str(value))
