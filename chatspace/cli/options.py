"""The options that several commands share, and how their values become the core's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import click

from chatspace import locations
from chatspace.core.calls.budget import Allowance, Budget
from chatspace.core.profiles.options import EFFORTS, SLAS, Options

Command = TypeVar("Command", bound=Callable[..., Any])


class FileName(click.ParamType[str]):
    """The name of a file in the folders of profiles, completed from what stands there."""

    name = "name"

    def __init__(self, folder: str, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        from click.shell_completion import CompletionItem

        names = {
            file.stem
            for folder in locations.profile_folders()
            for file in (folder / self._folder).glob(f"*{self._suffix}")
        }
        return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]


profiles_folder = click.option(
    "--profiles",
    "profiles_folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="A folder of profiles that is looked up first.",
)
profile = click.option("--profile", "-p", type=FileName("", ".md"), help="The profile for this step.")
think = click.option(
    "--think", type=click.Choice(EFFORTS), help="How much the model thinks first, in the place of the profile's effort."
)
model = click.option(
    "--model", "-m", metavar="MODEL", help="A model in the place of the profile's own; MODEL@HOST names its endpoint."
)
local = click.option("--local", is_flag=True, help="Call nothing but this machine.")


class Dollars(click.ParamType[float]):
    """An amount of money; 0 leaves what costs nothing."""

    name = "usd"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            usd = float(value)
        except ValueError:
            usd = math.nan
        if not (math.isfinite(usd) and usd >= 0):
            self.fail(f"{value!r} is no amount in USD: give a number that is 0 or more, as in 2.50.", param, ctx)
        return usd


budget_usd = click.option(
    "--budget", "budget_usd", type=Dollars(), metavar="USD", help="What it may cost; 0 leaves models without a price."
)
token_budget = click.option(
    "--token-budget", type=click.IntRange(min=1), metavar="N", help="How many tokens it may take."
)
with_sources = click.option(
    "--with", "sources", metavar="SOURCE", multiple=True, help="A file (or -) that goes along; may stand several times."
)
quiet = click.option("--quiet", "-q", is_flag=True, help="No progress on standard error.")
pretty = click.option("--pretty", is_flag=True, help="Indent JSON.")
fresh = click.option(
    "--fresh", is_flag=True, help="Ask anew for what an earlier try that didn't end well has paid for."
)
overwrite = click.option("--overwrite", is_flag=True, help="Replace files that exist.")
overwrite_edited = click.option(
    "--overwrite", is_flag=True, help="Replace outputs that were edited, and files that chatspace didn't write."
)


class LateChoice(click.Choice[str]):
    """A choice whose names are looked up when they are needed, so that defining a command loads no registry."""

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        self._names = names
        self.case_sensitive = True

    @property
    def choices(self) -> Sequence[str]:  # type: ignore[override]  # click has an attribute
        return tuple(self._names())


def _formats_of(kind: str) -> Iterable[str]:
    from chatspace import plugins  # `chatspace --help` needs no registry

    return plugins.formats_of(kind)


def printed_as(*names: str) -> Callable[[Command], Command]:
    """The option `--format`, as `format_`, of a command that prints by itself; the first name is the default."""
    return click.option("--format", "format_", type=click.Choice(names), default=names[0], show_default=True)


text_or_json = printed_as("text", "json")


def written_as(
    kind: str, default: str | None, *, printed: tuple[str, ...] = (), help: str | None = None
) -> Callable[[Command], Command]:
    """The option `--format`, as `format_`: the formats of a kind, behind those that the command prints by itself."""
    names = LateChoice(lambda: (*printed, *_formats_of(kind)))
    return click.option("--format", "format_", type=names, default=default, show_default=True, help=help)


_WAY = (
    profile,
    model,
    click.option("--policy", type=FileName("policies", ".yaml"), default="default", show_default=True),
    click.option("--pipeline", type=FileName("pipelines", ".yaml"), default="staged", show_default=True),
)
_RUN_OPTIONS = (
    profiles_folder,
    click.option("--channel", metavar="NAME", default="blog", show_default=True, help="Where the text goes."),
    click.option("--sla", type=click.Choice(SLAS), default="standard", show_default=True),
    click.option("--lang", metavar="CODE", help="The language of the result, as in `de`."),
    click.option("--tone", metavar="TEXT", help="As in `warm, matter-of-fact`."),
    click.option("--audience", metavar="TEXT", help="Whom the text is for."),
    local,
    click.option("--force", is_flag=True, help="Go on where the gate rejects."),
    fresh,
    budget_usd,
    token_budget,
    quiet,
)


def run_options(command: Command) -> Command:
    """The options of every command that takes a source through the pipeline."""
    return _with(command, *_WAY, *_RUN_OPTIONS)


def common_run_options(command: Command) -> Command:
    """The same without those that choose profiles."""
    return _with(command, *_RUN_OPTIONS)


def _with(command: Command, *chosen: Callable[[Command], Command]) -> Command:
    for option in reversed(chosen):
        command = option(command)
    return command


def budget_of(usd: float | None, tokens: int | None, budget_id: str = "") -> Budget | None:
    """What a command may spend; `budget_id` names it where the command is given again to go on."""
    allowance = Allowance(usd, tokens)
    return Budget(budget_id or uuid4().hex, allowance) if allowance else None


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The values of `run_options`, split into what the core gets and what the face needs."""

    core: Options
    profiles_folder: Path | None
    quiet: bool

    @classmethod
    def of(cls, values: dict[str, Any], *, budget_id: str = "", **more: Any) -> RunOptions:
        """`budget_id` names the budget of a command that is given again to go on; others have one of their own."""
        folder, quiet = values.pop("profiles_folder"), values.pop("quiet")
        budget = budget_of(values.pop("budget_usd"), values.pop("token_budget"), budget_id)
        return cls(Options(**values, **more, budget=budget), folder, quiet)
