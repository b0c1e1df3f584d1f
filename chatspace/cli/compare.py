"""compare: one prompt to several at the same time; each answer stands on standard output as soon as it is whole."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from chatspace.cli import options
from chatspace.cli.chat import prompt_of
from chatspace.cli.progress import Progress, destination, report_error
from chatspace.cli.session import attached, print_text, wait_for
from chatspace.core.chat.comparison import (
    LETTERS,
    AnswerRecord,
    ComparisonRecord,
    ComparisonTarget,
    answer_record,
    blind_record,
    without_names,
)
from chatspace.core.chat.conversation import Message
from chatspace.core.document import Source
from chatspace.core.errors import ModelError
from chatspace.core.events import Event
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.profile import Target
from chatspace.core.reports.formats import to_json
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace.compare import Begun, Outcome
from chatspace.wiring import Workspace


@click.command("compare")
@click.argument("prompt", nargs=-1)
@click.option(
    "--profile",
    "-p",
    "profiles",
    type=options.FileName("", ".md"),
    multiple=True,
    help="A profile to compare. Repeatable.",
)
@click.option(
    "--model",
    "-m",
    "models",
    metavar="MODEL",
    multiple=True,
    help="A model to compare, with the profile chat. MODEL@HOST names its endpoint. Repeatable.",
)
@click.option("--conversation", metavar="ID", type=int, help="Continue this conversation.")
@click.option("--blind", is_flag=True, help="Label the answers A, B, ... and reveal the models at the end.")
@options.with_sources
@options.printed_as("text", "json", "md")
@options.profiles_folder
@options.local
@options.fresh
@options.budget_usd
@options.token_budget
@options.quiet
def compare_command(
    prompt: tuple[str, ...],
    profiles: tuple[str, ...],
    models: tuple[str, ...],
    conversation: int | None,
    blind: bool,
    sources: tuple[str, ...],
    format_: str,
    profiles_folder: Path | None,
    local: bool,
    fresh: bool,
    budget_usd: float | None,
    token_budget: int | None,
    quiet: bool,
) -> None:
    """Send PROMPT to two to six profiles or models and print their answers. Piped input is appended to the prompt.

    If an answer is incomplete, run the same command again: only the incomplete answers are requested again.
    """
    workspace = Workspace(profiles_folder)
    along = attached(workspace, sources, quiet=quiet)
    text = prompt_of(prompt)  # behind the sources, because one of them may be standard input
    workspace.history.recover()
    chosen = Options(local=local, fresh=fresh, budget=options.budget_of(budget_usd, token_budget))
    contestants = [
        *map(ComparisonTarget, profiles),
        *(workspace.compare.model(model, chosen).contestant for model in models),
    ]
    table = _Table.of(workspace.compare.check(contestants, chosen), contestants, blind)
    report = _Report(table, quiet, format_)
    message, outcomes = wait_for(_ask(workspace, text, along, table, chosen, conversation, report))
    records = [table.record(index, outcome) for index, outcome in enumerate(outcomes)]
    if format_ == "json":
        comparison = ComparisonRecord(text, tuple(records), str(message.conversation), str(message.id))
        click.echo(for_screen(to_json(comparison)))
    elif format_ == "md":
        print_text("\n\n".join(table.section(record) + _numbers(record) for record in records))
    if blind:
        for index, target in enumerate(table.targets):
            told = f"{LETTERS[index]} was {target.profile.name} · {target.model} on {target.host}"
            click.echo(for_screen(told), err=True)
    codes = [
        outcome.error.exit_code if outcome.error else ModelError.exit_code for outcome in outcomes if not outcome.whole
    ]
    if codes:
        click.echo("Received text is kept. Run the same command again to retry the incomplete answers.", err=True)
        raise SystemExit(max(codes))


@dataclass(frozen=True, slots=True)
class _Table:
    """Who is asked, in the order of the output; that of a blind comparison says nothing."""

    contestants: Sequence[ComparisonTarget]
    targets: Sequence[Target]
    blind: bool

    @classmethod
    def of(cls, targets: Sequence[Target], contestants: Sequence[ComparisonTarget], blind: bool) -> _Table:
        places = list(range(len(targets)))
        if blind:
            random.shuffle(places)
        return cls([contestants[place] for place in places], [targets[place] for place in places], blind)

    def name(self, index: int) -> str:
        return LETTERS[index] if self.blind else self.contestants[index].name

    def record(self, index: int, outcome: Outcome) -> AnswerRecord:
        error = outcome.error.explained if outcome.error else None
        record = answer_record(outcome.contestant, outcome.answer, error)
        return blind_record(record, self.targets[index], LETTERS[index]) if self.blind else record

    def section(self, record: AnswerRecord) -> str:
        """An answer under its heading, which says where it isn't whole; with the host where two have the model."""
        hosts = {target.host for target in self.targets if target.model == record.model}
        host = f"{record.model} on {record.host}" if len(hosts) > 1 and record.host else record.model
        heading = " · ".join(part for part in (record.profile, host) if part)
        marked = heading if record.status == "complete" else f"{heading} ({record.status})"
        body = record.text.strip("\n") or record.error or ""
        return f"# {marked}\n\n{body}"


class _Report:
    """Says on standard error what happens, and prints each answer as it ends where the format allows it."""

    def __init__(self, table: _Table, quiet: bool, format_: str) -> None:
        self._table = table
        self._quiet = quiet
        self._as_they_end = format_ == "text"
        self._progress = [Progress(quiet or table.blind, table.name(index)) for index in range(len(table.targets))]
        if table.blind and not quiet:
            for line in sorted(destination(target) for target in table.targets):
                click.echo(for_screen(f"  → {line}"), err=True)

    def tell(self, index: int, event: Event) -> None:
        self._progress[index](event)

    def ended(self, index: int, outcome: Outcome) -> None:
        name, record = self._table.name(index), self._table.record(index, outcome)
        if outcome.error and self._table.blind:
            said = without_names(outcome.error.explained, self._table.targets[index], name)
            click.echo(for_screen(f"{name}: {said}"), err=True)
        elif outcome.error:
            report_error(outcome.error, name)
        elif not self._quiet and (self._table.blind or not outcome.whole):
            click.echo(for_screen(f"{name}: {record.error or 'done'}"), err=True)
        if self._as_they_end and record.text:
            print_text(self._table.section(record))
            click.echo()


async def _ask(
    workspace: Workspace,
    text: str,
    along: Sequence[Source],
    table: _Table,
    chosen: Options,
    conversation: int | None,
    report: _Report,
) -> tuple[Message, tuple[Outcome, ...]]:
    compare, contestants = workspace.compare, table.contestants
    earlier = partial(compare.unfinished, text, contestants, chosen, conversation=conversation, sources=along)
    begun = None if chosen.fresh else await asyncio.to_thread(earlier)
    if begun is None:
        put = compare.put(text, contestants, chosen, conversation=conversation, sources=along)
        begun = Begun(await put, {})
    asking = compare.ask_all(begun.message, contestants, chosen, report.tell, report.ended, answered=begun.answered)
    return begun.message, await asking


def _numbers(record: AnswerRecord) -> str:
    if not record.usage:
        return ""
    parts = (display.tokens(record.usage), display.cost(record.cost_usd), display.seconds(record.elapsed_ms))
    return f"\n\n*{' · '.join(parts)}*"
