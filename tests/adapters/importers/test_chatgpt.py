"""ChatGPT's exports: what becomes a message, what is listed, and what a broken tree still gives."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.importers import chatgpt as format_
from chatspace.core.chat.imported import ImportedConversation
from tests.adapters.importers.exports import chatgpt, node, read, shape
from tests.properties import examples


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "conversations.json"


def one(file: Path, data: Any) -> tuple[ImportedConversation, list[str]]:
    file.write_text(json.dumps([data]))
    (found,), left = read(file)
    return found, list(left)


def test_branches_stay_siblings_and_the_current_node_is_the_leaf(file: Path) -> None:
    data = chatgpt(
        node("q", "root", "user", "Hello", create_time=1_700_000_001.25),
        node("a1", "q", "assistant", "Hi", metadata={"model_slug": "gpt-4o"}),
        node("a2", "q", "assistant", "Good day", metadata={"model_slug": "o3"}),
        node("q2", "a1", "user", "And?"),
        current_node="a2",
        is_archived=True,
    )
    found, left = one(file, data)
    assert shape(found) == [
        ("q", None, "user", "Hello"),
        ("a1", "q", "assistant", "Hi"),
        ("q2", "a1", "user", "And?"),
        ("a2", "q", "assistant", "Good day"),
    ]
    assert (found.leaf, found.archived, found.title) == ("a2", True, "Launch")
    assert [each.model for each in found.messages] == [None, "gpt-4o", None, "o3"]
    assert found.messages[0].created == datetime(2023, 11, 14, 22, 13, 21, 250_000, UTC)
    assert left == []


def test_thoughts_tool_calls_and_their_output_are_one_reply(file: Path) -> None:
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "Sizes", "content": "Add them up."}]}
    recap = {"content_type": "reasoning_recap", "content": "Thought for 9 s"}
    code = {"content_type": "code", "language": "python", "text": "print('```')"}
    data = chatgpt(
        node("q", "root", "user", "Sum?"),
        node("t", "q", "assistant", content=thoughts),
        node("r", "t", "assistant", content=recap),
        node("c", "r", "assistant", content=code, recipient="python"),
        node("o", "c", "tool", content={"content_type": "execution_output", "text": "3"}, name="python"),
        node("a", "o", "assistant", "It is 3\ue200cite\ue202turn0\ue201.", metadata={"model_slug": "o3"}),
        current_node="c",
    )
    found, left = one(file, data)
    reply = found.messages[-1]
    assert (reply.id, reply.parent, found.leaf) == ("a", "q", "a")
    assert reply.reasoning == "Sizes\n\nAdd them up.\n\nThought for 9 s"
    assert reply.text == "````python\nprint('```')\n````\n\nOutput of python:\n\n```\n3\n```\n\nIt is 3."
    assert (left, found.omitted) == ([], {"marks of citations": 1})


def test_what_nobody_said_is_counted_and_what_is_no_text_is_listed(file: Path) -> None:
    parts = ["Look", {"content_type": "image_asset_pointer", "asset_pointer": "file-service://abc"}]
    data = chatgpt(
        node("s", "root", "system", "You are"),
        node("u", "s", "user", content={"content_type": "user_editable_context", "user_profile": "I am"}),
        node("h", "u", "tool", "raw", metadata={"is_visually_hidden_from_conversation": True}),
        node("q", "h", "user", content={"content_type": "multimodal_text", "parts": parts}),
        node("x", "q", "assistant", content={"content_type": "hologram", "beams": []}),
        node("f", "x", "user", "this", metadata={"attachments": [{"id": "f1", "name": "brief.pdf"}]}),
        node("w", "f", "critic", "Hm"),
    )
    found, left = one(file, data)
    assert shape(found) == [
        ("q", None, "user", "Look\n\n[a picture: file-service://abc]"),
        ("f", "q", "user", "this\n\n[attached: brief.pdf]"),
    ]
    assert found.omitted == {"system messages": 1, "custom instructions": 1, "hidden messages of the tools": 1}
    assert left == [
        "conversations.json: Launch (c1): message q: a picture that is not text, file-service://abc",
        "conversations.json: Launch (c1): message x: its content has the unknown type 'hologram'",
        "conversations.json: Launch (c1): message f: the file brief.pdf: an export contains only its name",
        "conversations.json: Launch (c1): message w: its author has the unknown role 'critic'",
    ]


def test_circles_missing_parents_and_several_roots_lose_no_message(file: Path) -> None:
    data = chatgpt(
        node("a", "b", "user", "in a circle"),
        node("b", "a", "assistant", "with this"),
        node("l", "gone", "user", "lost parent"),
        node("m", None, "user", "a second root"),
    )
    data["mapping"] |= {"n": None, "k": "no node", "orphan": node("orphan", None, "assistant", "named by its parent")}
    data["mapping"]["m"]["children"] = ["orphan", None, 5]
    found, left = one(file, data)
    assert {each.text for each in found.messages} == {
        "in a circle",
        "with this",
        "lost parent",
        "a second root",
        "named by its parent",
    }
    assert ("orphan", "m", "assistant", "named by its parent") in shape(found)
    assert len([line for line in left if "is its own ancestor" in line]) == 1
    assert len([line for line in left if "message gone: it is not in the file" in line]) == 1
    assert len([line for line in left if "the node is empty" in line]) == 2


def test_a_reply_that_was_cut_or_stopped_says_so(file: Path) -> None:
    data = chatgpt(
        node("q", "root", "user", "Go"),
        node("a", "q", "assistant", "cut", metadata={"finish_details": {"type": "max_tokens"}}),
        node("b", "q", "assistant", "stopped", metadata={"finish_details": {"type": "interrupted"}}),
        node("c", "q", "assistant", "growing", status="in_progress"),
    )
    found, _ = one(file, data)
    assert [each.status for each in found.messages] == ["complete", "truncated", "stopped", "interrupted"]


def test_a_chain_of_a_twenty_thousand_nodes_is_read(file: Path) -> None:
    nodes = [node(str(n), str(n - 1) if n else "root", "user" if n % 2 else "tool", "x") for n in range(20_000)]
    found, left = one(file, chatgpt(*nodes))
    assert (len(found.messages), left) == (20_000, [])


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
messages = st.fixed_dictionaries(
    {},
    optional={
        "author": st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "tool"])}) | anything,
        "content": st.fixed_dictionaries(
            {"content_type": st.sampled_from([*format_.READ, *format_.HIDDEN, "thoughts"])},
            optional=dict.fromkeys(("parts", "text", "thoughts", "content"), anything),
        )
        | anything,
        "create_time": anything,
        "metadata": anything,
        "recipient": anything,
    },
)
ids = st.sampled_from(["a", "b", "c", "d"])
nodes_ = st.fixed_dictionaries(
    {"message": messages | anything}, optional={"parent": ids | anything, "children": st.lists(ids | anything)}
)


@examples(80)
@given(mapping=st.dictionaries(ids, nodes_ | anything), title=anything, leaf=ids | anything)
def test_whatever_stands_in_a_mapping_gives_a_tree(mapping: Any, title: Any, leaf: Any) -> None:
    found = format_.read({"mapping": mapping, "title": title, "current_node": leaf}, "f", 1)
    before: set[str | None] = {None}
    for each in found.messages:
        assert each.parent in before
        before.add(each.id)
    assert found.leaf in before
