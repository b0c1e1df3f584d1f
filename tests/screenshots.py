"""Makes the pictures in screenshots/ from the real workspace: `python -m tests.screenshots`.

The conversation is answered by the test server over HTTP; the draft and the copy by the built-in engine, from the
shipped sample.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import resvg_py
from textual.pilot import Pilot

from chatspace.adapters.litellm.provider import LitellmProvider
from chatspace.tui.app import ChatspaceApp
from chatspace.tui.screens.batch import BatchScreen
from chatspace.tui.screens.compare import CompareScreen
from chatspace.tui.screens.desk import DeskScreen
from chatspace.tui.screens.run import RunScreen
from chatspace.tui.widgets.history_pane import HistoryPane
from chatspace.tui.widgets.prompt import Prompt
from chatspace.tui.widgets.transcript import Transcript
from chatspace.wiring import Workspace
from tests.model_server import ModelServer, Reply
from tests.waiting import eventually_async

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "screenshots"
FONT = "DejaVu Sans Mono"

ANSWER = """\
Three openings, each with its own temper:

1. **Plain.** The Tern 4 heats a house of 140 square metres and is quieter than the fridge.
2. **Scene.** It is two in the morning in Porto, minus four outside, and nobody hears a thing.
3. **Figure.** 38 dB: that is a library, and that is the Tern 4 at one metre.

| opening | good for | words |
| --- | --- | ---: |
| plain | the product page | 16 |
| scene | the blog | 15 |
| figure | ads and social | 12 |

> Keep the figure in the first ten words; readers stay for a number they can hear.
"""

DRAFTED = """\
# A quieter winter

The Tern 4 goes on sale on 4 May 2026 in Denmark, Germany and the Netherlands. At 3 metres it makes 27 dB(A) at night.

Of 1,840 support calls in the winter of 2025, 31% were about noise. Ingrid Dahl's team in Aarhus took the outdoor unit
apart and found that most of the sound came from the fan.

> "We set out to build the one you forget you own."

