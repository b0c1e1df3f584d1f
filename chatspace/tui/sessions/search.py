"""A search by the page: what is looked for, and in which order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatspace.core.errors import ChatspaceError
from chatspace.tui.sessions.changed import Changed, Listener

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import SearchHit
    from chatspace.core.chat.stores import SearchIndex

PAGE = 40


class SearchSession:
    """`query` is looked for, `complete` says whether there is nothing more to be found."""

    def __init__(self, store: SearchIndex, listener: Listener) -> None:
        self._store = store
        self._listener = listener
        self.query = ""
        self.by_rank = False
        self.complete = True

    async def page(self, after: SearchHit | None = None) -> Sequence[SearchHit] | None:
        """The first page, or the one behind a hit; None where another search has begun, or this one failed."""
        asked = query, by_rank = self.query, self.by_rank
        self.complete = True
        before = after.message if after else None
        try:
            found = await asyncio.to_thread(self._store.find, query, limit=PAGE, before=before, by_rank=by_rank)
        except ChatspaceError as error:
            if asked == (self.query, self.by_rank):
                self._listener(Changed(error=error))
            return None
        if asked != (self.query, self.by_rank):
            return None
        self.complete = len(found) < PAGE
        return found
