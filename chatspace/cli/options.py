"""The options that several commands share, and how their values become the core's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import click

from chatspace import locations
from chatspace.core.profiles.options import EFFORTS, SLAS, Options

if TYPE_CHECKING:
    from chatspace.core.calls.budget import Budget

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
    help="Folder of profiles to search first.",
)
profile = click.option("--profile", "-p", type=FileName("", ".md"), help="Profile for this step.")
think = click.option("--think", type=click.Choice(EFFORTS), help="Reasoning effort, instead of the profile's.")
model = click.option(
    "--model", "-m", metavar="MODEL", help="Model to use instead of the profile's. MODEL@HOST names its endpoint."
)
local = click.option("--local", is_flag=True, help="Use only models on this machine.")


class Dollars(click.ParamType[float]):
    """An amount of money; 0 leaves what costs nothing."""

    name = "usd"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            usd = float(value)
        except ValueError:
            usd = math.nan
        if not (math.isfinite(usd) and usd >= 0):
            self.fail(f"{value!r} is not an amount in USD. Give a number of 0 or more, for example 2.50.", param, ctx)
        return usd


budget_usd = click.option(
    "--budget",
    "budget_usd",
    type=Dollars(),
    metavar="USD",
    help="Maximum cost in USD. With 0, only free models are called.",
)
token_budget = click.option("--token-budget", type=click.IntRange(min=1), metavar="N", help="Maximum number of tokens.")
with_sources = click.option(
    "--with", "sources", metavar="SOURCE", multiple=True, help="Attach a file (or - for standard input). Repeatable."
)
quiet = click.option("--quiet", "-q", is_flag=True, help="Suppress progress output.")
pretty = click.option("--pretty", is_flag=True, help="Indent JSON.")
fresh = click.option("--fresh", is_flag=True, help="Don't reuse calls of an earlier failed attempt.")
overwrite = click.option("--overwrite", is_flag=True, help="Overwrite existing files.")
overwrite_edited = click.option(
    "--overwrite", is_flag=True, help="Overwrite edited outputs and files that chatspace didn't write."
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
    return click.option(
        "--format", "format_", type=click.Choice(names), default=names[0], show_default=True, help="Output format."
    )


text_or_json = printed_as("text", "json")


def written_as(
    kind: str, default: str | None, *, printed: tuple[str, ...] = (), help: str = "Output format."
) -> Callable[[Command], Command]:
    """The option `--format`, as `format_`: the formats of a kind, behind those that the command prints by itself."""
    names = LateChoice(lambda: (*printed, *_formats_of(kind)))
    return click.option("--format", "format_", type=names, default=default, show_default=True, help=help)


_WAY = (
    profile,
    model,
    click.option(
        "--policy",
        type=FileName("policies", ".yaml"),
        default="default",
        show_default=True,
        help="Policy that selects the profile of each step.",
    ),
    click.option(
        "--pipeline", type=FileName("pipelines", ".yaml"), default="staged", show_default=True, help="Pipeline to run."
    ),
)
_RUN_OPTIONS = (
    profiles_folder,
    click.option(
        "--channel", metavar="NAME", default="blog", show_default=True, help="Channel the text is written for."
    ),
    click.option(
        "--sla",
        type=click.Choice(SLAS),
        default="standard",
        show_default=True,
        help="Trade-off between speed, cost and quality.",
    ),
    click.option("--lang", metavar="CODE", help="Language of the result, for example `de`."),
    click.option("--tone", metavar="TEXT", help="Tone of the text, for example `warm, matter-of-fact`."),
    click.option("--audience", metavar="TEXT", help="Intended readers of the text."),
    local,
    click.option("--force", is_flag=True, help="Continue after a gate rejection."),
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
    from chatspace.core.calls.budget import Allowance, Budget  # `--help` needs none

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
