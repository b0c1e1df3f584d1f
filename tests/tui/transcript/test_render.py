from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from chatspace.tui.transcript.blocks import Splitter
from chatspace.tui.transcript.code import Highlighter
from chatspace.tui.transcript.entries import Entry, Status
from chatspace.tui.transcript.palette import Palette
from chatspace.tui.transcript.render import Renderer
from chatspace.tui.transcript.sheet import Sheet
from tests.properties import examples
from tests.tui.transcript.documents import documents

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e]")


def named(component: str) -> Style:
    """A style that can be told from the others."""
    return Style(meta={"name": component.removeprefix("transcript--")})


def sheet_of(*entries: Entry, width: int = 60) -> Sheet:
    sheet = Sheet(Renderer(Palette.of(named), Highlighter()), width)
    sheet.show(entries)
    return sheet


def shown(sheet: Sheet) -> list[str]:
    """All lines of the sheet."""
    top = sheet.at(0)
    assert top
    return [
        "" if place.line < place.block.gap else (place.block.lines or [])[place.line - place.block.gap].plain.rstrip()
        for place in sheet.rows(top, 100_000)
    ]


def reply(markdown: str, width: int = 60) -> list[str]:
    """The lines of a reply, without the blank one above."""
    return shown(sheet_of(Entry(1, "assistant", markdown), width=width))[1:]


def meta_of(markdown: str, text: str) -> dict[str, object]:
    splitter = Splitter()
    splitter.feed(markdown)
    splitter.finish()
    lines = Renderer(Palette.of(named), Highlighter()).render(splitter.blocks[0], 60, {})
    return next(dict((part.style or Style()).meta) for line in lines for part in line.segments if part.text == text)


def test_lists_are_nested_and_numbered() -> None:
    assert reply("1. a\n   - b\n     - c\n1. d\n\n1. e") == [" 1. a", "    • b", "      • c", " 2. d", "", " 3. e"]


def test_an_item_with_two_paragraphs_and_code_keeps_them_apart() -> None:
    assert reply("- a\n\n  b\n\n  ```\n  x\n  ```") == ["• a", "", "  b", "", "   x"]


def test_tasks_have_boxes() -> None:
    assert reply("- [ ] a\n- [x] b\n\n1. [X] c") == ["☐ a", "☑ b", "", " 1. ☑ c"]


def test_a_heading_stands_with_its_text() -> None:
    assert reply("text\n# One\nmore\n\n## Two\n\n- a") == ["text", "", "One", "more", "", "Two", "• a"]


def test_a_quote_has_a_bar() -> None:
    assert reply("> a\n>\n> - b") == ["│ a", "│", "│ • b"]


def test_a_table_is_aligned() -> None:
    assert reply("| a | b |\n|---|--:|\n| one | 2 |\n| x | 1,000 |") == [
        "a        b",
        "───  ─────",
        "one      2",
        "x    1,000",
    ]


def test_a_wide_table_wraps_its_cells() -> None:
    lines = reply("| a | b |\n|---|---|\n| " + "word " * 20 + "| short |\n| x | y |", width=30)
    assert max(map(cell_len, lines)) <= 30
    assert lines[2] == "word word word word      short"
    assert [line for line in lines if "word" in line][-1] == "word word word word"


def test_a_table_that_can_t_be_read_comes_as_records() -> None:
    table = "| name | price | noise |\n|---|---|---|\n| Tern four | $9,400 | quiet |\n| Tern three | $8,900 | loud |"
    assert reply(table, width=20) == [
        "name: Tern four",
        "price: $9,400",
        "noise: quiet",
        "",
        "name: Tern three",
        "price: $8,900",
        "noise: loud",
    ]


def test_a_break_in_a_cell_breaks_the_line() -> None:
    assert reply("| a |\n|---|\n| x<br>y |") == ["a", "─", "x", "y"]


def test_inline_html_and_images_are_shown_as_what_they_are() -> None:
    assert reply("a <kbd>b</kbd> ![chart](x.png)\n\n<div>\n<p>c</p>") == [
        "a <kbd>b</kbd> [chart]",
        "",
        "<div>",
        "<p>c</p>",
    ]


