"""Import and export in the workspace: progress, what came in, what didn't, and files of everything."""

from __future__ import annotations

import json
from pathlib import Path

from textual.widgets import Input, OptionList

from chatspace.tui.screens.importing import ImportScreen
from tests.adapters.importers.exports import chatgpt, node
from tests.tui.conftest import Open, Seat


def written(path: Path, *titles: str) -> Path:
    """An export whose first conversation has a file that isn't in it."""
    attached = {"attachments": [{"name": "brief [b].pdf"}]}
    talks = [
        chatgpt(node("q", "root", "user", "Hello", metadata={} if n else attached), id=f"c{n}", title=title)
        for n, title in enumerate(titles)
    ]
    path.write_text(json.dumps(talks))
    return path


def report(seat: Seat) -> str:
    report = seat.app.screen.query_one("#import-report", OptionList)
    return "\n".join(str(report.get_option_at_index(n).prompt) for n in range(report.option_count))


async def test_an_import_shows_what_came_in_and_what_did_not(open_workspace: Open, tmp_path: Path) -> None:
    path = written(tmp_path / "my export.json", "Pump", "Harbour")
    async with open_workspace() as seat:
        await seat.send(f"/import {path}")
        await seat.until(lambda: isinstance(seat.app.screen, ImportScreen) and "new conversation" in report(seat))
        assert "2 new conversations, 2 new messages" in report(seat)
        assert "message q: the file brief [b].pdf: an export contains only its name" in report(seat)
        await seat.pilot.press("escape")
        await seat.until(lambda: seat.screen.history.conversations.loaded == 2)
        await seat.open_newest()
        assert seat.entries[0].text.startswith("Hello")


async def test_a_file_is_named_on_the_screen_and_a_wrong_one_says_why(open_workspace: Open, tmp_path: Path) -> None:
    path = written(tmp_path / "talks.json", "Pump")
    async with open_workspace(size=(80, 24)) as seat:
        await seat.send("/import nowhere.zip")
        await seat.until(lambda: isinstance(seat.app.screen, ImportScreen) and "Nothing could be read" in report(seat))
        assert "nowhere.zip: no such file" in report(seat)
        await seat.pilot.press("enter")
        line = seat.app.screen.query_one(Input)
        line.value = str(path)
        await seat.pilot.press("enter")
        await seat.until(lambda: "1 new conversation" in report(seat))


async def test_everything_is_exported_into_a_folder_or_a_file(open_workspace: Open, tmp_path: Path) -> None:
    async with open_workspace() as seat:
        workspace = seat.workspace
        workspace.importing.run([written(tmp_path / "talks.json", "Pump", "Pump")])
        await seat.send("/export --all out/")
        await seat.told("2 conversations, and an index")
        assert sorted(each.name for each in Path("out").iterdir()) == [
            "2023-11-14-Pump-2.md",
            "2023-11-14-Pump.md",
            "index.md",
        ]
        await seat.send("/export --all all.json")
        await seat.told("all.json")
        assert len(Path("all.json").read_text().splitlines()) == 2
        await seat.send("/export --all")
        await seat.told("needs a folder")
