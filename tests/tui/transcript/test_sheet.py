from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual.geometry import Offset
from textual.selection import Selection

from chatspace.tui.transcript import sheet as sheet_module
from chatspace.tui.transcript.entries import Entry
from chatspace.tui.transcript.item import Stack
from chatspace.tui.transcript.selecting import LineName, copied, selected_text
from chatspace.tui.transcript.sheet import Position, Sheet
from tests.properties import examples
from tests.tui.transcript.documents import streamed
from tests.tui.transcript.test_render import sheet_of, shown

GROWING = Entry(1, "assistant", "", status="streaming")


def stream(sheet: Sheet, text: str, reasoning: str = "") -> None:
    item = sheet.item(1)
    item.take(text, reasoning)
    item.flush(sheet.width)
    sheet.changed(item)


def finish(sheet: Sheet) -> None:
    item = sheet.item(1)
    item.update(replace(item.entry, status="complete", footer="done"), sheet.width)
    sheet.changed(item)


LATE = "see [ref] and [other][ref] and https://example.org/bare.\n# Heading\n[ref]: https://example.org/ref"
"""The address of a link, known only once the text has ended."""


@examples(200)
@example([LATE], 12, True)
@given(streamed(), st.sampled_from([12, 20, 40, 90]), st.booleans())
def test_a_stream_ends_as_the_finished_reply_shown_at_once(pieces: list[str], width: int, looked_at: bool) -> None:
    sheet = sheet_of(GROWING, width=width)
    for piece in pieces:
        stream(sheet, piece, reasoning=piece[:1])
        if looked_at:
            shown(sheet)
    finish(sheet)
    whole = sheet.item(1).entry
    assert whole.text == "".join(pieces)
    assert shown(sheet) == shown(sheet_of(whole, width=width))


@pytest.mark.parametrize("width", [20, 60, 90])
def test_a_long_fence_that_grew_in_pieces_ends_as_if_shown_at_once(width: int) -> None:
    code = "```python\n" + "".join(
        f'x{n} = "a line of code that may be too long for the column"\n\n' for n in range(300)
    )
    sheet = sheet_of(GROWING, width=width)
    for start in range(0, len(code), 333):
        stream(sheet, code[start : start + 333])
        shown(sheet)
    stream(sheet, "```\n\nafter")
    finish(sheet)
    assert shown(sheet) == shown(sheet_of(sheet.item(1).entry, width=width))


def test_only_the_block_that_grows_is_rendered_again() -> None:
    sheet = sheet_of(GROWING)
    stream(sheet, "one\n\ntwo\n\nthree")
    shown(sheet)
    blocks = sheet.item(1).blocks.things
    before = [block.lines for block in blocks]
    stream(sheet, " grows\n\n")
    shown(sheet)
    assert [block.lines is old for block, old in zip(blocks, before, strict=False)][:3] == [True, True, False]


def test_a_growing_paragraph_keeps_the_lines_that_stay() -> None:
    sheet = sheet_of(GROWING, width=40)
    stream(sheet, "word " * 40)
    shown(sheet)
    block = sheet.item(1).blocks.things[0]
    before = block.lines or []
    stream(sheet, "and more words " * 9)
    shown(sheet)
    assert sheet.item(1).blocks.things[0] is block
    assert all(line is old for line, old in zip(block.lines or [], before[:-1], strict=False))
    stream(sheet, "\n\nanother")
    assert sheet.item(1).blocks.things[0] is block


def test_a_note_is_no_address_of_a_link_and_an_address_is() -> None:
    sheet = sheet_of(GROWING)
    stream(sheet, "see [ref] and [more]\n\n[^1]: a note of words\n\n[ref]: https://a.test 'a title'\n[more]: <b c>\n")
    finish(sheet)
    assert shown(sheet)[1].strip() == "see ref and more"
    assert sheet.item(1).references["references"].keys() == {"REF", "MORE"}


def test_entries_far_away_aren_t_cut_into_blocks() -> None:
    sheet = sheet_of(*(Entry(n, "assistant", f"message {n}\n\n" + "word " * 150) for n in range(500)))
    last = sheet.last()
    assert last
    sheet.walk(last, -100)
    assert sum(item.opened for item in sheet.items.things) < 30
    assert sheet.height > 2_000


def test_walking_passes_each_line_once() -> None:
    sheet = sheet_of(*(Entry(n, "assistant", f"{n}: " + "word " * (n * 7 % 90)) for n in range(60)))
    last = sheet.last()
    assert last
    up = [last]
    while (place := sheet.walk(up[-1], -1)) != up[-1]:
        up.append(place)
    top = sheet.at(0)
    assert top
    down = sheet.rows(top, 10_000)
    assert down == up[::-1]
    assert [sheet.top(place) for place in down] == list(range(sheet.height))


