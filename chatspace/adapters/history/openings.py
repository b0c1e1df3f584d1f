"""The openings of the stories, each with what the editor decided about it."""

from __future__ import annotations

from collections.abc import Sequence

from chatspace.adapters.history.failures import missing
from chatspace.adapters.history.table_access import TableAccess, insert, storable
from chatspace.core.chat.openings import Opening, OpeningState, Proposal

SELECT = "SELECT id, message, number, state, tone, text, problem FROM openings"


class SqliteOpenings(TableAccess):
    def add(self, run: str, message: int, proposals: Sequence[Proposal]) -> Sequence[Opening]:
        with self._database.write() as connection:
            sql = "SELECT coalesce(max(number), 0) FROM openings WHERE run = ?"
            last = connection.execute(sql, (run,)).fetchone()[0]
            for number, each in enumerate(proposals, start=last + 1):
                values = {"message": message, "run": run, "number": number, "state": "fresh"}
                texts = {"tone": each.tone, "problem": each.problem, "text": each.text}
                insert(connection, "openings", values | texts)
            rows = connection.execute(f"{SELECT} WHERE run = ? AND number > ? ORDER BY number", (run, last))
            return [Opening(**row) for row in rows]

    def of_run(self, run: str) -> Sequence[Opening]:
        with self._database.read() as connection:
            return [Opening(**row) for row in connection.execute(f"{SELECT} WHERE run = ? ORDER BY number", (run,))]

    def mark(self, opening: int, state: OpeningState) -> Opening:
        return self._change_opening(opening, "state = ?", state)

    def edit(self, opening: int, text: str) -> Opening:
        """An edited text is whole: what was wrong with it is the editor's business now."""
        return self._change_opening(opening, "text = ?, problem = ''", text)

    def _change_opening(self, opening: int, change: str, value: str) -> Opening:
        with self._database.write() as connection:
            connection.execute(f"UPDATE openings SET {change} WHERE id = ?", (storable(value), opening))
            row = connection.execute(f"{SELECT} WHERE id = ?", (opening,)).fetchone()
            if row is None:
                raise missing()
            return Opening(**row)
