"""canary: the same documents through two pipelines, compared pair by pair."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import click

from chatspace import locations
from chatspace.cli import options
from chatspace.cli.options import FileName, RunOptions
from chatspace.cli.progress import Waits, report_error
from chatspace.cli.session import check_terminal, print_data, wait_for
from chatspace.core.errors import UsageError
from chatspace.core.registry import Format
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace.batch_documents import FAILURES, BatchEvent, DocumentEnded, DocumentHappened
from chatspace.core.workspace.canaries import CanaryResult, SideName, Way
from chatspace.wiring import Workspace


class Share(click.ParamType[float]):
    """A part of all, as `20%` or `0.2`."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        text = str(value).strip()
        try:
            share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            share = 0.0
        if not 0 < share <= 1:
            self.fail(f"{text!r} is not a share. Write it as 20% or 0.2.", param, ctx)
        return share


_POLICY = FileName("policies", ".yaml")
_PIPELINE = FileName("pipelines", ".yaml")


@click.command("canary")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--baseline", type=_PIPELINE, default="monolith", show_default=True, help="The current pipeline.")
@click.option(
    "--candidate", type=_PIPELINE, default="staged", show_default=True, help="The pipeline to compare it with."
)
@click.option("--policy-baseline", type=_POLICY, default="default", show_default=True, help="Policy of the baseline.")
@click.option("--policy-candidate", type=_POLICY, default="default", show_default=True, help="Policy of the candidate.")
@click.option("--share", type=Share(), default="100%", show_default=True, help="Share of the documents to use.")
@click.option("--output", "-o", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Output folder.")
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1, 256),
    default=4,
    show_default=True,
    help="Number of documents processed at the same time.",
)
@click.option("--words", type=click.IntRange(min=1), metavar="N", help="Target length of each draft, in words.")
@options.written_as("canary", "text", printed=("text",))
@options.overwrite_edited
@options.common_run_options
def canary_command(
    paths: tuple[str, ...],
    baseline: str,
    candidate: str,
    policy_baseline: str,
    policy_candidate: str,
    share: float,
    output: Path | None,
    jobs: int,
    format_: str,
    overwrite: bool,
    **values: Any,
) -> None:
    """Run the same documents through two pipelines and compare time, cost, tokens, failures, findings and edits.

    Each difference is reported with its confidence interval. A share selects documents by their text, so every start
    selects the same documents, and a larger share contains every smaller share. Run the same command again to resume:
    existing outputs are reused. Outputs are written to DIR/baseline and DIR/candidate. If you edit the drafts there,
    the next start counts the words you changed.
    """
    ways = Way(baseline, policy_baseline), Way(candidate, policy_candidate)
    if ways[0] == ways[1]:
        raise UsageError("Both sides are the same", remedy="Choose a different --candidate or --policy-candidate.")
    folder = (output or _own_folder(ways)).absolute()
    chosen = RunOptions.of(values, budget_id=f"canary {folder}")
    workspace = Workspace(chosen.profiles_folder)
    written = workspace.exporter.formats("canary")["md" if format_ == "text" else format_]
    check_terminal(written)
    documents = workspace.documents.of(paths, chosen.core)
    progress = _Progress(quiet=chosen.quiet)
    work = workspace.canaries.run(
        documents,
        folder,
        *ways,
        share=share,
        jobs=jobs,
        tell=progress.take,
        overwrite=overwrite,
    )
    result = wait_for(work)
    data = workspace.exporter.canary(result.canary, written.name)
    if format_ == "text":
        data = _plain(data.decode("utf-8")).encode("utf-8")
    _say(result, folder, written, data)
    raise SystemExit(result.exit_code)


def _own_folder(ways: tuple[Way, Way]) -> Path:
    """The same for the same two ways."""
    return locations.data_folder() / "canary" / hashlib.sha256(repr(ways).encode()).hexdigest()[:12]


class _Progress:
    """A line for each failure, and one for each tenth document, on standard error."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._waits = Waits(quiet)
        self._ended = Counter[SideName]()

    def take(self, side: SideName, event: BatchEvent) -> None:
        match event:
            case DocumentHappened(_, happened):
                self._waits(happened)
            case DocumentEnded():
                self._say(side, event)

    def _say(self, side: SideName, ended: DocumentEnded) -> None:
        self._ended[side] += 1
        if self._quiet:
            return
        if ended.failure:
            click.echo(for_screen(f"{side}, {ended.document.name}: {ended.failure.why}"), err=True)
        if self._ended.total() % 10 == 0:
            click.echo(f"baseline {self._ended['baseline']:,}, candidate {self._ended['candidate']:,} done", err=True)


def _say(result: CanaryResult, folder: Path, written: Format, data: bytes) -> None:
    if result.reached:
        report_error(result.reached)
    if result.unwritten:
        report_error(result.unwritten)
    print_data(written, data)
    if result.canary.baseline.failures or result.canary.candidate.failures:
        where = " and ".join(str(folder / side / FAILURES) for side in get_args(SideName))
        click.echo(f"Failures and remedies: {where}", err=True)
    click.echo(f"Outputs and canary.md: {folder}", err=True)


def _plain(markdown: str) -> str:
    """The Markdown with the columns of its table in line."""
    lines = markdown.splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    wide = [max(len(row[at]) for row in table if not row[at].startswith("---")) for at in range(len(table[0]))]
    rows = iter(table)
    shown = []
    for line in lines:
        if not line.startswith("|"):
            shown.append(line.removeprefix("# "))
            continue
        row = next(rows)
        if not row[0].startswith("---"):
            first, *others, last = row
            middle = (f"{each:>{wide[at]}}" for at, each in enumerate(others, 1))
            shown.append("  ".join((f"{first:<{wide[0]}}", *middle, last)).rstrip())
    return "\n".join(shown) + "\n"
