"""Correcting the stages of a run by hand: what is changed waits until a run takes it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from textual import on, work

from chatspace.core.errors import ChatspaceError, UsageError
from chatspace.core.profiles.policy import PipelineStepName
from chatspace.core.workspace.reruns import Corrections, Rerouted
from chatspace.core.workspace.stored_runs import STEPS, StoredRun
from chatspace.tui.screens.pick_dialog import PickDialog, PickItem
from chatspace.tui.screens.run_board import RunBoard
from chatspace.tui.widgets.run_progress import RunProgress, StageName
from chatspace.tui.widgets.text_editor import TextEditor


class RunCorrecting(RunBoard):
    """Edits what a stage made, chooses another route, accepts what the gate rejected."""

    @property
    def _can_edit(self) -> bool:
        stored = self._stored
        if stored is None or self._job is not None or not stored.sources:
            return False
        match self._shown:
            case "extract":
                return bool(stored.extractions)
            case "gate":
                return stored.rejected_at is not None
            case "route":
                return bool(self._journey and self._journey.routes)
            case "draft":
                return stored.draft is not None
            case "copy":
                return stored.copy is not None
        return False

    @work(exclusive=True, group="edit")
    async def action_edit(self) -> None:
        """Correct what the stage made."""
        stored, stage = self._stored, self._shown
        if stored is None:
            return
        if stage == "gate":
            self._change(accepted=not self._corrections.accepted)
        elif stage == "route":
            route = await self._choose_route()
            if route:
                self._change(route=route)
        else:
            self._begin_editing(stage, stored)

    def _begin_editing(self, stage: StageName, stored: StoredRun) -> None:
        from chatspace.core.runs.corrections import copy_to_edit, extraction_to_edit

        changed, text = self._corrections, ""
        if stage == "extract":
            text = extraction_to_edit(changed.extraction or stored.extractions[0])
        elif stage == "draft" and stored.draft:
            text = stored.draft.text if changed.draft is None else changed.draft
        elif stage == "copy" and stored.copy:
            text = copy_to_edit(changed.copy or stored.copy)
        self._editing, self._begun, self._refused, self._in_pane = stage, text, None, True
        self.pane.editor.begin(text)
        self.pane.editor.move_cursor((0, 0))
        self._show()
        self.set_focus(self.pane.editor)

    @on(TextEditor.Left)
    @work(exclusive=True, group="edit")
    async def _edited(self, event: TextEditor.Left) -> None:
        """Keep what was changed once it can be used; what can't is told, and stays to be mended."""
        stage, text = self._editing, event.text
        if stage is None:
            return
        if text not in (self._begun, self._refused):
            try:
                changed = await asyncio.to_thread(self._corrected, stage, text)
            except ChatspaceError as error:
                self._refused = text
                self.complain(error)
                return
            self._corrections = changed
            self._show_corrected()
        self._editing = None
        self._show()
        self._leave_pane()

    def _corrected(self, stage: StageName, text: str) -> Corrections:
        """Raises UsageProblem."""
        from chatspace.core.runs.corrections import REMEDY, corrected_copy, corrected_extraction

        stored, changed = self._stored, self._corrections
        assert stored is not None, "only what is stored is edited"
        if stage == "extract":
            return replace(changed, extraction=corrected_extraction(stored.extractions[0], text))
        if stage == "copy" and stored.copy:
            channel = self.workspace.library.channel(stored.copy.channel)
            return replace(changed, copy=corrected_copy(stored.copy, channel, text))
        if not text.strip():
            raise UsageError("The draft is empty", remedy=REMEDY)
        return replace(changed, draft=text)

    def _change(self, *, accepted: bool | None = None, route: Rerouted | None = None) -> None:
        changed = self._corrections
        self._corrections = replace(
            changed,
            accepted=changed.accepted if accepted is None else accepted,
            route=route or changed.route,
        )
        self._show()

    def _show_corrected(self) -> None:
        """What was changed stands in the place of what the run made."""
        journey, changed = self._journey, self._corrections
        if journey is None:
            return
        journey.extraction = changed.extraction or journey.extraction
        journey.copy = changed.copy or journey.copy
        if journey.draft and changed.draft is not None:
            journey.draft = replace(journey.draft, text=changed.draft)

    async def _choose_route(self) -> Rerouted | None:
        """Another profile for a step, or another model in the place of its own."""
        routes = self._journey.routes if self._journey else {}
        steps = [step for step in STEPS if step in routes]
        step: PipelineStepName | None = steps[0] if steps else None
        if len(steps) > 1:
            items = [PickItem(each, detail=routes[each][0].profile) for each in steps]
            chosen_step = await self.app.push_screen_wait(PickDialog("Which step", items, "draft"))
            step = next((each for each in steps if each == chosen_step), None)
        if step is None:
            return None
        current = routes[step][0].profile
        library, catalog = self.workspace.library, self.workspace.catalog
        profiles = await self.in_thread(library.profiles)
        models = await self.in_thread(catalog.models, local=self.standing.options.local)
        if profiles is None or models is None:
            return None
        items = [PickItem(each.name, "profiles", each.model) for each in profiles if step in each.steps]
        items += [PickItem(name, f"models, as {current} calls them") for name in models]
        chosen = await self.app.push_screen_wait(PickDialog(f"Who makes the {step}", items, current))
        if chosen is None:
            return None
        named = any(each.name == chosen and step in each.steps for each in profiles)
        return Rerouted(step, chosen) if named else Rerouted(step, current, chosen)

    @work(exclusive=True, group="open")
    async def action_take_back(self) -> None:
        """Take back the changes that no run has taken yet."""
        if self._stored:
            self.pane.clear()
            self._take_stored(self._stored, self._journey)
            self._show()

    def _take_stored(self, stored: StoredRun, live: RunProgress | None = None) -> None:
        """Show what the store has; where the calls went is known of the run that has just ended."""
        self._stored, self._corrections = stored, Corrections()
        self._journey = RunProgress.of(stored)
        if live:
            self._journey.notes = live.notes
            for step, (_, target) in live.routes.items():
                if step in self._journey.routes:
                    self._journey.routes[step] = self._journey.routes[step][0], target
