"""The settings: each with its value, what it does, and what may stand there; then every action with its keys."""

from __future__ import annotations

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input, OptionList, Static

from chatspace.core.profiles.settings import Setting, Value
from chatspace.tui.has_settings import HasSettings
from chatspace.tui.keys import actions
from chatspace.tui.screens.pick_dialog import PickDialog, PickItem
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.widgets.settings_list import SettingsList


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
        self._list = SettingsList(id="settings-list")
        self._line = Input(id="settings-value", compact=True)
        yield self._list
        yield Static(id="settings-about", markup=False)
        yield self._line

    @work
    async def on_mount(self) -> None:
        """Show the settings at once; which actions there are takes the import of every place."""
        app = self.app
        assert isinstance(app, HasSettings)
        self._settled: HasSettings = app
        self.entitle("Settings")
        self.say(str(self.workspace.settings.path))
        self._list.show(app.settings)
        self.set_focus(self._list)
        self._list.actions = await self.in_thread(actions) or {}
        self._list.show(app.settings)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one("#settings-about", Static).update(
            self._list.about(event.option_id or "", self.workspace.settings.path)
        )

    # Changing

    @on(OptionList.OptionSelected)
    def action_change(self) -> None:
        """Change the setting under the cursor."""
        setting = self._list.setting
        if setting is None:
            return
        value = getattr(self._settled.settings, setting.name)
        if isinstance(value, bool):
            self._change(setting, not value)
        elif setting.choices or setting.name in ("theme", "profile", "channel"):
            self._pick(setting, value)
        else:
            self._line.value, self._line.placeholder = str(value), setting.allowed
            self._line.display = True
            self.set_focus(self._line)

    @work
    async def _pick(self, setting: Setting, value: str) -> None:
        if setting.name == "theme":
            await self._settled.action_themes().wait()
            self._list.show(self._settled.settings)
            return
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
        setting = self._list.setting
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
        self._list.show(self._settled.settings)

    def _put_away(self) -> None:
        self._line.display = False
        self.set_focus(self._list)

    def action_leave(self) -> None:
        """Put the line away, or go back."""
        if self._line.display:
            self._put_away()
        else:
            self.dismiss(None)
