"""The endpoints that models can be asked for, three answers that add one, and what came of a test call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.calls.call import Call
from chatspace.core.calls.offers import AvailableModel, ProviderEndpoint
from chatspace.core.errors import ChatspaceError
from chatspace.core.events import CallStarted, Event
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace.models import Models
from chatspace.tui.widgets.blocking_calls import BlockingCalls
from chatspace.tui.widgets.offers import name, window_and_price

FIELDS = {
    "url": ("address", "http://127.0.0.1:8080/v1"),
    "model": ("model", "enter lists what the address offers"),
    "key": ("key", "name of the variable that holds it, or nothing"),
}
"""The three answers: what is asked for, and an example."""


class EndpointList(OptionList):
    """Lists endpoints with what each offers, or why it doesn't answer."""

    def __init__(self, models: Models) -> None:
        super().__init__(id="models-list", markup=False, compact=True)
        self._models = models
        self._suppliers: Sequence[ProviderEndpoint] = ()
        self._state: dict[ProviderEndpoint, Sequence[AvailableModel] | ChatspaceError] = {}

    def show(self, suppliers: Sequence[ProviderEndpoint]) -> None:
        """These, each asked for its models."""
        self._suppliers = suppliers
        self._draw()
        for supplier in suppliers:
            self._ask(supplier)

    def forget(self) -> None:
        """What the endpoints said isn't known any more."""
        self._state.clear()

    @work
    async def _ask(self, supplier: ProviderEndpoint) -> None:
        try:
            self._state[supplier] = await asyncio.to_thread(self._models.offers, supplier)
        except ChatspaceError as error:
            self._state[supplier] = error
        self._draw()

    def _draw(self) -> None:
        stood = self.highlighted
        self.clear_options()
        for supplier in self._suppliers:
            self.add_option(Option(self._line(supplier)))
        self.add_option(Option(_row("✓ this machine", "the built-in engine")))
        self.highlighted = min(stood or 0, self.option_count - 1)

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


class EndpointForm(Vertical, BlockingCalls):
    """Asks for an endpoint and one of its models, and writes a profile for it. `report` shows how far that is."""

    @dataclass
    class Added(Message):
        """A profile was written; `said` tells the user where."""

        profile: str
        said: str

    def __init__(self, models: Models, report: Callable[[str], object], *, local: bool) -> None:
        super().__init__(id="models-form")
        self._models = models
        self._report = report
        self._local = local

    def compose(self) -> ComposeResult:
        for field, (label, example) in FIELDS.items():
            with Horizontal(classes="models-field"):
                yield Label(label, markup=False)
                yield Input(placeholder=example, id=f"models-{field}", compact=True)

    def field(self, field: str) -> Input:
        return self.query_one(f"#models-{field}", Input)

    @property
    def begun(self) -> bool:
        """Whether answers stand there that no profile has."""
        return all(self.field(field).value.strip() for field in ("url", "model"))

    @on(Input.Submitted)
    @work(exclusive=True, group="add")
    async def _answered(self, event: Input.Submitted) -> None:
        """Enter leads through the answers: the address is asked for its models, and after the key it is written."""
        if event.input.id == "models-url" or not self.field("model").value.strip():
            await self._choose_model()
        elif event.input.id == "models-model":
            self.screen.set_focus(self.field("key"))
        else:
            await self._add()

    async def _look(self) -> tuple[ProviderEndpoint, Sequence[AvailableModel]] | None:
        self._report("Asking for its models …")
        url, key = self.field("url").value, self.field("key").value
        try:
            found = await asyncio.to_thread(self._models.look, url, key, local=self._local)
        except ChatspaceError as error:
            self._report(f"✗ {error.explained}")
            return None
        self.field("url").value = found[0].address
        return found

    async def _choose_model(self) -> None:
        from chatspace.tui.screens.pick_dialog import PickDialog, PickItem

        found = await self._look()
        if found is None:
            self.screen.set_focus(self.field("url" if not self.field("url").value.strip() else "key"))
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
            self.field("model").value = chosen
        self.screen.set_focus(self.field("key" if chosen else "model"))

    async def _add(self) -> None:
        found = await self._look()
        if found is None:
            return
        added = await self.in_thread(self._models.add, found[0], self.field("model").value)
        if added is None:
            self.screen.set_focus(self.field("model"))
            return
        for field in FIELDS:
            self.field(field).value = ""
        written = f"Written to {added.profile.origin}; it answers your messages from now on."
        if added.table:
            written += "\nDrafts, copy and rewrites go there too, by models.yaml beside it."
        self._report(written)
        self.post_message(self.Added(added.profile.name, written))


class ModelTest(Vertical):
    """Makes test calls and explains how they went."""

    def __init__(self, models: Models, *, local: bool) -> None:
        super().__init__(id="models-result")
        self._models = models
        self._local = local

    def compose(self) -> ComposeResult:
        yield Static(id="models-said", markup=False)

    def report(self, text: str) -> None:
        if self.is_attached:
            self.query_one(Static).update(for_screen(text))

    async def test(self, profile: str, before: str = "") -> None:
        """Ask a profile for one word; `before` stays above what is said of it."""
        began = time.monotonic()

        def tell(event: Event) -> None:
            if isinstance(event, CallStarted):
                again = f", attempt {event.attempt}" if event.attempt > 1 else ""
                self.report(f"{before}Asking {event.target.model} on {event.target.host}{again} …")

        try:
            call = await self._models.test(profile, tell, local=self._local)
        except ChatspaceError as error:
            elapsed = display.seconds(round((time.monotonic() - began) * 1000))
            self.report(f"{before}✗ {error.explained}\nafter {elapsed} · ^t tries again")
            return
        self.report(before + _explained(call))


def _row(who: str, said: str) -> Table:
    """What wraps stays in its column."""
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(width=28)
    row.add_column()
    row.add_row(Text(who), Text(said, style="dim"))
    return row


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
