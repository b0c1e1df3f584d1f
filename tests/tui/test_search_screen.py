"""The search under a pilot: found while typing, looked at, and opened at the message."""

from __future__ import annotations

import pytest
from textual.widgets import Input, OptionList, Static

from chatspace.tui.screens.search import SearchScreen
from chatspace.tui.sessions.search import PAGE
from chatspace.tui.widgets.status_line import StatusLine
from tests.tui.conftest import Open, Seat

pytestmark = pytest.mark.usefixtures("served")  # with profiles there is no first start


def talk(seat: Seat, title: str, *texts: str) -> tuple[int, list[int]]:
    """A conversation of one branch; gives it and its messages."""
    history = seat.workspace.history
    conversation = history.conversations.create(title).id
    messages: list[int] = []
    for text in texts:
        parent = messages[-1] if messages else None
        role = "assistant" if len(messages) % 2 else "user"
        messages.append(history.messages.add(conversation, parent, role, text).id)  # type: ignore[arg-type]
    return conversation, messages


async def search(seat: Seat, query: str = "") -> SearchScreen:
    await seat.pilot.press("ctrl+s")
    screen = await seat.opened(SearchScreen)
    await seat.pilot.press(*query)
    return screen


def hits(seat: Seat) -> list[str]:
    options = seat.app.screen.query_one(OptionList)
    return [str(options.get_option_at_index(index).prompt) for index in range(options.option_count)]


def said(seat: Seat) -> str:
    return seat.app.screen.query_one(StatusLine).left


async def test_hits_come_while_one_types_the_newest_first(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        talk(seat, "Old", "a quiet pump")
        talk(seat, "New", "the quiet harbour")
        await search(seat, "qui")
        await seat.until(lambda: len(hits(seat)) == 2)
        assert hits(seat)[0].startswith("New")
        assert "the quiet harbour" in hits(seat)[0]
        assert "2 found · newest first" in said(seat)
        await seat.pilot.press(*"et harb")
        await seat.until(lambda: len(hits(seat)) == 1)


async def test_the_words_found_stand_out_by_more_than_colour(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        talk(seat, "Memo", "a quiet pump")
        screen = await search(seat, "quiet")
        await seat.until(lambda: hits(seat))
        prompt = screen.query_one(OptionList).get_option_at_index(0).prompt
        styles = [str(span.style) for span in getattr(prompt, "spans", [])]
        assert any("bold" in style and "underline" in style for style in styles)


async def test_the_message_under_the_cursor_is_shown_beside_the_list(open_workspace: Open) -> None:
    async with open_workspace((140, 40)) as seat:
        talk(seat, "One", "a quiet pump\n\n- with a list")
        talk(seat, "Two", "the quiet harbour")
        screen = await search(seat, "quiet")
        text = screen.query_one("#search-text", Static)
        await seat.until(lambda: "the quiet harbour" in str(text.render()))
        await seat.pilot.press("down")
        await seat.until(lambda: "- with a list" in str(text.render()))


async def test_enter_opens_the_conversation_at_the_message_on_its_own_branch(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        conversation, messages = talk(seat, "Story", "begin", "the quiet harbour", "go on", "more of it")
        history = seat.workspace.history
        other = history.messages.add(conversation, messages[0], "assistant", "a loud town").id
        history.branches.set_leaf(conversation, other)
        await search(seat, "harbour")
        await seat.until(lambda: hits(seat))
        await seat.pilot.press("enter")
        await seat.back_in_chat(entries=4)
        assert [entry.key for entry in seat.entries] == messages
        entry = seat.transcript.entry_under_cursor
        assert entry is not None
        assert entry.key == messages[1]
        assert seat.app.focused is seat.prompt, "what is typed now is no command"


async def test_find_with_a_text_searches_for_it(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        talk(seat, "Memo", "a quiet pump")
        await seat.send("/find quiet tag:none")
        await seat.opened(SearchScreen)
        assert seat.app.screen.query_one(Input).value == "quiet tag:none"
        nothing = seat.app.screen.query_one("#search-nothing", Static)
        await seat.until(lambda: "Nothing was found" in str(nothing.render()))


async def test_more_hits_come_by_the_page(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        talk(seat, "Long", *(f"tern {number}" for number in range(2 * PAGE + 5)))
        await search(seat, "tern")
        await seat.until(lambda: len(hits(seat)) == PAGE)
        assert f"{PAGE}+ found" in said(seat)
        await seat.pilot.press(*["pagedown"] * (PAGE // 10))
        await seat.until(lambda: len(hits(seat)) == 2 * PAGE)
        await seat.pilot.press(*["pagedown"] * (PAGE // 10))
        await seat.until(lambda: len(hits(seat)) == 2 * PAGE + 5)
        assert len(set(hits(seat))) == 2 * PAGE + 5
        await seat.until(lambda: f"{2 * PAGE + 5} found" in said(seat))


async def test_ctrl_r_puts_the_best_first(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        talk(seat, "Best", "tern tern tern")
        talk(seat, "Newest", "one tern among many other words of a longer text")
        await search(seat, "tern")
        await seat.until(lambda: len(hits(seat)) == 2 and hits(seat)[0].startswith("Newest"))
        await seat.pilot.press("ctrl+r")
        await seat.until(lambda: hits(seat)[0].startswith("Best"))
        assert "best first" in said(seat)


async def test_an_empty_line_teaches_what_can_be_asked(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        screen = await search(seat)
        assert "tag:launch" in str(screen.query_one("#search-nothing", Static).render())
        assert "before:" in str(screen.query_one("#search-operators", Static).render())
        await seat.pilot.press("enter")
        assert seat.app.screen is screen
        await seat.leave()


async def test_only_the_last_of_many_queries_is_shown(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        talk(seat, "Memo", *("tern and gull " * 200 for _ in range(30)), "harbour")
        screen = await search(seat)
        for text in ("t", "te", "tern", "tern gull", "gull", "harbour"):
            screen.query_one(Input).value = text
            await seat.pilot.pause(0.06)
        await seat.until(lambda: len(hits(seat)) == 1)
        assert "1 found" in said(seat)
        assert seat.notices == []


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_the_search_works_at_any_size_and_when_it_changes(open_workspace: Open, size: tuple[int, int]) -> None:
    async with open_workspace(size) as seat:
        talk(seat, "Memo", "\x1b[31ma quiet\u202e pump " * 20)
        await search(seat, "quiet")
        await seat.until(lambda: hits(seat))
        assert "\x1b" not in hits(seat)[0]
        await seat.pilot.resize_terminal(110, 30)
        await seat.until(lambda: hits(seat))
        await seat.pilot.press("enter")
        await seat.back_in_chat()
