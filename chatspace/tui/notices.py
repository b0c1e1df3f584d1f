"""What a session has to say, shown in passing; what was done can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatspace.tui.undo import Done, Undoable

if TYPE_CHECKING:
    from textual.widget import Widget

    from chatspace.tui.sessions.changed import Changed


def show_notices(part: Widget, change: Changed) -> None:
    if change.error:
        part.notify(change.error.explained, severity="error", timeout=10)
    if change.notice:
        part.notify(change.notice, severity=change.severity)
    if change.undo:
        part.app.post_message(Done(Undoable(change.undo.done, change.undo.back, frozenset((part,)))))