@pytest.mark.parametrize(
    ("markdown", "text", "url"),
    [
        ("[a](https://x.org/y)", "a", "https://x.org/y"),
        ("see https://x.org/a_(b). Next", "https://x.org/a_(b)", "https://x.org/a_(b)"),
        ("(https://x.org/a)", "https://x.org/a", "https://x.org/a"),
        ("<https://x.org>", "https://x.org", "https://x.org"),
    ],
)
def test_links_carry_their_address(markdown: str, text: str, url: str) -> None:
    assert meta_of(markdown, text)["link"] == url


def test_a_script_is_no_link() -> None:
    assert reply("[a](javascript:alert(1))") == ["[a](javascript:alert(1))"]


def test_a_reference_link_finds_its_definition_further_down() -> None:
    assert reply("see [the ref][r].\n\n[r]: https://x.org") == ["see the ref.", "", "[r]: https://x.org"]


def test_entities_can_t_bring_control_characters() -> None:
    assert reply("a &#27;[31m &#x202e; b") == ["a \ufffd[31m  b"]


def test_code_is_coloured_once_pygments_is_there() -> None:
    highlighter = Highlighter()
    palette = Palette.of(named)
    code = "def f():\n    return 1  # one"
    assert {segment.style for segment in highlighter.segments(code, "python", palette)} == {palette.code}
    highlighter.warm()
    styles = {segment.text: segment.style for segment in highlighter.segments(code, "python", palette)}
    assert (styles["def"], styles["1"], styles["# one"]) == (
        palette.code_keyword,
        palette.code_number,
        palette.code_comment,
    )
    assert highlighter.segments(code, "no-such-language", palette)[0].style == palette.code


def test_nesting_without_end_is_shown_as_it_was_written() -> None:
    lines = reply("> " * 300 + "deep")
    assert "".join(lines).replace(" ", "") == ">" * 300 + "deep"


def test_a_block_beyond_reason_is_shown_plain() -> None:
    assert "".join(reply("*word* " * 12_000)).replace(" ", "") == "*word*" * 12_000


def test_an_error_stands_under_what_came_with_a_mark_and_what_to_do() -> None:
    entry = Entry(1, "assistant", "half", status="failed", error="Refused: 401\nCheck the key.", footer="gpt")
    assert shown(sheet_of(entry)) == ["", "half", "", "✗ Refused: 401", "  Check the key.", "failed · gpt"]


@pytest.mark.parametrize(
    ("status", "word"),
    [("stopped", "stopped · "), ("truncated", "cut off · "), ("interrupted", "interrupted · "), ("complete", "")],
)
def test_the_footer_says_what_became_of_the_reply(status: Status, word: str) -> None:
    entry = Entry(1, "assistant", "x", status=status, footer="gpt · 2 s", label="2/3")
    assert shown(sheet_of(entry))[-1] == f"{word}2/3 · gpt · 2 s"


def test_what_a_user_wrote_is_never_markdown() -> None:
    assert shown(sheet_of(Entry(1, "user", "# a\n- *b*\n\n[link=x]c[/]"))) == ["", "# a", "- *b*", "", "[link=x]c[/]"]


def test_reasoning_is_one_line_until_it_is_unfolded() -> None:
    sheet = sheet_of(Entry(1, "assistant", "answer", reasoning="first\nsecond", thought="thought for 4 s"))
    assert shown(sheet) == ["", "thought for 4 s ▸", "", "answer"]
    item = sheet.item(1)
    item.toggle(sheet.width)
    sheet.changed(item)
    assert shown(sheet) == ["", "thought for 4 s ▾", "first", "second", "", "answer"]


@examples(200)
@given(documents, st.integers(12, 90))
def test_no_line_is_too_wide_or_holds_a_control_character(document: str, width: int) -> None:
    for role in ("assistant", "user"):
        lines = shown(
            sheet_of(Entry(1, role, document, footer="a\x1bb", label="\x07", error="x\x9b\ny\x00"), width=width)
        )
        assert not [line for line in lines if CONTROLS.search(line)]
        assert all(cell_len(line) <= width for line in lines)


def test_raised_and_lowered_text_is_shown_in_unicode_s_own_characters() -> None:
    assert reply("**$4<sup>99</sup>**, 10<sup>6</sup> and CO<sub>2</sub> by Lee<sup>3</sup>") == [
        "$4.99, 10⁶ and CO₂ by Lee³"
    ]
