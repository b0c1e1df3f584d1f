"""Comparing in the workspace, key by key: who is asked, what is seen, what is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, OptionList, Static

from chatspace.tui.screens.compare import CompareScreen
from chatspace.tui.screens.differences import Differences
from chatspace.tui.screens.target_picker import TargetPicker
from chatspace.tui.sessions.compared_answer import ComparedAnswer
from chatspace.tui.widgets.answer_column import AnswerColumn
from chatspace.tui.widgets.answer_tabs import AnswerTabs
from chatspace.tui.widgets.attachment_rows import AttachmentRows
from chatspace.tui.widgets.composer import Composer
from chatspace.tui.widgets.prompt import Prompt
from chatspace.tui.widgets.status_line import StatusLine
from tests.model_server import Answer, Cut, ErrorEvent, Hang, HttpError, ModelServer, Reply, SlowDrip
from tests.tui.conftest import Open, Seat, turns_of

WIDE, NARROW = (140, 45), (80, 24)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
ALL = "chat,quick,careful"


@pytest.fixture
def three(served: ModelServer, home: Path) -> ModelServer:
    """The test server behind the profiles chat, quick and careful."""
    quick = (home / "profiles" / "quick.md").read_text(encoding="utf-8")
    (home / "profiles" / "careful.md").write_text(quick.replace("quick", "careful"), encoding="utf-8")
    return served


def by_model(**answers: Answer) -> Callable[[Mapping[str, Any]], Answer]:
    def choose(body: Mapping[str, Any]) -> Answer:
        return answers[str(body["model"]).split("-")[0]]

    return choose


def compare(seat: Seat) -> CompareScreen:
    screen = seat.app.screen
    assert isinstance(screen, CompareScreen)
    return screen


def answers(seat: Seat) -> list[ComparedAnswer]:
    """From left to right."""
    return compare(seat).session.answers


def answer(seat: Seat, name: str) -> ComparedAnswer:
    return next(each for each in answers(seat) if each.candidate.contestant.name == name)


def columns(seat: Seat) -> list[AnswerColumn]:
    return compare(seat).board.answers.columns


def column(seat: Seat, name: str) -> AnswerColumn:
    return next(each for each in columns(seat) if each.answer.candidate.contestant.name == name)


def foot(seat: Seat, name: str) -> str:
    return str(column(seat, name).query_one(".answer-foot", Static).render())


def said(seat: Seat) -> str:
    return compare(seat).query_one(StatusLine).left


async def ask(seat: Seat, text: str = "Which is best?", names: str = ALL) -> None:
    await seat.send(f"/compare {text} --profiles {names}")
    await seat.until(
        lambda: isinstance(seat.app.screen, CompareScreen) and any(one.job or one.reply for one in answers(seat))
    )


async def ended(seat: Seat) -> None:
    await seat.until(lambda: not any(each.running for each in answers(seat)))


async def compared(seat: Seat, text: str = "Which is best?", names: str = ALL) -> None:
    """Ask, until everybody has ended."""
    await ask(seat, text, names)
    await ended(seat)


@SIZES
async def test_all_answers_come_at_the_same_time_and_are_siblings_of_one_message(
    open_workspace: Open, three: ModelServer, size: tuple[int, int]
) -> None:
    three.answer(by_model(chat=Reply("One."), quick=Reply("Two."), careful=Reply("Three.")))
    async with open_workspace(size) as seat:
        await compared(seat)
        assert [each.text for each in answers(seat)] == ["One.", "Two.", "Three."]
        assert foot(seat, "chat").startswith("✓ done · ")
        assert all(part in foot(seat, "chat") for part in ("$", "80 tokens", "first "))
        assert said(seat).startswith("3 of 3 ended · $")
        question, *replies = seat.stored
        assert question.text == "Which is best?"
        assert {reply.parent for reply in replies} == {question.id}
        assert {reply.siblings for reply in replies} == {3}


async def test_one_that_breaks_one_that_hangs_and_one_that_is_slow_leave_each_other_and_the_keys_alone(
    open_workspace: Open, three: ModelServer
) -> None:
    three.answer(
        by_model(chat=ErrorEvent(3), quick=Hang(after_chunks=3), careful=Reply("Slow but whole. " * 9, delay=0.01))
    )
    async with open_workspace(NARROW) as seat:
        await ask(seat)
        await seat.until(lambda: answer(seat, "careful").state == "complete")
        assert answer(seat, "chat").state == "truncated"
        assert answer(seat, "quick").running
        await seat.pilot.press("2")
        assert compare(seat).session.chosen is answer(seat, "quick")
        await seat.pilot.press("s")
        await seat.until(lambda: answer(seat, "quick").state == "stopped")
        assert {message.status for message in seat.stored[1:]} == {"truncated", "stopped", "complete"}
        assert all(message.text for message in seat.stored)


async def test_what_failed_can_be_asked_again_and_stays_as_a_sibling(open_workspace: Open, three: ModelServer) -> None:
    three.answer(by_model(chat=Reply("One."), quick=HttpError(401), careful=Reply("Three.")))
    async with open_workspace(WIDE) as seat:
        await compared(seat)
        failed, shown = answer(seat, "quick"), column(seat, "quick").transcript
        assert "✗ failed" in foot(seat, "quick")
        assert shown.sheet.entries[-1].error
        three.answer(Reply("Two."))
        await seat.pilot.press("2", "r")
        await seat.until(lambda: failed.state == "complete")
        assert failed.text == "Two."
        assert len(shown.sheet.entries) == 1
        assert [message.status for message in seat.stored[1:]].count("failed") == 1
        assert len(seat.stored) == 5


async def test_the_conversation_goes_on_from_the_winner_and_the_pick_is_stored(
    open_workspace: Open, three: ModelServer
) -> None:
    three.answer(by_model(chat=Reply("One."), quick=Reply("Two."), careful=Reply("Three.")))
    async with open_workspace(NARROW) as seat:
        await compared(seat)
        await seat.pilot.press("2", "w")
        await seat.back_in_chat(entries=2)
        assert seat.texts == ["Which is best?", "Two."]
        (kept,) = seat.workspace.compare.comparisons()
        assert kept.winner
        assert kept.winner.profile == "quick"
        assert [rival.profile for rival in kept.beaten] == ["chat", "careful"]
        three.answer(Reply("And on."))
        await seat.exchange("Go on")
        assert turns_of(three.bodies[-1]) == ["Which is best?", "Two.", "Go on"]


@SIZES
async def test_blind_hides_every_name_until_the_pick_and_keeps_its_order(
    open_workspace: Open, three: ModelServer, size: tuple[int, int]
) -> None:
    three.answer(by_model(chat=Reply("One."), quick=HttpError(404), careful=Reply("Three.")))
    async with open_workspace(size) as seat:
        await compared(seat)
        await seat.pilot.press("B")
        order = columns(seat)
        shown = seat.app.export_screenshot()
        assert not any(name in shown for name in ("quick", "careful", "chat-model", three.host, "$"))
        assert [each.answer.name for each in order] == ["A", "B", "C"]
        await seat.pilot.press("B", "B")
        assert columns(seat) == order
        best = order.index(column(seat, "careful"))
        await seat.pilot.press(str(best + 1), "w")
        await seat.until(lambda: "careful is picked" in said(seat))
        assert columns(seat) == order
        assert answer(seat, "careful").name == "careful"
        await seat.pilot.press("enter")
        await seat.back_in_chat(entries=2)
        assert seat.entries[-1].text == "Three."
        assert seat.workspace.compare.comparisons()[0].blind


@SIZES
async def test_differences_are_told_by_marks_and_not_by_colour_alone(
    open_workspace: Open, three: ModelServer, size: tuple[int, int]
) -> None:
    three.answer(
        by_model(chat=Reply("A quiet winter."), quick=Reply("A warm winter."), careful=Reply("A [b]loud[/b] winter."))
    )
    async with open_workspace(size) as seat:
        await compared(seat)
        await seat.pilot.press("d")
        await seat.opened(Differences)

        def text() -> str:
            return str(seat.app.screen.query_one("#differences-text", Static).render())

        await seat.until(lambda: text() == "A -quiet+warm winter.")
        await seat.pilot.press("right")
        await seat.until(lambda: text() == "A -quiet+[b]loud[/b] winter.")
        await seat.pilot.press("s")
        await seat.until(lambda: text() == "A -[b]loud[/b]+quiet winter.")
        await seat.pilot.press("escape")
        assert compare(seat)


async def test_columns_stand_side_by_side_when_wide_and_one_can_be_zoomed(
    open_workspace: Open, three: ModelServer
) -> None:
    async with open_workspace(WIDE) as seat:
        await compared(seat)
        widths = {each.size.width for each in columns(seat)}
        assert min(widths) >= 38
        assert not compare(seat).query_one(AnswerTabs).display
        await seat.pilot.press("3", "z")
        assert [each.display for each in columns(seat)] == [False, False, True]
        await seat.pilot.press("left")
        assert [each.display for each in columns(seat)] == [False, True, False]
        await seat.pilot.press("z")
        assert all(each.display for each in columns(seat))
        assert compare(seat).session.chosen is answer(seat, "quick")


async def test_narrow_screens_have_a_tab_for_each_with_a_mark_of_its_state(
    open_workspace: Open, three: ModelServer
) -> None:
    three.answer(by_model(chat=Reply("One."), quick=HttpError(401), careful=SlowDrip()))
    async with open_workspace(NARROW) as seat:
        await ask(seat)
        await seat.until(lambda: answer(seat, "quick").state == "failed" and answer(seat, "chat").state == "complete")
        line = compare(seat).query_one(AnswerTabs).render().plain
        assert all(mark in line for mark in ("✓ 1 chat", "✗ 2 quick", "… 3 careful"))
        assert [each.display for each in columns(seat)] == [True, False, False]
        await seat.pilot.click(AnswerTabs, offset=(60, 0))
        assert compare(seat).session.chosen is answer(seat, "careful")
        assert column(seat, "careful").display


async def test_moving_in_one_column_leaves_the_others_where_they_are(open_workspace: Open, three: ModelServer) -> None:
    three.answer(Reply("A line of its own.\n\n" * 60))
    async with open_workspace(WIDE) as seat:
        await compared(seat)
        await seat.pilot.press("2", "g", "j")
        assert column(seat, "quick").transcript.scroll_y == 1
        assert column(seat, "chat").transcript.window.at_end
        await seat.pilot.press("G")
        assert column(seat, "quick").transcript.window.at_end


async def test_an_answer_can_be_yanked(open_workspace: Open, three: ModelServer) -> None:
    three.answer(by_model(chat=Reply("One."), quick=Reply("Two."), careful=Reply("Three.")))
    async with open_workspace(WIDE) as seat:
        await compared(seat)
        await seat.pilot.press("3", "y")
        await seat.until(lambda: seat.clipboard.texts == ["Three."])


async def test_a_further_message_goes_to_all_each_behind_its_own_answer(
    open_workspace: Open, three: ModelServer
) -> None:
    three.answer(by_model(chat=Reply("One."), quick=Reply("Two."), careful=HttpError(401)))
    async with open_workspace(WIDE) as seat:
        await compared(seat)
        three.answer(Reply("Shorter."))
        await seat.pilot.press("i")
        compare(seat).query_one(Prompt).insert("Shorter, please")
        await seat.pilot.press("enter")
        await seat.until(lambda: answer(seat, "quick").text == "Shorter." and not answer(seat, "quick").running)
        await ended(seat)
        asked = sorted(turns_of(body) for body in three.bodies[-2:])
        assert asked == [
            ["Which is best?", "One.", "Shorter, please"],
            ["Which is best?", "Two.", "Shorter, please"],
        ]
        await seat.pilot.press("2", "w")
        await seat.back_in_chat(entries=4)
        assert seat.texts == ["Which is best?", "Two.", "Shorter, please", "Shorter."]
        winner = seat.workspace.compare.comparisons()[0].winner
        assert winner
        assert winner.profile == "quick"


async def test_leaving_lets_the_answers_come_and_the_conversation_shows_them(
    open_workspace: Open, three: ModelServer
) -> None:
    three.answer(by_model(chat=Reply("One."), quick=Reply("Two. " * 30, delay=0.01), careful=Cut(3)))
    async with open_workspace(WIDE) as seat:
        await ask(seat)
        await seat.until(lambda: answer(seat, "chat").state == "complete")
        await seat.leave(entries=2)
        assert seat.entries[-1].text == "One."
        await seat.until(lambda: [message.status for message in seat.stored].count("streaming") == 0)
        assert "Two. " * 30 in [message.text for message in seat.stored]


async def test_what_is_typed_right_behind_leaving_stands_in_the_prompt(
    open_workspace: Open, three: ModelServer
) -> None:
    async with open_workspace() as seat:
        await compared(seat)
        seat.app.simulate_key("escape")
        while seat.app.screen is not seat.screen:  # looked for at every step, so that nothing else comes before
            await asyncio.sleep(0)
        for letter in "and":
            seat.app.simulate_key(letter)
        await seat.until(lambda: "Which is best?" in seat.shown)
        await seat.until(lambda: seat.prompt.text == "and")


async def test_an_answer_that_comes_after_leaving_grows_in_the_conversation(
    open_workspace: Open, three: ModelServer
) -> None:
    three.answer(SlowDrip())
    async with open_workspace(WIDE) as seat:
        await ask(seat)
        await seat.until(lambda: all(each.text for each in answers(seat)))
        await seat.leave(entries=2)
        before = len(seat.entries[-1].text)
        await seat.until(lambda: len(seat.entries[-1].text) > before + 20)


async def test_the_key_takes_the_text_of_the_prompt_and_those_compared_last(
    open_workspace: Open, three: ModelServer
) -> None:
    async with open_workspace(WIDE) as seat:
        await compared(seat, names="quick,careful")
        await seat.pilot.press("w")
        await seat.back_in_chat()
        await seat.type("And this?")
        await seat.pilot.press("f3")
        await seat.opened(TargetPicker)
        keys = seat.app.screen.query_one("#contestants-keys", Static)
        await seat.until(lambda: str(keys.render()).startswith("2 of 2 to 6"))
        await seat.pilot.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, CompareScreen) and len(answers(seat)) == 2)
        await seat.until(lambda: all(each.reply for each in answers(seat)))
        await ended(seat)
        assert turns_of(three.bodies[-1])[-1] == "And this?"
        await seat.leave()
        assert seat.prompt.text == ""


async def test_profiles_and_models_are_chosen_from_a_list(open_workspace: Open, three: ModelServer) -> None:
    async with open_workspace(WIDE) as seat:
        await seat.send("/compare")
        screen = await seat.opened(TargetPicker)
        await seat.until(lambda: screen.query_one(OptionList).option_count > 3)
        await seat.pilot.press("enter")
        assert any("at least 2" in notice for notice in seat.notices)
        await seat.pilot.press(*"careful", "space")
        screen.query_one(Input).value = "openai/new-model"
        await seat.pilot.press("space")
        await seat.until(lambda: screen.query_one(Input).value == "")
        await seat.pilot.press("ctrl+b", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, CompareScreen) and len(answers(seat)) == 2)
        assert {each.candidate.contestant.name for each in answers(seat)} == {"careful", "openai/new-model"}
        assert [each.name for each in answers(seat)] == ["A", "B"]
        assert three.requests == []


async def test_a_wrong_name_is_said_and_the_text_is_in_the_prompt_again(
    open_workspace: Open, three: ModelServer
) -> None:
    async with open_workspace(WIDE) as seat:
        await seat.send("/compare Keep me --profiles chat,chta")
        await seat.told("chta")
        await seat.until(lambda: seat.app.screen is seat.screen and seat.prompt.text == "Keep me")
        assert three.requests == []
        assert seat.workspace.history.conversations.page() == []


async def test_going_back_from_the_list_leaves_the_prompt_as_it_was(open_workspace: Open, three: ModelServer) -> None:
    async with open_workspace(NARROW) as seat:
        await seat.type("Unsent")
        await seat.pilot.press("f3")
        await seat.opened(TargetPicker)
        await seat.leave()
        assert seat.prompt.text == "Unsent"


async def test_six_columns_have_room_at_200_and_show_the_same_text_as_is_stored(
    open_workspace: Open, three: ModelServer, home: Path
) -> None:
    for name in ("four", "five", "six"):
        profile = (home / "profiles" / "quick.md").read_text(encoding="utf-8").replace("quick", name)
        (home / "profiles" / f"{name}.md").write_text(profile, encoding="utf-8")
    three.answer(lambda body: Reply(f"# {body['model']}\n\n" + "- a line with **marks**\n" * 40, chunk=9))
    async with open_workspace((200, 60)) as seat:
        await compared(seat, names=f"{ALL},four,five,six")
        assert all(each.display for each in columns(seat))
        texts = {message.id: message.text for message in seat.stored}
        assert all(each.reply and each.text == texts[each.reply.id] for each in answers(seat))
        for each in columns(seat):
            assert each.answer.reply
            assert each.transcript.sheet.source_of(each.answer.reply.id) == each.answer.text


async def test_what_is_attached_goes_to_everybody_as_with_a_message(open_workspace: Open, three: ModelServer) -> None:
    Path("brief.md").write_text("# Brief\n\nThe Tern 4 costs $4,200.\n", encoding="utf-8")
    Path("notes.md").write_text("# Notes\n\nIt is made in Porto.\n", encoding="utf-8")
    async with open_workspace() as seat:
        await seat.send("/attach brief.md")
        await compared(seat, "A title for @notes.md")
        sent = [body["messages"][-1]["content"] for body in three.bodies]
        assert len(sent) == 3
        assert all("costs $4,200" in text and "made in Porto" in text for text in sent)
        assert sorted(source.name for source in seat.stored[0].sources) == ["brief.md", "notes.md"]
        await seat.pilot.press("w")
        await seat.until(lambda: seat.app.screen is seat.screen and seat.entries)
        assert not seat.screen.query_one(Composer).rows.held, "they are not sent twice"


async def test_a_file_that_is_named_in_its_prompt_is_shown_with_the_gates_verdict(
    open_workspace: Open, three: ModelServer
) -> None:
    Path("brief.md").write_text("# Brief\n\nThe Tern 4 costs $4,200.\n", encoding="utf-8")
    async with open_workspace() as seat:
        await compared(seat)
        await seat.pilot.press("i", *"And of @brief.md", "escape")
        rows = compare(seat).query_one(AttachmentRows)
        await seat.until(lambda: rows.option_count and "gate passed" in str(rows.get_option_at_index(0).prompt))
        await seat.pilot.press("enter")
        await seat.until(lambda: len(three.bodies) == 6)
        assert all("costs $4,200" in body["messages"][-1]["content"] for body in three.bodies[3:])


async def test_what_is_typed_right_behind_sending_stays_in_the_prompt_and_stops_no_answer(
    open_workspace: Open, three: ModelServer
) -> None:
    three.answer(by_model(chat=SlowDrip(), quick=SlowDrip(), careful=SlowDrip()))
    async with open_workspace() as seat:
        await seat.send(f"/compare --profiles {ALL}")
        await seat.until(lambda: isinstance(seat.app.screen, CompareScreen) and answers(seat))
        screen = compare(seat)
        for key in (*"Hi", "enter", *"sx"):
            seat.app.simulate_key(key)
        await seat.until(lambda: all(each.running for each in screen.session.answers))
        assert [message.text for message in seat.stored[:1]] == ["Hi"]
        assert screen.board.composer.prompt.text == "sx"
        assert seat.app.focused is screen.board.composer.prompt


async def test_neither_tab_nor_a_click_leads_from_the_prompt_to_the_keys_of_the_answers(
    open_workspace: Open, three: ModelServer
) -> None:
    three.answer(by_model(chat=SlowDrip(), quick=SlowDrip(), careful=SlowDrip()))
    async with open_workspace() as seat:
        await ask(seat)
        screen = compare(seat)
        await seat.pilot.press("i", "tab", "shift+tab", "s")
        await seat.pilot.click(column(seat, "careful").transcript)
        assert screen.session.chosen is answer(seat, "careful")
        await seat.pilot.press("x", "r")
        assert screen.board.composer.prompt.text == "sxr"
        assert all(each.running for each in screen.session.answers)
        await seat.pilot.press("f6")
        assert seat.app.focused is column(seat, "careful").transcript
