"""chat: one turn, streamed to standard output and stored like any other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from chatspace.cli import options
from chatspace.cli.progress import Progress
from chatspace.cli.session import attached, wait_for
from chatspace.core.errors import ModelError, UsageError
from chatspace.core.events import DeltaReceived, Event
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.profile import EffortChoice
from chatspace.core.reports.formats import to_json
from chatspace.core.reports.records import message_record
from chatspace.core.text.safe import for_screen
from chatspace.wiring import Workspace


@click.command("chat")
@click.argument("prompt", nargs=-1)
@click.option("--continue", "-c", "go_on", is_flag=True, help="Continue the last conversation.")
@click.option("--conversation", metavar="ID", type=int, help="Continue this conversation.")
@options.with_sources
@options.text_or_json
@options.profile
@options.model
@options.think
@options.profiles_folder
@options.local
@options.budget_usd
@options.token_budget
@options.quiet
def chat_command(
    prompt: tuple[str, ...],
    go_on: bool,
    conversation: int | None,
    sources: tuple[str, ...],
    format_: str,
    profile: str | None,
    model: str | None,
    think: EffortChoice | None,
    profiles_folder: Path | None,
    local: bool,
    budget_usd: float | None,
    token_budget: int | None,
    quiet: bool,
) -> None:
    """Send PROMPT and print the reply as it streams. Piped input is appended to the prompt."""
    workspace = Workspace(profiles_folder)
    along = attached(workspace, sources, quiet=quiet)
    text = prompt_of(prompt)  # behind the sources, because one of them may be standard input
    workspace.history.recover()
    progress = Progress(quiet)

    def emit(event: Event) -> None:
        if not isinstance(event, DeltaReceived):
            progress(event)
        elif format_ == "text" and not event.reasoning:
            click.echo(for_screen(event.text), nl=False)

    where = conversation if conversation is not None else _last(workspace) if go_on else None
    budget = options.budget_of(budget_usd, token_budget)
    chosen = Options(profile=profile, model=model, effort=think, local=local, budget=budget)
    if model:
        workspace.conversations.target(chosen)  # a wrong name is told before the message is stored
    reply = wait_for(workspace.conversations.send(text, chosen, emit, conversation=where, sources=along))
    click.echo(for_screen(to_json(message_record(reply))) if format_ == "json" else "")
    if reply.status != "complete":
        raise ModelError(
            f"{reply.model} didn't finish its reply",
            reply.error or "",
            "The partial reply is kept. Continue it with chatspace chat -c.",
            kind="cut",
        )


def prompt_of(words: Sequence[str]) -> str:
    """What was typed, with what is piped in behind it. Raises UsageError where there is neither."""
    piped = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.buffer.read().decode("utf-8", "replace")
    text = "\n\n".join(part for part in (" ".join(words), piped.strip("\n")) if part.strip())
    if not text:
        raise UsageError("No prompt given", remedy='Example: chatspace chat "Three titles, please".')
    return text


def _last(workspace: Workspace) -> int | None:
    latest = workspace.history.conversations.latest()
    return latest.id if latest else None
