"""What every place shares: where the user comes from, a heading, a status line, and errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import DescendantFocus
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
    from chatspace.core.profiles.options import Options
    from chatspace.core.profiles.profile import Step
    from chatspace.tui.jobs import Jobs
    from chatspace.wiring import Workspace


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
        Binding("ctrl+r", "search_prompts", "search former prompts", show=False, id="prompt.search"),
        Binding("ctrl+g", "editor", "your own editor", show=False, id="prompt.editor"),
        Binding("ctrl+n", "leave_for('new')", "new conversation", show=False, id="chat.new"),
        Binding("f9", "leave_for('history')", "history", show=False, id="chat.history"),
        *(
            Binding(place.key, f"visit('{name}')", place.title, show=False, id=f"place.{name}")
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
        with Vertical(classes="place-foot"):
            yield StatusLine()

    def body(self) -> ComposeResult:
        """What stands between heading and status."""
        yield from ()

    def every(self, seconds: float, look: Callable[[], object]) -> None:
        """Look again and again, while the parts are there: a screen that is taken down loses them first."""
        self.set_interval(seconds, lambda: look() if self.query_one_optional(StatusLine) else None)

    def entitle(self, text: str) -> None:
        self.query_one(".place-heading", Static).update(for_screen(text))

    def say(self, text: str) -> None:
        """The state of the work, in the status line."""
        self.query_one(StatusLine).left = for_screen(text)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.show_hints()

    def show_hints(self) -> None:
        """The keys that work where the focus is, in the status line."""
        self.query_one(StatusLine).right = hints(self)

    def action_leave(self) -> None:
        self.dismiss(None)

    def on_unmount(self) -> None:
        """What only this screen knows goes with it."""
        self.app.post_message(Gone(frozenset((self,))))

    # What works everywhere

    @work(exclusive=True, group="visit")
    async def action_visit(self, name: str) -> None:
        """Another place over this one, and back; whoever goes on from there leaves this one too."""
        if any(isinstance(screen, ToolScreen) and screen.typed.name == name for screen in self.app.screen_stack):
            elsewhere = "" if self.typed.name == name else " already: esc leads back to it"
            self.notify(f"{SCREENS[name].title} is open{elsewhere}.")
            return
        place = open_screen(name, self.workspace, self.jobs, self.standing_here, ParsedCommand(name, ""))
        onward = await self.app.push_screen_wait(place)
        if onward:
            self.go_on(onward)

    @property
    def standing_here(self) -> ScreenContext:
        """Where another place is opened from."""
        return self.standing

    def action_leave_for(self, action: str) -> None:
        """Do in the conversation what is done there."""
        self.go_on(ScreenResult(then=action))

    def go_on(self, onward: ScreenResult) -> None:
        """Leave for good, unless something would be lost."""
        if self.unfinished:
            self.notify(self.unfinished)
        else:
            self.dismiss(onward)

    @property
    def unfinished(self) -> str:
        """What is to be done before this place is left, or nothing."""
        return ""

    def action_choose_model(self) -> object:
        """What answers here."""
        self.notify(self.MODEL)
        return None

    @work(exclusive=True, group="former")
    async def action_search_prompts(self) -> None:
        """Find a former prompt by its words, where there is a prompt."""
        from chatspace.tui.screens.prompt_search import PromptSearch

        for prompt in self.query(Prompt):
            text = await self.app.push_screen_wait(PromptSearch(self.workspace, prompt.text))
            if text is not None:
                prompt.rewrite(text)
            self.set_focus(prompt)
            return
        self.notify("There is no prompt here that a former one could go into.")

    def action_editor(self) -> None:
        """Go on writing in your own editor."""
        for field in self.query(TextField):
            if field.is_on_screen:
                self.set_focus(field)
                field.action_editor()
                return
        self.notify("There is no text here to write in.")

    @property
    def idle(self) -> frozenset[str]:
        """The actions that would only say why they do nothing here."""
        keys = {f"visit('{self.typed.name}')"}
        if type(self).action_choose_model is ToolScreen.action_choose_model:
            keys.add("choose_model")
        if not self.query(Prompt):
            keys.add("search_prompts")
        if not any(field.is_on_screen for field in self.query(TextField)):
            keys.add("editor")
        return frozenset(keys)

    async def choose_model(self, step: Step, options: Options, profile: str) -> Options | None:
        """These options with what the user chooses for the step, or None; `profile` is what answers now."""
        from chatspace.tui.screens.model_dialog import ModelChoice, ModelDialog

        current = ModelChoice(profile=profile, model=options.model)
        chosen = await self.app.push_screen_wait(ModelDialog(self.workspace, current, step=step, local=options.local))
        if chosen is None:
            return None
        return replace(options, profile=chosen.profile or (profile if chosen.model else None), model=chosen.model)


EVERYWHERE = frozenset({"leave", "app.help", "choose_model", "search_prompts", "editor", "leave_for", "visit"})
"""The actions that no place switches off."""
