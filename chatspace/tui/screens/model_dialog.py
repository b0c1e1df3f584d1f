"""Choosing the model: the profiles for a step, then what every endpoint offers, with window and price."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import indent
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.errors import ChatspaceError
from chatspace.core.profiles.options import Options
from chatspace.core.text.safe import for_screen
from chatspace.tui.widgets.blocking_calls import BlockingCalls
from chatspace.tui.widgets.offers import COLUMNS, asking, heading, window_and_price

if TYPE_CHECKING:
    from chatspace.core.calls.offers import AvailableModel, ProviderEndpoint
    from chatspace.core.profiles.options import Options
    from chatspace.core.profiles.profile import Step
    from chatspace.wiring import Workspace


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A profile, or a model in the place of the profile's own; `label` is its name without its endpoint."""

    profile: str | None = None
    model: str | None = None
    detail: str = ""
    label: str = ""

    @property
    def name(self) -> str:
        return self.model or self.profile or ""

    @property
    def shown(self) -> str:
        """The name without the endpoint, which is shown beside it."""
        return self.label or self.name

    @property
    def place(self) -> str:
        """The endpoint, as it can be typed behind the name and an @."""
        return self.name.removeprefix(f"{self.label}@") if self.label else ""


class ModelDialog(ModalScreen[ModelChoice | None], BlockingCalls):
    """Type to narrow the list down; a name that isn't in it can be chosen as a model too."""

    HELP = """\
Profiles come first, then the models of each endpoint, with their context window and their price per million tokens in
and out, where known. With --local, only this machine is asked.
You can type any other name that litellm knows, for example openai/gpt-4.1. Add @ and an endpoint to call the model
there: openai/llama@127.0.0.1:8000. The profile doesn't change; endpoint, key, window and price come from the model.
"""
    CSS_PATH = "model_dialog.tcss"
    BINDINGS = [
        Binding("escape", "dismiss", "back", id="choose.leave"),
        Binding("down,ctrl+n", "move(1)", "next", show=False, id="choose.next"),
        Binding("up", "move(-1)", "previous", show=False, id="choose.previous"),
        Binding("ctrl+r", "ask_again", "ask the endpoints again", id="choose.again"),
    ]

    def __init__(self, workspace: Workspace, current: ModelChoice, *, step: Step = "chat", local: bool = False) -> None:
        super().__init__()
        self._workspace = workspace
        self._current = current
        self._step = step
        self._local = local
        self._profiles: list[ModelChoice] = []
        self._named: Sequence[str] = ()
        self._suppliers: Sequence[ProviderEndpoint] = ()
        self._offers: dict[ProviderEndpoint, Sequence[AvailableModel]] = {}
        self._failures: dict[ProviderEndpoint, ChatspaceError] = {}
        self._shown: dict[str, ModelChoice] = {}

    def compose(self) -> ComposeResult:
        with Vertical(id="choose"):
            yield Input(placeholder="Type a profile, or any model that litellm knows", id="choose-filter", compact=True)
            yield OptionList(id="choose-list", markup=False, compact=True)
            yield Static(f"{COLUMNS}\nenter chooses · ^r asks again · /models adds one · esc back", id="choose-keys")

    def on_mount(self) -> None:
        self._load()

    @work
    async def _load(self) -> None:
        try:
            await asyncio.to_thread(self._find)
        except ChatspaceError as error:
            self.notify(error.explained, severity="error")
        self._narrow()
        self._ask()

    def _find(self) -> None:
        """What is known without asking anybody."""
        catalog, models = self._workspace.catalog, self._workspace.models
        for profile in self._workspace.library.profiles():
            if self._step in profile.steps:
                target = catalog.resolve(profile, self._step, local=self._local)
                detail = f"{window_and_price(target.window, target.price)} · {target.model} on {target.host}"
                self._profiles.append(ModelChoice(profile=profile.name, detail=detail))
        self._named = catalog.models(local=self._local)
        self._suppliers = models.suppliers(local=self._local)
        for supplier in self._suppliers:
            if (known := models.known(supplier)) is not None:
                self._offers[supplier] = known

    def _ask(self) -> None:
        for supplier in self._suppliers:
            self._ask_one(supplier)

    @work
    async def _ask_one(self, supplier: ProviderEndpoint) -> None:
        try:
            self._offers[supplier] = await asyncio.to_thread(self._workspace.models.offers, supplier)
            self._failures.pop(supplier, None)
        except ChatspaceError as error:
            self._failures[supplier] = error
        self._narrow()

    def action_ask_again(self) -> None:
        """Ask every endpoint for its models again."""
        self._failures.clear()
        self._narrow()
        self._ask()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._narrow(moved=True)

    def _narrow(self, moved: bool = False) -> None:
        """Show what fits what was typed; the cursor stays on its line unless that is another list now."""
        typed = self.query_one(Input).value.strip()
        options = self.query_one(OptionList)
        stood = options.highlighted_option.id if options.highlighted_option and not moved else None
        self._shown.clear()
        lines = list(self._fitting(typed) if typed else self._all())
        options.clear_options()
        options.add_options(lines)
        known = [line.id for line in lines if line.id]
        chosen = [id_ for id_ in known if self._shown[id_].name == self._current.name and not typed]
        wanted = stood if stood in known else next(iter(chosen or known), None)
        options.highlighted = options.get_option_index(wanted) if wanted else None

    def _all(self) -> Iterator[Option]:
        """Profiles, then each endpoint with its models or why it has none, then what else is known by name."""
        yield _plain("profiles")
        yield from map(self._line, self._profiles)
        listed = {choice.shown for supplier in self._suppliers for choice in self._of(supplier)}
        for supplier in self._suppliers:
            yield _plain("")
            yield _plain(heading(supplier))
            if supplier in self._failures:
                yield _plain(indent(self._failures[supplier].explained, "  "))
            elif supplier not in self._offers:
                yield _plain(f"  {asking(supplier)}")
            yield from map(self._line, self._of(supplier))
        rest = [name for name in self._named if name not in listed]
        if rest:
            yield _plain("")
            yield _plain("known by name")
            yield from (self._line(ModelChoice(model=name)) for name in rest)

    def _of(self, supplier: ProviderEndpoint) -> list[ModelChoice]:
        return [
            ModelChoice(
                model=self._workspace.models.ref(supplier, offer.name, self._suppliers),
                detail=self._about(supplier, offer),
                label=offer.name,
            )
            for offer in self._offers.get(supplier, ())
        ]

    def _about(self, supplier: ProviderEndpoint, offer: AvailableModel) -> str:
        users = [name for name, model in supplier.profiles.items() if model == offer.name]
        used = f" · {', '.join(users)}" if users else ""
        return window_and_price(offer.window, offer.price) + used

    def _fitting(self, typed: str) -> Iterator[Option]:
        """The best first; what was typed, as a model, last."""
        matcher = Matcher(typed)
        choices = [*self._profiles, *(choice for supplier in self._suppliers for choice in self._of(supplier))]
        known = {name for choice in choices for name in (choice.name, choice.shown)}
        choices += [ModelChoice(model=name) for name in self._named if name not in known]
        scored = [(score, choice) for choice in choices if (score := matcher.match(choice.name)) > 0]
        for _, choice in sorted(scored, key=lambda pair: -pair[0]):
            where = f"{choice.place} · " if choice.place else ""
            yield self._line(replace(choice, detail=f"{where}{choice.detail}"))
        if all(typed not in (choice.name, choice.shown) for choice in choices):
            yield self._line(ModelChoice(model=typed, detail="this very model"))

    def _line(self, choice: ModelChoice) -> Option:
        id_ = str(len(self._shown))
        self._shown[id_] = choice
        mark = "●" if choice.name == self._current.name else " "
        line = Text.assemble(
            f"{mark} {for_screen(choice.shown):<28}  ", (for_screen(choice.detail), "dim"), no_wrap=True
        )
        return Option(line, id=id_)

    def action_move(self, step: int) -> None:
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    @on(Input.Submitted)
    def _entered(self) -> None:
        option = self.query_one(OptionList).highlighted_option
        if option and option.id:
            self._take(self._shown[option.id])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        if event.option_id:
            self._take(self._shown[event.option_id])

    @work
    async def _take(self, choice: ModelChoice) -> None:
        """A model is chosen with the endpoint that offers it."""
        if choice.model is None:
            self.dismiss(choice)
            return
        options = Options(profile=self._current.profile, local=self._local)
        model = await self.in_thread(self._workspace.models.choose, choice.model, options)
        if model is not None:
            self.dismiss(ModelChoice(model=model))


def _plain(text: str) -> Option:
    """A line that says something and can't be chosen."""
    return Option(Text(for_screen(text), style="dim"), disabled=True)


async def choose_model(
    app: App[Any], workspace: Workspace, step: Step, options: Options, profile: str
) -> Options | None:
    """These options with what the user chooses for the step, or None; `profile` is what answers now."""
    current = ModelChoice(profile=profile, model=options.model)
    chosen = await app.push_screen_wait(ModelDialog(workspace, current, step=step, local=options.local))
    if chosen is None:
        return None
    return replace(options, profile=chosen.profile or (profile if chosen.model else None), model=chosen.model)
