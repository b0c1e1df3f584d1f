"""The schema, as ordered migrations. This module loads sqlite-utils, and is loaded where a database isn't current."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from chatspace.adapters.history.schema import APPLICATION_ID, SCHEMA_VERSION, transaction
from chatspace.adapters.history.spacing import FACT

migrations = Migrations("chatspace")

INDEXED = "text, heading, tags, profile, model, facts"
TO_INDEX = f"INSERT INTO messages_fts (rowid, {INDEXED}) SELECT id, {INDEXED} FROM indexed_messages"
FROM_INDEX = f"""INSERT INTO messages_fts (messages_fts, rowid, {INDEXED})
                 SELECT 'delete', id, {INDEXED} FROM indexed_messages"""
RESHELVED = """(old.tags <> new.tags OR old.archived <> new.archived
                OR (old.deleted IS NULL) <> (new.deleted IS NULL))"""


class _Database(Database):
    """A database that finds the ends of statements fast: its base looks for one after every character."""

    def executescript(self, sql: str) -> sqlite3.Cursor:
        """Run the statements one by one, within the transaction that is open."""
        cursor = self.conn.cursor()
        statement = ""
        for part in sql.split(";"):
            statement += f"{part};"
            if sqlite3.complete_statement(statement):
                cursor.execute(statement)
                statement = ""
        return cursor


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, all or nothing; a second process waits and then finds nothing to do."""
    with transaction(connection, "BEGIN IMMEDIATE"):
        migrations.apply(_Database(connection, execute_plugins=False, recursive_triggers=False))
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


@migrations()
def openings_and_variants(db: Database) -> None:
    db.executescript("""
        CREATE TABLE openings (
            id INTEGER PRIMARY KEY,
            message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
            run TEXT NOT NULL,
            number INTEGER NOT NULL,
            state TEXT NOT NULL,
            tone TEXT NOT NULL,
            problem TEXT NOT NULL,
            text TEXT NOT NULL
        );
        CREATE INDEX openings_by_run ON openings (run, number);
        CREATE INDEX openings_by_message ON openings (message);

        CREATE TABLE variants (
            id INTEGER PRIMARY KEY,
            message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
            run TEXT NOT NULL,
            number INTEGER NOT NULL,
            field TEXT NOT NULL,
            channel TEXT NOT NULL,
            state TEXT NOT NULL,
            pair TEXT,
            by TEXT NOT NULL,
            text TEXT NOT NULL
        );
        CREATE INDEX variants_by_run ON variants (run, field);
        CREATE INDEX variants_by_message ON variants (message);
    """)


@migrations()
def comparisons(db: Database) -> None:
    db.executescript("""
        CREATE TABLE comparisons (
            message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
            contestants TEXT NOT NULL,
            winner INTEGER REFERENCES messages (id) ON DELETE CASCADE,
            blind INTEGER NOT NULL DEFAULT 0,
            picked INTEGER
        );
        CREATE INDEX comparisons_by_winner ON comparisons (winner) WHERE winner IS NOT NULL;
    """)


@migrations()
def usual_calls(db: Database) -> None:
    """Covers what a route asks of the ledger, so that the texts of the calls aren't read."""
    db.executescript("""
        CREATE INDEX calls_of_step ON calls (step, finished, profile, model, elapsed_ms, output_tokens)
        WHERE outcome = 'complete';
    """)


@migrations()
def rewrites(db: Database) -> None:
    db.executescript("""
        CREATE TABLE hunks (
            message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            decision TEXT NOT NULL,
            decided INTEGER NOT NULL,
            words INTEGER NOT NULL,
            before TEXT NOT NULL,
            after TEXT NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (message, number)
        ) WITHOUT ROWID;

        CREATE TABLE unsaved_texts (
            key TEXT PRIMARY KEY,
            conversation INTEGER REFERENCES conversations (id) ON DELETE CASCADE,
            saved INTEGER NOT NULL,
            source TEXT NOT NULL,
            original TEXT NOT NULL,
            text TEXT NOT NULL
        );
        CREATE INDEX unsaved_texts_by_conversation ON unsaved_texts (conversation) WHERE conversation IS NOT NULL;
    """)


@migrations()
def spending(db: Database) -> None:
    """`open` counts the calls that are out; a hold is what was put aside for one of them."""
    db.executescript("""
        ALTER TABLE calls ADD COLUMN fallback INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX calls_by_start ON calls (started);

        CREATE TABLE spending (
            scope TEXT PRIMARY KEY,
            usd REAL NOT NULL,
            tokens INTEGER NOT NULL,
            open INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE holds (
            call TEXT PRIMARY KEY,
            scopes TEXT NOT NULL,
            usd REAL NOT NULL,
            tokens INTEGER NOT NULL
        ) WITHOUT ROWID;
    """)


