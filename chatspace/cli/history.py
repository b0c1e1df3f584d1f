"""history: the stored conversations, listed, searched, shown, filed, exported and removed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import click

from chatspace.cli import options
from chatspace.cli.history_files import conversation_by_id, export_command, import_command
from chatspace.cli.session import check_terminal, print_data
from chatspace.core.chat.conversation import HIT_END, HIT_START, Conversation, Shelf
from chatspace.core.reports.formats import to_json
from chatspace.core.reports.records import hit_record, listed_record
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace.organizer import tags_from
from chatspace.wiring import Workspace


@click.group("history")
def history_command() -> None:
    """The stored conversations."""


history_command.add_command(import_command)
history_command.add_command(export_command)


@history_command.command("list")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Maximum number of entries.")
@click.option("--archived", "shelf", flag_value="archived", help="List archived conversations.")
@click.option("--trash", "shelf", flag_value="trash", help="List deleted conversations.")
@options.text_or_json
def list_command(limit: int, shelf: Shelf | None, format_: str) -> None:
    """List conversations, one per line: pinned first, then newest first."""
    _list(shelf or "current", limit, format_)


@history_command.command("trash")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Maximum number of entries.")
@options.text_or_json
def trash_command(limit: int, format_: str) -> None:
    """List deleted conversations. They stay in the trash until you restore or purge them."""
    _list("trash", limit, format_)


def _list(shelf: Shelf, limit: int, format_: str) -> None:
    for conversation in islice(Workspace().organizer.shelf(shelf), limit):
        if format_ == "json":
            click.echo(for_screen(to_json(listed_record(conversation))))
            continue
        when = (conversation.deleted or conversation.updated).astimezone().strftime("%Y-%m-%d %H:%M")
        count = f"{conversation.message_count:>4}{'*' if conversation.pinned else ' '}"
        tags = "".join(f"  #{tag}" for tag in conversation.tags)
        click.echo(for_screen(f"{conversation.id}  {when}  {count} {conversation.title}{tags}"))


@history_command.command("search")
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Maximum number of entries.")
@click.option("--best-first", is_flag=True, help="Rank the newest 10,000 matches by relevance instead of newest first.")
@options.text_or_json
def search_command(query: tuple[str, ...], limit: int, best_first: bool, format_: str) -> None:
    """Find messages that contain all words of QUERY. The last word also matches as a prefix.

    Quote words to match a phrase. Filters narrow the search and also work without words: profile:NAME model:NAME
    tag:NAME title:WORD role:user|assistant has:source|code before:DATE after:DATE (2026, 2026-03, 2026-03-12, today).
    Archived and deleted conversations are searched with in:archived, in:trash or in:all.
    """
    for hit in Workspace().history.search.find(" ".join(query), limit=limit, by_rank=best_first):
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
@options.written_as("conversation", "md")
def show_command(conversation: int, format_: str) -> None:
    """Print a CONVERSATION with its messages. `history list` shows its id."""
    workspace = Workspace()
    stored = conversation_by_id(workspace, conversation)
    chosen = workspace.exporting.formats[format_]
    check_terminal(chosen)
    print_data(chosen, workspace.exporting.data(stored, format_))


@history_command.command("rename")
@click.argument("conversation", type=int)
@click.argument("title", nargs=-1, required=True)
def rename_command(conversation: int, title: tuple[str, ...]) -> None:
    """Rename CONVERSATION to TITLE."""
    workspace = Workspace()
    workspace.organizer.rename(conversation_by_id(workspace, conversation), " ".join(title))


@history_command.command("tag")
@click.argument("conversation", type=int)
@click.argument("tags", nargs=-1)
@click.option("--remove", is_flag=True, help="Remove these tags instead of adding them.")
def tag_command(conversation: int, tags: tuple[str, ...], remove: bool) -> None:
    """Add TAGS to CONVERSATION and print all its tags."""
    workspace = Workspace()
    stored = conversation_by_id(workspace, conversation)
    given = tags_from(",".join(tags) + ",")
    kept = tuple(tag for tag in stored.tags if tag not in given)
    if given:
        workspace.organizer.tag(stored, kept if remove else (*kept, *given))
    click.echo(for_screen("\n".join(kept if remove else (*kept, *given))))


@history_command.command("pin")
@click.argument("conversations", type=int, nargs=-1, required=True)
@click.option("--off", is_flag=True, help="Unpin.")
def pin_command(conversations: tuple[int, ...], off: bool) -> None:
    """Pin CONVERSATIONS to the top of the list."""
    workspace = Workspace()
    for each in _conversations(workspace, conversations):
        workspace.organizer.pin(each, not off)


@history_command.command("archive")
@click.argument("conversations", type=int, nargs=-1, required=True)
@click.option("--off", is_flag=True, help="Unarchive.")
def archive_command(conversations: tuple[int, ...], off: bool) -> None:
    """Archive CONVERSATIONS. They leave the list, and searches skip them unless you ask for them."""
    workspace = Workspace()
    for each in _conversations(workspace, conversations):
        workspace.organizer.archive(each, not off)


@history_command.command("delete")
@click.argument("conversations", type=int, nargs=-1, required=True)
def delete_command(conversations: tuple[int, ...]) -> None:
    """Move CONVERSATIONS to the trash. `restore` brings them back; `purge` removes them permanently."""
    workspace = Workspace()
    for each in _conversations(workspace, conversations):
        workspace.organizer.delete(each)


@history_command.command("restore")
@click.argument("conversations", type=int, nargs=-1, required=True)
def restore_command(conversations: tuple[int, ...]) -> None:
    """Restore CONVERSATIONS from the trash."""
    workspace = Workspace()
    for each in _conversations(workspace, conversations):
        workspace.organizer.restore(each)


@history_command.command("purge")
@click.argument("conversations", type=int, nargs=-1)
@click.option("--trash", is_flag=True, help="Purge everything in the trash.")
@click.option("--yes", is_flag=True, help="Don't ask for confirmation.")
def purge_command(conversations: tuple[int, ...], trash: bool, yes: bool) -> None:
    """Permanently remove CONVERSATIONS, also from the search index and the database's free pages.

    This also removes their runs, sources that nothing else uses, and the texts sent to and received from models. The
    cost of these calls is kept. Backups and exports are not touched. The database file is rewritten, which takes a
    while if it is large. Without CONVERSATIONS, purge only rewrites the file.
    """
    workspace = Workspace()
    doomed = _conversations(workspace, conversations) + (list(workspace.organizer.shelf("trash")) if trash else [])
    doomed = list({each.id: each for each in doomed}.values())
    for each in [] if yes else doomed:
        click.echo(for_screen(f"{each.id}  {each.message_count:>4} messages  {each.title}"), err=True)
    if yes or not doomed or click.confirm("Remove permanently?", err=True):
        workspace.organizer.purge([each.id for each in doomed])


def _conversations(workspace: Workspace, ids: Sequence[int]) -> list[Conversation]:
    """All of them, looked up before anything is done to one."""
    return [conversation_by_id(workspace, each) for each in ids]
