from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise

import pytest
from textual.app import App, ComposeResult
from textual.color import Color
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.theme import BUILTIN_THEMES

from chatspace.tui.widgets.transcript import Entry, Transcript
from tests.waiting import eventually_async

LONG = "\n\n".join(f"paragraph {n} " + "with some words " * 9 for n in range(60))


class Stage(App[None]):
    """A screen with nothing but a transcript, that keeps the messages it posts."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.waiting: list[bool] = []

    def compose(self) -> ComposeResult:
        yield Transcript()

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    def on_transcript_link_clicked(self, message: Transcript.LinkClicked) -> None:
        self.links.append(message.url)

    def on_transcript_new_below(self, message: Transcript.NewBelow) -> None:
        self.waiting.append(message.waiting)

    def lines(self) -> list[str]:
        """What the viewport shows, the mark of the cursor left out."""
        return [line.replace("›", " ").rstrip() for line in self.painted()]

    def painted(self) -> list[str]:
        """What the viewport shows, as the compositor gets it."""
        transcript = self.transcript
        return [strip.text.rstrip() for strip in transcript.render_lines(transcript.size.region)]

    def at(self, text: str) -> Offset:
        """Where this text begins on the screen."""
        for y, line in enumerate(self.lines()):
            if text in line:
                return Offset(line.index(text), y)
        raise AssertionError(f"{text!r} isn't shown in {self.lines()}")


@asynccontextmanager
async def stage(*entries: Entry, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[Stage, Pilot[None]]]:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        app.transcript.focus()
        app.transcript.show(entries)
        await pilot.pause()
        yield app, pilot


def messages(count: int) -> list[Entry]:
    return [
        Entry(n, "user" if n % 2 else "assistant", f"message {n} " + "word " * (n * 13 % 150)) for n in range(count)
    ]


async def shown(pilot: Pilot[None], app: Stage, text: str) -> None:
    """Waits until what was streamed is on the screen."""
    await eventually_async(lambda: any(text in line for line in app.lines()))
    await pilot.pause()


async def test_a_conversation_opens_at_its_end() -> None:
    async with stage(*messages(400)) as (app, _):
        assert any("message 399" in line for line in app.lines())
        assert app.transcript.window.at_end
        entry = app.transcript.entry_under_cursor
        assert entry
        assert entry.key == 399


async def test_the_users_words_have_a_bar_and_replies_don_t() -> None:
    async with stage(Entry(1, "user", "question"), Entry(2, "assistant", "answer")) as (app, _):
        shown = [line.lstrip() for line in app.lines() if line]
        assert shown == ["▌ question", "answer"]


async def test_a_wide_terminal_centres_a_readable_column() -> None:
    async with stage(Entry(1, "assistant", "word " * 100), size=(160, 24)) as (app, _):
        line = app.lines()[1]
        left = len(line) - len(line.lstrip())
        assert 80 <= len(line.strip()) <= 90
        assert abs(left - (160 - 90) // 2) <= 2


@pytest.mark.parametrize("width", [20, 40, 133])
async def test_streamed_text_ends_as_the_finished_reply(width: int) -> None:
    text = "# Head\n\nSome *text*\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n```\n\n1. one\n   - two\n"
    async with stage(Entry(1, "assistant", "", status="streaming"), size=(width, 40)) as (app, pilot):
        for start in range(0, len(text), 7):
            app.transcript.extend(1, text[start : start + 7])
            await pilot.pause(0.005)
        app.transcript.update(Entry(1, "assistant", text, footer="done"))
        streamed = app.lines()
        app.transcript.show([Entry(1, "assistant", text, footer="done")])
        assert app.lines() == streamed


async def test_growing_text_is_followed_while_the_end_is_in_view() -> None:
    async with stage(Entry(1, "assistant", LONG, status="streaming")) as (app, pilot):
        app.transcript.extend(1, "\n\nthe newest words")
        await shown(pilot, app, "the newest words")
        assert app.transcript.window.at_end
        assert app.waiting == []


async def test_a_reader_elsewhere_is_left_where_they_are() -> None:
    async with stage(Entry(1, "assistant", LONG, status="streaming")) as (app, pilot):
        await pilot.press("pageup")
        before = app.lines()
        app.transcript.extend(1, "\n\nnew " * 100)
        app.transcript.append(Entry(2, "notice", "another"))
        await eventually_async(lambda: "new new" in app.transcript.sheet.entries[0].text.replace("\n", ""))
        await pilot.pause()
        assert app.lines() == before
        assert app.waiting == [True]
        await pilot.press("end")
        assert app.waiting == [True, False]
        assert any("another" in line for line in app.lines())


async def test_pages_up_and_down_pass_every_line_in_order() -> None:
    async with stage(*messages(120)) as (app, pilot):
        pages = [app.lines()]
        while app.transcript.scroll_offset.y > 0:
            await pilot.press("pageup")
            pages.append(app.lines())
        for lower, upper in pairwise(pages[:-1]):
            assert upper[-2:] == lower[:2]
        await pilot.press("G")
        assert app.lines() == pages[0]


async def test_keys_move_by_lines_and_to_both_ends() -> None:
    async with stage(*messages(50)) as (app, pilot):
        await pilot.press("g")
        assert any("message 0" in line for line in app.lines())
        first = app.lines()
        await pilot.press("j", "j", "k")
        assert app.lines()[:-1] == first[1:]


async def test_the_cursor_walks_from_message_to_message_and_is_marked() -> None:
    async with stage(*messages(30)) as (app, pilot):
        await pilot.press("up", "up")
        entry = app.transcript.entry_under_cursor
        assert entry
        assert entry.key == 27
        marked = [line for line in app.painted() if "›" in line]
        assert len(marked) == 1
        assert "message 27" in marked[0]
        app.set_focus(None)
        await pilot.pause()
        assert not any("›" in line for line in app.painted())


async def test_the_cursor_stays_in_view() -> None:
    async with stage(*messages(200)) as (app, pilot):
        for _ in range(10):
            await pilot.press("pageup")
        entry = app.transcript.entry_under_cursor
        assert entry
        assert entry.key != 199
        before = app.transcript.scroll_offset
        app.transcript.action_move_cursor(0)
        assert abs(app.transcript.scroll_offset.y - before.y) < app.transcript.size.height


async def test_going_to_an_entry_puts_it_on_top() -> None:
    async with stage(*messages(300)) as (app, pilot):
        app.transcript.go_to(100)
        await pilot.pause()
        assert "message 100" in "".join(app.lines()[:3])
        assert not app.transcript.window.at_end


async def test_another_size_keeps_the_text_that_is_read() -> None:
    async with stage(*messages(80)) as (app, pilot):
        for _ in range(6):
            await pilot.press("pageup")
        top = next(line for line in app.lines() if "message" in line).split("message")[1].split()[0]
        for size in ((60, 24), (100, 30), (40, 12), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert any(f"message {top} " in line + " " for line in app.lines())


async def test_reasoning_unfolds_by_key_and_by_click() -> None:
    entry = Entry(1, "assistant", "answer", reasoning="because", thought="thought for 4 s")
    async with stage(entry) as (app, pilot):
        assert any(line.endswith("thought for 4 s ▸") for line in app.lines())
        await pilot.press("space")
        assert any(line.endswith("because") for line in app.lines())
        await pilot.click(Transcript, offset=app.at("thought for"))
        assert any(line.endswith("thought for 4 s ▸") for line in app.lines())


async def test_unfolding_leaves_the_fold_where_it_is() -> None:
    reasoning = "\n".join(f"step {n}" for n in range(60))
    async with stage(*messages(20), Entry("r", "assistant", "answer", reasoning=reasoning)) as (app, pilot):
        fold = app.at("thought")
        await pilot.press("space")
        assert app.at("thought") == fold
        assert not app.transcript.window.at_end


async def test_a_click_on_a_link_is_told_and_not_followed() -> None:
    async with stage(Entry(1, "assistant", "see [here](https://example.org/x) now")) as (app, pilot):
        await pilot.click(Transcript, offset=app.at("here"))
        await pilot.pause()
        assert app.links == ["https://example.org/x"]


async def test_text_is_selected_by_mouse_across_blocks() -> None:
    async with stage(Entry(1, "assistant", "first paragraph\n\n- an item\n\nlast words")) as (app, pilot):
        end = app.at("last") + Offset(3, 0)
        await pilot.mouse_down(Transcript, offset=app.at("paragraph"))
        await pilot.hover(Transcript, offset=end)
        await pilot.mouse_up(Transcript, offset=end)
        assert app.screen.get_selected_text() == "paragraph\n\n- an item\n\nlast"
        ground = app.transcript.render_lines(app.transcript.size.region)[app.at("an item").y]
        grounds = {segment.text.strip(): segment.style.bgcolor for segment in ground if segment.style}
        assert grounds["an item"] != grounds[""]


async def test_two_clicks_select_a_word_and_three_a_block() -> None:
    async with stage(Entry(1, "assistant", "one two-part three\n\nother")) as (app, pilot):
        await pilot.click(Transcript, offset=app.at("two-part"), times=2)
        assert app.screen.get_selected_text() == "two-part"
        await pilot.click(Transcript, offset=app.at("two-part"), times=3)
        assert app.screen.get_selected_text() == "one two-part three"


async def test_an_updated_entry_shows_its_footer_and_error_in_place() -> None:
    entry = Entry(1, "assistant", "half a re", status="streaming")
    async with stage(entry, Entry(2, "user", "next")) as (app, pilot):
        app.transcript.update(replace(entry, status="failed", error="No answer\nTry again.", footer="gpt"))
        await pilot.pause()
        assert [line.strip() for line in app.lines() if line.strip()] == [
            "half a re",
            "✗ No answer",
            "Try again.",
            "failed · gpt",
            "▌ next",
        ]


async def test_entries_can_be_discarded_and_cleared() -> None:
    async with stage(*messages(3)) as (app, pilot):
        app.transcript.discard(2)
        await pilot.pause()
        entry = app.transcript.entry_under_cursor
        assert entry
        assert entry.key == 1
        app.transcript.show(())
        await pilot.pause()
        assert not any(app.lines())
        assert app.transcript.entry_under_cursor is None
        app.transcript.append(Entry(9, "notice", "back"))
        await pilot.pause()
        assert any("back" in line for line in app.lines())


async def test_source_and_code_of_an_entry_can_be_yanked() -> None:
    entry = Entry(1, "assistant", "a\n\n```py\nx = 1\n```\n\n- b\n\n  ```\n  y\n  ```\n", status="streaming")
    async with stage(entry) as (app, _):
        app.transcript.extend(1, "\nmore")
        assert app.transcript.sheet.source_of(1) == entry.text + "\nmore"
        assert app.transcript.sheet.code_blocks(1) == ["x = 1\n", "y\n"]


async def test_code_is_coloured_after_the_first_paint() -> None:
    async with stage(Entry(1, "assistant", "```python\ndef f(): pass\n```")) as (app, _):

        def colours() -> set[object]:
            strip = app.transcript.render_line(app.at("def f").y)
            return {segment.style.color for segment in strip if segment.style and segment.text.strip()}

        await eventually_async(lambda: len(colours()) > 1)


@pytest.mark.parametrize("theme", sorted(BUILTIN_THEMES))
async def test_every_theme_gives_its_colours(theme: str) -> None:
    async with stage(Entry(1, "user", "question"), Entry(2, "assistant", "`code` [a](b)", status="failed")) as (
        app,
        pilot,
    ):
        app.theme = theme
        await pilot.pause()
        bar = next(part for part in app.transcript.render_line(app.at("question").y) if part.text == "▌")
        assert bar.style
        assert bar.style.color == Color.parse(app.theme_variables["accent"]).rich_color


async def test_without_colours_nothing_but_text_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with stage(Entry(1, "assistant", "[a](b) `c`", status="failed", error="broken")) as (app, _):
        for strip in app.transcript.render_lines(app.transcript.size.region):
            for segment in strip:
                triplet = segment.style.color.triplet if segment.style and segment.style.color else None
                assert triplet is None or len(set(triplet)) == 1


async def test_a_hidden_transcript_catches_up_when_it_is_shown() -> None:
    async with stage() as (app, pilot):
        app.transcript.display = False
        await pilot.pause()
        app.transcript.show(messages(20))
        app.transcript.append(Entry("s", "assistant", "", status="streaming"))
        app.transcript.extend("s", "while hidden")
        await eventually_async(lambda: app.transcript.sheet.entries[-1].text == "while hidden")
        app.transcript.display = True
        await pilot.pause()
        assert any("while hidden" in line for line in app.lines())
