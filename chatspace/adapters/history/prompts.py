"""The prompts: what stands unsent in one, by the program that shows it, and what was sent from them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from chatspace.adapters.history.ids import LARGEST_ID, from_ms, now_ms
from chatspace.adapters.history.table_access import TableAccess, insert
from chatspace.core.chat.conversation import SentPrompt, UnsentPrompt
from chatspace.core.stages.registry import BUILT_IN

NO_CONVERSATION = 0
"""Where the prompt of a conversation that has yet to begin is kept; no id is 0."""

WRITTEN = str(("chat", *BUILT_IN))
"""The steps whose user's messages are what was written in the prompt."""

ASKED = f"""SELECT m.id, m.conversation, m.created, m.text FROM messages m
            WHERE m.role = 'user' AND m.step IN {WRITTEN} AND m.id < :before
                AND (:here IS NULL OR m.conversation = :here) AND m.conversation IS NOT :elsewhere
                AND (SELECT deleted FROM conversations WHERE id = m.conversation) IS NULL
            ORDER BY m.id DESC"""


class SqlitePrompts(TableAccess):
    """A prompt belongs to the program that shows it while that lives, so that two never overwrite each other's."""

    def save(self, conversation: int | None, text: str, attached: Sequence[str] = ()) -> None:
        key = NO_CONVERSATION if conversation is None else conversation
        with self._database.write() as connection:
            owner = self._owners.own()
            connection.execute("DELETE FROM prompts WHERE conversation = ? AND owner = ?", (key, owner))
            if text or attached:
                paths = json.dumps(list(attached))
                values = {"conversation": key, "owner": owner, "saved": now_ms(), "attached": paths, "text": text}
                insert(connection, "prompts", values)

    def unsent(self, conversation: int | None) -> UnsentPrompt:
        key = NO_CONVERSATION if conversation is None else conversation
        with self._database.read() as connection:
            sql = "SELECT owner, attached, text FROM prompts WHERE conversation = ? ORDER BY saved DESC"
            rows = connection.execute(sql, (key,)).fetchall()
        if not rows:
            return UnsentPrompt()
        own = self._owners.own()
        row = next((row for row in rows if row["owner"] == own), None)
        if row is None:
            row = next((row for row in rows if self._take_over(key, row["owner"], own)), None)
        return UnsentPrompt() if row is None else UnsentPrompt(row["text"], tuple(json.loads(row["attached"])))

    def saved(self, conversation: int | None) -> str:
        return self.unsent(conversation).text

    def sent(
        self,
        *,
        limit: int = 50,
        before: int | None = None,
        here: int | None = None,
        elsewhere: int | None = None,
        containing: str = "",
    ) -> Sequence[SentPrompt]:
        wanted = containing.casefold().split()
        values = {"before": LARGEST_ID if before is None else before, "here": here, "elsewhere": elsewhere}
        found: list[SentPrompt] = []
        with self._database.search() as connection:
            for row in connection.execute(ASKED, values):
                folded = row["text"].casefold() if wanted else ""
                if all(word in folded for word in wanted):
                    found.append(_asked(row))
                    if len(found) == limit:
                        break
        return found

    def _take_over(self, key: int, owner: str, own: str) -> bool:
        if not self._owners.gone(owner):
            return False
        with self._database.write() as connection:
            sql = "UPDATE prompts SET owner = ? WHERE conversation = ? AND owner = ?"
            return bool(connection.execute(sql, (own, key, owner)).rowcount)


def _asked(row: sqlite3.Row) -> SentPrompt:
    return SentPrompt(row["id"], row["conversation"], row["text"], from_ms(row["created"]))
