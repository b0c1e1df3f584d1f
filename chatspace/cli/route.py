"""route: the decision and its reasons, without a call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from chatspace.cli import options
from chatspace.cli.options import RunOptions
from chatspace.cli.progress import destination
from chatspace.cli.session import each_source
from chatspace.core.document import Source
from chatspace.core.profiles.policy import Estimate
from chatspace.core.reports.formats import to_json
from chatspace.core.stages.registry import main_stage, stage_names
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace.run_replies import Decision
from chatspace.wiring import Workspace


@click.command("route")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option(
    "--step", type=options.LateChoice(stage_names), default=main_stage(), show_default=True, help="Step to route."
)
@options.text_or_json
@options.pretty
@options.run_options
def route_command(sources: tuple[str, ...], step: Any, format_: str, pretty: bool, **values: Any) -> None:
    """Show the profile each SOURCE would be routed to, the rule that decided, and why the others were not chosen."""
    chosen = RunOptions.of(values)
    workspace = Workspace(chosen.profiles_folder)
    plan = workspace.runs.plan(chosen.core, step)

    def work(source: Source, name: str) -> None:
        decided = workspace.runs.decide(source, plan)
        if format_ == "json":
            click.echo(for_screen(to_json(decided.route, pretty=pretty)))
            return
        if len(sources) > 1:
            click.echo(for_screen(name))
        for line in _lines(decided):
            click.echo(for_screen(line))

    each_source(workspace, sources, work)


def _lines(decision: Decision) -> Iterator[str]:
    route, room = decision.route, decision.fit
    yield f"{route.step}: {route.profile}"
    yield f"  rule {route.because}"
    yield f"  model {destination(decision.target)}"
    if room.window is None:
        yield f"  ~{room.needed:,} tokens; the context window of this model is unknown"
    else:
        yield f"  ~{room.needed:,} tokens {'fit' if room.fits else 'do not fit'} the context window of {room.window:,}"
    if route.estimate and not decision.target.offline:
        yield f"  {_estimated(route.estimate)}"
    for other in route.alternatives:
        taken = f"; {_estimated(other.estimate)}" if other.estimate and other.estimate.cost_usd else ""
        yield f"  not {other.profile}: {other.why_not}{taken}"


def _estimated(estimate: Estimate) -> str:
    if estimate.method == "upper bound":
        return f"at most {display.cost(estimate.cost_usd)}"
    time = f" in {display.seconds(estimate.elapsed_ms)}" if estimate.elapsed_ms is not None else ""
    calls = display.count(estimate.calls or 0, "call")
    return f"about {display.cost(estimate.cost_usd)}{time}, estimated from {calls}"
