"""Choosing who is compared: profiles and models, several at once, beginning with those of the last time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.chat.comparison import FEWEST, MAX, ComparisonTarget
from chatspace.core.errors import ChatspaceError
from chatspace.core.profiles.options import Options
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace.compare import Candidate
from chatspace.tui.widgets.blocking_calls import BlockingCalls
from chatspace.wiring import Workspace


@dataclass(frozen=True, slots=True)
class ChosenTargets:
    """Who is to be compared, in this order, and whether without their names."""

    candidates: tuple[Candidate, ...]
    blind: bool


class _Filter(Input):
    """No name has a space in it, so that the key is free to choose."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return key != "space" and super().check_consume_key(key, character)


class TargetPicker(ModalScreen[ChosenTargets | None], BlockingCalls):
    """Type to narrow the list down; space chooses, enter goes on with the chosen."""

    CSS_PATH = "target_picker.tcss"
    BINDINGS = [
        Binding("escape", "dismiss", "back", id="contestants.leave"),
        Binding("down,ctrl+n", "move(1)", "next", show=False, priority=True, id="contestants.next"),
        Binding("up,ctrl+k", "move(-1)", "previous", show=False, priority=True, id="contestants.previous"),
        Binding("space", "take", "choose", priority=True, id="contestants.choose"),
        Binding("ctrl+b", "blind", "blind", priority=True, id="contestants.blind"),
    ]

    def __init__(self, workspace: Workspace, options: Options) -> None:
        super().__init__()
        self._workspace = workspace
        self._options = options
        self._blind = False
        self._candidates: list[Candidate] = []
        self._shown: list[Candidate] = []
        self._chosen: list[ComparisonTarget] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="contestants"):
            yield _Filter(
                placeholder="Type a profile, or any model that litellm knows", id="contestants-filter", compact=True
            )
            yield OptionList(id="contestants-list", markup=False, compact=True)
            yield Static(id="contestants-keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._say()
        self._load()

    @work
    async def _load(self) -> None:
        found = await self.in_thread(self._find)
        if found is None:
            return
        self._candidates, last = found
        known = [candidate.contestant for candidate in self._candidates]
        self._chosen = [contestant for contestant in last if contestant in known]
        self._show()
        await self.in_thread(self._workspace.models.ask_all, local=self._options.local)
        offered = await self.in_thread(self._workspace.compare.candidates, self._options)
        listed = {candidate.contestant for candidate in offered or ()}
        own = [each for each in self._candidates if each.contestant not in listed]
        self._candidates = [*(offered or ()), *own]
        self._show()

    def _find(self) -> tuple[list[Candidate], Sequence[ComparisonTarget]]:
        """The candidates, and those of the last time, who may be models that no list has."""
        compare, last = self._workspace.compare, list[ComparisonTarget]()
        candidates = compare.candidates(self._options)
        known = [candidate.contestant for candidate in candidates]
        for contestant in compare.last():
            if contestant.model and contestant not in known:
                options = replace(self._options, profile=contestant.profile)
                with suppress(ChatspaceError):  # it can't be called any more
                    candidates.append(compare.model(contestant.model, options))
                    last.append(candidates[-1].contestant)
            else:
                last.append(contestant)
        return candidates, last

    @on(Input.Changed)
    def _typed(self) -> None:
        self._show()

    def _show(self) -> None:
        """The list as narrowed down; what is chosen stays chosen."""
        options, typed = self.query_one(OptionList), self.query_one(Input).value.strip()
        at = options.highlighted or 0
        under = self._shown[at].contestant if at < len(self._shown) else None
        matcher = Matcher(typed)
        self._shown = [each for each in self._candidates if not typed or matcher.match(each.contestant.name) > 0]
        options.set_options([Option(self._line(candidate)) for candidate in self._shown])
        if typed and not self._shown:
            options.add_option(Option(f"  {for_screen(typed)}   space takes this very model", id="typed"))
        now = [candidate.contestant for candidate in self._shown]
        place = now.index(under) if under in now else min(at, options.option_count - 1)
        options.highlighted = place if options.option_count else None
        self._say()

    def _line(self, candidate: Candidate) -> Text:
        contestant, target = candidate.contestant, candidate.target
        place = self._chosen.index(contestant) + 1 if contestant in self._chosen else None
        kind = "model" if contestant.model else "profile"
        where = f"{kind}  {target.host}" if contestant.model else f"{kind}  {target.model} on {target.host}"
        mark = f"[{place}]" if place else "[ ]"
        name = (f"{for_screen(contestant.name):<30}", "bold" if place else "")
        return Text.assemble(f"{mark} ", name, (f"  {for_screen(where)}", "dim"), no_wrap=True)

    def _say(self) -> None:
        blind = "blind: names are hidden" if self._blind else "^b blind"
        keys = f"space chooses · enter compares · {blind} · esc back"
        self.query_one("#contestants-keys", Static).update(f"{len(self._chosen)} of {FEWEST} to {MAX} · {keys}")

    def action_move(self, step: int) -> None:
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    def action_blind(self) -> None:
        self._blind = not self._blind
        self._say()

    def action_take(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is None:
            return
        if not self._shown:
            self._add(self.query_one(Input).value.strip())
            return
        contestant = self._shown[at].contestant
        if contestant in self._chosen:
            self._chosen.remove(contestant)
        elif len(self._chosen) < MAX:
            self._chosen.append(contestant)
        else:
            self.notify(f"More than {MAX} can't be compared at once.")
        self._show()

    @work(exclusive=True, group="add")
    async def _add(self, name: str) -> None:
        """A model that isn't in the list."""
        candidate = await self.in_thread(self._workspace.compare.candidate, name, self._options)
        if candidate is None:
            return
        self._candidates.append(candidate)
        self._chosen.append(candidate.contestant)
        self.query_one(Input).value = ""

    @on(OptionList.OptionSelected)
    def _clicked(self) -> None:
        self.action_take()

    @on(Input.Submitted)
    def _entered(self) -> None:
        if len(self._chosen) < FEWEST:
            self.notify(f"Choose at least {FEWEST}: space takes the one under the cursor.")
            return
        by_contestant = {candidate.contestant: candidate for candidate in self._candidates}
        self.dismiss(ChosenTargets(tuple(by_contestant[each] for each in self._chosen), self._blind))
