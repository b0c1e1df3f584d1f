"""The variants on the editor's desk, each with what was decided about it."""

from __future__ import annotations

from collections.abc import Sequence

from chatspace.adapters.history.failures import missing
from chatspace.adapters.history.table_access import TableAccess, insert, storable
from chatspace.core.runs.run import Variant
from chatspace.core.runs.variants import KeptVariant, Side, VariantState

SELECT = "SELECT id, message, number, field, channel, state, pair, by, text FROM variants"


class SqliteVariants(TableAccess):
    def add(self, run: str, message: int, channel: str, variants: Sequence[Variant]) -> None:
        with self._database.write() as connection:
            for each in variants:
                sql = "SELECT coalesce(max(number), 0) + 1 FROM variants WHERE run = ? AND field = ?"
                number = connection.execute(sql, (run, each.field)).fetchone()[0]
                place = {"message": message, "run": run, "number": number, "field": each.field, "channel": channel}
                made = {"state": "fresh", "pair": each.pair, "by": each.by, "text": each.text}
                insert(connection, "variants", place | made)

    def of_run(self, run: str) -> Sequence[KeptVariant]:
        with self._database.read() as connection:
            return [KeptVariant(**row) for row in connection.execute(f"{SELECT} WHERE run = ? ORDER BY id", (run,))]

    def mark(self, variant: int, state: VariantState) -> None:
        self._change_variant(variant, "state = :value, pair = iif(:value = 'scrapped', NULL, pair)", state)

    def edit(self, variant: int, text: str) -> None:
        self._change_variant(variant, "text = :value", text)

    def pair(self, variant: int, side: Side | None, instead_of: Sequence[int] = ()) -> None:
        with self._database.write() as connection:
            for other in instead_of:
                connection.execute("UPDATE variants SET pair = NULL WHERE id = ?", (other,))
            if not connection.execute("UPDATE variants SET pair = ? WHERE id = ?", (side, variant)).rowcount:
                raise missing()

    def count_for(self, run: str, channel: str) -> None:
        with self._database.write() as connection:
            connection.execute("UPDATE variants SET channel = ? WHERE run = ?", (channel, run))

    def _change_variant(self, variant: int, change: str, value: str) -> None:
        with self._database.write() as connection:
            values = {"value": storable(value), "id": variant}
            if not connection.execute(f"UPDATE variants SET {change} WHERE id = :id", values).rowcount:
                raise missing()
