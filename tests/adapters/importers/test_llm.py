"""The database of llm in each of its schemas."""

from __future__ import annotations

from pathlib import Path

from tests.adapters.importers.exports import database, read, shape

FIRST = """
CREATE TABLE log (provider TEXT, system TEXT, prompt TEXT, chat_id INTEGER, response TEXT, model TEXT, timestamp TEXT);
INSERT INTO log VALUES ('p', NULL, 'Hello', NULL, 'Hi', 'gpt-3', '2023-05-01 10:00:00');
INSERT INTO log VALUES ('p', NULL, 'And?', 1, 'So', 'gpt-3', '2023-05-01 10:01:00');
INSERT INTO log VALUES ('p', 'Be brief', 'Alone', NULL, 'Yes', 'gpt-3', 'yesterday');
"""
RESPONSES = """
CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, prompt_json TEXT, options_json TEXT,
    response TEXT, response_json TEXT, conversation_id TEXT, duration_ms INTEGER, datetime_utc TEXT);
INSERT INTO conversations VALUES ('c1', 'Pump talk', 'gpt-4');
INSERT INTO responses VALUES ('01b', 'gpt-4', 'And?', NULL, NULL, '{}', 'So', NULL, 'c1', 900, '2024-01-02T10:01:00');
INSERT INTO responses VALUES ('01a', 'gpt-4', 'Hello', NULL, NULL, '{}', 'Hi', NULL, 'c1', 800, '2024-01-02T10:00:00');
INSERT INTO responses VALUES ('02a', 'gpt-4', 'Alone', NULL, NULL, '{}', '', NULL, NULL, 800, '2024-01-02T10:00:00');
"""
WITH_MORE = """
ALTER TABLE responses ADD COLUMN input_tokens INTEGER;
ALTER TABLE responses ADD COLUMN output_tokens INTEGER;
ALTER TABLE responses ADD COLUMN resolved_model TEXT;
ALTER TABLE responses ADD COLUMN reasoning TEXT;
UPDATE responses SET input_tokens = 12, output_tokens = 3, resolved_model = 'gpt-4-0613', reasoning = 'Hm.'
    WHERE id = '01b';
CREATE TABLE attachments (id TEXT PRIMARY KEY, type TEXT, path TEXT, url TEXT, content BLOB);
CREATE TABLE prompt_attachments (response_id TEXT, attachment_id TEXT, "order" INTEGER,
    PRIMARY KEY (response_id, attachment_id));
INSERT INTO attachments VALUES ('x1', 'text/plain', NULL, NULL, CAST('hums' AS BLOB));
INSERT INTO attachments VALUES ('x2', 'image/png', '/home/me/photo.png', NULL, NULL);
INSERT INTO prompt_attachments VALUES ('01a', 'x1', 0), ('01a', 'x2', 1);
CREATE TABLE fragments (id INTEGER PRIMARY KEY, hash TEXT, content TEXT, datetime_utc TEXT, source TEXT);
CREATE TABLE prompt_fragments (response_id TEXT, fragment_id INTEGER, "order" INTEGER);
CREATE TABLE system_fragments (response_id TEXT, fragment_id INTEGER, "order" INTEGER);
INSERT INTO fragments VALUES (1, 'abcdef0123', 'The brief', NULL, 'brief.md');
INSERT INTO prompt_fragments VALUES ('01a', 1, 0);
CREATE TABLE tool_calls (id INTEGER PRIMARY KEY, response_id TEXT, tool_id INTEGER, name TEXT, arguments TEXT);
CREATE TABLE tool_results (id INTEGER PRIMARY KEY, response_id TEXT, tool_id INTEGER, name TEXT, output TEXT);
INSERT INTO responses (id, model, prompt, response, conversation_id) VALUES ('01c', 'gpt-4', '2+2?', '', 'c1');
INSERT INTO responses (id, model, prompt, response, conversation_id) VALUES ('01d', 'gpt-4', '', 'Four', 'c1');
INSERT INTO tool_calls VALUES (1, '01c', 1, 'add', '{"a": 2}');
INSERT INTO tool_results VALUES (1, '01d', 1, 'add', '4');
CREATE TABLE holograms (id INTEGER);
INSERT INTO holograms VALUES (1), (2);
CREATE TABLE empty_ones (id INTEGER);
"""
THREADS = """
CREATE TABLE threads (id TEXT PRIMARY KEY, name TEXT, tip_message_hash TEXT, forked_from TEXT, datetime_utc TEXT);
CREATE TABLE messages (hash TEXT PRIMARY KEY, parent_hash TEXT, role TEXT, provider_metadata TEXT);
CREATE TABLE parts (id INTEGER PRIMARY KEY, message_hash TEXT, position INTEGER, type TEXT, tool_name TEXT, text TEXT,
    payload TEXT);
CREATE TABLE fragments (id INTEGER PRIMARY KEY, hash TEXT, content TEXT, datetime_utc TEXT, source TEXT);
CREATE TABLE turns (id TEXT PRIMARY KEY, thread_id TEXT, parent_message_hash TEXT, tip_message_hash TEXT, model TEXT,
    resolved_model TEXT, input_tokens INTEGER, output_tokens INTEGER, duration_ms INTEGER, datetime_utc TEXT);
INSERT INTO fragments VALUES (7, 'h', 'The brief', NULL, 'brief.md');
INSERT INTO threads VALUES ('t1', 'Tern', 'a1', NULL, '2026-08-01T10:00:00'), ('t2', NULL, 'a2', 't1', NULL);
INSERT INTO messages VALUES ('s', NULL, 'system', NULL), ('q', 's', 'user', NULL), ('c', 'q', 'assistant', NULL),
    ('r', 'c', 'tool', NULL), ('a1', 'r', 'assistant', NULL), ('a2', 'q', 'assistant', NULL);
INSERT INTO parts (message_hash, position, type, text, payload) VALUES
    ('s', 0, 'text', 'Be brief', NULL),
    ('q', 0, 'text', NULL, '{"text_ref": [{"fragment": 7}, {"literal": "How loud?"}]}'),
    ('c', 0, 'reasoning', 'Look it up.', NULL), ('c', 1, 'tool_call', NULL, '{"name": "look", "arguments": {"a": 1}}'),
    ('r', 0, 'tool_result', NULL, '{"name": "look", "output": "38"}'),
    ('a1', 0, 'text', '38 dB', NULL), ('a1', 1, 'attachment', NULL, '{}'), ('a2', 0, 'text', 'Quiet', 'not json');
INSERT INTO turns VALUES ('u1', 't1', NULL, 'a1', 'm', 'm-1', 10, 2, 500, '2026-08-01T10:00:05+00:00');
"""


