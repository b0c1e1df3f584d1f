"""What leaves for other programs parses there, whatever the text holds, and does no harm."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.exporters import FileExporter
from chatspace.adapters.exporters.formats import FORMATS
from chatspace.core.errors import UsageError
from chatspace.core.registry import Format
from chatspace.core.runs.artifacts import Artifacts
from chatspace.core.runs.run import Draft
from chatspace.core.stages.registry import Stage, register, stage, stage_names, unregister
from chatspace.core.structure import compare, parse, path_f1
from chatspace.core.text.safe import for_file
from tests.adapters.exporters.made import conversation_of, copy_of, run_of, variant
from tests.core.structure.commonmark import load_examples

exporter = FileExporter()
HOSTILE = "a\x1b]0;x\x07b\x9bc\u202ed\u2028e\ufefff\udce9g"


@dataclass(frozen=True, slots=True)
class Glossary:
    words: tuple[str, ...]


def front_matter(data: bytes) -> tuple[dict[str, Any], str]:
    opening, matter, body = data.decode("utf-8").split("---\n", 2)
    assert opening == ""
    return yaml.safe_load(matter), body


def test_every_format_of_every_step_can_be_written() -> None:
    for step in stage_names():
        for name in exporter.formats(step):
            assert exporter.render(run_of(), step, name)


@pytest.fixture
def outside() -> Iterator[None]:
    """Two stages of other packages: one makes a draft, one something of its own."""
    register(replace(stage("draft"), name="redraft"))
    register(Stage("glossary", Glossary, run=None, summary=str))  # type: ignore[arg-type]  # nothing runs
    yield
    unregister("redraft")
    unregister("glossary")


@pytest.mark.usefixtures("outside")
def test_a_stage_from_outside_that_makes_a_draft_has_the_formats_of_drafts() -> None:
    result, draft = run_of(), run_of().artifacts["draft"]
    assert isinstance(draft, Draft)
    other = replace(result, artifacts=result.artifacts.having("redraft", replace(draft, text="# Loud\n")))
    assert list(exporter.formats("redraft")) == list(exporter.formats("draft"))
    assert "docx" in exporter.formats("redraft")
    assert front_matter(exporter.render(other, "redraft", "md"))[1] == "\n# Loud\n"
    assert front_matter(exporter.render(other, "draft", "md"))[1] == "\n# Quiet\n\nThe Tern 4.\n"
    assert {"draft.md", "redraft.md"} <= set(exporter.run_files(other))
    assert exporter.file_name("brief.md", "redraft", "docx") == "brief.redraft.docx"


@pytest.mark.usefixtures("outside")
def test_what_only_a_stage_from_outside_makes_is_written_as_json_markdown_and_in_its_own_formats() -> None:
    words = Format(Glossary, "words", ".txt", "text/plain", lambda made: ",".join(made.words).encode("utf-8"))
    own = FileExporter((*FORMATS, words))
    result = replace(run_of(), artifacts=Artifacts(glossary=Glossary(("Tern", "pump"))))
    assert list(own.formats("glossary")) == ["words", "json", "md"]
    assert own.render(result, "glossary", "words") == b"Tern,pump"
    assert json.loads(own.render(result, "glossary", "json")) == {"words": ["Tern", "pump"]}
    assert set(own.run_files(result)) == {"glossary.txt", "glossary.json", "glossary.md", "run.json"}


def test_an_unknown_format_names_those_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        exporter.render(run_of(), "draft", "odt")
    assert "md, json, html" in caught.value.remedy


def test_a_runs_folder_holds_what_was_made() -> None:
    assert set(exporter.run_files(run_of())) == {"extraction.json", "draft.md", "copy.md", "copy.csv", "run.json"}
    assert set(exporter.run_files(replace(run_of(), artifacts=Artifacts()))) == {"run.json"}


def test_a_draft_stays_as_it_was_written_below_its_provenance() -> None:
    text = "#  Odd *title*\n\n3. three\n   * x\n\n<b>raw</b> \\* &amp;\n"
    matter, body = front_matter(exporter.render(run_of(text), "draft", "md"))
    assert body == f"\n{text}"
    assert matter["source"] == "brief.md"
    assert matter["source_id"] == "sha256:00"
    assert matter["steps"] == ["draft: balanced-drafter (default: words 812 <= 3500)"]
    assert matter["models"] == ["openai/gpt-4.1 on api.openai.com"]
    assert matter["cost_usd"] == 0.009
    assert matter["gate"] == ["extract: passed"]


def test_an_unknown_cost_stays_unknown_and_a_tiny_one_a_number() -> None:
    assert front_matter(exporter.render(run_of(cost=None), "draft", "md"))[0]["cost_usd"] == "unknown"
    assert front_matter(exporter.render(run_of(cost=1e-6), "draft", "md"))[0]["cost_usd"] == 0.000001


@given(st.text(st.characters(codec=None), max_size=40))
def test_front_matter_is_valid_yaml_for_any_name(name: str) -> None:
    matter, body = front_matter(exporter.render(run_of(name=name), "draft", "md"))
    assert matter["source"] == for_file(name)
    assert body == "\n# Quiet\n\nThe Tern 4.\n"


@pytest.mark.parametrize("format_name", ["md", "html"])
def test_no_file_holds_control_characters_or_overrides(format_name: str) -> None:
    text = exporter.render(run_of(HOSTILE, name=HOSTILE), "draft", format_name).decode("utf-8")
    assert not set(text) & {"\x1b", "\x07", "\x9b", "\u202e", "\udce9"}


def test_json_escapes_such_characters_so_that_spans_still_fit() -> None:
    data = exporter.render(run_of(source_text="\x9b\u202e\x1b It costs $4."), "extract", "json")
    assert not set(data.decode("utf-8")) & {"\x1b", "\x9b", "\u202e"}
    extraction = json.loads(data)
    [fact] = extraction["facts"]
    start, end = fact["span"]
    assert extraction["text"][start:end] == fact["raw"] == "$4"


# HTML


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


def tags_of(text: str) -> _Tags:
    parsed = _Tags()
    parsed.feed(exporter.render(run_of(text), "draft", "html").decode("utf-8"))
    return parsed


def test_raw_html_is_escaped() -> None:
    parsed = tags_of("<script>alert(1)</script>\n\n<img src=x onerror=y>\n\n`<b>`")
    assert "script" not in parsed.tags
    assert "img" not in parsed.tags
    assert "b" not in parsed.tags


def test_links_go_to_the_web_and_to_mail_alone() -> None:
    safe = "[a](https://a.example) [b](mailto:b@b.example)"
    unsafe = (
        "[c](javascript:alert(1)) [d](data:text/html,x) [e](JaVaScRiPt:x) [f](file:///etc/passwd) [g](java&#9;script:x)"
    )
    assert tags_of(f"{safe}\n\n{unsafe}").addresses == ["https://a.example", "mailto:b@b.example"]


def test_pictures_are_not_fetched() -> None:
    parsed = tags_of("![a <chart>](https://a.example/i.png)")
    assert "img" not in parsed.tags
    assert parsed.addresses == ["https://a.example/i.png"]


def test_a_page_keeps_deep_lists_footnotes_tables_and_breaks() -> None:
    deep = "".join(f"{'  ' * depth}- level {depth}\n" for depth in range(40))
    page = exporter.render(run_of(f"{deep}\n| a |\n| --- |\n| b<br>c |\n\nx[^1]\n\n[^1]: Said.\n"), "draft", "html")
    text = page.decode("utf-8")
    assert "level 39" in text
    assert "b<br" in text
    assert "Said." in text
    assert text.count("<table>") == 1


def test_hostile_nesting_gives_a_page() -> None:
    assert exporter.render(run_of("> " * 5_000 + "x"), "draft", "html")


# Conversations


def test_a_conversation_keeps_its_texts_verbatim() -> None:
    conversation, messages = conversation_of("# Hi *you*", "1. a\n   - b\n\n```py\nx\n```", "more", "done")
    matter, body = front_matter(exporter.conversation(conversation, messages, "md"))
    assert matter["title"] == conversation.title
    assert matter["conversation"] == str(2**60)
    assert matter["cost_usd"] == "unknown"
    for message in messages:
        assert message.text in body


@pytest.mark.parametrize("cut", ["```py\nx = 1", "~~~~\nx\n~~~", "````\n```\nx\n```", "- a\n  ```\n  x"])
def test_a_cut_code_block_does_not_take_in_what_follows(cut: str) -> None:
    conversation, messages = conversation_of("one", cut, "two *words*")
    page = exporter.conversation(conversation, messages, "html").decode("utf-8")
    assert "<p>two <em>words</em></p>" in page


def test_a_conversation_as_json_has_the_fields_of_the_format() -> None:
    conversation, messages = conversation_of("one", "two", cost=0.5)
    stored = json.loads(exporter.conversation(conversation, messages, "json"))
    assert stored["schema"] == "chatspace.history/1"
    assert [message["text"] for message in stored["messages"]] == ["one", "two"]
    assert stored["messages"][1]["parent"] == str(2**60)


# Copy


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def ads(*variants: Any) -> list[dict[str, str]]:
    return rows_of(exporter.render(run_of(copy=copy_of(*variants)), "copy", "google-ads-csv"))


formulas = st.text(st.sampled_from("=+-@'\t\r\n,;\"a1 é東\x1b\x00\u202e\ufeff\u200b\u00a0\uff1d\uff0b"), max_size=12)
DROPPED = "\ufeff\u200b\u202e\u2060\u00a0\u3000\n"
"""What a program may drop at the beginning of a cell before it looks for a formula."""


@given(st.lists(formulas, max_size=5))
def test_csv_holds_no_formula_and_gives_every_text_back(texts: list[str]) -> None:
    copy = copy_of(*(variant("headline", text) for text in texts))
    cells = [row["text"] for row in rows_of(exporter.render(run_of(copy=copy), "copy", "csv"))] if texts else []
    signs = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b")
    assert not any(cell.lstrip(DROPPED).startswith(signs) for cell in cells)
    assert [cell.removeprefix("'") for cell in cells] == [for_file(text) for text in texts]


@pytest.mark.parametrize("before", ["\u202e ", "\x1b", "\x00", "\ufeff", "\u200b", "\u00a0", "\t", "\r", "\n", ""])
def test_what_is_dropped_before_a_sign_hides_no_formula(before: str) -> None:
    text = f"{before.strip(' ')}=1+1"
    copy = copy_of(variant("headline", text), variant("description", text))
    for cell in (
        rows_of(exporter.render(run_of(copy=copy), "copy", "csv"))[0]["text"],
        ads(*copy.variants)[0]["Headline 1"],
    ):
        assert cell.startswith(("'", " "))
        assert cell.lstrip("' ") == for_file(text)


def test_csv_has_the_columns_of_the_json() -> None:
    result = run_of(copy=copy_of(variant("headline", "Too long", pair="A", fits=False)))
    [row] = rows_of(exporter.render(result, "copy", "csv"))
    [stored] = json.loads(exporter.render(result, "copy", "json"))["variants"]
    assert list(row) == list(stored)
    assert row["fits"] == "false"


def test_markdown_copy_is_a_table_whatever_the_text() -> None:
    text = exporter.render(run_of(copy=copy_of(variant("headline", "a | b\nc"))), "copy", "md").decode("utf-8")
    assert "|  | a \\| b c | 7/30 | yes |" in text


def test_an_ad_has_the_columns_that_the_editor_imports() -> None:
    [ad] = ads(
        variant("headline", "Quiet heat"),
        variant("headline", "far too long", fits=False),
        variant("description", "- 20 % now"),
        variant("path1", "heat"),
    )
    assert list(ad) == [
        *("Campaign", "Ad group", "Ad type"),
        *(f"Headline {n}" for n in range(1, 16)),
        *(f"Description {n}" for n in range(1, 5)),
        *("Path 1", "Path 2", "Final URL"),
    ]
    assert (ad["Ad type"], ad["Headline 1"], ad["Headline 2"]) == ("Responsive search ad", "Quiet heat", "")
    assert (ad["Description 1"], ad["Path 1"], ad["Path 2"]) == (" - 20 % now", "heat", "")


def test_no_variant_is_lost_where_one_ad_has_no_room() -> None:
    rows = ads(*(variant("headline", f"h{n}") for n in range(20)), variant("description", "d"))
    found = [row[f"Headline {n}"] for row in rows for n in range(1, 16)]
    assert [text for text in found if text] == [f"h{n}" for n in range(20)]
    assert [row["Description 1"] for row in rows] == ["d", "d"]


def test_the_sides_of_an_a_b_test_are_two_ads() -> None:
    rows = ads(variant("headline", "a", pair="A"), variant("headline", "b", pair="B"), variant("headline", "both"))
    assert [(row["Headline 1"], row["Headline 2"]) for row in rows] == [("a", "both"), ("b", "both")]


def test_copy_for_another_channel_is_no_google_ad() -> None:
    copy = copy_of(variant("primary_text", "Quiet heat"), channel="meta")
    with pytest.raises(UsageError, match=r"meta.*primary_text"):
        exporter.render(run_of(copy=copy), "copy", "google-ads-csv")


def test_every_example_of_the_specification_has_the_same_structure_after_its_export() -> None:
    lost = []
    for example in load_examples():
        written = FileExporter().render(run_of(example.markdown), "draft", "md").decode("utf-8")
        before, after = parse(for_file(example.markdown)), parse(written.split("---\n\n", 1)[1])
        if path_f1(before, after) != 1.0 or compare(before, after):
            lost.append(example.number)
    assert lost == []
