"""The use cases, one small class each. Both faces call these and nothing below them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatspace.core.ports import (
        Clipboard,
        Exporter,
        History,
        ModelCatalog,
        ProfileLibrary,
        RunStore,
        SettingsStore,
        StoreCare,
    )
    from chatspace.core.workspace.attachments import Attachments
    from chatspace.core.workspace.batches import Batches
    from chatspace.core.workspace.canaries import Canaries
    from chatspace.core.workspace.compare import Compare
    from chatspace.core.workspace.conversations import Conversations
    from chatspace.core.workspace.copyeditor import CopyEditor
    from chatspace.core.workspace.desk import Desk
    from chatspace.core.workspace.documents import Documents
    from chatspace.core.workspace.endpointchecks import EndpointChecks
    from chatspace.core.workspace.exporting import Exporting
    from chatspace.core.workspace.grounding import Grounding
    from chatspace.core.workspace.importing import Importing
    from chatspace.core.workspace.models import Models
    from chatspace.core.workspace.organizer import Organizer
    from chatspace.core.workspace.reports import Reports
    from chatspace.core.workspace.runs import Decision, Runs
    from chatspace.core.workspace.stories import Stories

__all__ = [
    "Attachments",
    "Batches",
    "Canaries",
    "Compare",
    "Conversations",
    "CopyEditor",
    "Decision",
    "Desk",
    "Documents",
    "EndpointChecks",
    "Exporting",
    "Grounding",
    "Importing",
    "Models",
    "Organizer",
    "Reports",
    "Runs",
    "Stories",
    "Workspace",
]


def __getattr__(name: str) -> Any:
    """A use case is imported when it is first asked for: the first frame of the workspace needs next to none."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "runs" if name == "Decision" else name.lower()
    return getattr(import_module(f"{__name__}.{module}"), name)


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a face needs. `history`, `library` and `catalog` are there to be read; changes go through the use cases."""

    conversations: Conversations
    attachments: Attachments
    runs: Runs
    batches: Batches
    documents: Documents
    canaries: Canaries
    reports: Reports
    endpoint_checks: EndpointChecks
    grounding: Grounding
    compare: Compare
    stories: Stories
    copy_editor: CopyEditor
    desk: Desk
    organizer: Organizer
    importing: Importing
    exporting: Exporting
    history: History
    run_store: RunStore
    store_care: StoreCare
    library: ProfileLibrary
    catalog: ModelCatalog
    exporter: Exporter
    clipboard: Clipboard
    models: Models
    settings: SettingsStore