In the field test, 112 homes in Berlin used 22% less electricity.
"""
"""A draft with some slips, for the screen that finds them."""

REWRITTEN = """\
Our customers like the Tern 3. Their neighbours don't: of 1,840 support calls in the winter of 2025, a third were about
noise. Ingrid Dahl's team in Aarhus found that two thirds of the sound came from the fan,
and most of the rest from the feet.
"""

ANSWERS = {
    "editor": REWRITTEN,
    "drafter": DRAFTED,
    "gpt-4.1-mini": ANSWER.replace("Plain", "Sober").replace("the fridge", "a library, at one metre"),
}
"""What a model says, where it is something else than the others."""

Scene = Callable[[Pilot[None], ChatspaceApp], Awaitable[None]]


async def welcome(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await pilot.pause(1.0)


async def chat(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await send(pilot, app, "Three openings for the Tern 4 launch, please, and say what each is good for")


async def draft(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await send(pilot, app, "/draft brief.md --words 300")


async def copy(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await send(pilot, app, "/copy brief.md --channel google-ads")


async def story(pilot: Pilot[None], app: ChatspaceApp) -> None:
    app.chat.query_one(Prompt).put("/story brief.md --openings 4 --tones plain,warm,urgent")
    await pilot.press("enter")
    await pilot.pause(3.0)
    await pilot.press("s", "j")
    await pilot.pause(1.0)


async def variants(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await copy(pilot, app)
    app.chat.query_one(Prompt).put("/variants")
    await pilot.press("enter")
    await pilot.pause(2.0)
    await pilot.press("s", "down", "down", "s", "down")
    await pilot.pause(1.0)


async def facts(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await send(pilot, app, "/draft brief.md --profile drafter")
    await pilot.press("escape", "v")
    await pilot.pause(2.0)


async def compare(pilot: Pilot[None], app: ChatspaceApp) -> None:
    names = "chat,openai/gpt-4.1-mini,drafter"
    app.chat.query_one(Prompt).put(f"/compare Three openings for the Tern 4 launch, please --profiles {names}")
    await pilot.press("enter")
    await eventually_async(
        lambda: (
            isinstance(app.screen, CompareScreen)
            and len(answers := app.screen.session.answers) == 3
            and all(answer.reply and not answer.running for answer in answers)
        ),
        60.0,
    )
    await pilot.pause(1.0)


async def compare_blind(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await compare(pilot, app)
    random.seed(1)  # blind columns come in any order
    await pilot.press("B")
    await pilot.pause(1.0)


async def differences(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await compare(pilot, app)
    await pilot.press("d")
    await pilot.pause(1.0)


async def versions(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await chat(pilot, app)
    await pilot.press("escape", "r")
    await pilot.pause(2.0)
    await pilot.press("left_square_bracket")
    await pilot.pause(1.0)


async def desk(pilot: Pilot[None], app: ChatspaceApp) -> None:
    app.chat.query_one(Prompt).put("/desk brief.md")
    await pilot.press("enter")
    await eventually_async(
        lambda: isinstance(app.screen, DeskScreen) and app.screen.board.helper.keys.option_count > 0, 60.0
    )
    screen = app.screen
    assert isinstance(screen, DeskScreen)
    screen.board.editor.put_cursor(screen.board.editor.text.index("Our customers"))
    await pilot.press("ctrl+r", "s")
    await eventually_async(lambda: screen.session.proposal is not None and screen.session.proposal.versions, 60.0)
    await pilot.press("a")
    await pilot.pause(1.5)


async def run(pilot: Pilot[None], app: ChatspaceApp, line: str = "/run brief.md --profile drafter") -> None:
    app.chat.query_one(Prompt).put(line)
    await pilot.press("enter")
    await eventually_async(
        lambda: isinstance(app.screen, RunScreen) and app.screen.session.run and app.screen.session.run.stored, 60.0
    )
    await pilot.pause(1.0)


async def run_gate(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await run(pilot, app)
    await pilot.press("k", "k")
    await pilot.pause(1.0)


async def run_extract(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await run(pilot, app)
    await pilot.press("k", "k", "k")
    await pilot.pause(1.0)


async def models(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await pilot.press("ctrl+o")
    await pilot.pause(1.0)


async def palette(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await pilot.press("ctrl+p")
    await pilot.pause(1.0)


async def themes(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await pilot.press("f12", "down", "down", "down")
    await pilot.pause(1.0)


async def settings(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await pilot.press("f2")
    await pilot.pause(2.0)


async def endpoints(pilot: Pilot[None], app: ChatspaceApp) -> None:
    app.action_visit("models")
    await pilot.pause(1.0)
    await pilot.press("ctrl+t")
    await pilot.pause(3.0)


async def attach(pilot: Pilot[None], app: ChatspaceApp) -> None:
    Path("old-notes.md").write_text("# Notes\n\n* Porto\n * quiet fan\n  * 38 dB\n", encoding="utf-8")
    Path("letter.docx").write_bytes(b"{\\rtf1 Dear Maria}")
    app.chat.query_one(Prompt).put("/attach brief.md old-notes.md letter.docx")
    await pilot.press("enter")
    await pilot.pause(2.0)
    app.chat.query_one(Prompt).put("What do the notes say that the brief doesn't? See also ")
    await pilot.press("at")
    await pilot.pause(1.0)


async def help(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await pilot.press("f1")
    await pilot.pause()


TALKS = (
    ("Launch of the Tern 4 heat pump", ("tern", "launch"), 0),
    ("Pricing memo for the Nordics", (), 0.1),
    ("Ad headlines for winter", (), 24),
    ("Interview with Ingrid Dahl", ("tern",), 72),
    ("Field test in Berlin", (), 960),
    ("Harbour story, second opening", ("harbour",), 1800),
)
"""Titles, tags, and hours ago."""


async def stored_talks(pilot: Pilot[None], app: ChatspaceApp) -> None:
    """A history of some weeks, its first conversation pinned."""
    store = app.workspace.history
    for title, tags, hours in TALKS:
        when = datetime.now(UTC) - timedelta(hours=hours)
        talk = store.conversations.create(title, created=when)
        asked = store.messages.add(talk.id, None, "user", f"{title}: how quiet is it at night?", created=when)
        store.messages.add(talk.id, asked.id, "assistant", ANSWER, created=when)
        store.conversations.set_tags(talk.id, tags)
        store.conversations.pin(talk.id, hours == 0)
    await pilot.press("f9")
    app.chat.query_one(HistoryPane).load(None)
    await pilot.pause(1.0)


async def history(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await stored_talks(pilot, app)
    await pilot.press("j", "j", "d")
    await pilot.pause(1.0)


async def search(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await stored_talks(pilot, app)
    await pilot.press("ctrl+s", *"quiet tern", "down", "down")
    await pilot.pause(1.0)


async def report(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await chat(pilot, app)
    await draft(pilot, app)
    app.chat.query_one(Prompt).put("/report all")
    await pilot.press("enter")
    await pilot.pause(2.0)


async def batch(pilot: Pilot[None], app: ChatspaceApp) -> None:
    Path("briefs").mkdir()
    brief = Path("brief.md").read_text(encoding="utf-8")
    for title, *_ in TALKS:
        name = f"{title.partition(',')[0].lower().replace(' ', '-')}.md"
        Path("briefs", name).write_text(f"# {title}\n\n{brief}", encoding="utf-8")
    Path("briefs", "winter-notes-scanned.md").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    app.chat.query_one(Prompt).put("/batch briefs --profile drafter --budget 2")
    await pilot.press("enter")
    await eventually_async(
        lambda: (
            isinstance(app.screen, BatchScreen) and (run := app.screen.session.batch) is not None and run.live.ended
        ),
        60.0,
    )
    await pilot.press("G")
    await pilot.pause(1.0)


SCENES: dict[str, Scene] = {
    "welcome": welcome,
    "chat": chat,
    "versions": versions,
    "draft": draft,
    "copy": copy,
    "facts": facts,
    "report": report,
    "story": story,
    "variants": variants,
    "run": run,
    "run-gate": run_gate,
    "run-extract": run_extract,
    "batch": batch,
    "compare": compare,
    "compare-blind": compare_blind,
    "differences": differences,
    "desk": desk,
    "models": models,
    "history": history,
    "search": search,
    "palette": palette,
    "themes": themes,
    "settings": settings,
    "endpoints": endpoints,
    "attach": attach,
    "help": help,
}
SIZES = {"wide": (120, 36), "narrow": (80, 24)}


async def send(pilot: Pilot[None], app: ChatspaceApp, text: str) -> None:
    """Send it and wait for the whole reply."""
    app.chat.query_one(Prompt).put(text)
    await pilot.press("enter")
    transcript = app.chat.query_one(Transcript)
    await eventually_async(lambda: len(transcript.sheet.entries) >= 2 and not app.chat.session.job, 60.0)
    await pilot.pause(1.0)


@asynccontextmanager
async def shown(name: str, size: tuple[int, int], models_: LitellmProvider) -> AsyncIterator[ChatspaceApp]:
    """The workspace with a scene played in it, in a home of its own and a folder with the sample."""
    before = Path.cwd(), os.environ.get("CHATSPACE_HOME")
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as folder, ModelServer() as server:
        os.environ["CHATSPACE_HOME"] = home
        os.chdir(folder)
        shutil.copy(ROOT / "profiles" / "samples" / "brief.md", folder)
        server.answer(lambda body: Reply(ANSWERS.get(body["model"], ANSWER)))
        _point_at(server, Path(home))
        workspace = Workspace(models=models_)
        app = ChatspaceApp(workspace)
        try:
            async with app.run_test(size=size) as pilot:
                await pilot.pause()
                await SCENES[name](pilot, app)
                yield app
        finally:
            workspace.history.close()
            os.chdir(before[0])
            if before[1] is not None:
                os.environ["CHATSPACE_HOME"] = before[1]


async def take(name: str, models_: LitellmProvider) -> None:
    """One scene at every size, as SVG and PNG."""
    for size_name, size in SIZES.items():
        async with shown(name, size, models_) as app:
            _save(app.export_screenshot(title="chatspace"), f"{name}-{size_name}")


def _point_at(server: ModelServer, home: Path) -> None:
    """Profiles for the chat and for one draft that go to the test server."""
    folder = home / "profiles"
    folder.mkdir()
    for name, step, model in (
        ("chat", "chat", "gpt-4.1"),
        ("drafter", "draft", "drafter"),
        ("rewriter", "rewrite", "editor"),
    ):
        (folder / f"{name}.md").write_text(
            f"---\nstep: {step}\nmodel: openai/{model}\napi_base: {server.url}\nprice: {{input: 2.0, output: 8.0}}\n"
            "context_window: 128000\n---\nYou are an editor.\n",
            encoding="utf-8",
        )


def _save(svg: str, name: str) -> None:
    """Without the fonts of a network: the pictures look the same everywhere."""
    plain = re.sub(r"@font-face\s*{[^}]*}", "", svg).replace("Fira Code", FONT)
    (FOLDER / f"{name}.svg").write_text(plain, encoding="utf-8")
    png = resvg_py.svg_to_bytes(svg_string=plain, font_family=FONT, monospace_family=FONT)
    (FOLDER / f"{name}.png").write_bytes(bytes(png))


def main() -> None:
    wanted = sys.argv[1:] or list(SCENES)
    FOLDER.mkdir(exist_ok=True)
    models_ = LitellmProvider()
    for name in wanted:
        asyncio.run(take(name, models_))


if __name__ == "__main__":
    main()
