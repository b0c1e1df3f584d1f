"""The desk, action by action: what is pressed, what stands in the text, what is stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatspace.tui.screens.desk import DeskScreen
from chatspace.tui.screens.desk_dialogs import Choice
from chatspace.tui.screens.model_dialog import ModelDialog
from chatspace.tui.screens.save_dialog import SaveDialog
from tests.model_server import HttpError, ModelServer, Reply, SlowDrip
from tests.tui.conftest import Open
from tests.tui.desk import DeskSeat, add_rewriter, at_desk

BEFORE = "The pump is really very quiet. It ships in the month of May. We like it.\n\n- one item\n- two\n"
REPLY = "The pump is quiet. It ships in May. We like it."
AFTER = BEFORE.replace("really very ", "").replace("the month of ", "")


@pytest.fixture
def brief(open_workspace: Open, home: Path, served: ModelServer) -> Path:
    """brief.md in the folder of the workspace, and a rewriter behind the test server."""
    add_rewriter(home, served.url)
    path = Path("brief.md")
    path.write_text(BEFORE, encoding="utf-8")
    return path


async def test_undo_goes_back_through_edits_acceptances_and_rejections_in_order(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(Reply(REPLY))
    async with at_desk(open_workspace) as (seat, desk):
        await desk.press("x")
        typed = desk.text
        assert typed == f"x{BEFORE}"
        await desk.ask()
        states = []
        for key in ("a", "r"):
            states.append((desk.text, desk.marks))
            await desk.press(key)
        assert desk.marks == ["✓", "✗"]
        await desk.press("f6")
        desk.editor.put_cursor(len(desk.text))
        await desk.press("y")
        assert desk.text.endswith("y")
        await desk.press("ctrl+z")
        assert desk.marks == ["✓", "✗"]
        for text, marks in reversed(states):
            await desk.press("ctrl+z")
            await desk.until(lambda text=text, marks=marks: (desk.text, desk.marks) == (text, marks))
        await desk.press("ctrl+z")
        assert desk.text == BEFORE
        await desk.until(lambda: not seat.workspace.desk.editing())
        await desk.press("ctrl+y", "ctrl+y", "ctrl+y", "ctrl+y")
        await desk.until(lambda: desk.marks == ["✓", "✗"])
        assert desk.text == BEFORE.replace("really very ", "") + "y"


async def test_escape_steps_back_and_loses_nothing(open_workspace: Open, brief: Path, served: ModelServer) -> None:
    served.script(Reply(REPLY))
    async with at_desk(open_workspace) as (seat, desk):
        await desk.ask()
        await desk.press("a", "e", "escape")
        assert desk.has_focus(desk.hunks)
        await desk.press("escape")
        assert desk.has_focus(desk.helper.instruction)
        assert desk.text == BEFORE.replace("really very ", "")
        await desk.press("escape")
        assert desk.has_focus(desk.editor)
        await desk.press("escape")
        await seat.back_in_chat()
        assert "The unsaved text of brief.md is kept." in seat.notices
        await desk.open("brief.md")
        assert desk.text == BEFORE.replace("really very ", "")
        assert any("is back" in notice for notice in seat.notices)
        await desk.press("ctrl+z")
        assert desk.text == BEFORE


async def test_quitting_at_once_keeps_the_unsaved_text(open_workspace: Open, brief: Path, served: ModelServer) -> None:
    async with at_desk(open_workspace) as (_, desk):
        await desk.press("x", "ctrl+q")
    async with at_desk(open_workspace) as (_, desk):
        assert desk.text == f"x{BEFORE}"


async def test_one_pane_at_a_time_where_it_is_narrow(open_workspace: Open, brief: Path, served: ModelServer) -> None:
    served.script(Reply(REPLY))
    async with at_desk(open_workspace, size=(80, 24)) as (_, desk):
        assert desk.editor.display
        assert desk.editor.size.width > 70
        assert desk.helper.size.width == 0
        await desk.ask()
        assert desk.helper.size.width > 70
        await desk.press("f6")
        assert desk.has_focus(desk.editor)
        assert desk.editor.size.width > 70
        await desk.press("f6", "A", "f6")
        assert desk.text == AFTER


async def test_the_helper_is_another_profile_once_one_is_chosen(
    open_workspace: Open, home: Path, brief: Path, served: ModelServer
) -> None:
    rewriter = (home / "profiles" / "rewriter.md").read_text(encoding="utf-8")
    (home / "profiles" / "careful.md").write_text(rewriter.replace("rewriter-model", "careful-model"), encoding="utf-8")
    served.script(Reply(REPLY))
    async with at_desk(open_workspace) as (seat, desk):
        await desk.press("ctrl+o")
        await desk.until(lambda: isinstance(seat.app.screen, ModelDialog) and "careful" in seat.shown)
        assert "quick" not in seat.shown, "it is no profile for rewriting"
        await desk.press(*"careful", "enter")
        await desk.until(lambda: "careful-model" in desk.said)
        await desk.ask()
        assert served.bodies[-1]["model"] == "careful-model"


async def test_a_proposal_that_comes_while_somebody_writes_leaves_the_letters_in_the_text(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(Reply(REPLY, chunk=4, delay=0.1))
    async with at_desk(open_workspace) as (seat, desk):
        await desk.press("ctrl+r", "s")
        await desk.until(lambda: desk.screen.session.asking.live)
        await desk.press("f6")
        assert desk.has_focus(desk.editor)
        await desk.until(lambda: not desk.screen.session.asking.live and desk.hunks.option_count)
        assert desk.has_focus(desk.editor)
        await seat.told("The proposal has come. f6 goes to it.")
        await desk.press("a", "r")
        proposal = desk.screen.session.proposal
        assert proposal is not None
        assert proposal.review is not None
        assert len(proposal.review.pending()) == len(proposal.review.rewrite.hunks)
        await desk.press("f6")
        assert desk.has_focus(desk.hunks)


async def test_a_key_of_the_list_rewrites_the_paragraph_and_the_text_shows_where_each_hunk_is(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(Reply(REPLY.replace("quiet", "quiet at 38 dB")))
    async with at_desk(open_workspace) as (seat, desk):
        assert desk.text == BEFORE
        await desk.ask("s")
        turns = served.bodies[-1]["messages"]
        assert turns[0]["content"].startswith("Make it shorter")
        assert turns[1]["content"] == BEFORE.partition("\n")[0]
        assert "! “38 dB” is new." in desk.lines[0]
        assert desk.lines[1].split("\n")[0] == "· It ships in -the month of May."
        assert desk.editor.selected_text == "The pump is really very quiet."
        await desk.press("n")
        assert desk.editor.selected_text == "It ships in the month of May."
        await desk.press("p")
        assert desk.editor.selected_text == "The pump is really very quiet."
        await desk.press("r", "a")
        assert desk.marks == ["✗", "✓"]
        assert desk.text == BEFORE.replace("the month of ", "")
        await desk.press("f8")
        await seat.opened(SaveDialog)
        await desk.press("enter")
        await seat.told("brief.critic.md")
        assert "{>>rejected: The pump is quiet at 38 dB.<<}" in Path("brief.critic.md").read_text(encoding="utf-8")


async def test_words_of_ones_own_are_asked_for_a_selection_and_versions_are_walked_and_edited(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(HttpError(401), Reply("It ships soon."), Reply("It ships now."))
    async with at_desk(open_workspace) as (_, desk):
        desk.editor.show_span((31, 60))
        await desk.press("ctrl+r", "tab", *"say soon", "enter")
        await desk.proposal()
        assert "m tries again" in desk.said
        await desk.press("m")
        await desk.until(lambda: desk.hunks.option_count == 1)
        assert served.bodies[-1]["messages"][1]["content"] == "It ships in the month of May."
        await desk.press("a")
        assert desk.text == BEFORE.replace("in the month of May", "soon")
        await desk.press("m")
        await desk.until(lambda: "version 2 of 2" in desk.said)
        assert "no longer applies" in desk.lines[0], "that sentence was taken from the first version"
        await desk.press("v")
        assert "version 1 of 2" in desk.said
        await desk.press("2")
        assert "version 2 of 2" in desk.said
        await desk.press("1", "n", "e", "escape")
        assert desk.has_focus(desk.hunks)
        await desk.press("e", "ctrl+u", *"Hush.", "enter")
        assert desk.text == BEFORE.replace("It ships in the month of May.", "Hush.")
        assert desk.marks == ["✎"]
        assert "1 edited" in desk.said
        await desk.press("u")
        assert desk.marks == ["✓"]


async def test_escape_stops_a_proposal_and_keeps_what_came(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.answer(SlowDrip())
    async with at_desk(open_workspace) as (seat, desk):
        await desk.press("ctrl+r", "s")
        await desk.until(lambda: desk.session.asking.live and len(desk.session.asking.live.text) > 5)
        await desk.until(lambda: "rewriting" in desk.status)
        assert desk.has_focus(desk.helper.stream)
        await desk.press("f6")
        assert desk.has_focus(desk.editor)
        await desk.press("escape")
        await desk.until(lambda: desk.session.asking.live is None)
        assert desk.has_focus(desk.editor)
        assert seat.stored[1].status == "stopped"
        assert desk.text == BEFORE


async def test_a_file_that_changed_on_disk_is_asked_about_and_where_another_is_saved(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    async with at_desk(open_workspace, "brief.md --channel x") as (seat, desk):
        await desk.until(lambda: "ease" in desk.status)
        assert f"{len(BEFORE.strip())}/280" in desk.status
        assert "19 words" in desk.status
        await desk.press("x")
        brief.write_text("Theirs.\n", encoding="utf-8")
        for key in ("escape", "r"):
            await desk.press("ctrl+s")
            await seat.opened(Choice)
            await desk.press(key)
            await seat.opened(DeskScreen)
            assert brief.read_text(encoding="utf-8") == "Theirs.\n"
        await desk.until(lambda: desk.text == "Theirs.\n")
        await desk.press("ctrl+z")
        assert desk.text == f"x{BEFORE}"
        brief.write_text("Other.\n", encoding="utf-8")
        await desk.press("ctrl+s")
        await seat.opened(Choice)
        await desk.press("s")
        await seat.opened(SaveDialog)
        Path("theirs.md").write_text("Theirs.\n", encoding="utf-8")
        await desk.press("ctrl+u", *"theirs.md", "enter")
        await desk.until(lambda: "theirs.md exists." in seat.shown)
        assert "enter writes over it" in seat.shown
        assert Path("theirs.md").read_text(encoding="utf-8") == "Theirs.\n"
        await desk.press("enter")
        await seat.told("Saved to")
        assert Path("theirs.md").read_text(encoding="utf-8") == f"x{BEFORE}"
        assert brief.read_text(encoding="utf-8") == "Other.\n"
        Path("theirs.md").write_text("Others.\n", encoding="utf-8")
        await desk.press("ctrl+s")
        await seat.opened(Choice)
        await desk.press("o")
        await desk.until(lambda: Path("theirs.md").read_text(encoding="utf-8") == f"x{BEFORE}")


async def test_f4_takes_the_last_reply_and_a_draft_of_it_survives(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(Reply("A *quiet* winter."))
    async with open_workspace() as seat:
        await seat.exchange("Three titles, please")
        desk = DeskSeat(seat)
        await desk.open()
        assert desk.text == "A *quiet* winter."
        await desk.press("x", "escape")
        await seat.back_in_chat()
        await desk.open()
        assert desk.text == "xA *quiet* winter."
