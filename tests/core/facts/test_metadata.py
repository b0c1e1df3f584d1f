"""What a document says about itself."""

from __future__ import annotations

from datetime import date

import pytest

from chatspace.core.facts import find_metadata
from chatspace.core.profiles.profile import MetadataField

FIELDS = (
    MetadataField("title", ("Titel",)),
    MetadataField("length", ("word count", "Länge", "Umfang"), "number"),
    MetadataField("deadline", ("due date", "Abgabe"), "date"),
    MetadataField("keywords", ("tags",), "list"),
    MetadataField("audience", ("Zielgruppe",)),
)


@pytest.mark.parametrize(
    "head",
    [
        "Word count: 600",
        "Länge: 600 Wörter",
        "**Umfang:** ca. 600",
        "- **Length**: 600 words",
        "| Word Count | 600 |\n|---|---|",
        "length\n: 600",
        "LAENGE: 1\nword-count: 600",
    ],
)
def test_one_field_has_many_spellings(head: str) -> None:
    assert find_metadata(f"# Brief\n\n{head}\n\nText.", FIELDS) == {"length": 600}


def test_values_have_the_type_of_their_field() -> None:
    text = "Due date: 12 March 2026\nTags: a, b; c\nZielgruppe: Leute, 30-50\nLength: 1.200 words"
    assert find_metadata(text, FIELDS) == {
        "deadline": "2026-03-12",
        "keywords": ["a", "b", "c"],
        "audience": "Leute, 30-50",
        "length": 1200,
    }


def test_front_matter_wins_and_keeps_its_unknown_keys() -> None:
    matter = {"Titel": "A", "tags": ["x", "y"], "Own Key": 3, "date": date(2026, 1, 2), "empty": None}
    assert find_metadata("Title: B\nLength: 5", FIELDS, matter) == {
        "title": "A",
        "keywords": ["x", "y"],
        "own_key": 3,
        "date": "2026-01-02",
        "length": 5,
    }


def test_a_value_of_another_type_stays_text() -> None:
    assert find_metadata("Length: 500-600 words\nDeadline: soon", FIELDS) == {
        "length": "500-600 words",
        "deadline": "soon",
    }


def test_only_the_head_and_no_code_is_read() -> None:
    assert find_metadata("```\nLength: 5\n```", FIELDS) == {}
    assert find_metadata("x\n" * 4000 + "Length: 5", FIELDS) == {}
    assert find_metadata("The length: see below. Not a field: 5", FIELDS) == {}
