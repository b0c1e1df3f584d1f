"""Makes the pictures in screenshots/ from the real workspace: `python -m tests.screenshots`.

The conversation is answered by the test server over HTTP; the draft and the copy by the embedded engine, from the
shipped sample.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import resvg_py
from textual.pilot import Pilot

from chatspace.adapters.litellm_provider import LitellmProvider
from chatspace.tui.app import ChatspaceApp
from chatspace.tui.widgets.prompt import Prompt
from chatspace.tui.widgets.transcript import Transcript
from chatspace.wiring import build
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

Scene = Callable[[Pilot[None], ChatspaceApp], Awaitable[None]]


async def welcome(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await pilot.pause(1.0)


async def chat(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await send(pilot, app, "Three openings for the Tern 4 launch, please, and say what each is good for")


async def draft(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await send(pilot, app, "/draft brief.md --words 300")


async def copy(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await send(pilot, app, "/copy brief.md --channel google-ads")


async def facts(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await send(pilot, app, "/draft brief.md --profile drafter")
    await pilot.press("escape", "v")
    await pilot.pause(2.0)


async def models(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await pilot.press("ctrl+o")
    await pilot.pause(1.0)


async def help(pilot: Pilot[None], app: ChatspaceApp) -> None:
    await pilot.press("f1")
    await pilot.pause()


SCENES: dict[str, Scene] = {
    "welcome": welcome,
    "chat": chat,
    "draft": draft,
    "copy": copy,
    "facts": facts,
    "models": models,
    "help": help,
}
SIZES = {"wide": (120, 36), "narrow": (80, 24)}


async def send(pilot: Pilot[None], app: ChatspaceApp, text: str) -> None:
    """Send it and wait for the whole reply."""
    app.chat.query_one(Prompt).put(text)
    await pilot.press("enter")
    transcript = app.chat.query_one(Transcript)
    await eventually_async(lambda: len(transcript.entries) >= 2 and not app.chat.job, 60.0)
    await pilot.pause(1.0)


async def take(name: str, scene: Scene, models_: LitellmProvider) -> None:
    """One scene at every size, as SVG and PNG."""
    for size_name, size in SIZES.items():
        with tempfile.TemporaryDirectory() as folder:
            os.environ["CHATSPACE_HOME"] = folder
            os.chdir(folder)
            shutil.copy(ROOT / "profiles" / "samples" / "brief.md", folder)
            with ModelServer() as server:
                server.answer(lambda body: Reply(DRAFTED if body["model"] == "drafter" else ANSWER))
                _point_at(server, Path(folder))
                workspace = build(models=models_)
                app = ChatspaceApp(workspace)
                async with app.run_test(size=size) as pilot:
                    await pilot.pause()
                    await scene(pilot, app)
                    _save(app.export_screenshot(title="chatspace"), f"{name}-{size_name}")
                workspace.history.close()


def _point_at(server: ModelServer, home: Path) -> None:
    """Profiles for the chat and for one draft that go to the test server."""
    folder = home / "profiles"
    folder.mkdir()
    for name, step, model in (("chat", "chat", "gpt-4.1"), ("drafter", "draft", "drafter")):
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
        asyncio.run(take(name, SCENES[name], models_))


if __name__ == "__main__":
    main()
