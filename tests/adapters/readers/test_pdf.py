"""PDF: structure rebuilt from sizes, indents and bullets, and said to be so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chatspace.adapters.readers import FileReader
from chatspace.core.document import Source
from chatspace.core.errors import SourceError
from tests.adapters.readers.outline import outline
from tests.adapters.readers.pdf_files import Placed, pdf_of

PAGE = [
    Placed("Quiet heating", 50, 780, 20),
    Placed("The heat pump of the year (model 4) is very", 50, 750),
    Placed("quiet.", 50, 736),
    Placed("A second paragraph.", 50, 710),
    Placed("Plans", 50, 680, 15),
    Placed("• one", 60, 660),
    Placed("• two goes on and", 80, 645),
    Placed("wraps", 90, 631),
    Placed("1. three", 100, 616),
    Placed("2. four", 100, 601),
    Placed("• five", 80, 586),
    Placed("• six", 60, 571),
    Placed("After the list.", 50, 540),
]


def read(*pages: list[Placed]) -> Source:
    return FileReader().read_bytes(pdf_of(pages), "report.pdf")


def test_headings_paragraphs_and_lists_are_rebuilt() -> None:
    source = read(PAGE)
    assert outline(source.text) == [
        ("heading", 1, "Quiet heating"),
        ("paragraph", "The heat pump of the year (model 4) is very quiet."),
        ("paragraph", "A second paragraph."),
        ("heading", 2, "Plans"),
        ("item", 1, False, "one"),
        ("item", 2, False, "two goes on and wraps"),
        ("item", 3, True, "three"),
        ("item", 3, True, "four"),
        ("item", 2, False, "five"),
        ("item", 1, False, "six"),
        ("paragraph", "After the list."),
    ]
    assert "reconstructed" in source.warnings[0]


def test_text_that_looks_like_markdown_stays_text() -> None:
    assert outline(read([Placed("# no *heading*", 50, 700), Placed("x", 50, 600)]).text)[0] == (
        "paragraph",
        "# no *heading*",
    )


def test_text_knows_its_page_and_goes_on_over_a_page_break() -> None:
    source = read([Placed("It begins", 50, 100)], [Placed("and goes on.", 50, 700), Placed("New.", 50, 600)])
    assert source.text == "It begins and goes on.\n\nNew.\n"
    assert source.place_of(0) == "page 1"
    assert source.place_of(source.text.index("New")) == "page 2"


def test_running_heads_and_page_numbers_are_left_out() -> None:
    pages = [
        [Placed("Report", 50, 820), Placed(f"Words of page {word}.", 50, 700), Placed(f"Page {n}", 280, 20)]
        for n, word in enumerate(("one", "two", "three"), start=1)
    ]
    source = read(*pages)
    assert outline(source.text) == [("paragraph", f"Words of page {word}.") for word in ("one", "two", "three")]
    assert "6 running headers" in source.warnings[1]


def test_a_divided_word_is_joined_and_a_compound_keeps_its_hyphen() -> None:
    page = [
        Placed("A well-known house, very qui-", 50, 700),
        Placed("et, and as well-", 50, 686),
        Placed("known as before", 50, 672),
        Placed("in town.", 50, 658),
    ]
    assert read(page).text == "A well-known house, very quiet, and as well-known as before in town.\n"


def test_pages_without_text_say_what_to_do() -> None:
    with pytest.raises(SourceError) as caught:
        read([], [])
    assert "OCR" in caught.value.remedy


def test_a_pdf_with_a_password_is_refused() -> None:
    encrypted = pdf_of([[Placed("secret", 50, 700)]]).replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <"
        + b"41" * 32
        + b"> /U <"
        + b"42" * 32
        + b"> >>",
    )
    with pytest.raises(SourceError, match="password"):
        FileReader().read_bytes(encrypted, "a.pdf")


def test_several_threads_can_read_at_once() -> None:
    data = pdf_of([PAGE] * 20)
    with ThreadPoolExecutor(4) as pool:
        texts = set(pool.map(lambda _: FileReader().read_bytes(data, "a.pdf").text, range(8)))
    assert len(texts) == 1