def test_the_first_schema_names_a_chat_by_its_first_row(tmp_path: Path) -> None:
    found, left = read(database(tmp_path / "log.db", FIRST))
    chat, alone = found
    assert shape(chat) == [
        ("1:prompt", None, "user", "Hello"),
        ("1", "1:prompt", "assistant", "Hi"),
        ("2:prompt", "1", "user", "And?"),
        ("2", "2:prompt", "assistant", "So"),
    ]
    assert (chat.title, chat.messages[1].model, alone.title) == ("Hello", "gpt-3", "Alone")
    assert alone.messages[0].created is None
    assert (left, alone.omitted) == ([], {"system prompts; chatspace keeps them in profiles": 1})


def test_responses_stand_in_their_conversations_in_order(tmp_path: Path) -> None:
    found, left = read(database(tmp_path / "logs.db", RESPONSES), "llm")
    alone, talk = sorted(found, key=lambda each: each.title)
    assert [each.text for each in talk.messages] == ["Hello", "Hi", "And?", "So"]
    assert (talk.id, talk.title, talk.messages[1].elapsed_ms, talk.leaf) == ("c1", "Pump talk", 800, "01b")
    assert [each.text for each in alone.messages] == ["Alone"]
    assert left == ["logs.db: untitled (02a): message 02a: its response is empty"]


def test_newer_columns_and_tables_are_used_where_they_are(tmp_path: Path) -> None:
    found, left = read(database(tmp_path / "logs.db", RESPONSES + WITH_MORE))
    talk = next(each for each in found if each.id == "c1")
    first, reply, last = talk.messages[0], talk.messages[3], talk.messages[-1]
    assert [(each.name, each.text) for each in first.sources] == [
        ("brief.md", "The brief"),
        ("attachment x1", "hums"),
    ]
    assert (reply.model, reply.reasoning, reply.usage and reply.usage.input) == ("gpt-4-0613", "Hm.", 12)
    assert last.text == 'To add:\n\n```\n{"a": 2}\n```\n\nOutput of add:\n\n```\n4\n```\n\nFour'
    assert (last.id, last.parent) == ("01d", "01c:prompt")
    assert "logs.db: unknown table holograms with 2 rows" in left
    assert "logs.db: Pump talk (c1): message 01a: photo.png, which is image/png and not text" in left
    assert not any("empty_ones" in line for line in left)


def test_threads_that_forked_are_branches_of_one_conversation(tmp_path: Path) -> None:
    (found,), left = read(database(tmp_path / "logs.db", THREADS))
    assert [(each.id, each.parent, each.role) for each in found.messages] == [
        ("q", None, "user"),
        ("a1", "q", "assistant"),
        ("a2", "q", "assistant"),
    ]
    asked, reply, other = found.messages
    assert (asked.text, asked.sources[0].text) == ("How loud?", "The brief")
    assert (reply.reasoning, reply.model, other.text) == ("Look it up.", "m-1", "Quiet")
    assert reply.text == 'To look:\n\n```json\n{\n  "a": 1\n}\n```\n\nOutput of look:\n\n```\n38\n```\n\n38 dB'
    assert (found.title, found.leaf) == ("Tern", "a2")
    assert left == ["logs.db: Tern (t1): message a1: an attachment that is not text"]


def test_a_database_is_never_written_and_a_log_beside_it_is_told(tmp_path: Path) -> None:
    path = database(tmp_path / "logs.db", RESPONSES)
    before = path.read_bytes()
    path.with_name("logs.db-wal").write_bytes(b"something")
    _, left = read(path)
    assert any("logs.db-wal" in line for line in left)
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["logs.db", "logs.db-wal"]


def test_another_database_and_a_damaged_one_are_told(tmp_path: Path) -> None:
    _, left = read(database(tmp_path / "other.db", "CREATE TABLE songs (id INTEGER);"))
    assert left == ["other.db: it is not an llm database: it has none of its tables"]
    whole = database(tmp_path / "whole.db", RESPONSES).read_bytes()
    (tmp_path / "cut.db").write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    _, left = read(tmp_path / "cut.db")
    assert len(left) == 1
    assert "rest of the database can't be read" in left[0]