def test_another_width_keeps_the_same_text_at_the_place() -> None:
    text = " ".join(f"word{n}" for n in range(400))
    sheet = sheet_of(Entry(0, "user", "hello"), Entry(1, "assistant", "intro\n\n" + text), width=80)
    top = sheet.at(0)
    assert top
    place = sheet.walk(top, 25)
    word = line_at(place).split()[0]
    for width in (33, 90, 20, 80):
        moved = sheet.reflow(width, place)
        assert moved
        assert word in line_at(moved)
        place = moved


def line_at(place: Position) -> str:
    return (place.block.lines or [])[place.line - place.block.gap].plain


def test_blocks_not_looked_at_give_back_their_lines_and_keep_their_height(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_module, "KEPT", 50)
    sheet = sheet_of(*(Entry(n, "assistant", "word " * 90) for n in range(200)))
    place = sheet.at(0)
    while place and place != sheet.walk(place, 40):
        place = sheet.walk(place, 40)
    assert sum(block.lines is not None for item in sheet.items.things for block in item.blocks.things) <= 50
    assert sheet.height == 200 * 9


def test_a_removed_entry_is_gone_and_the_others_have_moved_up() -> None:
    sheet = sheet_of(*(Entry(n, "notice", str(n)) for n in range(4)))
    sheet.remove(1)
    assert [line for line in shown(sheet) if line] == ["· 0", "· 2", "· 3"]
    with pytest.raises(KeyError):
        sheet.item(1)


def select(sheet: Sheet, start: tuple[int, int, int, int] | None, end: tuple[int, int, int, int] | None) -> str:
    shown(sheet)
    ends = [Offset(point[3] + 3, LineName(*point[:3]).y) if point else None for point in (start, end)]
    return selected_text(sheet, Selection(*ends), 3)


def test_copied_text_is_whole_again_where_it_was_wrapped() -> None:
    sheet = sheet_of(
        Entry(1, "assistant", "the quiet heat pump takes the noise out\n\n- item that is long as well"), width=20
    )
    copied_text = select(sheet, (0, 0, 0, 4), (0, 1, 1, 4))
    assert copied_text == "quiet heat pump takes the noise out\n\n- item that is long as"


def test_a_selection_over_several_entries_keeps_them_apart() -> None:
    sheet = sheet_of(Entry(1, "user", "question"), Entry(2, "assistant", "# Head\ntext\n\n```\n  code\n```"))
    assert select(sheet, (0, 0, 0, 2), None) == "estion\n\nHead\ntext\n\n  code"


def test_a_whole_table_is_copied_as_it_was_written() -> None:
    table = "| a | b |\n|---|---|\n| one | 2 |"
    sheet = sheet_of(Entry(1, "assistant", f"x\n\n{table}\n\n- [x] y"))
    assert select(sheet, None, None) == f"x\n\n{table}\n\n- [x] y"
    assert copied(sheet.item(1).blocks.things[1], (2, 0)) == "one  2"


def test_entries_never_looked_at_are_copied_as_their_source() -> None:
    sheet = sheet_of(Entry(1, "assistant", "**a**"), Entry(2, "user", "b"))
    assert selected_text(sheet, Selection(None, None), 3) == "**a**\n\nb"


def test_lines_are_named_in_reading_order() -> None:
    names = [LineName(0, 0, -1), LineName(0, 0, 5), LineName(0, 3, 0), LineName(2, 0, -1)]
    assert [LineName.from_y(name.y) for name in names] == names
    assert sorted(name.y for name in names) == [name.y for name in names]


class Tall:
    def __init__(self, height: int) -> None:
        self.height = height


@given(st.lists(st.integers(1, 5), min_size=1, max_size=20), st.lists(st.tuples(st.integers(0, 19), st.integers(1, 9))))
def test_a_stack_finds_what_has_a_line_after_any_change(heights: list[int], changes: list[tuple[int, int]]) -> None:
    stack: Stack[Tall] = Stack()
    stack.things = [Tall(height) for height in heights]
    for index, height in changes:
        stack.things[index % len(heights)].height = height
        stack.changed(index % len(heights))
        owners = [number for number, thing in enumerate(stack.things) for _ in range(thing.height)]
        assert stack.height == len(owners)
        assert [stack.find(line) for line in range(len(owners))] == owners
