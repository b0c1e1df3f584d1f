"""The main screen: the history at the side, the conversation, the prompt, and one line of status."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.binding import Binding

from chatspace.core.errors import ChatspaceError
from chatspace.core.profiles.options import EFFORTS
from chatspace.tui.chat.acting import Acting
from chatspace.tui.command_runner import EXPORT_ALL
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.widgets.completions import ESC_SECONDS
from chatspace.tui.widgets.status_line import StatusLine
from chatspace.tui.writing import after

if TYPE_CHECKING:
    from chatspace.core.profiles.settings import Settings

OPTION_OF = {
    "profile": "profile",
    "channel": "channel",
    "sla": "sla",
    "language": "lang",
    "tone": "tone",
    "audience": "audience",
}
"""The option of the next message for each setting that is one."""


class ChatScreen(Acting):
    """Joins the layers of chatspace.tui.chat; here are the commands, the settings and the choice of the model."""

    # With priority, so that keys typed right behind them go to the part that they lead to.
    BINDINGS = [
        Binding("escape", "step_back", "back", id="chat.back", show=False, priority=True),
        Binding("ctrl+o", "choose", "model", id="chat.choose", priority=True),
        Binding("ctrl+r", "search_prompts", "search former prompts", id="prompt.search", show=False, priority=True),
        Binding("ctrl+g", "editor", "your own editor", id="prompt.editor", show=False, priority=True),
        Binding("f6", "next_part", "next part", id="chat.parts", show=False, priority=True),
        Binding("ctrl+t", "think", "effort of thinking", id="chat.think", show=False, priority=True),
    ]

    def take_settings(self, settings: Settings, only: str | None = None) -> None:
        """Let the settings hold, or the one that changed."""
        changed: dict[str, Any] = {
            option: getattr(settings, name) or None for name, option in OPTION_OF.items() if only in (None, name)
        }
        self._options = replace(self._options, **changed)
        if "profile" in changed:
            self._usual = self._options
        if only in (None, "side_list"):
            self._history_wanted = settings.side_list
        if self.is_mounted:
            self._pane.read_at(settings.text_width)
            self._lay_out()
            if changed:
                self._refresh_preview()

    def _do(self, typed: ParsedCommand) -> None:
        match typed.name:
            case "help":
                self.call_later(self.app.run_action, "app.help")
            case "model" if typed.text:
                self._choose(None, typed.text)
            case "profile" if typed.text:
                self._choose(typed.text, None)
            case "model" | "profile":
                self.action_choose()
            case "think":
                self._think(typed.text.strip().lower())
            case "export":
                self._export(typed)
            case _:
                self._go(typed)

    @work
    async def _export(self, typed: ParsedCommand) -> None:
        if typed.text.startswith(EXPORT_ALL):
            said = await self.in_thread(self._slash.export_all, typed.text.removeprefix(EXPORT_ALL).strip())
            if said is not None:
                self.notify(said)
            return
        if self._conversation is None:
            self.notify("There is nothing to export yet.")
            return
        stored = await self.in_thread(self._workspace.history.conversations.get, self._conversation)
        if stored is None:
            return
        path = await self.in_thread(self._slash.export, typed, stored, tuple(self._thread))
        if path is not None:
            self.notify(f"Written to {path}")

    def action_export(self) -> None:
        """The conversation, into a file named after it."""
        self._export(ParsedCommand("export", ""))

    @work
    async def action_choose(self) -> None:
        """The profile or model of the next messages."""
        from chatspace.tui.screens.model_dialog import ModelChoice, ModelDialog  # the first frame has no need of it

        current = ModelChoice(profile=self._options.profile or "chat", model=self._options.model)
        chosen = await self.app.push_screen_wait(ModelDialog(self._workspace, current, local=self._options.local))
        if chosen:
            self._choose(chosen.profile, chosen.model)
        self._prompt.focus()

    @on(StatusLine.LeftClicked)
    def _status_clicked(self) -> None:
        self.action_choose()

    @work
    async def _choose(self, profile: str | None, model: str | None) -> None:
        """Take another profile or model for the next messages, if there is one of that name."""
        options = replace(self._options, profile=profile or (self._options.profile if model else None), model=None)
        try:
            if model:
                found = await asyncio.to_thread(self._workspace.models.choose, model, options)
                options = replace(options, model=found)
            self._outlook = await asyncio.to_thread(self._workspace.conversations.outlook, "", options)
        except ChatspaceError as error:
            self.complain(error)
            return
        self._options = self._usual = options
        self._refresh_preview()

    def action_think(self) -> None:
        """How much the model thinks before the next messages: the profile's own effort, low, medium, high, none."""
        ways = (None, *EFFORTS[1:], EFFORTS[0])
        self._think(ways[(ways.index(self._options.effort) + 1) % len(ways)] or "profile")

    def _think(self, level: str) -> None:
        effort = next((effort for effort in EFFORTS if effort == level), None)
        if effort is None and level != "profile":
            standing = self._options.effort or "what the profile says"
            self.notify(f"Effort: {standing}. /think {', '.join(EFFORTS)} or profile changes it.")
            return
        self._options = replace(self._options, effort=effort)
        self.notify(f"Effort of the next messages: {effort or 'what the profile says'}.")
        self._refresh_preview()

    def action_step_back(self) -> None:
        """Give up what was begun, else stop the reply in sight, else leave the part with the focus."""
        if self._composer.step_back() or self._history.step_back():
            return
        if self._turning:
            self._give_up_turning()
        elif self.job:
            self._stopped = self.job
            self._jobs.stop(self.job)
        elif time.monotonic() - self._reply_ended < ESC_SECONDS:
            self._reply_ended = 0.0  # esc was to stop it
        elif self._history.has_focus_within:
            self.set_focus(self._prompt)
        elif self._thread:
            self.set_focus(self._pane.transcript)

    def action_search_prompts(self) -> None:
        """Find a former prompt by its words."""
        self._composer.search()

    def action_editor(self) -> None:
        """Go on writing the prompt in your own editor."""
        self._composer.edit_outside()

    def action_next_part(self) -> None:
        """From the prompt to what is attached, to the transcript, and back."""
        shown = [self._pane.transcript] if self._pane.transcript.display else []
        self.set_focus(after([*self._composer.parts, *shown], self.focused))

    def action_write(self) -> None:
        """Go to the prompt."""
        self.set_focus(self._prompt)
