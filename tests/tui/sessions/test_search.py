"""A search by the page, without its screen."""

from __future__ import annotations

from collections.abc import Sequence

from chatspace.core.chat.conversation import SearchHit
from chatspace.core.errors import StoreError
from chatspace.tui.sessions.changed import Changed
from chatspace.tui.sessions.search import SearchSession


class Index:
    """Finds nothing, but lets the user type on meanwhile; or fails."""

    def __init__(self) -> None:
        self.session: SearchSession | None = None
        self.fails = False

    def find(
        self, query: str, *, limit: int = 50, before: int | None = None, by_rank: bool = False
    ) -> Sequence[SearchHit]:
        if self.session:
            self.session.query = f"{query}s"
        if self.fails:
            raise StoreError("The search was ended")
        return ()

    def excerpt(self, query: str, message: int) -> str:
        return ""

    def interrupt(self) -> None: ...


async def test_a_page_that_comes_after_another_search_has_begun_is_dropped() -> None:
    index, told = Index(), list[Changed]()
    session = SearchSession(index, told.append)
    session.query = "pump"
    assert await session.page() == ()
    index.session = session
    assert await session.page() is None
    assert told == []


async def test_a_search_that_fails_is_reported_unless_another_has_begun() -> None:
    index, told = Index(), list[Changed]()
    session = SearchSession(index, told.append)
    index.fails = True
    assert await session.page() is None
    assert [str(changed.error) for changed in told] == ["The search was ended"]
    index.session = session
    assert await session.page() is None
    assert len(told) == 1
