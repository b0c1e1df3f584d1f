"""The models: which there are, how to add one from three answers, and a test call whose result is explained."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.calls.call import Call
from chatspace.core.calls.offers import AvailableModel, ProviderEndpoint
from chatspace.core.errors import ChatspaceError
from chatspace.core.events import CallStarted, Event
from chatspace.core.profiles.profile import Target
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.tui.has_settings import HasSettings
from chatspace.tui.navigation import ScreenResult
from chatspace.tui.screens.pick_dialog import PickDialog, PickItem
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.widgets.offers import name, window_and_price
from chatspace.tui.widgets.prompt import Prompt

FIELDS = {
    "url": ("address", "http://127.0.0.1:8080/v1"),
    "model": ("model", "enter lists what the address offers"),
    "key": ("key", "name of the variable that holds it, or nothing"),
}
"""The three answers: what is asked for, and an example."""

HOW = """\
A provider: set its key before you start: export OPENAI_API_KEY=…
or ANTHROPIC_, GEMINI_, MISTRAL_, GROQ_, DEEPSEEK_, XAI_, OPENROUTER_…
Ollama: start it, it is found by itself.
Any other server that speaks the OpenAI protocol: three answers."""


class ModelsScreen(ToolScreen):
    """One page: the endpoints with their state, the three answers, and the result of the last test."""

    HELP = """\
