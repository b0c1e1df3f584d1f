"""Looking up what a draft says in the sources that it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatspace.core.errors import UsageError
from chatspace.core.workspace.stored_runs import RunStore

if TYPE_CHECKING:
    from chatspace.core.facts.evidence import Evidence


class Grounding:
    """Reads the sources of a run as they were when it was made."""

    def __init__(self, store: RunStore) -> None:
        self._store = store

    def check(self, text: str, run: str | None) -> Sequence[Evidence]:
        """Every claim of the text with its verdict and the source's sentence, in reading order.

        Takes up to a second for long texts: to be called from a thread. Raises UsageError where the run's sources
        are not known.
        """
        from chatspace.core.facts import ground  # its patterns take a tenth of a second to compile
        from chatspace.core.facts.evidence import evidence
        from chatspace.core.runs.findings import named_texts

        record = self._store.get(run) if run else None
        if record is None:
            raise UsageError("This text has no source", remedy="Facts can be checked in drafts made with /draft.")
        stored = (self._store.source(each.id) for each in (record.source, *record.others))
        texts = dict(named_texts([source for source in stored if source is not None]))
        if not texts:
            raise UsageError(f"The source {record.source.name} is no longer in the history")
        return evidence(ground(text, list(texts.items())), texts)
