"""The prompt, key by key: what is typed is never lost, and enter is never stolen."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from chatspace.tui.screens.prompt_search import PromptSearch
from chatspace.tui.widgets.completions import Completions
from tests.model_server import Hang, ModelServer
from tests.tui.conftest import Open, Seat


def offered(seat: Seat) -> list[str]:
    """The lines of the list of what can follow, where it is open."""
    completions = seat.screen.query_one(Completions)
    found = completions.completion
    return [candidate.label for candidate in found.candidates] if completions.display and found else []


async def said(seat: Seat, *texts: str) -> None:
    """Send these, one after the other."""
    for text in texts:
        await seat.exchange(text)


# Former prompts


async def test_up_recalls_the_prompts_of_this_conversation_first_then_all(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await said(seat, "one", "two")
        await seat.pilot.press("ctrl+n")
        await said(seat, "three")
        for text in ("three", "two", "one", "one"):
            await seat.pilot.press("up")
            await seat.until(lambda text=text: seat.prompt.text == text)  # type: ignore[misc]  # lambda default


async def test_down_comes_back_to_what_was_being_typed(open_workspace: Open, served: ModelServer) -> None:
    async with open_workspace() as seat:
        await said(seat, "one", "two")
        await seat.type("half a sen")
        await seat.pilot.press("up", "up")
        assert seat.prompt.text == "one"
        await seat.pilot.press("down")
        assert seat.prompt.text == "two"
        await seat.pilot.press("down", "down")
        assert seat.prompt.text == "half a sen"
        assert seat.prompt.cursor_location == (0, 10)


async def test_up_and_down_move_within_a_text_of_several_lines_before_they_recall(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace(size=(60, 20)) as seat:
        await said(seat, "one")
        await seat.type("first\nsecond " + "word " * 20)
        rows = seat.prompt.wrapped_document.height
        assert rows > 2, "the second line is wrapped"
        for _ in range(rows - 1):
            await seat.pilot.press("up")
        assert seat.prompt.text.startswith("first")
        await seat.pilot.press("up")
        await seat.until(lambda: seat.prompt.text == "one")


async def test_undo_brings_back_what_a_recalled_prompt_replaced_and_redo_takes_it_again(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await said(seat, "one")
        await seat.pilot.press(*"mine")
        await seat.pilot.press("up", "ctrl+z")
        assert seat.prompt.text == "mine"
        await seat.pilot.press("ctrl+y")
        assert seat.prompt.text == "one"


async def test_ctrl_r_finds_a_former_prompt_of_any_conversation_by_parts_of_its_words(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await said(seat, "Three titles\nfor the harbour", "Shorten it")
        await seat.pilot.press("ctrl+n")
        await seat.pilot.press(*"mine", "ctrl+r")
        await seat.opened(PromptSearch)
        seat.app.screen.query_one(Input).value = ""
        rows = seat.app.screen.query_one(OptionList)
        await seat.until(lambda: rows.option_count == 2)
        await seat.pilot.press(*"arbo tit")
        await seat.until(lambda: rows.option_count == 1)
        await seat.pilot.press("enter")
        await seat.until(lambda: seat.prompt.text == "Three titles\nfor the harbour")
        await seat.pilot.press("ctrl+z")
        assert seat.prompt.text == "mine"


async def test_ctrl_r_loads_further_pages_as_the_cursor_comes_to_their_end(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        history = seat.workspace.history
        conversation = history.conversations.create("many").id
        parent = None
        for number in range(120):
            parent = history.messages.add(conversation, parent, "user", f"prompt {number}").id
        await seat.pilot.press("ctrl+r")
        await seat.opened(PromptSearch)
        rows = seat.app.screen.query_one(OptionList)
        await seat.until(lambda: rows.option_count == 50)
        await seat.pilot.press(*["pagedown"] * 5)
        await seat.until(lambda: rows.option_count >= 100)
        await seat.leave()
        assert seat.prompt.text == ""


# What can follow


async def test_commands_are_offered_and_tab_takes_the_first(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await seat.pilot.press("slash", "d")
        await seat.until(lambda: offered(seat))
        assert offered(seat)[0].startswith("/draft")
        await seat.pilot.press("tab")
        assert seat.prompt.text == "/draft "
        assert not offered(seat)
        await seat.pilot.press("minus", "minus", "w")
        await seat.until(lambda: offered(seat))
        await seat.pilot.press("down", "enter")
        assert seat.prompt.text == "/draft --words "


async def test_paths_are_offered_behind_an_at_sign_and_folders_go_on(open_workspace: Open) -> None:
    Path("notes").mkdir()
    Path("notes/interview.md").write_text("# Maria\n\nQuiet.\n", encoding="utf-8")
    async with open_workspace() as seat:
        await seat.pilot.press(*"See ", "at", *"no")
        await seat.until(lambda: offered(seat))
        assert offered(seat)[0] == "notes/"
        await seat.pilot.press("tab")
        await seat.until(lambda: offered(seat) == ["notes/interview.md"])
        await seat.pilot.press("tab")
        assert seat.prompt.text == "See @notes/interview.md "
        await seat.until(lambda: "gate passed" in seat.shown)


async def test_the_list_never_steals_enter_while_nothing_is_highlighted(
    open_workspace: Open, served: ModelServer
) -> None:
    Path("brief.md").touch()
    async with open_workspace() as seat:
        await seat.pilot.press(*"Ask ", "at", "b")
        await seat.until(lambda: offered(seat))
        await seat.pilot.press("enter")
        await seat.reply()
        assert seat.entries[0].text == "Ask @b"


async def test_escape_closes_the_list_before_it_leaves_the_prompt(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await seat.pilot.press("slash")
        await seat.until(lambda: offered(seat))
        await seat.pilot.press("escape")
        assert not offered(seat)
        assert seat.app.focused is seat.prompt
        assert seat.prompt.text == "/"


async def test_moving_past_the_ends_of_the_list_highlights_nothing(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await seat.pilot.press("slash", "m", "o")
        await seat.until(lambda: offered(seat))
        completions = seat.screen.query_one(Completions)
        await seat.pilot.press("up")
        assert completions.highlighted == len(offered(seat)) - 1
        await seat.pilot.press("down")
        assert completions.highlighted is None


async def test_tab_does_nothing_where_there_is_nothing_to_take(open_workspace: Open, served: ModelServer) -> None:
    async with open_workspace() as seat:
        await said(seat, "One")
        await seat.type("Hello")
        await seat.pilot.press("tab")
        assert seat.app.focused is seat.prompt
        assert seat.prompt.text == "Hello"


async def test_a_recalled_or_kept_text_opens_no_list(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        seat.prompt.put("/dr")
        await seat.pilot.pause()
        assert not offered(seat)


# Size, pastes, lines


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36)])
async def test_the_prompt_grows_with_its_text_to_a_third_of_the_screen(
    open_workspace: Open, size: tuple[int, int]
) -> None:
    async with open_workspace(size=size) as seat:
        assert seat.prompt.size.height == 1
        await seat.type("one\ntwo\nthree")
        assert seat.prompt.size.height == 3
        await seat.type("\nmore" * 60)
        assert seat.prompt.size.height == size[1] // 3
        assert seat.prompt.cursor_screen_offset.y < size[1]


async def test_a_long_paste_is_shown_whole_and_never_sent(open_workspace: Open, served: ModelServer) -> None:
    text = "\n".join(f"line {number}" for number in range(300))
    async with open_workspace() as seat:
        await seat.paste(text + "\n")
        await seat.until(lambda: seat.prompt.text == text + "\n")
        assert "line 299" in seat.shown
        assert not seat.entries
        await seat.pilot.press("ctrl+z")
        assert seat.prompt.text == ""


async def test_nothing_in_a_paste_commands_the_terminal(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await seat.paste("a\tb\r\nc\rd\x1b[2J\x07\x9b31m\u202eevil\x00")
        await seat.until(lambda: seat.prompt.text)
        assert seat.prompt.text == "a\tb\nc\nd[2J31mevil"


async def test_a_line_is_broken_by_each_of_its_keys(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        for key in ("ctrl+j", "shift+enter", "alt+enter"):
            await seat.pilot.press("x", key)
        assert seat.prompt.text == "x\nx\nx\n"


async def test_an_editor_that_cannot_be_opened_here_says_so_and_loses_nothing(
    open_workspace: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "true")
    async with open_workspace() as seat:
        await seat.type("Keep me")
        await seat.pilot.press("ctrl+g")
        await seat.told("can't be handed over")
        assert seat.prompt.text == "Keep me"


async def test_the_prompt_can_be_written_in_while_a_reply_comes(open_workspace: Open, served: ModelServer) -> None:
    served.answer(Hang())
    async with open_workspace() as seat:
        await seat.send("One")
        await seat.until(lambda: seat.session.job)
        await seat.pilot.press(*"next", "up")
        await seat.until(lambda: seat.prompt.text == "One")
        await seat.pilot.press("down")
        assert seat.prompt.text == "next"
        await seat.pilot.press("escape")


async def test_help_explains_the_prompt_with_its_keys(open_workspace: Open) -> None:
    async with open_workspace(size=(120, 60)) as seat:
        await seat.pilot.press("f1")
        await seat.pilot.pause()
        for words in ("former prompt", "your own editor", "break the line", "attaches it"):
            assert words in seat.shown
