"""What other packages add, in the dialogs and menus of the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from chatspace import plugins
from chatspace.tui.screens.importing import ImportScreen
from chatspace.tui.screens.save_dialog import SaveDialog
from tests.plugins import SUBTITLES, install_sample
from tests.tui.conftest import Open


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The sample, in registries that are filled again before and after."""
    install_sample(tmp_path / "packages")
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    plugins.forget()
    yield
    plugins.forget()


@pytest.mark.usefixtures("sample")
async def test_the_workspace_offers_what_a_plugin_adds(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        Path("talk.srt").write_text(SUBTITLES, encoding="utf-8")
        await seat.exchange("/draft talk.srt")
        await seat.send("/export talk.shout")
        await seat.until(Path("talk.shout").exists)
        await seat.send("/export talk.lines")
        await seat.until(Path("talk.lines").exists)
        assert Path("talk.lines").read_text(encoding="utf-8").startswith("user: /draft talk.srt\n")
        await seat.send("/import")
        await seat.opened(ImportScreen)
        await seat.until(lambda: "Forum" in str(seat.app.screen.query_one("#import-what", Static).content))
        await seat.pilot.press("escape")
        await seat.pilot.press("f9", "x")
        await seat.opened(SaveDialog)
        assert "Lines" in seat.app.screen._names  # type: ignore[attr-defined]
        seat.app.screen.query_one(Input).value = "all.lines"
        await seat.pilot.press("enter")
        await seat.until(Path("all.lines").exists)
