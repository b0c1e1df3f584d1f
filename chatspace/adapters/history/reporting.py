"""What a report counts, read in pages, so that its memory doesn't depend on the number of calls."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from chatspace.adapters.history.ids import to_ms
from chatspace.adapters.history.table_access import TableAccess, usage_of
from chatspace.core.extraction import Finding
from chatspace.core.reports.formats import from_plain
from chatspace.core.reports.report import EditCounts, Grouping, PickCounts, RunFacts
from chatspace.core.runs.run import CallRecord, RunRecord, StageGate

PAGE = 2_000

CALLS = """
    SELECT rowid AS number, id, run, started, step, profile, model, host, outcome, attempt, input_tokens,
        output_tokens, reasoning_tokens, cached_tokens, estimated, cost_usd, first_token_ms, elapsed_ms
    FROM calls WHERE (started, rowid) > (:started, :number) AND started <= :until
    ORDER BY started, rowid LIMIT :limit"""

# A column of its own question: it stands behind the texts of a row, which would be read to get at it.
FALLBACKS = "SELECT rowid FROM calls WHERE fallback = 1 AND started BETWEEN :first AND :last"

RUNS = """
    SELECT id, started, json_extract(record, '$.status') AS status, json_extract(record, '$.elapsed_ms') AS elapsed_ms,
        json_extract(record, '$.policy') AS policy, json_extract(record, '$.channel') AS channel,
        json_extract(record, '$.gate') AS gate
    FROM runs WHERE (started, id) > (:started, :id) AND started <= :until ORDER BY started, id LIMIT :limit"""

RIVALS = """
    SELECT comparisons.message, coalesce(answers.profile, '') AS profile, coalesce(answers.model, '') AS model,
        max(answers.id = comparisons.winner) AS won
    FROM comparisons JOIN messages AS question ON question.id = comparisons.message
        JOIN messages AS answers ON answers.conversation = question.conversation AND answers.parent = question.id
    WHERE comparisons.picked BETWEEN :since AND :until AND answers.role = 'assistant' AND answers.text <> ''
        AND answers.created <= comparisons.picked
    GROUP BY 1, 2, 3 ORDER BY 1"""

EDITS = """
    SELECT coalesce(CASE WHEN :by = 'model' THEN messages.model ELSE messages.profile END, '') AS name,
        sum(decision = 'accepted') AS accepted, sum(decision = 'rejected') AS rejected,
        sum(decision = 'edited') AS edited, sum(words) AS words_changed,
        count(DISTINCT messages.conversation) AS texts
    FROM hunks JOIN messages ON messages.id = hunks.message
    WHERE hunks.decided BETWEEN :since AND :until GROUP BY 1 ORDER BY 1"""

MADE = """
    SELECT record FROM runs WHERE source = ? AND json_extract(record, '$.asked') = ?
        AND json_extract(record, '$.status') = 'complete' ORDER BY started DESC, id DESC LIMIT 1"""

PAID_BEFORE = """
    SELECT again.id AS again, paid.* FROM calls AS again
    LEFT JOIN calls AS paid
        ON paid.rowid = (SELECT max(rowid) FROM calls WHERE key = again.key AND outcome = 'complete')
    WHERE again.run = ? AND again.outcome = 'from_ledger'"""


class SqliteReporting(TableAccess):
    """Only reads, and makes no database where none is. Times are UTC; `since` None is the beginning."""

    def calls_between(
        self, since: datetime | None, until: datetime, *, with_runs: bool = False
    ) -> Iterator[tuple[CallRecord, RunFacts | None]]:
        at = {"started": _start(since), "number": -1}
        while self._database.path.exists():
            with self._database.read() as connection:
                rows = connection.execute(CALLS, {**at, "until": to_ms(until), "limit": PAGE}).fetchall()
                if not rows:
                    return
                window = {"first": rows[0]["started"], "last": rows[-1]["started"]}
                fallen_back = {row["rowid"] for row in connection.execute(FALLBACKS, window)}
                runs = _facts_by_run(connection, rows) if with_runs else {}
            for row in rows:
                yield _call(row, row["number"] in fallen_back), runs.get(row["run"])
            at = {"started": rows[-1]["started"], "number": rows[-1]["number"]}

    def runs_between(self, since: datetime | None, until: datetime) -> Iterator[RunFacts]:
        at = {"started": _start(since), "id": ""}
        while self._database.path.exists():
            with self._database.read() as connection:
                rows = connection.execute(RUNS, {**at, "until": to_ms(until), "limit": PAGE}).fetchall()
            if not rows:
                return
            yield from map(_facts, rows)
            at = {"started": rows[-1]["started"], "id": rows[-1]["id"]}

    def picks(self, since: datetime | None, until: datetime, by: Grouping) -> Sequence[PickCounts]:
        picked, compared = Counter[str](), Counter[str]()
        for _, rivals in groupby(self._rows(RIVALS, since, until, by), key=lambda row: row["message"]):
            found = list(rivals)
            profiles = Counter(row["profile"] for row in found)
            won: dict[str, bool] = {}
            for row in found:
                profile, model = row["profile"], row["model"]
                name = model if by == "model" else profile if profiles[profile] == 1 else f"{profile} · {model}"
                won[name] = won.get(name, False) or bool(row["won"])
            compared.update(won.keys())
            picked.update(name for name, first in won.items() if first)
        counts = [PickCounts(name, picked[name], number) for name, number in compared.items()]
        return sorted(counts, key=lambda each: (-each.picked, each.name))

    def edits(self, since: datetime | None, until: datetime, by: Grouping) -> Sequence[EditCounts]:
        return [EditCounts(**dict(row)) for row in self._rows(EDITS, since, until, by)]

    def made(self, source: str, asked: str) -> RunRecord | None:
        found = self._rows_of(MADE, (source, asked))
        return from_plain(RunRecord, json.loads(found[0]["record"])) if found else None

    def paid_before(self, run: str) -> Sequence[CallRecord | None]:
        return [None if row["id"] is None else _call(row, False) for row in self._rows_of(PAID_BEFORE, (run,))]

    def _rows(self, sql: str, since: datetime | None, until: datetime, by: Grouping) -> Sequence[sqlite3.Row]:
        return self._rows_of(sql, {"since": _start(since), "until": to_ms(until), "by": by})

    def _rows_of(self, sql: str, values: Sequence[str] | Mapping[str, str | int]) -> Sequence[sqlite3.Row]:
        if not self._database.path.exists():
            return []
        with self._database.read() as connection:
            return connection.execute(sql, values).fetchall()


def _start(since: datetime | None) -> int:
    return 0 if since is None else to_ms(since)


def _call(row: sqlite3.Row, fallback: bool) -> CallRecord:
    return CallRecord(
        id=row["id"],
        step=row["step"],
        profile=row["profile"],
        model=row["model"],
        host=row["host"],
        outcome=row["outcome"],
        attempt=row["attempt"],
        usage=usage_of(row),
        cost_usd=row["cost_usd"],
        first_token_ms=row["first_token_ms"],
        elapsed_ms=row["elapsed_ms"],
        error=None,
        fallback=fallback,
    )


def _facts_by_run(connection: sqlite3.Connection, calls: Sequence[sqlite3.Row]) -> Mapping[str, RunFacts]:
    runs = json.dumps(list({row["run"] for row in calls if row["run"] is not None}))
    rows = connection.execute(
        "SELECT id, json_extract(record, '$.policy') AS policy, json_extract(record, '$.channel') AS channel"
        " FROM runs WHERE id IN (SELECT value FROM json_each(?))",
        (runs,),
    )
    return {row["id"]: RunFacts(row["policy"] or "", row["channel"] or "") for row in rows}


def _facts(row: sqlite3.Row) -> RunFacts:
    gates = tuple(
        StageGate(
            gate["stage"],
            gate["status"],
            tuple(Finding(finding["check"], finding["severity"]) for finding in gate["findings"]),
        )
        for gate in json.loads(row["gate"] or "[]")
    )
    return RunFacts(
        row["policy"] or "", row["channel"] or "", row["status"] or "interrupted", row["elapsed_ms"] or 0, gates
    )
