"""The models: which there are, how to add one from three answers, and a test call whose result is explained."""

from __future__ import annotations

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Input, OptionList, Static

from chatspace.core.profiles.profile import Target
from chatspace.core.text.safe import for_screen
from chatspace.tui.has_settings import HasSettings
from chatspace.tui.navigation import ScreenResult
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.widgets.endpoints import EndpointForm, EndpointList, ModelTest
from chatspace.tui.widgets.prompt import Prompt

HOW = """\
A provider: set its key before you start: export OPENAI_API_KEY=…
or ANTHROPIC_, GEMINI_, MISTRAL_, GROQ_, DEEPSEEK_, XAI_, OPENROUTER_…
Ollama: start it, it is found by itself.
Any other server that speaks the OpenAI protocol: three answers."""


class ModelsScreen(ToolScreen):
    """One page: the endpoints with their state, the three answers, and the result of the last test."""

    HELP = """\
The list above shows the endpoints with their models, or why an endpoint doesn't respond.
ctrl+t makes a test call to the model that answers your messages now. The three lines below save an endpoint of your own
in a profile: its address, one of its models, and the name of the environment variable with its key.
chatspace never asks for the key itself and never stores it.
"""
    MODEL = "enter goes to the conversation, where ctrl+o chooses one of these."
    CSS_PATH = "models.tcss"
    BINDINGS = [
        Binding("enter", "go_on", "continue", id="models.go_on"),
        Binding("ctrl+t", "test", "test call", id="models.test", priority=True),
        Binding("ctrl+r", "ask_again", "ask again", id="models.again", priority=True),
    ]

    def body(self) -> ComposeResult:
        models, local = self.workspace.models, self.standing.options.local
        self._list = EndpointList(models)
        self._test = ModelTest(models, local=local)
        self._form = EndpointForm(models, self._test.report, local=local)
        with VerticalScroll(id="models-page", can_focus=False):
            yield Static(id="models-target", markup=False)
            yield self._list
            yield Static(HOW, id="models-how", markup=False)
            yield self._form
        yield self._test

    def on_mount(self) -> None:
        app = self.app
        assert isinstance(app, HasSettings)
        self._settled: HasSettings = app
        self._first = self.typed.text == "first"
        self._warned = False
        self.entitle("Welcome to chatspace: the models first" if self._first else "Models")
        self.set_focus(self._list)
        self._load()

    @on(events.DescendantFocus)
    def _focused(self, event: events.DescendantFocus) -> None:
        said = {
            "models-url": "enter asks it",
            "models-model": "enter continues",
            "models-key": "enter writes the profile",
        }
        self.say(said.get(event.widget.id or "", "enter continues"))

    @work(exclusive=True, group="load")
    async def _load(self) -> None:
        library, catalog, local = self.workspace.library, self.workspace.catalog, self.standing.options.local
        profile = self._settled.settings.profile or "chat"
        target = await self.in_thread(lambda: catalog.resolve(library.profile(profile), "chat", local=local))
        suppliers = await self.in_thread(self.workspace.models.suppliers, local=local) or ()
        if target:
            self.query_one("#models-target", Static).update(for_screen(_answered_by(target)))
        self._list.show(suppliers)

    def action_ask_again(self) -> None:
        """Look again at what is there."""
        self._list.forget()
        self._load()

    @on(EndpointForm.Added)
    @work(exclusive=True, group="test")
    async def _added(self, event: EndpointForm.Added) -> None:
        self._settled.change_setting("profile", event.profile)
        self.set_focus(self._list)
        self._load()
        await self._test.test(event.profile, f"{event.said}\n")

    @work(exclusive=True, group="test")
    async def action_test(self) -> None:
        """Ask the model that answers your messages for one word."""
        await self._test.test(self._settled.settings.profile or "chat")

    # Going on

    @on(OptionList.OptionSelected)
    def action_go_on(self) -> None:
        """Go on to the conversation; what stands here is found again under /models."""
        if self._form.begun and not self._warned:
            self._warned = True
            self.set_focus(self._form.field("key"))
            self.notify("Your answers aren't written yet: enter here writes the profile, esc and enter leave it.")
            return
        self.dismiss(ScreenResult())

    def action_leave(self) -> None:
        """From a line back to the list, from there to the conversation."""
        if isinstance(self.focused, Input):
            self.set_focus(self._list)
        else:
            self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        """Whoever just begins to write on the first start is taken to the conversation, with every letter."""
        typed = event.character if event.is_printable and not isinstance(self.focused, Input) else None
        if self._first and typed and not self._form.begun:
            event.stop()
            for prompt in self.app.screen_stack[0].query(Prompt):
                prompt.insert(typed)
            if self.is_current:
                self.dismiss(None)


def _answered_by(target: Target) -> str:
    """Who answers now, and how it came to that."""
    why = f" ({target.why})" if target.why else ""
    if target.offline:
        return f"Your messages are answered by the built-in engine, which has no language model{why}."
    return f"Your messages are answered by {target.model} on {target.host}{why}."
