"""story: openings for a piece on a source, in several tones."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from chatspace.cli import options
from chatspace.cli.progress import Progress, report_error
from chatspace.cli.session import attached, print_text, read_source, wait_for
from chatspace.core.chat.conversation import Message
from chatspace.core.chat.openings import Opening, as_markdown
from chatspace.core.chat.openings_table import openings_table
from chatspace.core.document import Source
from chatspace.core.errors import ChatspaceError, ModelError
from chatspace.core.events import Event, ReplyFinished
from chatspace.core.profiles.options import Options
from chatspace.core.reports.formats import to_json
from chatspace.core.text.safe import for_screen
from chatspace.core.text.tone import tone as tone_of
from chatspace.core.workspace.stories import DEFAULT_OPENINGS, MAX_OPENINGS, STEP
from chatspace.wiring import Workspace


@click.command("story")
@click.argument("source")
@click.option(
    "--openings",
    type=click.IntRange(1, MAX_OPENINGS),
    default=DEFAULT_OPENINGS,
    show_default=True,
    help="Number of openings.",
)
@click.option("--tone", "tones", multiple=True, metavar="TEXT", help="Tone, for example `warm`. Repeatable.")
@click.option("--words", type=click.IntRange(1), help="Target length of each opening, in words.")
@options.with_sources
@options.printed_as("md", "json")
@options.profile
@options.model
@options.profiles_folder
@options.local
@options.fresh
@options.budget_usd
@options.token_budget
@options.quiet
def story_command(
    source: str,
    openings: int,
    tones: tuple[str, ...],
    words: int | None,
    sources: tuple[str, ...],
    format_: str,
    profile: str | None,
    model: str | None,
    profiles_folder: Path | None,
    local: bool,
    fresh: bool,
    budget_usd: float | None,
    token_budget: int | None,
    quiet: bool,
) -> None:
    """Draft opening paragraphs for SOURCE, a path or `-`, and store them as a conversation."""
    workspace = Workspace(profiles_folder)
    budget = options.budget_of(budget_usd, token_budget)
    chosen = Options(profile=profile, model=model, local=local, words=words, fresh=fresh, budget=budget)
    workspace.stories.target(chosen)
    workspace.history.recover()
    told, along = read_source(workspace, source), attached(workspace, sources, quiet=quiet)
    found, failures = wait_for(_tell(workspace, told, along, chosen, openings, tones, Progress(quiet)))
    if found:
        _print(found, format_)
    _end(failures)


def _print(found: Sequence[Opening], format_: str) -> None:
    if format_ == "md":
        print_text(as_markdown(found))
        return
    rows = [
        {"tone": row.opening.tone, "text": row.opening.text, "problem": row.opening.problem or None}
        | {"near": row.near, "counted": asdict(tone_of(row.opening.text))}
        for row in openings_table(found)
    ]
    click.echo(for_screen(to_json({"schema": "chatspace.story/1", "openings": rows})))


def _end(failures: Sequence[ChatspaceError]) -> None:
    """Raises the gravest of what ended replies before they were whole, after saying the others."""
    if failures:
        gravest = max(failures, key=lambda error: error.exit_code)
        for other in {str(error): error for error in failures if str(error) != str(gravest)}.values():
            report_error(other)
        raise gravest


async def _tell(
    workspace: Workspace,
    source: Source,
    along: Sequence[Source],
    chosen: Options,
    count: int,
    tones: tuple[str, ...],
    progress: Progress,
) -> tuple[list[Opening], list[ChatspaceError]]:
    """The openings of all replies, and why those are not whole that aren't."""
    stories = workspace.stories
    story = await stories.begin(source, chosen, tones, along)
    line = " ".join(("/story", source.name, f"--openings {count}", *(f"--tones {','.join(tones)}" for _ in tones[:1])))
    message = await workspace.conversations.store(line, step=STEP, sources=along)
    shares = await asyncio.to_thread(stories.shares, story, count)
    failures: list[ChatspaceError] = []

    def emit(event: Event) -> None:
        if isinstance(event, ReplyFinished) and event.message.status == "truncated":
            failures.append(_cut(event.message))
        progress(event)

    told = await asyncio.gather(
        *(stories.tell(story, message, share, emit) for share in shares), return_exceptions=True
    )
    found: list[Opening] = []
    for each in told:
        if isinstance(each, ChatspaceError):
            failures.append(each)
        elif isinstance(each, BaseException):
            raise each
        else:
            found += each
    return found, failures


def _cut(reply: Message) -> ModelError:
    remedy = "Received text is kept; the incomplete opening is marked. Try again, or choose another model."
    return ModelError(f"{reply.model} didn't finish its reply", reply.error or "", remedy, kind="cut")