@migrations()
def branches(db: Database) -> None:
    db.executescript("""
        ALTER TABLE messages ADD COLUMN effort TEXT;
        ALTER TABLE messages ADD COLUMN reasoning_ms INTEGER;

        CREATE TABLE visits (
            message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
            child INTEGER NOT NULL
        );

        CREATE TABLE queued (
            id INTEGER PRIMARY KEY,
            conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            behind INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
            profile TEXT,
            model TEXT,
            effort TEXT,
            text TEXT NOT NULL
        );
        CREATE INDEX queued_by_conversation ON queued (conversation, id);
        CREATE INDEX queued_by_message ON queued (behind);
    """)


@migrations()
def shelves(db: Database) -> None:
    db.executescript("""
        ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversations ADD COLUMN deleted INTEGER;
        DROP INDEX conversations_by_update;
        CREATE INDEX conversations_shelved ON conversations (archived, pinned, updated, id) WHERE deleted IS NULL;
        CREATE INDEX conversations_trashed ON conversations (deleted, id) WHERE deleted IS NOT NULL;

        DROP TRIGGER messages_insert;
        DROP TRIGGER messages_delete;
        DROP TRIGGER messages_unindex;
        DROP TRIGGER messages_index;
        DROP TABLE messages_fts;
        DROP VIEW finished_messages;
    """)
    db.executescript(f"""
        -- All of a row that a search looks at: what isn't a word of the text narrows down, in the same pass.
        CREATE VIEW indexed_messages AS
        SELECT m.id AS id, m.conversation AS conversation, m.parent AS parent,
            spaced(m.text) AS text,
            CASE WHEN m.parent IS NULL THEN spaced(c.title) ELSE '' END AS heading,
            spaced(c.tags) AS tags,
            spaced(m.profile) AS profile,
            spaced(m.model) AS model,
            '{FACT}' || m.role || ' {FACT}' || m.conversation
                || CASE WHEN m.run IS NULL THEN '' ELSE ' {FACT}source' END
                || CASE WHEN instr(m.text, '```') OR instr(m.text, '~~~') THEN ' {FACT}code' ELSE '' END
                || CASE WHEN c.deleted IS NOT NULL THEN ' {FACT}trash'
                        WHEN c.archived THEN ' {FACT}archived' ELSE '' END AS facts
        FROM messages m JOIN conversations c ON c.id = m.conversation
        WHERE m.status <> 'streaming';

        CREATE VIRTUAL TABLE messages_fts USING fts5 (
            {INDEXED}, content = 'indexed_messages', content_rowid = 'id',
            tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
        );
        INSERT INTO messages_fts (messages_fts) VALUES ('rebuild');

        CREATE TRIGGER messages_insert AFTER INSERT ON messages WHEN new.status <> 'streaming' BEGIN
            {TO_INDEX} WHERE id = new.id;
        END;
        CREATE TRIGGER messages_delete BEFORE DELETE ON messages WHEN old.status <> 'streaming' BEGIN
            {FROM_INDEX} WHERE id = old.id;
        END;
        CREATE TRIGGER messages_unindex BEFORE UPDATE OF status, text, role, parent, profile, model, run ON messages
        WHEN old.status <> 'streaming' BEGIN
            {FROM_INDEX} WHERE id = old.id;
        END;
        CREATE TRIGGER messages_index AFTER UPDATE OF status, text, role, parent, profile, model, run ON messages
        WHEN new.status <> 'streaming' BEGIN
            {TO_INDEX} WHERE id = new.id;
        END;

        -- Before the conversation, without which they are not in the view any more.
        CREATE TRIGGER conversations_delete BEFORE DELETE ON conversations BEGIN
            DELETE FROM messages WHERE conversation = old.id;
        END;
        CREATE TRIGGER conversations_unindex BEFORE UPDATE OF title, tags, archived, deleted ON conversations
        WHEN old.title <> new.title OR {RESHELVED} BEGIN
            {FROM_INDEX} WHERE conversation = old.id AND (parent IS NULL OR {RESHELVED});
        END;
        CREATE TRIGGER conversations_index AFTER UPDATE OF title, tags, archived, deleted ON conversations
        WHEN old.title <> new.title OR {RESHELVED} BEGIN
            {TO_INDEX} WHERE conversation = old.id AND (parent IS NULL OR {RESHELVED});
        END;
    """)


