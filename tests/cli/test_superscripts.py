"""Raised figures, fractions and note marks from a file to the extraction, the draft and the ads: none joins another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command

FILES = Path(__file__).parent.parent / "adapters" / "readers" / "files"
JOINED = ("$499", "106", "20191", "Lee3", "402", "23 litres", "11/2", "<su")


def written(chatspace: Command, name: str) -> list[str]:
    """A draft of a file and its copy for two channels."""
    channels = ("google-ads", "x", "blog")
    copies = (chatspace("copy", FILES / name, "--channel", channel, "--format", "json") for channel in channels)
    texts = [variant["text"] for copy in copies for variant in json.loads(copy.out)["variants"]]
    return [chatspace("draft", FILES / name).out, *texts]


def values(chatspace: Command, name: str) -> list[tuple[str, object, object]]:
    extraction = chatspace("extract", FILES / name).json
    for fact in extraction["facts"]:
        assert extraction["text"][slice(*fact["span"])] == fact["raw"]
    assert extraction["gate"]["status"] == "passed"
    assert extraction["provenance"]["second_parser_agrees"]
    return [(fact["type"], fact["value"], fact["unit"]) for fact in extraction["facts"]]


def test_a_page_keeps_its_superscripts_and_its_facts_are_right(chatspace: Command) -> None:
    assert values(chatspace, "superscripts.html") == [
        ("money", 4.99, "USD"),
        ("quantity", 1_000_000, "g"),
        ("quantity", 120, "m²"),
        ("number", 40_000_000, None),
        ("date", "2019", None),
        ("percent", 1.5, "%"),
    ]
    extraction = chatspace("extract", FILES / "superscripts.html").json
    assert "$4<sup>99</sup>" in extraction["text"]
    assert [(entity["type"], entity["name"]) for entity in extraction["entities"]] == [("person", "Ann Lee")]


def test_word_superscripts_are_read_alike(chatspace: Command) -> None:
    assert values(chatspace, "superscripts.docx") == [
        ("money", 4.99, "USD"),
        ("quantity", 1_000_000, "x"),
        ("date", "2019", None),
    ]


def test_word_fractions_and_powers_are_one_figure_each(chatspace: Command) -> None:
    (kind, value, unit), grains = values(chatspace, "fractions.docx")
    assert (kind, value, unit) == ("quantity", pytest.approx(2 / 3), "l")
    assert grains == ("number", 1_000_000, None)
    assert chatspace("extract", FILES / "fractions.docx").json["text"] == "Mix 2/3 litres and 10^6 grains.\n"


@pytest.mark.parametrize("name", ["superscripts.html", "superscripts.docx", "fractions.docx"])
def test_no_draft_and_no_ad_joins_a_raised_figure(chatspace: Command, name: str) -> None:
    texts = written(chatspace, name)
    assert not [(text, joined) for text in texts for joined in JOINED if joined in text]


def test_drafts_and_ads_have_the_price_and_leave_note_marks_out(chatspace: Command) -> None:
    draft, *ads = written(chatspace, "superscripts.html")
    assert "$4.99" in draft
    assert "10⁶ grams over 120 m²" in draft
    assert "in 2019, says Ann Lee. CO₂ fell by 1½ percent" in draft
    assert any("$4.99" in ad for ad in ads)
    assert not any("²" in ad.replace("m²", "") or "¹" in ad or "³" in ad for ad in ads)


def test_the_draft_of_the_built_in_engine_is_supported_by_its_source(chatspace: Command) -> None:
    draft = chatspace("draft", FILES / "superscripts.html", "--format", "json").json
    verdicts = {claim["claim"]: claim["verdict"] for claim in draft["grounding"]}
    assert set(verdicts.values()) == {"supported"}
    assert {"$4.99", "40 million", "Ann Lee"} <= set(verdicts)


def test_a_source_that_is_pasted_is_read_alike(chatspace: Command) -> None:
    text = "# Lamp\n\nIt costs **$4<sup>99</sup>** and was made 10⁶ times, says Ann Lee³ of Acme<sup>TM</sup>.\n"
    extraction = chatspace("extract", "-", stdin=text).json
    assert [fact["value"] for fact in extraction["facts"]] == [4.99, 1_000_000]
    assert "Ann Lee" in {entity["name"] for entity in extraction["entities"]}


def test_a_page_with_raised_figures_is_exported_with_them_raised(chatspace: Command) -> None:
    text = "# Power\n\nThe station makes R<sup>n</sup> watts and e<sup>x<sup>2</sup></sup>, <sup>open, <b>bold</b>.\n"
    page = chatspace("draft", "-", "--format", "html", stdin=text).out
    assert "R<sup>n</sup> watts" in page
    assert "<b>" not in page
    assert page.count("<sup>") == page.count("</sup>")


def test_a_page_s_note_marks_fractions_and_prices_behind_a_code_are_read_whole(
    chatspace: Command, tmp_path: Path
) -> None:
    page = tmp_path / "lamps.html"
    page.write_text(
        "<html><body><p>It sold 120<sup>10</sup><sup>11</sup> lamps of 6<sup>1</sup>⁄2 kg for CHF 12<sup>50</sup>"
        ' and 45<math><msup><mi></mi><mn>2</mn></msup></math> shades<sup><a href="#r12">12</a></sup>.</p>',
        encoding="utf-8",
    )
    extraction = chatspace("extract", page).json
    assert [(fact["value"], fact["unit"]) for fact in extraction["facts"]] == [
        (120, None),
        (6.5, "kg"),
        (12.5, "CHF"),
        (45, None),
    ]
    assert "120 lamps of 6½ kg for CHF 12.50 and 45 shades" in chatspace("draft", page).out
