"""rewrite: a text as an instruction wants it, as a diff, as the new text, as JSON or as CriticMarkup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chatspace.cli import options
from chatspace.cli.options import RunOptions
from chatspace.cli.progress import Progress
from chatspace.cli.session import check_terminal, print_data, read_source, wait_for
from chatspace.core.chat.conversation import Message
from chatspace.core.document import Source
from chatspace.core.errors import GateRejected, ModelError, UsageError
from chatspace.core.events import DeltaReceived, Event, GateChecked
from chatspace.core.rewriting.check import PassagePair
from chatspace.core.rewriting.rewrite import Rewrite
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.wiring import Workspace


@click.command("rewrite")
@click.argument("source")
@click.option("--instruction", "-i", required=True, metavar="TEXT", help="What to change, for example `shorter`.")
@click.option("--apply", "apply_", is_flag=True, help="Print the new text instead of a diff; same as --format md.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Output file.")
@options.written_as("rewrite", "diff")
@options.overwrite
@options.run_options
def rewrite_command(
    source: str, instruction: str, apply_: bool, output: Path | None, format_: str, overwrite: bool, **values: Any
) -> None:
    """Rewrite SOURCE, a path or `-`, by an instruction.

    A rewrite that loses a list, a table or code which the instruction doesn't mention is rejected. --force accepts it
    without the changes that break them.
    """
    if not instruction.strip():
        raise UsageError("No instruction given", remedy='Example: --instruction "shorter".')
    if apply_ and format_ not in ("diff", "md"):
        raise UsageError(f"--apply can't be combined with --format {format_}", remedy="Use one of them.")
    chosen = RunOptions.of(values)
    workspace = Workspace(chosen.profiles_folder)
    workspace.history.recover()
    workspace.desk.target(chosen.core)
    if output:
        workspace.exporter.target(output, overwrite=overwrite)
    else:
        check_terminal(workspace.exporter.formats("rewrite")[format_])
    read = read_source(workspace, source)
    progress = Progress(chosen.quiet)
    reply, made = wait_for(_rewritten(workspace, read, instruction, chosen, progress))
    progress(GateChecked("rewrite", made.gate))
    _say_flags(made, chosen.quiet)
    rejected = made.gate.status == "rejected"
    if not rejected or chosen.core.force or format_ == "json":
        _put_out(workspace, made, read.name, "md" if apply_ else format_, output, overwrite)
    if made.status == "truncated":
        remedy = (
            "The received part is used, and the rest of the text is unchanged. Try again, or choose another --model."
        )
        raise ModelError((reply.error or "").partition("\n")[0], remedy=remedy, kind="cut")
    if rejected and not chosen.core.force:
        blocking = next((found.message for found in made.gate.findings if found.severity == "block"), "")
        raise GateRejected(
            "The rewrite was rejected",
            blocking.rstrip("."),
            "Try again, or use --force to accept the changes that break nothing.",
        )


async def _rewritten(
    workspace: Workspace, source: Source, instruction: str, chosen: RunOptions, progress: Progress
) -> tuple[Message, Rewrite]:
    def emit(event: Event) -> None:
        if not isinstance(event, DeltaReceived):
            progress(event)

    reply = await workspace.desk.propose(source.text, instruction, chosen.core, emit, title=source.name)
    return reply, workspace.desk.assess(PassagePair.all_of(source.text), instruction, reply)


def _say_flags(made: Rewrite, quiet: bool) -> None:
    flags = [(hunk.id, flag) for hunk in made.hunks for flag in hunk.flags]
    if flags and not quiet:
        click.secho(f"{display.count(len(flags), 'figure or name')} new in the rewrite:", err=True, fg="yellow")
        for number, flag in flags:
            click.echo(for_screen(f"  change {number}: {flag.message}"), err=True)


def _put_out(
    workspace: Workspace, made: Rewrite, name: str, format_: str, output: Path | None, overwrite: bool
) -> None:
    data = workspace.exporter.rewrite(made, name, format_)
    if output:
        workspace.exporter.write(output, data, overwrite=overwrite)
        click.echo(output, err=True)
    else:
        print_data(workspace.exporter.formats("rewrite")[format_], data)
