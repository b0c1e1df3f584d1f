"""Choosing the model: the profiles for chat, then the models that can be called from here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.errors import ChatspaceError
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Choice:
    """A profile, or a model in the place of the profile's own."""

    profile: str | None = None
    model: str | None = None
    detail: str = ""

    @property
    def name(self) -> str:
        return self.model or self.profile or ""


class Choose(ModalScreen[Choice | None]):
    """Type to narrow the list down; a name that isn't in it can be chosen as a model too."""

    BINDINGS = [
        Binding("escape", "dismiss", "back"),
        Binding("down,ctrl+n", "move(1)", show=False),
        Binding("up,ctrl+p", "move(-1)", show=False),
    ]

    def __init__(self, workspace: Workspace, current: Choice, *, local: bool = False) -> None:
        super().__init__()
        self._workspace = workspace
        self._current = current
        self._local = local
        self._choices: list[Choice] = []
        self._shown: list[Choice] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="choose"):
            yield Input(placeholder="Type a profile, or any model that litellm knows", id="choose-filter")
            yield OptionList(id="choose-list", markup=False)
            yield Static("enter chooses · esc goes back", id="choose-keys")

    def on_mount(self) -> None:
        self._load()

    @work
    async def _load(self) -> None:
        try:
            self._choices = await asyncio.to_thread(self._find)
        except ChatspaceError as error:
            self.notify(error.explained, severity="error", markup=False)
        self._narrow("")

    def _find(self) -> list[Choice]:
        catalog = self._workspace.catalog
        choices = []
        for profile in self._workspace.library.profiles():
            if "chat" in profile.steps:
                target = catalog.resolve(profile, "chat", local=self._local)
                choices.append(Choice(profile=profile.name, detail=f"{target.model} on {target.host}"))
        return choices + [Choice(model=name) for name in catalog.models(local=self._local)]

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._narrow(event.value.strip())

    def _narrow(self, typed: str) -> None:
        matcher = Matcher(typed)
        scored = [(matcher.match(choice.name) if typed else 1.0, choice) for choice in self._choices]
        self._shown = [choice for score, choice in sorted(scored, key=lambda pair: -pair[0]) if score > 0]
        if typed and all(choice.name != typed for choice in self._shown):
            self._shown.append(Choice(model=typed, detail="this very model"))
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(self._line(choice)) for choice in self._shown])
        chosen = [index for index, choice in enumerate(self._shown) if choice.name == self._current.name]
        options.highlighted = chosen[0] if chosen and not typed else 0 if self._shown else None

    def _line(self, choice: Choice) -> Text:
        kind = "profile" if choice.profile else "model"
        mark = "●" if choice.name == self._current.name else " "
        return Text.assemble(
            f"{mark} {for_screen(choice.name):<32} ", (f"{kind}  {for_screen(choice.detail)}", "dim"), no_wrap=True
        )

    def action_move(self, step: int) -> None:
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    @on(Input.Submitted)
    def _entered(self) -> None:
        index = self.query_one(OptionList).highlighted
        self.dismiss(self._shown[index] if index is not None else None)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[event.option_index])
