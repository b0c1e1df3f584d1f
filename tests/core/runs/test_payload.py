"""The payload: everything where there is room, the most telling parts where there is a budget."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatspace.core.extraction import Extraction
from chatspace.core.runs.by_rule import extract
from chatspace.core.runs.chunks import cut
from chatspace.core.runs.payload import chunk_payload, payload
from chatspace.core.stages.gate import check_extraction
from chatspace.core.structure import parse
from chatspace.core.text.tokens import estimate_tokens
from tests.core.runs.running import BRIEF, source


def extracted(text: str, name: str = "brief.md") -> Extraction:
    structure = parse(text)
    return extract(source(text, name), structure, check_extraction(structure))


def card(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)["sources"][0]
    return document


REPORT = "# Field report\n\nThe report in one line.\n\n" + "\n\n".join(
    f"## Site {n}\n\nThe crew of Site {n} under Ada Byron wrote down {n + 100} kWh in March 2026, and went home late."
    for n in range(60)
)


def test_without_a_budget_everything_is_in_it() -> None:
    shown = payload([extracted(BRIEF)])
    document = card(shown.text)
    assert [section["path"] for section in document["sections"]] == [
        ["Launch of the Tern 4"],
        ["Launch of the Tern 4", "Voices"],
    ]
    assert "| Tern 4 | $4,200 |" in document["sections"][0]["text"]
    assert {"type": "money", "raw": "$4,200"} in document["facts"]
    assert document["outline"][1] == {"level": 2, "title": "Voices"}
    assert "Maria Lopez" in document["names"]
    assert (shown.sections, shown.left_out) == (2, ())
    assert shown.tokens == estimate_tokens(shown.text)


@pytest.mark.parametrize("budget", [600, 900, 1_500, 3_000, 5_000])
def test_a_budget_is_kept_and_what_is_left_out_is_named(budget: int) -> None:
    shown = payload([extracted(REPORT)], budget=budget)
    assert shown.tokens <= budget
    assert shown.sections == 61
    document = card(shown.text)
    kept = len(document.get("sections", []))
    assert kept + len(shown.left_out) == 61
    assert len(document["left_out"]) in (0, len(shown.left_out))
    assert all(card["section"] and card["words"] for card in document["left_out"])


def test_most_of_a_budget_is_used_for_the_text_of_sections() -> None:
    kept = {budget: 61 - len(payload([extracted(REPORT)], budget=budget).left_out) for budget in (1_000, 3_000, 9_000)}
    assert kept[1_000] > 3
    assert kept[3_000] > 20
    assert kept[9_000] == 61


def test_the_sections_that_say_most_keep_their_text() -> None:
    padding = "There is nothing in particular to be said about this part of it at all. " * 12
    text = f"# Report\n\n## Padding\n\n{padding}\n\n## Figures\n\nIt cost $4,200, took 18 days and saved 31 %.\n"
    shown = payload([extracted(text)], budget=300)
    assert shown.left_out == ("Report / Padding",)


def test_several_sources_keep_their_origins() -> None:
    shown = payload([extracted(BRIEF), extracted("# Notes\n\nIt is blue.\n", "notes.md")])
    assert [one["name"] for one in json.loads(shown.text)["sources"]] == ["brief.md", "notes.md"]


def test_a_chunk_shows_its_text_its_facts_and_its_names_alone() -> None:
    extraction = extracted(REPORT)
    chunks = cut(extraction, 400)
    document = card(chunk_payload(extraction, chunks[1], "2 of 9"))
    assert document["part"] == "2 of 9"
    assert document["sections"][0]["path"][0] == "Field report"
    shown = " ".join(section["text"] for section in document["sections"])
    assert document["facts"]
    assert all(fact["raw"] in shown for fact in document["facts"])
    assert document["names"] == [name for name in document["names"] if name in shown]


def test_without_room_a_chunk_has_its_text_alone() -> None:
    extraction = extracted(REPORT)
    document = card(chunk_payload(extraction, cut(extraction, 400)[0], "1 of 9", 0))
    assert (document["facts"], document["names"]) == ([], [])
    assert document["sections"]
