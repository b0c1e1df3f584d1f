"""What every place shares: where the user comes from, a heading, a status line, and errors that say what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import DescendantFocus
from textual.screen import Screen
from textual.widgets import Static

from chatspace.core.text.safe import for_screen
from chatspace.tui.commands import ParsedCommand
from chatspace.tui.navigation import SCREENS, ScreenContext, ScreenResult, open_screen
from chatspace.tui.undo import Gone
from chatspace.tui.widgets.blocking_calls import BlockingCalls
from chatspace.tui.widgets.prompt import Prompt
from chatspace.tui.widgets.status_line import StatusLine, hints
from chatspace.tui.widgets.text_field import TextField
from chatspace.tui.writing import WritingScreen

if TYPE_CHECKING:
    from chatspace.tui.jobs import Jobs
    from chatspace.wiring import Workspace


class PlaceFoot(Vertical):
    """The status line of a place. With it goes what only the place could take back: `gone` tells that."""

    def __init__(self, gone: Gone) -> None:
        super().__init__(classes="place-foot")
        self._gone = gone

    def compose(self) -> ComposeResult:
        yield StatusLine()

    def on_unmount(self) -> None:
        self.app.post_message(self._gone)


class ToolScreen(WritingScreen[ScreenResult | None], BlockingCalls):
    """A heading, the place's own `body`, and a line of status; esc goes back to the conversation."""

    HELP = ""
    MODEL = "No model is asked here."
    """Why ctrl+o chooses none, where it doesn't."""

    # Those behind the first two are the conversation's, and do the same here; a place may have better use for one.
    BINDINGS = [
        Binding("escape", "leave", "back", id="place.leave"),
        Binding("f1", "app.help", "help", id="app.help", priority=True),
        Binding("ctrl+o", "choose_model", "model", show=False, id="chat.choose"),
        Binding("ctrl+r", "app.search_prompts", "search former prompts", show=False, id="prompt.search"),
        Binding("ctrl+g", "app.editor", "your own editor", show=False, id="prompt.editor"),
        Binding("ctrl+n", "app.leave_for('new')", "new conversation", show=False, id="chat.new"),
        Binding("f9", "app.leave_for('history')", "history", show=False, id="chat.history"),
        *(
            Binding(place.key, f"app.visit('{name}')", place.title, show=False, id=f"place.{name}")
            for name, place in SCREENS.items()
            if place.key
        ),
    ]

    def __init__(self, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand) -> None:
        super().__init__(classes="place")
        self.workspace = workspace
        self.jobs = jobs
        self.standing = standing
        self.typed = typed

    def compose(self) -> ComposeResult:
        yield Static(classes="place-heading", markup=False)
        yield from self.body()
        yield PlaceFoot(Gone(frozenset((self,))))

    def body(self) -> ComposeResult:
        """What stands between heading and status."""
        yield from ()

    def entitle(self, text: str) -> None:
        self.query_one(".place-heading", Static).update(for_screen(text))

    def say(self, text: str) -> None:
        """The state of the work, in the status line."""
        self.query_one(StatusLine).left = for_screen(text)

    @on(DescendantFocus)
    def show_hints(self) -> None:
        """The keys that work where the focus is, in the status line."""
        self.query_one(StatusLine).right = hints(self)

    def action_leave(self) -> None:
        self.go_on(None)

    @property
    def standing_here(self) -> ScreenContext:
        """Where another place is opened from."""
        return self.standing

    def go_on(self, onward: ScreenResult | None) -> object:
        """Leave for good, unless something would be lost."""
        if self.unfinished:
            self.notify(self.unfinished)
        else:
            self.dismiss(onward)
        return None

    @property
    def unfinished(self) -> str:
        """What is to be done before this place is left, or nothing."""
        return ""

    def action_choose_model(self) -> object:
        """What answers here."""
        self.notify(self.MODEL)
        return None


EVERYWHERE = frozenset(
    {"leave", "choose_model", "app.help", "app.visit", "app.leave_for", "app.search_prompts", "app.editor"}
)
"""The actions that no place switches off."""


async def visit(screen: ToolScreen, name: str) -> None:
    """Another place over this one, and back; whoever goes on from there leaves this one too."""
    if any(isinstance(each, ToolScreen) and each.typed.name == name for each in screen.app.screen_stack):
        elsewhere = "" if screen.typed.name == name else " already: esc leads back to it"
        screen.notify(f"{SCREENS[name].title} is open{elsewhere}.")
        return
    place = open_screen(name, screen.workspace, screen.jobs, screen.standing_here, ParsedCommand(name, ""))
    onward = await screen.app.push_screen_wait(place)
    if onward:
        screen.go_on(onward)


async def search_prompts(screen: Screen[Any], workspace: Workspace) -> None:
    """Find a former prompt by its words, where there is a prompt."""
    from chatspace.tui.screens.prompt_search import PromptSearch

    for prompt in screen.query(Prompt):
        text = await screen.app.push_screen_wait(PromptSearch(workspace, prompt.text))
        if text is not None:
            prompt.rewrite(text)
        screen.set_focus(prompt)
        return
    screen.notify("This screen has no prompt to put an earlier one into.")


def edit_in_own_editor(screen: Screen[Any]) -> None:
    """Go on writing the first text in sight in the user's own editor."""
    for field in screen.query(TextField):
        if field.is_on_screen:
            screen.set_focus(field)
            field.action_editor()
            return
    screen.notify("This screen has no text to edit.")


def idle_actions(screen: ToolScreen) -> frozenset[str]:
    """The actions that would only say why they do nothing here."""
    actions = {f"app.visit('{screen.typed.name}')"}
    if type(screen).action_choose_model is ToolScreen.action_choose_model:
        actions.add("choose_model")
    if not screen.query(Prompt):
        actions.add("app.search_prompts")
    if not any(field.is_on_screen for field in screen.query(TextField)):
        actions.add("app.editor")
    return frozenset(actions)
