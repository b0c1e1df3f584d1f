from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from chatspace.tui.transcript.lines import Line, cut, fold, indented, wrap

pieces = st.lists(st.text(alphabet="ab cé漢字👩 \n", max_size=20), max_size=6)


def segments_of(texts: list[str]) -> list[Segment]:
    return [Segment(text, Style(bold=bool(number % 2))) for number, text in enumerate(texts) if text]


def texts(lines: list[Line]) -> list[str]:
    return [line.plain for line in lines]


def test_text_is_wrapped_at_spaces_and_a_long_word_is_cut() -> None:
    lines = wrap([Segment("the quiet heat pump extraordinarily")], 10)
    assert texts(lines) == ["the quiet", "heat pump", "extraordin", "arily"]
    assert [line.join for line in lines] == ["\n", " ", " ", ""]


def test_wide_characters_take_two_cells() -> None:
    assert texts(wrap([Segment("日本語の文章")], 8)) == ["日本語の", "文章"]


def test_styles_survive_wrapping() -> None:
    bold = Style(bold=True)
    lines = wrap([Segment("one "), Segment("two three", bold)], 8)
    assert lines[0].segments == (Segment("one "), Segment("two", bold))
    assert lines[1].segments == (Segment("three", bold),)


def test_what_is_put_before_wrapped_lines_isn_t_copied() -> None:
    lines = indented(wrap([Segment("aaaa bbbb")], 4), Segment("• "), Segment("  "))
    assert texts(lines) == ["• aaaa", "  bbbb"]
    assert [line.lead for line in lines] == [0, 2]


@given(pieces, st.integers(8, 30))
def test_wrapping_keeps_to_the_width_and_loses_only_spaces(parts: list[str], width: int) -> None:
    lines = wrap(segments_of(parts), width)
    text = "".join(parts)
    assert all(cell_len(line.plain) <= width for line in lines)
    assert "".join("".join(texts(lines)).split()) == "".join(text.split())
    rejoined = "".join((line.join if number else "") + line.plain for number, line in enumerate(lines))
    assert [line.split() for line in rejoined.split("\n")] == [line.split() for line in text.split("\n")]


@given(st.text(alphabet="ab 漢é", max_size=60), st.integers(2, 20))
def test_folded_code_loses_nothing(code: str, width: int) -> None:
    lines = fold([Segment(code)] if code else [], width)
    assert "".join(texts(lines)) == code
    assert all(cell_len(line.plain) <= width for line in lines)


@given(pieces, st.lists(st.integers(0, 60), max_size=5))
def test_pieces_put_together_are_what_was_cut(parts: list[str], offsets: list[int]) -> None:
    text = "".join(parts)
    borders = sorted(min(offset, len(text)) for offset in offsets)
    cuts = cut(segments_of(parts), borders)
    assert ["".join(segment.text for segment in piece) for piece in cuts] == [
        text[start:end] for start, end in zip([0, *borders], [*borders, len(text)], strict=True)
    ]
