"""What a command says on standard error while it works."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from chatspace.core.errors import ChatspaceError
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen

if TYPE_CHECKING:
    from chatspace.core.events import Event
    from chatspace.core.extraction import GateReport
    from chatspace.core.profiles.profile import Target

MAX_FINDINGS = 12


class Progress:
    """An Emit that prints one line for each thing worth knowing; `source` is named where there are several."""

    def __init__(self, quiet: bool, source: str = "") -> None:
        from chatspace.core.live.run import LiveRun  # as the events below

        self._quiet = quiet
        self._live = LiveRun()
        self._prefix = f"{source}: " if source else ""

    def __call__(self, event: Event) -> None:
        from chatspace.core.events import (  # loaded by what sends them; `--help` needs none
            CallDelayed,
            CallFailed,
            CallFinished,
            CallStarted,
            GateChecked,
            RouteDecided,
            StageFinished,
            Warned,
        )

        self._live.take(event)
        match event:
            case RouteDecided(route):
                self._say(f"{route.step}: {route.profile} ({route.because})")
            case CallStarted(step, target, attempt):
                again = f", attempt {attempt}" if attempt > 1 else ""
                self._say(f"  → {self._of(step)}{destination(target)}{again}")
            case CallDelayed(awaited, _, why):
                self._say(f"  waiting for {awaited}: {why}", color="yellow")
            case CallFinished(call) if call.outcome == "from_ledger":
                self._say(f"    {call.step}: reused a finished call from the ledger ({call.model})")
            case CallFinished(call):
                numbers = (display.tokens(call.usage), display.cost(call.cost_usd), display.seconds(call.elapsed_ms))
                self._say(f"    {self._of(call.step)}{' · '.join(numbers)}")
            case CallFailed(call, error):
                self._say(f"    {self._of(call.step)}{error}", color="yellow")
            case GateChecked(stage, report):
                self._say_findings(stage, report)
            case StageFinished(stage, summary):
                self._say(f"  {stage} done: {summary}" if summary else f"  {stage} done")
            case Warned(message):
                self._say(f"note: {message}", color="yellow")

    def _of(self, step: str) -> str:
        """Which step a line is about, where several run at once."""
        return f"{step}: " if len(self._live.running) > 1 else ""

    def _say_findings(self, stage: str, report: GateReport) -> None:
        """Each thing once, what blocks first, and not more than a screen takes in."""
        if not report.findings:
            return
        self._say(f"gate after {stage}: {report.status}", color="yellow")
        first = {(finding.severity, finding.message): finding for finding in reversed(report.findings)}
        findings = sorted(first.values(), key=lambda finding: (finding.severity != "block", finding.line or 0))
        for finding in findings[:MAX_FINDINGS]:
            where = f"line {finding.line}: " if finding.line else ""
            self._say(f"  {finding.severity}: {where}{finding.message}")
        if len(report.findings) > min(len(findings), MAX_FINDINGS):
            self._say(f"  {display.count(len(report.findings), 'finding')} in total; the JSON output lists all of them")

    def _say(self, line: str, color: str | None = None) -> None:
        if not self._quiet:
            click.secho(for_screen(self._prefix + line), err=True, fg=color)


class Waits:
    """An Emit that says what calls wait for, and each thing once."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._said: set[str] = set()

    def __call__(self, event: object) -> None:
        from chatspace.core.events import CallDelayed  # as above

        if isinstance(event, CallDelayed) and not self._quiet and event.awaited not in self._said:
            self._said.add(event.awaited)
            click.secho(for_screen(f"waiting for {event.awaited}: {event.why}"), err=True, fg="yellow")


def destination(target: Target) -> str:
    """Where a call goes, said before it goes: the model, the host and how a tier came to it."""
    why = f" ({target.why})" if target.why else ""
    return f"{target.model} on {target.host}{why}"


def report_error(error: ChatspaceError, source: str = "") -> None:
    """What went wrong and what to do, on standard error."""
    prefix = f"{source}: " if source else ""
    click.secho(for_screen(f"{prefix}{error}"), err=True, fg="red")
    if error.remedy:
        click.echo(for_screen(error.remedy), err=True)
    sys.stderr.flush()
