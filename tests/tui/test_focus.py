"""The focus: what is typed for the prompt stands in the prompt, and is no command of another part."""

from __future__ import annotations

import string
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from textual import events
from textual.widgets import OptionList

from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import Conversation
from chatspace.tui.screens.help import Help
from chatspace.tui.screens.search import SearchScreen
from chatspace.tui.widgets.attachment_rows import AttachmentRows
from chatspace.tui.widgets.history_list import HistoryList
from chatspace.tui.widgets.history_pane import HistoryPane
from chatspace.tui.widgets.transcript import Transcript
from tests.model_server import ModelServer, Reply, SlowDrip
from tests.tui.conftest import Open, Seat
from tests.tui.test_history_pane import at_history, fill, focused

pytestmark = [pytest.mark.drill, pytest.mark.usefixtures("served")]  # with profiles there is no first start

LETTERS = string.ascii_letters


def everything(seat: Seat) -> list[Conversation]:
    """Every conversation, on every shelf, as it is stored."""
    organizer = seat.workspace.organizer
    return [*organizer.shelf("current"), *organizer.shelf("archived"), *organizer.shelf("trash")]


async def beside_history(seat: Seat) -> None:
    """In the prompt, with three conversations in the list beside it."""
    fill(seat, "one", "two", "three")
    seat.screen.query_one(HistoryPane).load(None)
    await seat.until(lambda: seat.screen.query_one(HistoryList).loaded == 3)
    await seat.until(lambda: seat.screen.query_one(HistoryPane).display)


async def letters_stay(seat: Seat, before: str = "") -> None:
    """Type every letter: all of them stand in the prompt, and no conversation is another."""
    stored = everything(seat)
    await seat.pilot.press(*LETTERS)
    assert seat.prompt.text == before + LETTERS
    assert seat.app.focused is seat.prompt
    assert everything(seat) == stored


@pytest.mark.parametrize("key", ["tab", "shift+tab"])
@pytest.mark.parametrize("text", ["", "Half a sentence "])
async def test_tab_stays_in_the_prompt(open_workspace: Open, key: str, text: str) -> None:
    async with open_workspace() as seat:
        await beside_history(seat)
        await seat.pilot.press(*text, key)
        await letters_stay(seat, text)


async def test_tab_stays_where_another_key_completes(open_workspace: Open, home: Path) -> None:
    (home / "settings.toml").write_text('[keys]\n"prompt.complete" = "ctrl+y"\n', encoding="utf-8")
    async with open_workspace() as seat:
        await beside_history(seat)
        await seat.pilot.press("tab")
        await letters_stay(seat)


async def test_tab_stays_beside_sources_which_a_key_of_their_own_leads_to(open_workspace: Open) -> None:
    Path("brief.md").write_text("# Brief\n", encoding="utf-8")
    async with open_workspace() as seat:
        await seat.paste(str(Path("brief.md").absolute()))
        rows = seat.screen.query_one(AttachmentRows)
        await seat.until(lambda: rows.sources)
        await seat.pilot.press("shift+tab")
        await letters_stay(seat)
        assert rows.sources
        await seat.pilot.press("f6")
        assert focused(seat) is rows
        await seat.pilot.press("f6")
        assert focused(seat) is seat.prompt


async def test_f6_goes_round_the_parts_while_a_reply_streams(open_workspace: Open, served: ModelServer) -> None:
    served.answer(SlowDrip())
    async with open_workspace() as seat:
        await seat.send("Tell me everything")
        await seat.until(lambda: seat.entries and seat.entries[-1].status == "streaming")
        await seat.pilot.press("f6")
        assert focused(seat) is seat.transcript
        assert seat.session.job
        await seat.pilot.press("f6")
        assert focused(seat) is seat.prompt


async def test_tab_stays_while_a_reply_streams_and_when_it_ends(open_workspace: Open, served: ModelServer) -> None:
    served.answer(SlowDrip())
    async with open_workspace() as seat:
        await seat.send("Tell me everything")
        await seat.until(lambda: seat.entries and seat.entries[-1].status == "streaming")
        await seat.pilot.press("tab", "a", "d", "shift+tab", "u")
        await seat.pilot.press("escape")
        await seat.reply("stopped")
        await letters_stay(seat, "adu")


