"""The schema, as ordered migrations. This module loads sqlite-utils, and is loaded where a database isn't current."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from chatspace.adapters.history.database import APPLICATION_ID, SCHEMA_VERSION, transaction

migrations = Migrations("chatspace")


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, all or nothing; a second process waits and then finds nothing to do."""
    with transaction(connection, "BEGIN IMMEDIATE"):
        migrations.apply(Database(connection, execute_plugins=False, recursive_triggers=False))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


# Times are whole milliseconds since 1970. A row with an `owner` is being worked on by that process. Long texts stand
# last in their rows, so that reading the columns before them doesn't read them.


@migrations()
def conversations(db: Database) -> None:
    db.executescript("""
        CREATE TABLE conversations (
            id INTEGER PRIMARY KEY,
            title TEXT NOT NULL,
            created INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            message_count INTEGER NOT NULL DEFAULT 0,
            profile TEXT,
            model TEXT,
            tags TEXT NOT NULL DEFAULT '[]',
            archived INTEGER NOT NULL DEFAULT 0,
            leaf INTEGER
        );
        CREATE INDEX conversations_by_update ON conversations (archived, updated, id);

        CREATE TABLE messages (
            id INTEGER PRIMARY KEY,
            conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            parent INTEGER,
            role TEXT NOT NULL,
            created INTEGER NOT NULL,
            status TEXT NOT NULL,
            owner TEXT,
            step TEXT NOT NULL,
            profile TEXT,
            model TEXT,
            host TEXT,
            why TEXT NOT NULL DEFAULT '',
            input_tokens INTEGER,
            output_tokens INTEGER,
            reasoning_tokens INTEGER,
            cached_tokens INTEGER,
            estimated INTEGER,
            cost_usd REAL,
            first_token_ms INTEGER,
            elapsed_ms INTEGER,
            error TEXT,
            run TEXT,
            reasoning TEXT NOT NULL DEFAULT '',
            text TEXT NOT NULL DEFAULT ''
        );
        CREATE INDEX messages_tree ON messages (conversation, parent);
        CREATE INDEX messages_open ON messages (owner) WHERE owner IS NOT NULL;

        CREATE TABLE message_chunks (
            message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            text TEXT NOT NULL,
            reasoning TEXT NOT NULL,
            PRIMARY KEY (message, number)
        ) WITHOUT ROWID;

        CREATE TABLE prompts (
            conversation INTEGER PRIMARY KEY,
            text TEXT NOT NULL
        );
    """)


@migrations()
def search(db: Database) -> None:
    db.executescript("""
        CREATE VIEW finished_messages AS SELECT id, text FROM messages WHERE status <> 'streaming';

        CREATE VIRTUAL TABLE messages_fts USING fts5 (
            text, content = 'finished_messages', content_rowid = 'id',
            tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
        );

        CREATE TRIGGER messages_insert AFTER INSERT ON messages WHEN new.status <> 'streaming' BEGIN
            INSERT INTO messages_fts (rowid, text) VALUES (new.id, new.text);
        END;
        CREATE TRIGGER messages_delete BEFORE DELETE ON messages WHEN old.status <> 'streaming' BEGIN
            INSERT INTO messages_fts (messages_fts, rowid, text) VALUES ('delete', old.id, old.text);
        END;
        CREATE TRIGGER messages_unindex BEFORE UPDATE OF status, text ON messages WHEN old.status <> 'streaming' BEGIN
            INSERT INTO messages_fts (messages_fts, rowid, text) VALUES ('delete', old.id, old.text);
        END;
        CREATE TRIGGER messages_index AFTER UPDATE OF status, text ON messages WHEN new.status <> 'streaming' BEGIN
            INSERT INTO messages_fts (rowid, text) VALUES (new.id, new.text);
        END;
    """)


@migrations()
def runs(db: Database) -> None:
    db.executescript("""
        CREATE TABLE sources (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            media_type TEXT NOT NULL,
            reader TEXT NOT NULL,
            path TEXT,
            origins TEXT NOT NULL,
            warnings TEXT NOT NULL,
            text TEXT NOT NULL
        );

        CREATE TABLE runs (
            id TEXT PRIMARY KEY,
            started INTEGER NOT NULL,
            owner TEXT,
            source TEXT NOT NULL,
            source_name TEXT NOT NULL,
            record TEXT
        );
        CREATE INDEX runs_by_start ON runs (started, id);
        CREATE INDEX runs_by_source ON runs (source);
        CREATE INDEX runs_open ON runs (owner) WHERE owner IS NOT NULL;

        CREATE TABLE run_sources (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            source TEXT NOT NULL,
            PRIMARY KEY (run, source)
        ) WITHOUT ROWID;
        CREATE INDEX run_sources_by_source ON run_sources (source);

        CREATE TABLE artifacts (
            id INTEGER PRIMARY KEY,
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            text TEXT NOT NULL
        );
        CREATE INDEX artifacts_by_run ON artifacts (run);

        CREATE TABLE calls (
            id TEXT PRIMARY KEY,
            key TEXT NOT NULL,
            run TEXT,
            message INTEGER,
            owner TEXT,
            started INTEGER NOT NULL,
            finished INTEGER,
            step TEXT NOT NULL,
            profile TEXT NOT NULL,
            model TEXT NOT NULL,
            host TEXT NOT NULL,
            outcome TEXT NOT NULL,
            finish TEXT,
            attempt INTEGER NOT NULL,
            input_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL,
            reasoning_tokens INTEGER NOT NULL,
            cached_tokens INTEGER NOT NULL,
            estimated INTEGER NOT NULL,
            cost_usd REAL,
            first_token_ms INTEGER,
            elapsed_ms INTEGER NOT NULL,
            error TEXT,
            reasoning TEXT NOT NULL,
            text TEXT NOT NULL
        );
        CREATE INDEX calls_complete ON calls (key, finished) WHERE outcome = 'complete';
        CREATE INDEX calls_by_run ON calls (run) WHERE run IS NOT NULL;
        CREATE INDEX calls_by_message ON calls (message) WHERE message IS NOT NULL;
        CREATE INDEX calls_open ON calls (owner) WHERE owner IS NOT NULL;
    """)
