"""Correcting the stages of a run by hand: what is changed waits until a run takes it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from textual import on, work

from chatspace.core.errors import ChatspaceError
from chatspace.core.live.run import LiveRun, StageName
from chatspace.core.runs.artifacts import Artifacts
from chatspace.core.stages.registry import main_stage, stage_names
from chatspace.core.stages.registry import stage as stage_of
from chatspace.core.workspace.reruns import GATE, ROUTE, Corrections, Rerouted
from chatspace.core.workspace.stored_runs import StoredRun
from chatspace.tui.screens.pick_dialog import PickDialog, PickItem
from chatspace.tui.screens.run_board import RunBoard
from chatspace.tui.undo import Done, Undoable
from chatspace.tui.widgets.text_editor import TextEditor


class RunCorrecting(RunBoard):
    """Edits what a stage made, chooses another route, accepts what the gate rejected."""

    @property
    def _can_edit(self) -> bool:
        stored = self._stored
        if stored is None or self._job is not None or not stored.sources:
            return False
        if self._shown == GATE:
            return stored.rejected_at is not None
        if self._shown == ROUTE:
            return bool(self._journey and self._journey.routes)
        return self._shown in stored.artifacts and stage_of(self._shown).correction is not None

    @work(exclusive=True, group="edit")
    async def action_edit(self) -> None:
        """Correct what the stage made."""
        stored, stage = self._stored, self._shown
        if stored is None:
            return
        if stage == GATE:
            self._change(accepted=not self._corrections.accepted)
        elif stage == ROUTE:
            route = await self._choose_route()
            if route:
                self._change(route=route)
        else:
            self._begin_editing(stage, stored)

    def _begin_editing(self, stage: StageName, stored: StoredRun) -> None:
        correction = stage_of(stage).correction
        assert correction is not None, "only a stage with a correction is edited"
        text = correction.to_edit(self._corrections.artifacts.get(stage) or stored.artifacts[stage])
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
        """Raises UsageError."""
        stored, changed, correction = self._stored, self._corrections, stage_of(stage).correction
        assert stored is not None, "only what is stored is edited"
        assert correction is not None, "only a stage with a correction is edited"
        corrected = correction.corrected(stored.artifacts[stage], text, self.workspace.library)
        return replace(changed, artifacts=changed.artifacts.having(stage, corrected))

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
        journey.artifacts = Artifacts({**journey.artifacts, **changed.artifacts})

    async def _choose_route(self) -> Rerouted | None:
        """Another profile for a step, or another model in the place of its own."""
        routes = self._journey.routes if self._journey else {}
        steps = [step for step in stage_names() if step in routes]
        step = steps[0] if steps else None
        if len(steps) > 1:
            items = [PickItem(each, detail=routes[each][0].profile) for each in steps]
            chosen_step = await self.app.push_screen_wait(PickDialog("Which step", items, main_stage()))
            step = next((each for each in steps if each == chosen_step), None)
        if step is None:
            return None
        current = routes[step][0].profile
        profiles = await self.in_thread(self.workspace.library.profiles)
        models = await self.in_thread(self.workspace.models.all_known, local=self.standing.options.local)
        if profiles is None or models is None:
            return None
        items = [PickItem(each.name, "profiles", each.model) for each in profiles if step in each.steps]
        items += [PickItem(found.ref, f"models, by {current}") for found in models]
        chosen = await self.app.push_screen_wait(PickDialog(f"Who makes the {step}", items, current))
        if chosen is None:
            return None
        named = any(each.name == chosen and step in each.steps for each in profiles)
        return Rerouted(step, chosen) if named else Rerouted(step, current, chosen)

    @work(exclusive=True, group="open")
    async def action_take_back(self) -> None:
        """Take back the changes that no run has taken yet."""
        if self._stored:
            changed, stored = self._corrections, self._stored
            self.pane.clear()
            self._take_stored(stored, self._journey)
            self._show()
            back = partial(self._change_again, stored, changed)
            self.app.post_message(Done(Undoable("Changes taken back", back, frozenset((self,)))))

    async def _change_again(self, stored: StoredRun, changed: Corrections) -> None:
        """The changes that were taken back, as long as their run is the one in sight."""
        if self._stored is stored or (self._stored and self._stored.record.id == stored.record.id):
            self._corrections = changed
            self._show_corrected()
            self._show()

    def _take_stored(self, stored: StoredRun, live: LiveRun | None = None) -> None:
        """Show what the store has; where the calls went is known of the run that has just ended."""
        self._stored, self._corrections = stored, Corrections()
        self._journey = LiveRun.of(stored)
        if live:
            self._journey.notes = live.notes
            for step, (_, target) in live.routes.items():
                if step in self._journey.routes:
                    self._journey.routes[step] = self._journey.routes[step][0], target
