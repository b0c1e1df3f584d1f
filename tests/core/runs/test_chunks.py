"""Chunks: all of a source, in order, within a budget, and nothing torn that could stay whole."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.extraction import Extraction
from chatspace.core.runs.by_rule import extract
from chatspace.core.runs.chunks import Chunk, cost, cut
from chatspace.core.runs.payload import chunk_overhead, chunk_payload
from chatspace.core.stages.gate import check_extraction
from chatspace.core.structure import parse
from chatspace.core.text.tokens import estimate_tokens
from tests.core.runs.running import source
from tests.properties import examples


def extracted(text: str) -> Extraction:
    structure = parse(text)
    return extract(source(text), structure, check_extraction(structure))


def covered(extraction: Extraction, chunks: list[Chunk]) -> str:
    return "".join((extraction.text or "")[slice(*chunk.span)] for chunk in chunks)


def size(chunk: Chunk) -> int:
    return sum(cost(piece.text) + 12 + sum(cost(title) for title in piece.path) for piece in chunk.pieces)


def sections(count: int, words: int = 60) -> str:
    return "# Report\n\n" + "\n\n".join(f"## Part {n}\n\n" + f"Word{n} and more. " * (words // 3) for n in range(count))


def test_chunks_end_at_headings_and_carry_the_path_above_them() -> None:
    extraction = extracted(sections(12))
    chunks = cut(extraction, 500)
    assert len(chunks) > 2
    assert covered(extraction, chunks) == extraction.text
    assert [chunk.pieces[0].text.startswith("## Part") for chunk in chunks[1:]] == [True] * (len(chunks) - 1)
    assert all(piece.path[0] == "Report" for chunk in chunks for piece in chunk.pieces)
    assert chunks[1].heading == chunks[1].pieces[0].path[-1]


def test_a_heading_is_never_the_last_of_its_chunk() -> None:
    for budget in range(150, 700, 10):
        chunks = cut(extracted(sections(9)), budget)
        assert not any(re.search(r"^#+ [^\n]*\s*\Z", chunk.pieces[-1].text, re.MULTILINE) for chunk in chunks)


def test_lists_tables_and_code_that_fit_stay_whole() -> None:
    whole = [
        "\n".join(f"- item {n}\n  - below {n}" for n in range(12)),
        "| a | b |\n| --- | --- |\n" + "\n".join(f"| {n} | {n} |" for n in range(12)),
        "```python\n" + "\n".join(f"print({n})" for n in range(20)) + "\n```",
    ]
    text = "\n\n".join(f"{'Prose before it. ' * 9}\n\n{block}" for block in whole * 4)
    texts = [piece.text for chunk in cut(extracted(text), 260) for piece in chunk.pieces]
    for block in whole:
        assert sum(shown.count(block) for shown in texts) == 4


def test_a_table_that_is_too_large_is_split_between_rows_under_its_header() -> None:
    rows = [f"| row {n} | {n * 100} kWh | a remark about row {n} |" for n in range(80)]
    text = "# T\n\n| Site | Use | Remark |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"
    extraction = extracted(text)
    chunks = cut(extraction, 300)
    assert len(chunks) > 3
    for chunk in chunks:
        tables = parse(chunk.pieces[-1].text).tables
        assert tables[0].rows[0] == ("Site", "Use", "Remark")
    assert [row for chunk in chunks for row in rows if row in chunk.pieces[-1].text] == rows
    assert covered(extraction, chunks) == text


def test_a_list_that_is_too_large_is_split_between_its_outermost_items() -> None:
    text = (
        "\n".join(f"- item {n} says something of its own\n  - and {n} has a remark below it" for n in range(80)) + "\n"
    )
    chunks = cut(extracted(text), 300)
    assert len(chunks) > 2
    assert all(chunk.pieces[0].text.startswith("- item") for chunk in chunks)
    assert sum(len(parse(chunk.pieces[0].text).items) for chunk in chunks) == 160


def test_code_that_is_too_large_stays_fenced_in_every_part() -> None:
    text = "```python\n" + "\n".join(f"print('line {n} of a long program')" for n in range(120)) + "\n```\n"
    chunks = cut(extracted(text), 300)
    codes = [parse(chunk.pieces[0].text).codes for chunk in chunks]
    assert all(len(code) == 1 and code[0].closed and code[0].info == "python" for code in codes)
    assert "".join(code[0].content for code in codes).count("print") == 120


def test_prose_that_is_too_large_is_split_between_sentences_that_overlap() -> None:
    text = " ".join(f"Sentence {n} says what happened at site {n}." for n in range(150)) + "\n"
    chunks = cut(extracted(text), 300)
    assert len(chunks) > 3
    for before, after in pairwise(chunks):
        last = before.pieces[0].text.rstrip().rpartition(". ")[2]
        assert after.pieces[0].text.startswith(last)
    assert covered(extracted(text), chunks) == text


@pytest.mark.parametrize(
    "text", ["", "\n\n", "word", "---\ntitle: x\n---\n", "x" * 40_000, "東京" * 4_000, "a b " * 9_000]
)
def test_odd_texts_are_covered_within_the_budget(text: str) -> None:
    extraction = extracted(text)
    chunks = cut(extraction, 400)
    assert covered(extraction, chunks).strip() == text.strip()
    assert all(size(chunk) <= 400 for chunk in chunks)


def test_front_matter_belongs_to_no_chunk() -> None:
    chunks = cut(extracted("---\nauthor: x\n---\n# A\n\nText.\n"), 400)
    assert [piece.text for piece in chunks[0].pieces] == ["# A\n\nText.\n"]


BLOCKS = st.sampled_from(
    [
        "# A heading",
        "## Another one, which is somewhat longer than the first",
        "###### Deep",
        "A paragraph of prose. It has two sentences.",
        "Łódź and 東京都庁舎 have \U0001f9ed in common. " * 12,
        "- a\n  - b\n    - c\n- d",
        "\n".join(f"{n}. step number {n} of them all" for n in range(1, 40)),
        "| a | b |\n| --- | --- |\n" + "| 1 | 2 |\n" * 40,
        "```\n" + "code = 1\n" * 60 + "```",
        "> quoted\n> and more",
        "[ref]: https://a.example/x",
        "<div>\nhtml\n</div>",
        "word " * 700,
    ]
)


@examples(60)
@given(st.lists(BLOCKS, max_size=14).map("\n\n".join), st.integers(150, 900))
def test_chunks_cover_everything_in_order_within_the_budget(text: str, budget: int) -> None:
    extraction = extracted(text)
    chunks = cut(extraction, budget)
    assert covered(extraction, chunks).strip() == text.strip()
    assert all(before.span[1] == after.span[0] for before, after in pairwise(chunks))
    assert all(size(chunk) <= budget for chunk in chunks)
    room = budget + chunk_overhead(extraction)
    assert all(estimate_tokens(chunk_payload(extraction, chunk, "1 of 9")) <= room for chunk in chunks)
