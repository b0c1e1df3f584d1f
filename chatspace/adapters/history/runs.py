"""The runs, their sources, and what they made."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from chatspace.adapters.history.ids import from_ms, now_ms
from chatspace.adapters.history.ledger import call_of
from chatspace.adapters.history.table_access import TableAccess, insert
from chatspace.core.calls.call import Call
from chatspace.core.document import Origin, Source
from chatspace.core.reports.formats import from_plain, plain, to_json
from chatspace.core.runs.run import CallRecord, RunRecord, SourceRef, StoredArtifact, Totals
from chatspace.core.text.length import words

ENDED_WELL = ("complete", "rejected")
"""What a rejected run has made is whole too: to ask for it again is to ask for something else."""


class SqliteRuns(TableAccess):
    def start(self, run: str, source: Source, others: Sequence[Source] = ()) -> None:
        started = {"id": run, "started": now_ms(), "source": source.id, "source_name": source.name}
        with self._database.write() as connection:
            insert(connection, "runs", {**started, "owner": self._owners.own()})
            for each in (source, *others):
                keep_source(connection, each)
                insert(connection, "run_sources", {"run": run, "source": each.id}, "ON CONFLICT DO NOTHING")

    def finish(self, record: RunRecord, made: Sequence[StoredArtifact] = ()) -> None:
        values = {
            "id": record.id,
            "started": now_ms(),
            "source": record.source.id,
            "source_name": record.source.name,
            "record": to_json(record),
        }
        with self._database.write() as connection:
            insert(connection, "runs", values, "ON CONFLICT (id) DO UPDATE SET record = excluded.record, owner = NULL")
            for each in made:
                insert(connection, "artifacts", {"run": record.id, **asdict(each)})

    def get(self, run: str) -> RunRecord | None:
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM runs WHERE id = ?", (run,)).fetchone()
            return None if row is None else _record(connection, row)

    def page(self, *, limit: int = 50, before: str | None = None) -> Sequence[RunRecord]:
        page = "" if before is None else "WHERE (started, id) < (SELECT started, id FROM runs WHERE id = :before)"
        sql = f"SELECT * FROM runs {page} ORDER BY started DESC, id DESC LIMIT :limit"
        with self._database.read() as connection:
            rows = connection.execute(sql, {"before": before, "limit": limit}).fetchall()
            return [_record(connection, row) for row in rows]

    def reusable_calls(self, source: str) -> Mapping[str, Call]:
        sql = """
            SELECT calls.*, json_extract(runs.record, '$.status') AS status
            FROM runs JOIN calls ON calls.run = runs.id
            WHERE runs.source = ? AND (calls.outcome IN ('complete', 'from_ledger') OR calls.finish = 'length')
            ORDER BY calls.rowid
        """
        left: dict[str, Call] = {}
        with self._database.read() as connection:
            for row in connection.execute(sql, (source,)):
                if row["status"] in ENDED_WELL:
                    left.pop(row["key"], None)
                elif row["text"].strip():
                    left[row["key"]] = call_of(row)
        return left

    def artifacts(self, run: str) -> Sequence[StoredArtifact]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT kind, name, text FROM artifacts WHERE run = ? ORDER BY id", (run,))
            return [StoredArtifact(*row) for row in rows]

    def source(self, source: str) -> Source | None:
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM sources WHERE id = ?", (source,)).fetchone()
        return None if row is None else source_of(row)


def _record(connection: sqlite3.Connection, row: sqlite3.Row) -> RunRecord:
    if row["record"] is not None:
        return from_plain(RunRecord, json.loads(row["record"]))
    rows = connection.execute("SELECT * FROM calls WHERE run = ? ORDER BY rowid", (row["id"],))
    calls = tuple(CallRecord.of(call_of(call)) for call in rows)
    return RunRecord(
        id=row["id"],
        started=plain(from_ms(row["started"])),
        elapsed_ms=0,
        status="interrupted",
        source=SourceRef(row["source_name"], row["source"]),
        pipeline="",
        policy="",
        channel="",
        sla="",
        routes=(),
        calls=calls,
        gate=(),
        totals=Totals.of(calls),
    )


def keep_source(connection: sqlite3.Connection, source: Source) -> None:
    """The first of those with the same id is kept."""
    values = {
        "id": source.id,
        "name": source.name,
        "media_type": source.media_type,
        "reader": source.reader,
        "path": source.path,
        "words": words(source.text),
        "origins": json.dumps([[origin.start, origin.place] for origin in source.origins], ensure_ascii=False),
        "warnings": json.dumps(source.warnings, ensure_ascii=False),
        "text": source.text,
    }
    insert(connection, "sources", values, "ON CONFLICT (id) DO UPDATE SET words = excluded.words WHERE words IS NULL")


def source_of(row: sqlite3.Row) -> Source:
    return Source(
        name=row["name"],
        text=row["text"],
        id=row["id"],
        media_type=row["media_type"],
        reader=row["reader"],
        path=row["path"],
        origins=tuple(Origin(start, place) for start, place in json.loads(row["origins"])),
        warnings=tuple(json.loads(row["warnings"])),
    )
