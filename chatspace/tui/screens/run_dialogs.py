"""What a run needs other screens for: a route chosen, facts looked at, a place for its files."""

from __future__ import annotations

from chatspace.core.live.run import SOURCE
from chatspace.core.stages.registry import main_stage
from chatspace.core.workspace.reruns import Rerouted
from chatspace.tui.screens.pick_dialog import PickDialog, PickItem
from chatspace.tui.screens.save_dialog import SaveDialog
from chatspace.tui.screens.tool_screen import ToolScreen
from chatspace.tui.sessions.run import RunSession
from chatspace.tui.widgets.run_board import Wish
from chatspace.tui.widgets.run_views import view_of
from chatspace.tui.yanking import yank


class RunDialogs:
    """Grants what the keys of a run wish for beyond its board."""

    def __init__(self, screen: ToolScreen, session: RunSession) -> None:
        self._screen = screen
        self._session = session

    async def grant(self, wish: Wish) -> None:
        match wish:
            case "route":
                route = await self._route()
                if route:
                    self._session.reroute(route)
            case "facts":
                await self._facts()
            case "yank":
                await self._yank()
            case "export":
                await self._export()
            case "leave":
                self._screen.dismiss(self._session.left)

    async def _route(self) -> Rerouted | None:
        """Another profile for a step, or another model in the place of its own."""
        run = self._session.run
        steps = run.routed if run else []
        if run is None or not steps:
            return None
        step, app = steps[0], self._screen.app
        if len(steps) > 1:
            items = [PickItem(each, detail=run.live.routes[each][0].profile) for each in steps]
            chosen = await app.push_screen_wait(PickDialog("Which step", items, main_stage()))
            if chosen is None:
                return None
            step = chosen
        makers = await self._session.makers(step)
        if not makers:
            return None
        items = [PickItem(each.name, each.group, each.detail) for each in makers]
        current = run.live.routes[step][0].profile
        chosen = await app.push_screen_wait(PickDialog(f"Who makes the {step}", items, current))
        return next((each.route for each in makers if each.name == chosen), None)

    async def _facts(self) -> None:
        """Every claim of the draft, and what its source says."""
        found = await self._session.exports.facts(self._session.run)
        if found:
            from chatspace.tui.screens.facts import FactsScreen  # what it imports takes a tenth of a second

            self._screen.app.push_screen(FactsScreen(*found))

    async def _yank(self) -> None:
        """What is shown of the stage."""
        run, job = self._session.run, self._session.job
        if run is None:
            return
        live, stage = run.live, run.shown
        text, what = "", f"the {stage}"
        if stage == SOURCE and live.sources:
            text, what = live.sources[0].text, live.sources[0].name
        elif stage == live.writing:
            text = live.text if live.text is not None else job.live.text if job else ""
        else:
            text = view_of(live, stage).plain
        await yank(self._screen, self._screen.workspace, text, what)

    async def _export(self) -> None:
        """The files of the run into a folder, or its draft into a file."""
        stored = self._session.run.stored if self._session.run else None
        names = await self._session.exports.names(stored)
        chosen = await self._screen.app.push_screen_wait(SaveDialog(names)) if names else None
        if stored and chosen:
            path, label, overwrite = chosen
            await self._session.exports.write(stored, path, label, overwrite=overwrite)