@migrations()
def attached_sources(db: Database) -> None:
    db.executescript("""
        CREATE TABLE message_sources (
            message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            source TEXT NOT NULL,
            PRIMARY KEY (message, position)
        ) WITHOUT ROWID;
        CREATE INDEX message_sources_by_source ON message_sources (source);

        CREATE TABLE queued_sources (
            queued INTEGER NOT NULL REFERENCES queued (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            source TEXT NOT NULL,
            PRIMARY KEY (queued, position)
        ) WITHOUT ROWID;
        CREATE INDEX queued_sources_by_source ON queued_sources (source);

        ALTER TABLE sources RENAME TO old_sources;
        CREATE TABLE sources (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            media_type TEXT NOT NULL,
            reader TEXT NOT NULL,
            path TEXT,
            words INTEGER,
            origins TEXT NOT NULL,
            warnings TEXT NOT NULL,
            text TEXT NOT NULL
        );
        INSERT INTO sources (id, name, media_type, reader, path, origins, warnings, text)
        SELECT id, name, media_type, reader, path, origins, warnings, text FROM old_sources;
        DROP TABLE old_sources;
    """)


@migrations()
def prompts_by_owner(db: Database) -> None:
    """Each program keeps its own, so that two with the same conversation in sight don't overwrite each other's."""
    db.executescript("""
        ALTER TABLE prompts RENAME TO old_prompts;
        CREATE TABLE prompts (
            conversation INTEGER NOT NULL,
            owner TEXT NOT NULL,
            saved INTEGER NOT NULL,
            attached TEXT NOT NULL DEFAULT '[]',
            text TEXT NOT NULL,
            PRIMARY KEY (conversation, owner)
        );
        INSERT INTO prompts (conversation, owner, saved, text) SELECT conversation, '', 0, text FROM old_prompts;
        DROP TABLE old_prompts;
    """)


@migrations()
def attachments_in_search(db: Database) -> None:
    """`has:source` is true of a message with a source attached too."""
    with_sources = "WHERE id IN (SELECT message FROM message_sources)"
    db.executescript(f"""
        {FROM_INDEX} {with_sources};
        DROP VIEW indexed_messages;
        CREATE VIEW indexed_messages AS
        SELECT m.id AS id, m.conversation AS conversation, m.parent AS parent,
            spaced(m.text) AS text,
            CASE WHEN m.parent IS NULL THEN spaced(c.title) ELSE '' END AS heading,
            spaced(c.tags) AS tags,
            spaced(m.profile) AS profile,
            spaced(m.model) AS model,
            '{FACT}' || m.role || ' {FACT}' || m.conversation
                || CASE WHEN m.run IS NULL AND NOT EXISTS (SELECT 1 FROM message_sources WHERE message = m.id)
                        THEN '' ELSE ' {FACT}source' END
                || CASE WHEN instr(m.text, '```') OR instr(m.text, '~~~') THEN ' {FACT}code' ELSE '' END
                || CASE WHEN c.deleted IS NOT NULL THEN ' {FACT}trash'
                        WHEN c.archived THEN ' {FACT}archived' ELSE '' END AS facts
        FROM messages m JOIN conversations c ON c.id = m.conversation
        WHERE m.status <> 'streaming';
        {TO_INDEX} {with_sources};

        CREATE TRIGGER message_sources_unindex BEFORE INSERT ON message_sources BEGIN
            {FROM_INDEX} WHERE id = new.message;
        END;
        CREATE TRIGGER message_sources_index AFTER INSERT ON message_sources BEGIN
            {TO_INDEX} WHERE id = new.message;
        END;
        CREATE TRIGGER message_sources_delete BEFORE DELETE ON message_sources BEGIN
            {FROM_INDEX} WHERE id = old.message;
        END;
        CREATE TRIGGER message_sources_deleted AFTER DELETE ON message_sources BEGIN
            {TO_INDEX} WHERE id = old.message;
        END;
    """)


@migrations()
def calls_that_fell_back(db: Database) -> None:
    """`fallback` stands behind the texts of a call; a report asks this index, and doesn't read them."""
    db.executescript("CREATE INDEX calls_fallen_back ON calls (started) WHERE fallback = 1;")


@migrations()
def imports(db: Database) -> None:
    """What came from other programs, by the ids that it had there."""
    db.executescript("""
        CREATE TABLE imports (
            origin TEXT NOT NULL,
            external TEXT NOT NULL,
            conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            PRIMARY KEY (origin, external)
        ) WITHOUT ROWID;
        CREATE INDEX imports_by_conversation ON imports (conversation);

        CREATE TABLE imported_messages (
            message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
            external TEXT NOT NULL
        );
    """)
