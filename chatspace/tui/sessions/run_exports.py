"""What is taken out of a run: its facts looked up, its files written."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chatspace.core.stages.registry import main_stage
from chatspace.tui.command_runner import CommandRunner
from chatspace.tui.sessions.changed import Changed, Listener, attempt

if TYPE_CHECKING:
    from chatspace.core.facts.evidence import Evidence
    from chatspace.core.workspace.stored_runs import StoredRun
    from chatspace.tui.sessions.run_in_sight import RunInSight
    from chatspace.wiring import Workspace

FOLDER = "a folder of files"


class RunExports:
    """Changes nothing of a run."""

    def __init__(self, workspace: Workspace, listener: Listener) -> None:
        self._workspace = workspace
        self._listener = listener

    async def facts(self, run: RunInSight | None) -> tuple[str, Sequence[Evidence]] | None:
        """The text of the run, with every claim of it and what its source says."""
        text = run.live.text if run else None
        if run is None or run.stored is None or text is None:
            return None
        check = asyncio.to_thread(self._workspace.grounding.check, text, run.stored.record.id)
        evidence = await attempt(self._listener, check)
        return None if evidence is None else (text, evidence)

    async def names(self, stored: StoredRun | None) -> Mapping[str, str] | None:
        """A suggestion for the folder of its files, and one for each format of its text; None without a run."""
        if stored is None:
            self._listener(Changed(notice="Nothing to export: there isn't a finished run yet."))
            return None
        exporter, source, step = self._workspace.exporter, stored.record.source.name, main_stage()
        folder = exporter.file_name(Path(source).stem, "run", "md").removesuffix(".md")
        names = {FOLDER: f"{folder}/"}
        for label, name in (await self._formats(stored)).items():
            names[label] = exporter.file_name(source, step, name)
        return names

    async def _formats(self, stored: StoredRun) -> Mapping[str, str]:
        """The formats of the run's text by what they are called."""
        step = main_stage()
        if step not in stored.artifacts:
            return {}
        formats = await attempt(self._listener, asyncio.to_thread(self._workspace.exporter.formats, step))
        return {f"the {step} as {each.title}": each.name for each in (formats or {}).values()}

    async def write(self, stored: StoredRun, path: Path, chosen: str, *, overwrite: bool = False) -> None:
        """The files of the run into a folder, or its text into a file."""
        run, exporter = stored.record.id, self._workspace.exporter
        formats = await self._formats(stored) if chosen != FOLDER else {}

        def export() -> Path:
            if chosen == FOLDER:
                return CommandRunner(self._workspace).export_run(path, run)
            data = self._workspace.runs.file(run, main_stage(), formats[chosen])
            return exporter.write(path, data, overwrite=overwrite)

        written = await attempt(self._listener, asyncio.to_thread(export))
        if written is not None:
            self._listener(Changed(notice=f"Written to {written}"))