async def test_esc_for_a_reply_that_has_just_ended_does_not_leave_the_prompt(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(Reply("One two three four five six seven.", chunk=3, delay=0.15))
    async with open_workspace() as seat:
        await seat.exchange("Count")
        await seat.pilot.press("escape")
        assert seat.app.focused is seat.prompt
        await seat.pilot.press("escape")
        assert isinstance(seat.app.focused, Transcript)


async def test_esc_for_a_list_that_has_just_gone_does_not_leave_the_prompt(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await seat.exchange("Hello")
        await seat.pilot.press(*"/co")
        assert seat.prompt.offering
        await seat.pilot.press("x")
        assert not seat.prompt.offering
        await seat.pilot.press("escape")
        await letters_stay(seat, "/cox")


async def click_beside(seat: Seat) -> None:
    """Below the conversations, where none is opened."""
    await seat.pilot.click(HistoryList, offset=(3, 20))


async def squeeze(seat: Seat) -> None:
    """A terminal with no room for the prompt, and back."""
    for size in ((120, 1), (20, 2), (120, 40)):
        await seat.pilot.resize_terminal(*size)
        await seat.pilot.pause()


async def narrow(seat: Seat) -> None:
    await seat.pilot.resize_terminal(60, 20)
    await seat.until(lambda: not seat.screen.query_one(HistoryPane).display)


async def look_up_help(seat: Seat) -> None:
    await seat.pilot.press("f1")
    await seat.opened(Help)
    await seat.leave()


async def leave_a_place(seat: Seat) -> None:
    await seat.pilot.press("ctrl+s")
    await seat.opened(SearchScreen)
    await seat.leave()


async def refresh(seat: Seat) -> None:
    seat.screen.query_one(HistoryPane).load(None)
    await seat.until(lambda: not [worker for worker in seat.app.workers if worker.group == "history"])


async def paste(seat: Seat) -> None:
    await seat.paste("\t\x1b")
    seat.prompt.clear()


async def leave_the_terminal_and_a_place_meanwhile(seat: Seat) -> None:
    """The terminal loses the focus, so nothing in it has it; a place closes; somebody types."""
    seat.app.post_message(events.AppBlur())
    await seat.pilot.pause()
    seat.screen.action_place("find")
    await seat.opened(SearchScreen)
    seat.app.screen.dismiss(None)
    await seat.back_in_chat()


async def give_up_all(seat: Seat) -> None:
    seat.screen.set_focus(None)


async def close_a_question(seat: Seat) -> None:
    """The history asks whether to delete for good; one goes back to the prompt instead of answering."""
    seat.workspace.history.conversations.delete(everything(seat)[0].id)
    await seat.pilot.press("f9", "full_stop", "full_stop")
    listed = seat.screen.query_one(HistoryList)
    await seat.until(lambda: listed.loaded == 1)
    await seat.pilot.press("d", "f9")
    assert seat.app.focused is seat.prompt
    await seat.pilot.press("escape")


@pytest.mark.parametrize(
    "happens",
    [
        click_beside,
        squeeze,
        narrow,
        look_up_help,
        leave_a_place,
        refresh,
        paste,
        leave_the_terminal_and_a_place_meanwhile,
        give_up_all,
        close_a_question,
    ],
)
async def test_the_prompt_keeps_the_letters(open_workspace: Open, happens: Callable[[Seat], Awaitable[None]]) -> None:
    async with open_workspace() as seat:
        await beside_history(seat)
        await happens(seat)
        await letters_stay(seat)


async def test_a_click_on_the_transcript_puts_its_cursor_there_and_letters_stay(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await seat.exchange("Hello")
        await seat.pilot.click(Transcript, offset=(4, 0))
        under = seat.transcript.entry_under_cursor
        assert under is not None
        assert under.text == "Hello"
        await letters_stay(seat)


async def test_a_part_that_goes_while_it_has_the_focus_gives_it_to_the_prompt(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await at_history(seat, "one", "two")
        seat.screen.query_one(HistoryList).display = False
        await seat.until(lambda: seat.app.focused is seat.prompt)
        await letters_stay(seat)


async def test_a_hit_of_the_search_is_shown_and_the_letters_are_the_prompts(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await seat.exchange("A harbour at dawn")
        await seat.pilot.press("ctrl+s")
        await seat.opened(SearchScreen)
        await seat.pilot.press(*"harbour")
        await seat.until(lambda: seat.app.screen.query_one(OptionList).option_count)
        await seat.pilot.press("enter")
        await seat.back_in_chat(2)
        await letters_stay(seat)


async def test_what_is_typed_right_after_the_start_is_in_the_prompt(open_workspace: Open, store: Store) -> None:
    for title in ("one", "two"):
        store.conversations.create(title)
    async with open_workspace() as seat:
        await seat.pilot.press("tab", *"adep")
        await seat.until(lambda: seat.screen.query_one(HistoryList).loaded == 2)
        await letters_stay(seat, "adep")


async def test_tab_leads_from_one_text_to_the_next_where_there_are_several(open_workspace: Open) -> None:
    def texts(found: Sequence[object]) -> list[str]:
        return [type(each).__name__ for each in found]

    async with open_workspace() as seat:
        Path("note.md").write_text("A note.\n", encoding="utf-8")
        await seat.send("/desk note.md")
        await seat.until(lambda: texts([seat.app.focused]) == ["DeskText"])
        went = []
        for _ in range(2):
            await seat.pilot.press("tab")
            went.append(seat.app.focused)
        assert texts(went) == ["Input", "DeskText"]