Above stand the places that models can be asked for, with what each offers or why it doesn't answer.
ctrl+t makes a test call to the model that answers your messages now. In the three lines below, an endpoint of your own
is written into a profile: its address, one of its models, and the name of the environment variable with its key.
The key itself is never asked for and never stored.
"""
    MODEL = "enter goes to the conversation, where ctrl+o chooses one of these."
    CSS_PATH = "models.tcss"
    BINDINGS = [
        Binding("enter", "go_on", "go on", id="models.go_on"),
        Binding("ctrl+t", "test", "test call", id="models.test", priority=True),
        Binding("ctrl+r", "ask_again", "ask again", id="models.again", priority=True),
    ]

    def body(self) -> ComposeResult:
        with VerticalScroll(id="models-page", can_focus=False):
            yield Static(id="models-target", markup=False)
            yield OptionList(id="models-list", markup=False, compact=True)
            yield Static(HOW, id="models-how", markup=False)
            for field, (label, example) in FIELDS.items():
                with Horizontal(classes="models-field"):
                    yield Label(label, markup=False)
                    yield Input(placeholder=example, id=f"models-{field}", compact=True)
        with Vertical(id="models-result"):
            yield Static(id="models-said", markup=False)

    def on_mount(self) -> None:
        self._suppliers: Sequence[ProviderEndpoint] = ()
        self._state: dict[ProviderEndpoint, Sequence[AvailableModel] | ChatspaceError] = {}
        self._target: Target | None = None
        self._testing = False
        self.entitle("Models" if not self.first else "Welcome to chatspace: the models first")
        self._warned = False
        self.set_focus(self._list)
        self._load()

    @property
    def first(self) -> bool:
        """Whether this is the first thing that a new user sees."""
        return self.typed.text == "first"

    @property
    def _list(self) -> OptionList:
        return self.query_one("#models-list", OptionList)

    def _field(self, field: str) -> Input:
        return self.query_one(f"#models-{field}", Input)

    @property
    def _settled(self) -> HasSettings:
        app = self.app
        assert isinstance(app, HasSettings)
        return app

    @property
    def _profile(self) -> str:
        return self._settled.settings.profile or "chat"

    @on(events.DescendantFocus)
    def _focused(self, event: events.DescendantFocus) -> None:
        said = {
            "models-url": "enter asks it",
            "models-model": "enter goes on",
            "models-key": "enter writes the profile",
        }
        self.say(said.get(event.widget.id or "", "enter goes on · tab answers"))

    # Which there are

    @work(exclusive=True, group="load")
    async def _load(self) -> None:
        local = self.standing.options.local
        self._target = await self.in_thread(self._resolve)
        self._suppliers = await self.in_thread(self.workspace.models.suppliers, local=local) or ()
        self._show()
        for supplier in self._suppliers:
            self._ask(supplier)

    def _resolve(self) -> Target:
        profile = self.workspace.library.profile(self._profile)
        return self.workspace.catalog.resolve(profile, "chat", local=self.standing.options.local)

    @work
    async def _ask(self, supplier: ProviderEndpoint) -> None:
        try:
            self._state[supplier] = await asyncio.to_thread(self.workspace.models.offers, supplier)
        except ChatspaceError as error:
            self._state[supplier] = error
        self._show()

    def action_ask_again(self) -> None:
        """Look again at what is there."""
        self._state.clear()
        self._load()

    def _show(self) -> None:
        target = self._target
        if target:
            self.query_one("#models-target", Static).update(for_screen(_answered_by(target)))
        options = self._list
        stood = options.highlighted
        options.clear_options()
        for supplier in self._suppliers:
            options.add_option(Option(self._line(supplier)))
        options.add_option(Option(_row("✓ this machine", "the embedded engine")))
        options.highlighted = min(stood or 0, options.option_count - 1)

    def _line(self, supplier: ProviderEndpoint) -> Table:
        state = self._state.get(supplier)
        if state is None:
            mark, said = ("–", supplier.refused) if supplier.refused else ("·", "asking …")
        elif isinstance(state, ChatspaceError):
            mark, said = "✗", f"{state.reason or state.title}. {state.remedy}".strip()
            if state.reason and not state.title.endswith("isn't asked"):
                said = f"{state.title.removeprefix(supplier.host).strip()}: {said}"
        else:
            users = f" · {', '.join(supplier.profiles)}" if supplier.profiles else ""
            mark, said = "✓", f"{display.count(len(state), 'model')}{users}"
        return _row(f"{mark} {for_screen(name(supplier))}", for_screen(said))

    # Adding one

    @on(Input.Submitted)
    @work(exclusive=True, group="add")
    async def _answered(self, event: Input.Submitted) -> None:
        """Enter leads through the answers: the address is asked for its models, and after the key it is written."""
        if event.input.id == "models-url" or not self._field("model").value.strip():
            await self._choose_model()
        elif event.input.id == "models-model":
            self.set_focus(self._field("key"))
        else:
            await self._add()

    async def _look(self) -> tuple[ProviderEndpoint, Sequence[AvailableModel]] | None:
        self._report("Asking for its models …")
        url, key = self._field("url").value, self._field("key").value
        try:
            found = await asyncio.to_thread(self.workspace.models.look, url, key, local=self.standing.options.local)
        except ChatspaceError as error:
            self._report(f"✗ {error.explained}")
            return None
        self._field("url").value = found[0].address
        return found

    async def _choose_model(self) -> None:
        found = await self._look()
        if found is None:
            self.set_focus(self._field("url" if not self._field("url").value.strip() else "key"))
            return
        supplier, offers = found
        self._report(f"✓ {supplier.host} has {display.count(len(offers), 'model')}.")
        items = [
            PickItem(offer.name.removeprefix(supplier.prefix), detail=window_and_price(offer.window, offer.price))
            for offer in offers
        ]
        chosen = items[0].value if len(items) == 1 else None
        if len(items) > 1:
            chosen = await self.app.push_screen_wait(PickDialog("Type the name of a model", items, ""))
        if chosen:
            self._field("model").value = chosen
        self.set_focus(self._field("key" if chosen else "model"))

    async def _add(self) -> None:
        found = await self._look()
        if found is None:
            return
        added = await self.in_thread(self.workspace.models.add, found[0], self._field("model").value)
        if added is None:
            self.set_focus(self._field("model"))
            return
        profile = added.profile
        self._settled.change_setting("profile", profile.name)
        for field in FIELDS:
            self._field(field).value = ""
        self.set_focus(self._list)
        written = f"Written to {profile.origin}; it answers your messages from now on."
        if added.table:
            written += "\nDrafts, copy and rewrites go there too, by models.yaml beside it."
        self._report(written)
        self._load()
        await self._test(f"{written}\n")

    # Testing

    @work(exclusive=True, group="test")
    async def action_test(self) -> None:
        """Ask the model that answers your messages for one word."""
        await self._test()

    async def _test(self, before: str = "") -> None:
        began = time.monotonic()

        def tell(event: Event) -> None:
            if isinstance(event, CallStarted):
                again = f", attempt {event.attempt}" if event.attempt > 1 else ""
                self._report(f"{before}Asking {event.target.model} on {event.target.host}{again} …")

        try:
            local = self.standing.options.local
            call = await self.workspace.models.test(self._profile, tell, local=local)
        except ChatspaceError as error:
            elapsed = display.seconds(round((time.monotonic() - began) * 1000))
            self._report(f"{before}✗ {error.explained}\nafter {elapsed} · ^t tries again")
            return
        self._report(before + _explained(call))

    def _report(self, text: str) -> None:
        if self.is_attached:
            self.query_one("#models-said", Static).update(for_screen(text))

    # Going on

    def action_go_on(self) -> None:
        """Go on to the conversation; what stands here is found again under /models."""
        if self._begun and not self._warned:
            self._warned = True
            self.set_focus(self._field("key"))
            self.notify("Your answers aren't written yet: enter here writes the profile, esc and enter leave it.")
            return
        self.dismiss(ScreenResult())

    @property
    def _begun(self) -> bool:
        """Whether answers stand there that no profile has."""
        return all(self._field(field).value.strip() for field in ("url", "model"))

    @on(OptionList.OptionSelected)
    def _entered(self) -> None:
        self.action_go_on()

    def action_leave(self) -> None:
        """From a line back to the list, from there to the conversation."""
        if isinstance(self.focused, Input):
            self.set_focus(self._list)
        else:
            self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        """Whoever just begins to write on the first start is taken to the conversation, with every letter."""
        typed = event.character if event.is_printable and not isinstance(self.focused, Input) else None
        if self.first and typed and not self._begun:
            event.stop()
            for prompt in self.app.screen_stack[0].query(Prompt):
                prompt.insert(typed)
            if self.is_current:
                self.dismiss(None)


def _row(who: str, said: str) -> Table:
    """What wraps stays in its column."""
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(width=28)
    row.add_column()
    row.add_row(Text(who), Text(said, style="dim"))
    return row


def _answered_by(target: Target) -> str:
    """Who answers now, and how it came to that."""
    why = f" ({target.why})" if target.why else ""
    if target.offline:
        return f"Your messages are answered by the embedded engine, which has no language model{why}."
    return f"Your messages are answered by {target.model} on {target.host}{why}."


def _explained(call: Call) -> str:
    """What came back, from where, in what time and at what cost."""
    answer = " ".join(call.text.split())[:80]
    parts = (
        f"{call.model} on {call.host}",
        display.seconds(call.elapsed_ms),
        display.tokens(call.usage),
        display.cost(call.cost_usd),
    )
    mark, word = ("✓", "It works") if call.outcome == "complete" else ("✗", f"It answered, but {call.error}")
    return f"{mark} {word}: “{answer}”\n{' · '.join(parts)}"
