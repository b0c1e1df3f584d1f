"""What is taken out of a run: its facts looked up, what is shown yanked, its files written."""

from __future__ import annotations

from pathlib import Path

from textual import work

from chatspace.core.live.run import SOURCE
from chatspace.core.stages.registry import main_stage
from chatspace.tui.command_runner import CommandRunner
from chatspace.tui.screens.run_list import RunList
from chatspace.tui.screens.save_dialog import SaveDialog
from chatspace.tui.widgets.run_views import view_of
from chatspace.tui.yanking import yank

FOLDER = "a folder of files"


class RunTaking(RunList):
    """Changes nothing of the run."""

    @work
    async def action_facts(self) -> None:
        """Every claim of the draft, and what its source says."""
        stored, journey = self._stored, self._journey
        text = journey.text if journey else None
        if stored is None or text is None:
            return
        evidence = await self.in_thread(self.workspace.grounding.check, text, stored.record.id)
        if evidence is not None:
            from chatspace.tui.screens.facts import FactsScreen  # what it imports takes a tenth of a second

            self.app.push_screen(FactsScreen(text, evidence))

    @work
    async def action_yank(self) -> None:
        """What is shown of the stage."""
        journey, stage = self._journey, self._shown
        if journey is None:
            return
        if stage == SOURCE and journey.sources:
            await yank(self, self.workspace, journey.sources[0].text, journey.sources[0].name)
        elif stage == journey.writing:
            text = self.pane.grown if journey.text is None else journey.text
            await yank(self, self.workspace, text, f"the {stage}")
        else:
            await yank(self, self.workspace, view_of(journey, stage).plain, f"the {stage}")

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """The files of the run into a folder, or its draft into a file."""
        stored = self._stored
        if stored is None:
            self.notify("There is no run here yet whose files could be written.")
            return
        run, source, exporter = stored.record.id, stored.record.source.name, self.workspace.exporter
        name = exporter.file_name(Path(source).stem, "run", "md")
        names = {FOLDER: f"{name.removesuffix('.md')}/"}
        text = main_stage()
        formats = await self.in_thread(exporter.formats, text) if text in stored.artifacts else None
        drafts = {f"the {text} as {each.title}": each.name for each in (formats or {}).values()}
        names |= {said: exporter.file_name(source, text, each) for said, each in drafts.items()}
        chosen = await self.app.push_screen_wait(SaveDialog(names))
        if chosen is None:
            return
        if chosen.format == FOLDER:
            written = await self.in_thread(CommandRunner(self.workspace).export_run, chosen.path, run)
        else:
            data = await self.in_thread(self.workspace.runs.file, run, text, drafts[chosen.format])
            if data is None:
                return
            written = await self.in_thread(exporter.write, chosen.path, data, overwrite=chosen.overwrite)
        if written is not None:
            self.notify(f"Written to {written}")
