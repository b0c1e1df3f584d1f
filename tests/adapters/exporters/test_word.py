"""A draft as a Word file: what our own reader reads back is what was written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from itertools import pairwise

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.tree import SyntaxTreeNode

from chatspace.adapters.exporters import FileExporter
from chatspace.adapters.readers import FileReader
from chatspace.adapters.readers.blocks import Block, Body, Code, List, Quote, Style, StyledText, Table, Text
from chatspace.adapters.readers.writing import write
from chatspace.core.structure.markdown import tokens_of, visible
from tests.adapters.exporters.made import run_of
from tests.adapters.readers.outline import outline
from tests.core.structure.commonmark import load_examples
from tests.properties import examples


def word(text: str, *, name: str = "brief.md") -> bytes:
    return FileExporter().render(run_of(text, name=name), "draft", "docx")


def read_back(text: str) -> str:
    return FileReader().read_bytes(word(text), "draft.docx").text


DRAFT = """\
# A *quiet* pump

It is **far** quieter, at `38 dB(A)`, than ~~all~~ [the others](https://a.example/x?a=1&b=2).[^1] One line\\
and the next.

- Pumps

  They pump.

  - small
    1. Tern 3
    2. Tern 4
  - large
- Pipes

> What a pump.
>
> A reader

7. seven
8. eight

| Model | Sound |
| --- | --- |
| Tern 4 | **38** dB<br>or less |

```
def pump():
\treturn "quiet"


pump()
```

[^1]: Measured *at* one metre.

    By us.
"""


def test_a_draft_is_read_back_as_it_was_written() -> None:
    assert outline(read_back(DRAFT)) == outline(DRAFT)
    for mark in (
        "*quiet*",
        "**far**",
        "`38 dB(A)`",
        "~~all~~",
        "](https://a.example/x?a=1&b=2)",
        "[^1]: Measured *at*",
    ):
        assert mark in read_back(DRAFT)


def test_lists_are_lists_of_word_with_levels() -> None:
    document = docx.Document(io.BytesIO(word("- a\n  1. b\n     - c\n")))
    levels, numbers = (document.element.xpath(f"//w:numPr/{name}/@w:val") for name in ("w:ilvl", "w:numId"))
    assert levels == ["0", "1", "2"]
    assert len(set(numbers)) == 2  # all bullets share one


def test_a_list_begins_with_its_number_and_another_begins_again() -> None:
    assert read_back("4. four\n5. five\n\nbetween\n\n1. one\n") == "4. four\n5. five\n\nbetween\n\n1. one\n"


@pytest.mark.parametrize("depth", [9, 10, 40])
def test_lists_deeper_than_words_nine_levels_keep_their_depth(depth: int) -> None:
    text = "".join(f"{'  ' * level}- level {level}\n" for level in range(depth))
    assert outline(read_back(text)) == outline(text)


def test_the_headings_of_a_table_stand_on_every_page_and_columns_keep_their_side() -> None:
    document = docx.Document(io.BytesIO(word("| a | b |\n|---|--:|\n| 1 | 2 |\n\n| c |\n|---|\n| 3 |\n")))
    first, _ = document.tables
    assert len(document.element.xpath("//w:tr[1]/w:trPr/w:tblHeader")) == 2
    assert [str(each.paragraphs[0].alignment) for each in first.rows[1].cells] == ["None", "RIGHT (2)"]


def test_links_go_to_the_web_and_to_mail_alone_and_pictures_are_links() -> None:
    text = "[a](https://a.example) [b](javascript:x) [c](file:///etc/passwd) ![d](https://d.example/d.png) [e](../e)"
    with zipfile.ZipFile(io.BytesIO(word(text))) as package:
        links = package.read("word/_rels/document.xml.rels").decode()
        assert not [name for name in package.namelist() if "media" in name]
    assert 'Target="https://a.example"' in links
    assert 'Target="https://d.example/d.png"' in links
    assert links.count('TargetMode="External"') == 2


def test_a_footnote_has_links_of_its_own() -> None:
    with zipfile.ZipFile(io.BytesIO(word("a[^x]\n\n[^x]: see [b](https://b.example)\n"))) as package:
        assert "https://b.example" in package.read("word/_rels/footnotes.xml.rels").decode()
        assert "https://b.example" not in package.read("word/_rels/document.xml.rels").decode()


def test_where_the_text_comes_from_stands_in_the_files_properties() -> None:
    with zipfile.ZipFile(io.BytesIO(word("# Quiet", name="a & b.md"))) as package:
        properties = package.read("docProps/custom.xml").decode()
    assert 'name="source"><vt:lpwstr>a &amp; b.md</vt:lpwstr>' in properties
    assert "openai/gpt-4.1 on api.openai.com" in properties


def test_tasks_show_their_boxes_and_html_is_text() -> None:
    assert read_back("- [ ] open\n- [x] done\n") == "- ☐ open\n- ☑ done\n"
    assert outline(read_back("<script>x</script>\n\na <b>c</b>\n")) == [
        ("paragraph", "<script>x</script>"),
        ("paragraph", "a <b>c</b>"),
    ]


@given(st.text(max_size=40))
def test_any_text_makes_a_file_that_opens(text: str) -> None:
    document = docx.Document(io.BytesIO(word(f"{text}\n\n`{text}`\n\n- {text}\n", name=text)))
    assert document.paragraphs


# Any structure that a paragraph of Word can have comes back to the letter.

letters = st.characters(categories=("L", "N", "P", "S"), include_characters=" ", codec="utf-8")
words = st.text(letters, min_size=1, max_size=14).map(lambda text: " ".join(text.split())).filter(bool)
styles = st.sampled_from(
    [
        *(Style(), Style(strong=True), Style(emphasis=True), Style(struck=True), Style(code=True)),
        *(
            Style(strong=True, emphasis=True),
            Style(href="https://a.example/b"),
            Style(strong=True, href="mailto:a@b.c"),
        ),
    ]
)


@st.composite
def runs(draw: st.DrawFn) -> list[StyledText]:
    """Words, some of them in a style, with plain ones between so that each style stays by itself."""
    styled = draw(st.lists(st.tuples(words, styles), max_size=3))
    made = [StyledText(draw(words))]
    for text, style in styled:
        made += [StyledText(" "), StyledText(text, style), StyledText(" and")]
    return made


paragraphs = runs().map(lambda text: Text(text, ""))
headings = st.builds(lambda text, level: Text(text, "", level), runs(), st.integers(1, 6))
codes = st.lists(words, min_size=1, max_size=3).map(lambda lines: Code("\n".join(lines), ""))
quotes = st.lists(paragraphs, min_size=1, max_size=2).map(lambda inside: Quote(list(inside)))
tables = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(runs(), min_size=width, max_size=width), min_size=2, max_size=3).map(
        lambda rows: Table(rows, "")
    )
)


@st.composite
def lists(draw: st.DrawFn, depth: int = 1) -> List:
    """Items of one or two paragraphs, and behind them perhaps a list."""
    ordered = draw(st.booleans())
    items: list[list[Block]] = []
    for texts in draw(st.lists(st.lists(paragraphs, min_size=1, max_size=2), min_size=1, max_size=3)):
        nested = [draw(lists(depth + 1))] if depth < 4 and draw(st.booleans()) else []
        items.append([*texts, *nested])
    return List(ordered, draw(st.integers(0, 20)) if ordered else 1, items)


structures = st.lists(st.one_of(paragraphs, headings, codes, quotes, tables, lists()), min_size=1, max_size=6)


def kept_apart(blocks: Sequence[Block]) -> list[Block]:
    """With a paragraph between two lists, quotes or code blocks, which Word has no way to part."""
    apart = [blocks[0]]
    for before, block in pairwise(blocks):
        if type(before) is type(block) and not isinstance(block, Text):
            apart.append(Text([StyledText("between")], ""))
        apart.append(block)
    return apart


@pytest.mark.drill  # takes half a minute
@examples(150)
@given(structures)
def test_any_structure_comes_back_to_the_letter(blocks: list[Block]) -> None:
    text, _ = write(Body(kept_apart(blocks)))
    assert read_back(text) == text


# The specification's examples


def is_of_word(root: SyntaxTreeNode) -> bool:
    """Whether Word has a way to say it: no rules and HTML; nothing but text in quotes, items and their lists."""
    for node in root.walk():
        if node.type in ("hr", "html_block", "html_inline", "image", "front_matter"):
            return False
        if node.type in ("blockquote", "list_item"):
            inside = [child.type for child in node.children]
            allowed = {"paragraph"} if node.type == "blockquote" else {"paragraph", "bullet_list", "ordered_list"}
            if not set(inside) <= allowed or not inside or inside[0] != "paragraph" or "paragraph" in inside[2:]:
                return False
        following = node.next_sibling
        if following is not None and node.type == following.type and node.type in ("fence", "code_block", "blockquote"):
            return False
        if following is not None and {node.type, following.type} <= {"fence", "code_block"}:
            return False
        if following is not None and node.type == following.type == "bullet_list":
            return False
        if node.type in ("fence", "code_block") and not node.content.strip():
            return False
        if node.type == "inline" and not (node.token and visible(node.token.children)):
            return False
    return True


@pytest.mark.drill  # takes half a minute
def test_examples_of_the_specification_come_back_with_their_structure() -> None:
    examples = [each for each in load_examples() if is_of_word(SyntaxTreeNode(tokens_of(each.markdown)))]
    assert len(examples) > 400
    lost = [each.number for each in examples if outline(read_back(each.markdown)) != outline(each.markdown)]
    assert lost == []
