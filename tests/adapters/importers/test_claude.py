"""Claude's exports, old and new."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.importers import claude as format_
from chatspace.adapters.importers.claude import FIRST_PARENT
from tests.adapters.importers.exports import claude, read, said, shape
from tests.adapters.importers.test_chatgpt import anything
from tests.properties import examples


def test_an_old_export_is_a_line_of_texts(tmp_path: Path) -> None:
    first, second = said("m1", "human", "Hello"), said("m2", "assistant", "Hi")
    del first["content"], second["content"]
    (tmp_path / "conversations.json").write_text(json.dumps([claude(first, second)]))
    (found,), left = read(tmp_path)
    assert shape(found) == [("m1", None, "user", "Hello"), ("m2", "m1", "assistant", "Hi")]
    assert (found.title, found.leaf, left) == ("Harbour", "m2", [])


def test_blocks_give_reasoning_tools_and_documents_and_parents_the_tree(tmp_path: Path) -> None:
    blocks = [
        {"type": "thinking", "thinking": "Short."},
        {"type": "tool_use", "name": "search", "input": {"q": "pump"}},
        {"type": "tool_result", "name": "search", "content": [{"type": "text", "text": "38 dB"}, {"type": "image"}]},
        {
            "type": "tool_use",
            "name": "artifacts",
            "input": {"title": "Post", "type": "text/markdown", "content": "# P"},
        },
        {"type": "text", "text": "Done."},
        {"type": "token_budget"},
        {"type": "hologram"},
    ]
    data = claude(
        said("q", "human", "Write", parent_message_uuid=FIRST_PARENT),
        said("a", "assistant", "", content=blocks, parent_message_uuid="q", stop_reason="max_tokens"),
        said("b", "assistant", "Other", parent_message_uuid="q"),
        model="claude-x",
    )
    (tmp_path / "conversations.json").write_text(json.dumps([data]))
    (found,), left = read(tmp_path)
    reply = found.messages[1]
    assert (reply.parent, reply.reasoning, reply.status, reply.model) == ("q", "Short.", "truncated", "claude-x")
    assert reply.text == (
        'To search:\n\n```json\n{\n  "q": "pump"\n}\n```\n\nOutput of search:\n\n```\n38 dB\n```\n\n'
        "**Post**\n\n```markdown\n# P\n```\n\nDone."
    )
    assert [(each.id, each.parent) for each in found.messages] == [("q", None), ("a", "q"), ("b", "q")]
    assert found.omitted == {"notes on token budgets": 1}
    assert left == [
        "conversations.json: Harbour (u1): message a: a result of type 'image'",
        "conversations.json: Harbour (u1): message a: a block of unknown type 'hologram'",
    ]


def test_attached_texts_become_sources_and_other_files_are_listed(tmp_path: Path) -> None:
    first = said(
        "m1",
        "human",
        "Read these",
        attachments=[{"file_name": "brief.txt", "extracted_content": "The pump\r\nhums."}, {"file_name": "scan.pdf"}],
        files=[{"file_name": "photo.png"}, {"file_name": "brief.txt"}],
    )
    (tmp_path / "conversations.json").write_text(json.dumps([claude(first, "odd", said("m2", "robot", "Hm"))]))
    (found,), left = read(tmp_path)
    (message,) = found.messages
    assert [(each.name, each.text) for each in message.sources] == [("brief.txt", "The pump\nhums.")]
    assert message.text == "Read these\n\n[attached: scan.pdf]\n\n[attached: photo.png]"
    assert [line.partition("(u1): ")[2] for line in left] == [
        "message m1: the file scan.pdf: an export contains only its name",
        "message m1: the file photo.png: an export contains only its name",
        "message 2: it is not a message",
        "message m2: its sender has the unknown role 'robot'",
    ]


blocks = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "thinking", "tool_use", "tool_result", "x"])},
    optional=dict.fromkeys(("text", "thinking", "name", "input", "content"), anything),
)
messages = st.fixed_dictionaries(
    {"sender": st.sampled_from(["human", "assistant"]) | anything},
    optional={
        "uuid": st.sampled_from("abc") | anything,
        "parent_message_uuid": st.sampled_from("abc") | anything,
        "content": st.lists(blocks | anything) | anything,
        **dict.fromkeys(("text", "attachments", "files", "created_at", "stop_reason"), anything),
    },
)


@examples(80)
@given(said=st.lists(messages | anything, max_size=5))
def test_whatever_stands_in_the_messages_gives_a_tree(said: list[Any]) -> None:
    found = format_.read({"chat_messages": said}, "f", 1)
    before: set[str | None] = {None}
    for each in found.messages:
        assert each.parent in before
        before.add(each.id)
