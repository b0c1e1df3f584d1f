"""history: the stored conversations, listed, searched, shown, exported and deleted."""

from __future__ import annotations

from pathlib import Path

import click

from chatspace.cli import options
from chatspace.core.conversation import HIT_END, HIT_START, Conversation
from chatspace.core.errors import UsageProblem
from chatspace.core.formats import to_json
from chatspace.core.records import conversation_record, hit_record, listed_record
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace import Workspace
from chatspace.wiring import build

PAGE = 500


@click.group("history")
def history_command() -> None:
    """The stored conversations."""


@history_command.command("list")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--archived", is_flag=True, help="Those that were put away.")
@options.formats("text", "json")
def list_command(limit: int, archived: bool, format_: str) -> None:
    """The newest conversations, one per line."""
    history = build().history
    before: Conversation | None = None
    while limit > 0:
        page = history.conversations(limit=min(PAGE, limit), before=before, archived=archived)
        for conversation in page:
            if format_ == "json":
                click.echo(for_screen(to_json(listed_record(conversation))))
            else:
                when = conversation.updated.astimezone().strftime("%Y-%m-%d %H:%M")
                count = f"{conversation.message_count:>4}"
                click.echo(for_screen(f"{conversation.id}  {when}  {count}  {conversation.title}"))
        if len(page) < min(PAGE, limit):
            return
        before, limit = page[-1], limit - len(page)


@history_command.command("search")
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--best-first", is_flag=True, help="By rank among the newest 10,000, instead of newest first.")
@options.formats("text", "json")
def search_command(query: tuple[str, ...], limit: int, best_first: bool, format_: str) -> None:
    """The messages that hold all words of QUERY; the last word may be the beginning of one."""
    for hit in build().history.search(" ".join(query), limit=limit, by_rank=best_first):
        if format_ == "json":
            click.echo(for_screen(to_json(hit_record(hit))))
            continue
        snippet = for_screen(" ".join(hit.snippet.split()))
        marked = snippet.replace(HIT_START, "\x1b[1m").replace(HIT_END, "\x1b[0m")
        when = hit.created.astimezone().strftime("%Y-%m-%d %H:%M")
        # click takes the bold marks out again where standard output is no terminal.
        click.echo(f"{hit.conversation}  {when}  {for_screen(hit.title)}\n    {marked}")


@history_command.command("show")
@click.argument("conversation", type=int)
@options.formats("md", "json")
def show_command(conversation: int, format_: str) -> None:
    """One CONVERSATION with its messages, by the id that `history list` gives."""
    workspace = build()
    stored = _conversation(workspace, conversation)
    if format_ == "json":
        click.echo(for_screen(to_json(conversation_record(stored, workspace.history.messages(conversation)))))
    else:
        data = workspace.exporter.conversation(stored, workspace.history.thread(conversation), "md")
        click.echo(for_screen(data.decode("utf-8")), nl=False)


@history_command.command("export")
@click.argument("conversation", type=int)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="A file; its suffix chooses the format.")
@click.option("--format", "format_", type=click.Choice(("md", "json", "html")), help="Default: md.")
@options.overwrite
def export_command(conversation: int, output: Path | None, format_: str | None, overwrite: bool) -> None:
    """Write one CONVERSATION as Markdown, JSON or HTML, as it was left."""
    workspace = build()
    stored = _conversation(workspace, conversation)
    chosen = format_ or (output.suffix.lstrip(".") if output and output.suffix in (".json", ".html") else "md")
    data = workspace.exporter.conversation(stored, workspace.history.thread(conversation), chosen)
    if output is None:
        click.echo(for_screen(data.decode("utf-8")), nl=False)
    else:
        click.echo(workspace.exporter.write(output, data, overwrite=overwrite))


@history_command.command("delete")
@click.argument("conversations", type=int, nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Don't ask.")
def delete_command(conversations: tuple[int, ...], yes: bool) -> None:
    """Delete CONVERSATIONS for good, also from the search index."""
    workspace = build()
    for conversation in conversations:
        stored = _conversation(workspace, conversation)
        if yes or click.confirm(f"Delete {for_screen(stored.title)} with {stored.message_count} messages?", err=True):
            workspace.history.delete(conversation)


def _conversation(workspace: Workspace, conversation: int) -> Conversation:
    stored = workspace.history.conversation(conversation)
    if stored is None:
        raise UsageProblem(
            f"There is no conversation {conversation}", remedy="`chatspace history list` shows their ids."
        )
    return stored
