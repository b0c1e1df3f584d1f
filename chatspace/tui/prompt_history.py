"""Going back through former prompts, and forth again to what is being typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from chatspace.core.errors import ChatspaceError

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import SentPrompt
    from chatspace.wiring import Workspace

TYPED = -1
PAGE = 25


class PromptHistory:
    """The former prompts known so far, newest first, and which of them stands in the prompt.

    What is left behind is kept as it was left, changes to a former prompt included, until something is sent.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._left: dict[int, str] = {}
        self._at = TYPED

    @property
    def going(self) -> bool:
        """Whether a former prompt stands there."""
        return self._at != TYPED

    @property
    def begun(self) -> bool:
        """Whether any are known."""
        return bool(self._texts)

    @property
    def at_the_end(self) -> bool:
        """Whether more have to be looked up before one can go further back."""
        return self._at + 1 >= len(self._texts)

    def know(self, texts: Iterable[str]) -> None:
        """More of them, older than those that are known; what is there already is passed over."""
        for text in texts:
            if text.strip() and text not in self._texts:
                self._texts.append(text)

    def older(self, current: str) -> str | None:
        """The one before; None where there is none. `current` is what is left behind."""
        if self.at_the_end:
            return None
        return self._go(self._at + 1, current)

    def newer(self, current: str) -> str | None:
        """The one after, at last what was being typed."""
        return self._go(self._at - 1, current) if self.going else None

    def forget(self) -> None:
        """Something was sent, or another conversation is in sight: begin anew."""
        self._texts.clear()
        self._left.clear()
        self._at = TYPED

    def _go(self, to: int, current: str) -> str:
        self._left[self._at] = current
        self._at = to
        return self._left[to] if to in self._left else self._texts[to]


class FormerPrompts:
    """Looks up former prompts by the page, those of the conversation `here` first."""

    def __init__(
        self, workspace: Workspace, here: Callable[[], int | None], complain: Callable[[ChatspaceError], object]
    ) -> None:
        self._workspace = workspace
        self._here = here
        self._complain = complain
        self._last: SentPrompt | None = None

    def page(self, begun: bool) -> Sequence[str]:
        """The next page, or the first one. Called from a thread, as is `complain`."""
        try:
            page = self._workspace.conversations.asked(self._here(), self._last if begun else None, limit=PAGE)
        except ChatspaceError as error:
            self._complain(error)
            return ()
        if page:
            self._last = page[-1]
        return [asked.text for asked in page]
