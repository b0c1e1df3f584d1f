"""story: openings for a piece on a source, in several tones."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path

import click

from chatspace.cli import options
from chatspace.cli.progress import Progress
from chatspace.cli.session import print_text, read_source, wait_for
from chatspace.core.board import board
from chatspace.core.errors import ChatspaceError
from chatspace.core.formats import to_json
from chatspace.core.openings import Opening, as_markdown
from chatspace.core.plan import Options
from chatspace.core.text.safe import for_screen
from chatspace.core.text.tone import tone as tone_of
from chatspace.core.workspace import Workspace
from chatspace.core.workspace.stories import MOST_OPENINGS, STEP
from chatspace.wiring import build


@click.command("story")
@click.argument("source")
@click.option("--openings", type=click.IntRange(1, MOST_OPENINGS), default=3, show_default=True, help="How many.")
@click.option("--tone", "tones", multiple=True, metavar="TEXT", help="As in `warm`; may be given several times.")
@click.option("--words", type=click.IntRange(1), help="The length of each.")
@options.formats("md", "json")
@options.profile
@options.model
@options.profiles_folder
@options.local
@options.quiet
def story_command(
    source: str,
    openings: int,
    tones: tuple[str, ...],
    words: int | None,
    format_: str,
    profile: str | None,
    model: str | None,
    profiles_folder: Path | None,
    local: bool,
    quiet: bool,
) -> None:
    """Openings for a piece on SOURCE, stored as a conversation."""
    workspace = build(profiles_folder)
    workspace.history.recover()
    chosen = Options(profile=profile, model=model, local=local, words=words)
    found = wait_for(_tell(workspace, source, chosen, openings, tones, Progress(quiet)))
    if format_ == "md":
        print_text(as_markdown(found))
        return
    rows = [
        {"tone": row.opening.tone, "text": row.opening.text, "problem": row.opening.problem or None}
        | {"near": row.near, "counted": asdict(tone_of(row.opening.text))}
        for row in board(found)
    ]
    click.echo(for_screen(to_json({"schema": "chatspace.story/1", "openings": rows})))


async def _tell(
    workspace: Workspace, name: str, chosen: Options, count: int, tones: tuple[str, ...], progress: Progress
) -> list[Opening]:
    """The openings of all replies. Raises the error of one only where no other gave any."""
    source = await asyncio.to_thread(read_source, workspace, name)
    stories = workspace.stories
    story = await stories.begin(source, chosen, tones)
    line = " ".join(("/story", source.name, f"--openings {count}", *(f"--tones {','.join(tones)}" for _ in tones[:1])))
    message = await workspace.conversations.store(line, step=STEP)
    shares = await asyncio.to_thread(stories.shares, story, count)
    told = await asyncio.gather(
        *(stories.tell(story, message, share, progress) for share in shares), return_exceptions=True
    )
    found = [opening for each in told if not isinstance(each, BaseException) for opening in each]
    for error in told:
        if isinstance(error, ChatspaceError) and found:
            click.echo(for_screen(error.explained), err=True)
        elif isinstance(error, BaseException):
            raise error
    return found
