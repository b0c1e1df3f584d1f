"""batch: many sources through the pipeline, resumable."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from chatspace.cli import options
from chatspace.cli.options import RunOptions
from chatspace.cli.progress import Waits, report_error
from chatspace.cli.session import wait_for
from chatspace.core.live.batch import LiveBatch
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace.batch_documents import BatchEvent, Document, DocumentEnded, DocumentHappened, Failure
from chatspace.core.workspace.batches import BatchResult
from chatspace.core.workspace.documents import purse_of
from chatspace.wiring import Workspace

SECONDS_BETWEEN_LINES = 5.0


@click.command("batch")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--output", "-o", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Output folder.")
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1, 256),
    default=4,
    show_default=True,
    help="Number of documents processed at the same time.",
)
@click.option("--retry-failed", is_flag=True, help="Also retry documents that failed in a reader or at the gate.")
@click.option("--words", type=click.IntRange(min=1), metavar="N", help="Target length of each draft, in words.")
@click.option("--variants", type=click.IntRange(min=1), metavar="N", help="Number of variants per field.")
@options.overwrite_edited
@options.run_options
def batch_command(
    paths: tuple[str, ...], output: Path, jobs: int, retry_failed: bool, overwrite: bool, **values: Any
) -> None:
    """Run many sources through the pipeline: files, folders, globs, or a manifest (.csv, .jsonl).

    A manifest has one row per document: path, and optionally channel, sla, priority, lang, words, tone, audience.
    Run the same command again to resume: finished documents are skipped, and finished calls are read from the ledger.
    Failures are listed in DIR/failures.jsonl, totals in DIR/report.md, .html and .json.
    Outputs you edited in DIR are never replaced without --overwrite: that document fails with exit code 2, and the
    batch continues with the next.
    """
    chosen = RunOptions.of(values, budget_id=purse_of(output))
    workspace = Workspace(chosen.profiles_folder)
    documents = workspace.documents.of(paths, chosen.core)
    progress = _Progress(documents, quiet=chosen.quiet)
    work = workspace.batches.run(
        documents,
        output,
        jobs=jobs,
        tell=progress.take,
        retry_failed=retry_failed,
        overwrite=overwrite,
    )
    with progress:
        result = wait_for(
            work,
            stopping="Stopping; received text is kept. Press ctrl+c again to quit immediately.",
            kept="Run the same command again to resume.",
        )
    _say_end(result, output)
    raise SystemExit(result.exit_code)


class _Progress:
    """How far the batch is, on standard error: one line that changes on a terminal, now and then a line elsewhere."""

    def __init__(self, documents: Sequence[Document], *, quiet: bool) -> None:
        self._batch = LiveBatch(documents)
        self._waits = Waits(quiet)
        self._quiet = quiet
        self._live = sys.stderr.isatty()
        self._said = time.monotonic()
        self._advised: set[str] = set()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live and not self._quiet:
            click.echo(f"\r\033[K{self._line()}", err=True)

    def take(self, event: BatchEvent) -> None:
        self._batch.take(event)
        match event:
            case DocumentHappened(_, happened):
                self._waits(happened)
            case DocumentEnded() if not self._quiet:
                self._say(event)

    def _say(self, ended: DocumentEnded) -> None:
        """A document is done with."""
        if ended.failure:
            said = self._said_of(ended.document, ended.failure)
            click.echo(f"\r\033[K{said}" if self._live else said, err=True)
        if self._live:
            click.echo(f"\r\033[K{self._line()}", nl=False, err=True)
        elif time.monotonic() - self._said >= SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            click.echo(self._line(), err=True)

    def _said_of(self, document: Document, failure: Failure) -> str:
        """Why it failed, and what to do where that wasn't said of another one before."""
        lines = [f"{document.name}: {failure.why}"]
        if failure.remedy not in self._advised:
            self._advised.add(failure.remedy)
            lines += [failure.remedy] if failure.remedy else []
        return for_screen("\n".join(lines))

    def _line(self) -> str:
        batch = self._batch
        parts = [f"{batch.done:,}/{len(batch.rows):,}"]
        parts += [f"{batch.skipped:,} already done"] if batch.skipped else []
        parts += [f"{batch.failed:,} failed"] if batch.failed else []
        parts += [display.cost(batch.cost_usd), *batch.pace]
        return " · ".join(parts)


def _say_end(result: BatchResult, output: Path) -> None:
    total = result.report.total
    click.echo(
        f"{display.count(result.made, 'document')} finished, {result.skipped:,} already done, "
        f"{len(result.failures):,} failed; {display.count(total.calls, 'call')}, {display.cost(total.cost_usd)}",
        err=True,
    )
    if result.failures:
        click.echo(f"Failures and remedies: {output / 'failures.jsonl'}", err=True)
    if result.reached:
        report_error(result.reached)
    if result.unwritten:
        report_error(result.unwritten)
    click.echo(output / "report.md")
