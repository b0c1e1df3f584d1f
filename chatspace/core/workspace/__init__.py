"""The use cases, one small class each. Both faces call these and nothing below them."""

from __future__ import annotations

from dataclasses import dataclass

from chatspace.core.ports import Clipboard, Exporter, History, ModelCatalog, ProfileLibrary, RunStore
from chatspace.core.workspace.conversations import Conversations
from chatspace.core.workspace.grounding import Grounding
from chatspace.core.workspace.runs import Decision, Runs

__all__ = ["Conversations", "Decision", "Grounding", "Runs", "Workspace"]


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a face needs. `history`, `library` and `catalog` are there to be read; changes go through the use cases."""

    conversations: Conversations
    runs: Runs
    grounding: Grounding
    history: History
    run_store: RunStore
    library: ProfileLibrary
    catalog: ModelCatalog
    exporter: Exporter
    clipboard: Clipboard
