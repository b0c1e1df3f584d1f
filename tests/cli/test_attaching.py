"""Files that go along with a comparison and a story, headless: read, gated, told, stored and sent."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Run
from tests.model_server import ModelServer, Reply

OPENINGS = json.dumps({"openings": [{"tone": "plain", "text": "It is quiet."}]})


def _profiles(home: Path, server: ModelServer) -> None:
    folder = home / "profiles"
    folder.mkdir()
    for name, step in (("chat", "chat"), ("quick", "chat"), ("storyteller", "story")):
        (folder / f"{name}.md").write_text(
            f"---\nstep: {step}\nmodel: openai/{name}-model\napi_base: {server.url}\n---\nYou are {name}.\n",
            encoding="utf-8",
        )


def _sent(server: ModelServer) -> list[str]:
    return [body["messages"][-1]["content"] for body in server.bodies]


def test_a_comparison_takes_files_along(
    run_chatspace: Run, home: Path, model_server: ModelServer, tmp_path: Path
) -> None:
    _profiles(home, model_server)
    (tmp_path / "brief.md").write_text("# Tern 4\n\nIt makes 28 dB.\n", encoding="utf-8")
    model_server.script(Reply("One."), Reply("Two."))
    done = run_chatspace("compare", "A title", "-p", "chat", "-p", "quick", "--with", "brief.md", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "with brief.md: " in done.stderr
    assert "gate passed" in done.stderr
    assert len(_sent(model_server)) == 2
    assert all("It makes 28 dB." in sent and "A title" in sent for sent in _sent(model_server))


def test_a_story_takes_files_along(run_chatspace: Run, home: Path, model_server: ModelServer, tmp_path: Path) -> None:
    _profiles(home, model_server)
    (tmp_path / "brief.md").write_text("# Tern 4\n\nIt makes 28 dB.\n", encoding="utf-8")
    (tmp_path / "notes.md").write_text("# Notes\n\nIt is made in Porto.\n", encoding="utf-8")
    model_server.script(Reply(OPENINGS))
    done = run_chatspace("story", "brief.md", "--with", "notes.md", "--openings", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "with notes.md: " in done.stderr
    (sent,) = _sent(model_server)
    assert "28 dB" in sent
    assert "Porto" in sent
