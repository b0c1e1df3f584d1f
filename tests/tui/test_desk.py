"""The desk, action by action: what is pressed, what stands in the text, what is stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatspace.tui.screens.desk_questions import Choice
from chatspace.tui.screens.model_dialog import ModelDialog
from chatspace.tui.screens.save_dialog import SaveDialog
from tests.model_server import Cut, HttpError, ModelServer, Reply, SlowDrip
from tests.tui.conftest import Open
from tests.tui.desk import DeskSeat, at_desk, desk_served

pytestmark = pytest.mark.drill  # a whole workspace for each test: the gate runs them

BEFORE = "The pump is really very quiet. It ships in the month of May. We like it.\n\n- one item\n- two\n"
REPLY = "The pump is quiet. It ships in May. We like it."
AFTER = BEFORE.replace("really very ", "").replace("the month of ", "")


@pytest.fixture
def brief(open_workspace: Open, home: Path, served: ModelServer) -> Path:
    """brief.md in the folder of the workspace, and a rewriter behind the test server."""
    desk_served(home, served)
    path = Path("brief.md")
    path.write_text(BEFORE, encoding="utf-8")
    return path


async def test_a_key_of_the_list_rewrites_the_paragraph_and_its_hunks_go_into_the_text(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(Reply(REPLY))
    async with at_desk(open_workspace) as (seat, desk):
        assert desk.text == BEFORE
        await desk.ask("s")
        turns = served.bodies[-1]["messages"]
        assert turns[0]["content"].startswith("Make it shorter")
        assert turns[1]["content"] == "The pump is really very quiet. It ships in the month of May. We like it."
        assert [line.split("\n")[0] for line in desk.lines] == [
            "· The pump is -really very quiet.",
            "· It ships in -the month of May.",
        ]
        await desk.press("a")
        assert desk.text == BEFORE.replace("really very ", "")
        await desk.press("a")
        assert desk.text == AFTER
        assert brief.read_text(encoding="utf-8") == BEFORE, "only saving writes"
        assert [(one.role, one.step, one.status) for one in seat.stored] == [
            ("user", "rewrite", "complete"),
            ("assistant", "rewrite", "complete"),
        ]
        await desk.until(lambda: seat.workspace.desk.editing() and seat.workspace.desk.editing()[0].accepted == 2)


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


async def test_accept_all_and_reject_all_are_one_step_each(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(Reply(REPLY))
    async with at_desk(open_workspace) as (_, desk):
        await desk.ask()
        await desk.press("A")
        assert desk.text == AFTER
        await desk.press("u")
        assert desk.text == BEFORE
        await desk.until(lambda: desk.marks == ["·", "·"])
        await desk.press("R")
        assert desk.text == BEFORE
        assert desk.marks == ["✗", "✗"]


async def test_a_hunk_is_edited_in_its_place_and_the_report_knows(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(Reply(REPLY))
    async with at_desk(open_workspace) as (seat, desk):
        await desk.ask()
        await desk.press("e", "escape")
        assert desk.has_focus(desk.hunks)
        await desk.press("e", "ctrl+u", *"Hush.", "enter")
        assert desk.text == BEFORE.replace("The pump is really very quiet.", "Hush.")
        assert desk.lines[0].startswith("✎")
        await desk.until(seat.workspace.desk.editing)
        (editing,) = seat.workspace.desk.editing()
        assert (editing.edited, editing.texts, editing.profile) == (1, 1, "rewriter")
        assert editing.words_per_text == 4


async def test_next_and_previous_walk_and_the_text_shows_where(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(Reply(REPLY))
    async with at_desk(open_workspace) as (_, desk):
        await desk.ask()
        assert desk.editor.selected_text == "The pump is really very quiet."
        await desk.press("n")
        assert desk.editor.selected_text == "It ships in the month of May."
        await desk.press("p")
        assert desk.editor.selected_text == "The pump is really very quiet."


async def test_rejected_hunks_are_told_with_the_next_request(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(Reply(REPLY), Reply(REPLY))
    async with at_desk(open_workspace) as (seat, desk):
        await desk.ask()
        await desk.press("r")
        await desk.until(seat.workspace.desk.editing)
        await desk.press("m")
        await desk.until(lambda: len(served.bodies) == 2)
        await desk.proposal()
        assert "Not: The pump is quiet." in served.bodies[-1]["messages"][0]["content"]


async def test_versions_are_kept_beside_each_other(open_workspace: Open, brief: Path, served: ModelServer) -> None:
    served.script(Reply(REPLY), Reply(REPLY.replace("We like it", "We love it")))
    async with at_desk(open_workspace) as (seat, desk):
        await desk.ask()
        await desk.press("a", "m")
        await desk.until(lambda: "version 2 of 2" in desk.said)
        assert "no longer applies" in desk.lines[0], "that sentence was taken from the first version"
        await desk.press("n", "n", "a")
        assert "We love it." in desk.text
        await desk.press("1")
        assert "version 1 of 2" in desk.said
        assert desk.lines[0].startswith("✓")
        await desk.press("v")
        assert "version 2 of 2" in desk.said
        assert len(seat.workspace.history.conversations.page()) == 1
        replies = [one for one in seat.stored if one.role == "assistant"]
        assert [(one.sibling, one.siblings) for one in replies] == [(1, 2), (2, 2)]


async def test_words_of_ones_own_can_be_asked_for_a_selection(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(Reply("It ships soon."))
    async with at_desk(open_workspace) as (_, desk):
        desk.editor.show_span((31, 60))
        await desk.press("ctrl+r", "tab", *"say soon", "enter")
        await desk.proposal()
        assert served.bodies[-1]["messages"][1]["content"] == "It ships in the month of May."
        await desk.press("a")
        assert desk.text == BEFORE.replace("in the month of May", "soon")


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


async def test_what_broke_without_a_text_can_be_tried_again_with_one_key(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(HttpError(401), Reply(REPLY))
    async with at_desk(open_workspace) as (_, desk):
        await desk.ask()
        assert "m tries again" in desk.said
        assert desk.text == BEFORE
        await desk.press("m")
        await desk.until(lambda: desk.hunks.option_count == 2)


async def test_a_proposal_that_broke_off_leaves_the_end_of_the_passage(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(Cut(3, text=REPLY))
    served.answer(HttpError(500))
    async with at_desk(open_workspace) as (seat, desk):
        await desk.ask()
        await desk.press("A")
        assert desk.text.endswith("We like it.\n\n- one item\n- two\n")
        assert len(seat.workspace.history.conversations.page()) == 1
        assert seat.stored[1].status == "truncated"


async def test_escape_stops_a_proposal_and_keeps_what_came(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.answer(SlowDrip())
    async with at_desk(open_workspace) as (seat, desk):
        await desk.press("ctrl+r", "s")
        await desk.until(lambda: desk.screen.job and len(desk.screen.job.live.text) > 5)
        await desk.press("escape")
        await desk.until(lambda: desk.screen.job is None)
        assert len(seat.workspace.history.conversations.page()) == 1
        assert seat.stored[1].status == "stopped"
        assert desk.text == BEFORE


async def test_a_hunk_that_breaks_a_list_is_not_taken(open_workspace: Open, brief: Path, served: ModelServer) -> None:
    served.script(Reply("one item, two"))
    async with at_desk(open_workspace) as (_, desk):
        desk.editor.put_cursor(BEFORE.index("one item"))
        await desk.ask()
        assert any("⊘" in line for line in desk.lines)
        await desk.press("A")
        assert "- one item" in desk.text


async def test_a_new_figure_is_flagged_on_its_hunk(open_workspace: Open, brief: Path, served: ModelServer) -> None:
    served.script(Reply(REPLY.replace("quiet", "quiet at 38 dB")))
    async with at_desk(open_workspace) as (_, desk):
        await desk.ask()
        assert "! “38 dB” is new." in desk.lines[0]


async def test_what_is_edited_meanwhile_is_followed(open_workspace: Open, brief: Path, served: ModelServer) -> None:
    served.script(Reply(REPLY))
    async with at_desk(open_workspace) as (_, desk):
        await desk.ask()
        await desk.press("f6")
        desk.editor.put_cursor(0)
        await desk.press(*"So: ", "f6", "a")
        assert desk.text == f"So: {BEFORE}".replace("really very ", "")


async def test_saving_writes_the_file_whole_and_keeps_its_line_ends(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    brief.write_bytes(b"\xef\xbb\xbfOne.\r\nTwo.\r\n")
    async with at_desk(open_workspace) as (seat, desk):
        await desk.press("x", "ctrl+s")
        await seat.told("Saved to")
        assert brief.read_bytes() == b"\xef\xbb\xbfxOne.\r\nTwo.\r\n"
        assert not desk.screen.dirty


@pytest.mark.parametrize(
    ("key", "on_disk", "on_desk"),
    [("o", f"x{BEFORE}", f"x{BEFORE}"), ("r", "Theirs.\n", "Theirs.\n"), ("escape", "Theirs.\n", f"x{BEFORE}")],
)
async def test_a_file_that_changed_on_disk_is_asked_about(
    open_workspace: Open, brief: Path, served: ModelServer, key: str, on_disk: str, on_desk: str
) -> None:
    async with at_desk(open_workspace) as (seat, desk):
        await desk.press("x")
        brief.write_text("Theirs.\n", encoding="utf-8")
        await desk.press("ctrl+s")
        await seat.opened(Choice)
        await desk.press(key)
        await desk.until(lambda: not isinstance(seat.app.screen, Choice) and desk.text == on_desk)
        await desk.until(lambda: brief.read_text(encoding="utf-8") == on_disk)
        if key == "r":
            await desk.press("ctrl+z")
            assert desk.text == f"x{BEFORE}"


async def test_a_changed_file_can_be_left_alone_by_saving_as_another(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    async with at_desk(open_workspace) as (seat, desk):
        await desk.press("x")
        brief.write_text("Theirs.\n", encoding="utf-8")
        await desk.press("ctrl+s")
        await seat.opened(Choice)
        await desk.press("s")
        await seat.opened(SaveDialog)
        await desk.press("ctrl+u", *"mine.md", "enter")
        await desk.until(lambda: Path("mine.md").exists())
        assert Path("mine.md").read_text(encoding="utf-8") == f"x{BEFORE}"
        assert brief.read_text(encoding="utf-8") == "Theirs.\n"


async def test_an_export_shows_every_decision_as_criticmarkup(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(Reply(REPLY))
    async with at_desk(open_workspace) as (seat, desk):
        await desk.ask()
        await desk.press("a", "r", "f8")
        await seat.opened(SaveDialog)
        await desk.press("enter")
        await desk.until(lambda: Path("brief.critic.md").exists())
        assert (
            Path("brief.critic.md")
            .read_text(encoding="utf-8")
            .startswith(
                "The pump is {--really very --}quiet. It ships in the month of May."
                "{>>rejected: It ships in May.<<} We like it."
            )
        )


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


async def test_an_unsaved_text_survives_a_crash(open_workspace: Open, brief: Path, served: ModelServer) -> None:
    async with at_desk(open_workspace) as (seat, desk):
        await desk.press("x")
        await desk.until(lambda: seat.workspace.desk.open(brief).restored)
        assert seat.workspace.desk.open(brief).text == f"x{BEFORE}"


async def test_quitting_at_once_keeps_the_unsaved_text(open_workspace: Open, brief: Path, served: ModelServer) -> None:
    async with at_desk(open_workspace) as (_, desk):
        await desk.press("x", "ctrl+q")
    async with at_desk(open_workspace) as (_, desk):
        assert desk.text == f"x{BEFORE}"


async def test_undo_takes_back_what_a_closed_proposal_did_while_another_is_open(
    open_workspace: Open, brief: Path, served: ModelServer
) -> None:
    served.script(Reply(REPLY), Reply("- an item\n- second"))
    async with at_desk(open_workspace) as (seat, desk):
        await desk.ask()
        await desk.press("a", "escape", "escape")
        desk.editor.put_cursor(desk.text.index("one item"))
        await desk.ask()
        await desk.press("u")
        assert desk.text == BEFORE
        await desk.until(lambda: not seat.workspace.desk.editing())
        await desk.press("A")
        assert desk.text == BEFORE.replace("one item", "an item").replace("two", "second")


async def test_a_key_of_ones_own_list_asks_for_what_the_file_says(
    open_workspace: Open, brief: Path, served: ModelServer, home: Path
) -> None:
    (home / "desk.yaml").write_text('keys: {j: {name: jolly, instruction: "Make it jolly."}}\n', encoding="utf-8")
    served.script(Reply(REPLY))
    async with at_desk(open_workspace) as (_, desk):
        assert desk.helper.keys.option_count == 1
        await desk.ask("j")
        assert served.bodies[-1]["messages"][0]["content"].startswith("Make it jolly.")


async def test_the_status_line_counts(open_workspace: Open, brief: Path, served: ModelServer) -> None:
    async with at_desk(open_workspace, "brief.md --channel x") as (_, desk):
        await desk.until(lambda: "ease" in desk.status)
        assert "19 words" in desk.status
        assert f"{len(BEFORE.strip())}/280" in desk.status


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


async def test_a_saved_file_keeps_its_encoding_and_line_ends_or_says_that_it_cannot(
    open_workspace: Open, brief: Path
) -> None:
    brief.write_bytes("Caf\xe9.\r\nTwo.\r\n".encode("cp1252"))
    async with at_desk(open_workspace) as (_, desk):
        await desk.press("é", "ctrl+s")
        await desk.until(lambda: brief.read_bytes() == "éCafé.\r\nTwo.\r\n".encode("cp1252"))
        desk.editor.insert("→")
        await desk.press("ctrl+s")
        await desk.until(lambda: brief.read_bytes() == "é→Café.\r\nTwo.\r\n".encode())
        await desk.until(lambda: "brief.md is UTF-8 now: Windows-1252 has no →" in desk.status)


async def test_saving_as_a_file_that_exists_is_asked_about(open_workspace: Open, brief: Path) -> None:
    Path("theirs.md").write_text("Theirs.\n", encoding="utf-8")
    async with open_workspace() as seat:
        desk = DeskSeat(seat)
        await desk.open()
        await desk.press("x", "ctrl+s")
        await seat.opened(SaveDialog)
        await desk.press("ctrl+u", *"theirs.md", "enter")
        await desk.until(lambda: "theirs.md exists." in seat.shown)
        assert "enter writes over it" in seat.shown
        assert Path("theirs.md").read_text(encoding="utf-8") == "Theirs.\n"
        await desk.press("enter")
        await desk.until(lambda: Path("theirs.md").read_text(encoding="utf-8") == "x")


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
        await desk.until(lambda: desk.screen.job)
        await desk.press("f6")
        if not desk.has_focus(desk.editor):
            await desk.press("f6")
        await desk.until(lambda: desk.screen.job is None and desk.hunks.option_count)
        assert desk.has_focus(desk.editor)
        await seat.told("The proposal has come. f6 goes to it.")
        await desk.press("a", "r")
        assert desk.screen.review
        assert len(desk.screen.review.pending()) == len(desk.screen.review.rewrite.hunks)
        await desk.press("f6")
        assert desk.has_focus(desk.hunks)
