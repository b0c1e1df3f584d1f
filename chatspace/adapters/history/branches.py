"""The branches of a conversation's tree: which there are, and which were visited last."""

from __future__ import annotations

from collections.abc import Sequence

from chatspace.adapters.history.messages import check_belongs
from chatspace.adapters.history.table_access import TableAccess

VISIT = """
    WITH RECURSIVE path (id, parent) AS (
        SELECT id, parent FROM messages WHERE id = :leaf
        UNION ALL
        SELECT messages.id, messages.parent FROM path JOIN messages ON messages.id = path.parent
    )
    INSERT OR REPLACE INTO visits
    SELECT parent, id FROM path WHERE parent IS NOT NULL AND EXISTS (
        SELECT 1 FROM messages WHERE conversation = :conversation AND parent = path.parent AND id <> path.id
    )"""

SIBLINGS = """
    SELECT s.id FROM messages m JOIN messages s ON s.conversation = m.conversation AND s.parent IS m.parent
    WHERE m.id = ? ORDER BY s.id"""

DOWN = """
    WITH RECURSIVE down (id, conversation) AS (
        SELECT id, conversation FROM messages WHERE id = ?
        UNION ALL
        SELECT coalesce(
            (SELECT child FROM visits WHERE message = down.id),
            (SELECT max(id) FROM messages WHERE conversation = down.conversation AND parent = down.id)
        ), conversation FROM down WHERE down.id IS NOT NULL
    )
    SELECT max(id) FROM down"""


class SqliteBranches(TableAccess):
    def set_leaf(self, conversation: int, leaf: int) -> None:
        with self._database.write() as connection:
            check_belongs(connection, conversation, leaf)
            connection.execute("UPDATE conversations SET leaf = ? WHERE id = ?", (leaf, conversation))
            connection.execute(VISIT, {"leaf": leaf, "conversation": conversation})

    def siblings(self, message: int) -> Sequence[int]:
        with self._database.read() as connection:
            return [row["id"] for row in connection.execute(SIBLINGS, (message,))]

    def leaf_under(self, message: int) -> int:
        with self._database.read() as connection:
            row = connection.execute(DOWN, (message,)).fetchone()
        return message if row[0] is None else int(row[0])
