"""history import and export: conversations that come from files of other programs and go into files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import click

from chatspace.cli import options
from chatspace.cli.session import check_terminal, print_data
from chatspace.core.chat.conversation import Conversation
from chatspace.core.errors import UsageError
from chatspace.core.registry import Format, by_suffix
from chatspace.core.text.safe import for_screen
from chatspace.wiring import Workspace

NOTHING_READ = 3
LINES = ".jsonl"
"""Several conversations as JSON, one a line."""


def _importers() -> Iterable[str]:
    from chatspace import plugins  # other commands of history need no registry

    return plugins.importers()


@click.command("import")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="PATH...")
@click.option("--dry-run", is_flag=True, help="Show what would be imported, without storing anything.")
@click.option(
    "--format",
    "format_",
    type=options.LateChoice(lambda: ("auto", *_importers())),
    default="auto",
    show_default=True,
    help="Format of the files.",
)
@options.quiet
def import_command(paths: tuple[Path, ...], dry_run: bool, format_: str, quiet: bool) -> None:
    """Import conversations from other programs.

    PATH is an export of ChatGPT or Claude (the downloaded zip, its folder, or a conversations.json), the logs.db of
    llm, or JSON written by `history export`. Anything that can't be read is listed. A conversation that was imported
    before is not duplicated: only its new messages are added. The exit code is 3 if nothing could be read.
    """
    shown = [0]

    def tell(line: str) -> None:
        shown[0] += 1
        if not quiet and shown[0] % 500 == 0:
            click.echo(for_screen(line), err=True)

    format_name = None if format_ == "auto" else format_
    report = Workspace().importing.run(paths, format_name, dry_run=dry_run, tell=tell)
    if dry_run:
        click.echo("Nothing was stored. An import would give:", err=True)
    for line in report.lines:
        click.echo(for_screen(line))
    if not report.conversations:
        raise SystemExit(NOTHING_READ)


@click.command("export")
@click.argument("conversations", type=int, nargs=-1, metavar="[ID...]")
@click.option("--branch", type=int, metavar="MESSAGE", help="Export the branch that ends with this message.")
@click.option("--all", "all_", is_flag=True, help="Export all conversations, except the trash.")
@click.option("--since", metavar="DATE", help="Export conversations changed since DATE, for example 2026-03-12.")
@click.option("--tag", metavar="NAME", help="Export conversations with this tag.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="Output file or folder. A file's suffix selects the format."
)
@options.written_as("conversation", None, help="Format of the output. Default: md.")
@options.overwrite
@options.quiet
def export_command(
    conversations: tuple[int, ...],
    branch: int | None,
    all_: bool,
    since: str | None,
    tag: str | None,
    output: Path | None,
    format_: str | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Export conversations as Markdown, JSON or HTML. `history list` shows their ids.

    A single conversation is written to standard output or to a file; several are written to a folder, one file each
    plus an index, or as JSON, one per line. Markdown and HTML contain the current branch, JSON contains every branch
    and can be imported with `history import`.
    """
    workspace = Workspace()
    many = all_ or since is not None or tag is not None
    if many == bool(conversations):
        raise click.UsageError("Give conversation ids, or select conversations with --all, --since or --tag.")
    if branch is not None and len(conversations) != 1:
        raise click.UsageError("--branch needs exactly one conversation.")
    exporting = workspace.exporting
    chosen = format_ or _format_of(output, exporting.formats) or "md"
    if output is None:
        check_terminal(exporting.formats[chosen])
    if len(conversations) == 1 and (output is None or not _is_folder(output, exporting.formats)):
        data = exporting.data(conversation_by_id(workspace, conversations[0]), chosen, branch)
        if output is None:
            print_data(exporting.formats[chosen], data)
        else:
            click.echo(workspace.exporter.write(output, data, overwrite=overwrite))
        return
    if branch is not None:
        raise click.UsageError("--branch writes one file, not a folder.")
    wanted = (
        exporting.every(since=None if since is None else _day(since), tag=tag)
        if many
        else iter([conversation_by_id(workspace, each) for each in conversations])
    )
    _write_many(workspace, wanted, output, chosen, overwrite=overwrite, quiet=quiet)


def _write_many(
    workspace: Workspace,
    wanted: Iterator[Conversation],
    output: Path | None,
    format_name: str,
    *,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Several into a folder, or as JSON one a line."""
    first = next(wanted, None)
    if first is None:
        raise UsageError("No conversations match", remedy="`chatspace history list` shows all conversations.")
    wanted = chain([first], wanted)
    exporting = workspace.exporting
    if format_name == "json" and output is None:
        for each in wanted:
            click.echo(for_screen(exporting.data(each, "json").decode("utf-8")), nl=False)
    elif format_name == "json" and output is not None and _format_of(output, exporting.formats):
        click.echo(exporting.lines(wanted, output, overwrite=overwrite))
    elif output is None or not _is_folder(output, exporting.formats):
        raise UsageError(
            "Several conversations can't be written to one file",
            "only JSON supports this",
            "Choose a folder with -o, or use --format json.",
        )
    else:
        written = exporting.folder(
            wanted, output, format_name, overwrite=overwrite, tell=lambda line: _tell(line, quiet)
        )
        click.echo(f"{output}: {written:,} written")


def _tell(line: str, quiet: bool) -> None:
    if not quiet and line.split()[0].endswith(("500", "000")):
        click.echo(line, err=True)


def _format_of(path: Path | None, formats: Mapping[str, Format]) -> str | None:
    """The format that the name of a file says."""
    if path is None:
        return None
    found = by_suffix(".json" if path.suffix == LINES else path.suffix, formats)
    return found.name if found else None


def _is_folder(path: Path, formats: Mapping[str, Format]) -> bool:
    return path.is_dir() or _format_of(path, formats) is None


def _day(text: str) -> datetime:
    """The beginning of a day of the user's, or a moment; a month or year is its first day."""
    whole = text if len(text) > 7 else f"{text}-01" if len(text) == 7 else f"{text}-01-01"
    try:
        return datetime.fromisoformat(whole).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text} is not a date", remedy="Example: --since 2026-03-12.") from error


def conversation_by_id(workspace: Workspace, conversation: int) -> Conversation:
    """Raises UsageError where there is none."""
    stored = workspace.history.conversations.get(conversation)
    if stored is None:
        raise UsageError(f"Conversation {conversation} not found", remedy="`chatspace history list` shows the ids.")
    return stored
