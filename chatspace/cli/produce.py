"""extract, draft, copy, run: the commands that take sources through the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from chatspace.cli import options
from chatspace.cli.options import RunOptions
from chatspace.cli.progress import Progress
from chatspace.cli.session import check_terminal, each_source, print_data, read_source, wait_for
from chatspace.core.document import Source
from chatspace.core.errors import UsageError
from chatspace.core.events import DeltaReceived, Emit, Event
from chatspace.core.registry import Format, by_suffix
from chatspace.core.runs.plan import Plan
from chatspace.core.runs.run import RunResult
from chatspace.core.stages.registry import stage
from chatspace.core.text.safe import for_screen
from chatspace.wiring import Workspace

sources_argument = click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
output_option = click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="Output file; with several sources, output folder."
)
with_option = click.option(
    "--with", "others", multiple=True, metavar="SOURCE", help="Additional source for the same text. Repeatable."
)
budget_option = click.option(
    "--budget-tokens",
    type=click.IntRange(min=1),
    metavar="N",
    help="Maximum size of the payload for a model, in tokens.",
)


@click.command("extract")
@sources_argument
@output_option
@options.written_as(
    "extract", None, help="Output format. Default: json, or the format that the output file's suffix selects."
)
@options.pretty
@click.option("--no-text", is_flag=True, help="Omit the source's text from the JSON.")
@budget_option
@click.option("--no-model", is_flag=True, help="Leave the extraction as the rules made it, without a call.")
@options.overwrite
@options.run_options
def extract_command(sources: tuple[str, ...], **values: Any) -> None:
    """Extract the outline, blocks, figures, names and key points of each SOURCE, a path or `-`.

    An extraction that the gate rejects is still printed; the exit code is then 5.
    """
    _Production("extract", values).make(sources)


@click.command("draft")
@sources_argument
@output_option
@options.written_as(
    "draft", None, help="Output format. Default: md, or the format that the output file's suffix selects."
)
@options.pretty
@click.option("--words", type=click.IntRange(min=1), metavar="N", help="Target length of the text, in words.")
@with_option
@options.overwrite
@options.run_options
def draft_command(sources: tuple[str, ...], **values: Any) -> None:
    """Write a long-form text from each SOURCE: extract, gate, route, draft, gate.

    A SOURCE that doesn't fit the model's context window is drafted section by section.
    """
    _Production("draft", values).make(sources)


@click.command("copy")
@sources_argument
@output_option
@options.written_as(
    "copy", None, help="Output format. Default: md, or the format that the output file's suffix selects."
)
@options.pretty
@click.option("--variants", type=click.IntRange(min=1), metavar="N", help="Number of variants per field.")
@options.overwrite
@options.run_options
def copy_command(sources: tuple[str, ...], **values: Any) -> None:
    """Write variants for each field of a channel from each SOURCE, within the channel's limits."""
    _Production("copy", values).make(sources)


@click.command("run")
@sources_argument
@click.option("--output", "-o", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Output folder.")
@click.option("--words", type=click.IntRange(min=1), metavar="N", help="Target length of the draft, in words.")
@click.option("--variants", type=click.IntRange(min=1), metavar="N", help="Number of variants per field.")
@with_option
@options.overwrite
@options.run_options
def run_command(sources: tuple[str, ...], output: Path, overwrite: bool, **values: Any) -> None:
    """Run the complete pipeline and write one folder below DIR for each SOURCE.

    A folder contains extraction.json, draft.md, copy.md, copy.csv and run.json.
    """
    names = values.pop("others")
    chosen = RunOptions.of(values)
    workspace = Workspace(chosen.profiles_folder)
    plan = workspace.runs.plan(chosen.core)
    others = [read_source(workspace, name) for name in names]

    def work(source: Source, name: str) -> None:
        folder = workspace.exporter.run_folder(output, name, overwrite=overwrite)
        outputs = workspace.outputs.of_run(output, folder.name)
        outputs.check(workspace.exporter.run_file_names(plan.steps, len(others)), overwrite=overwrite)
        emit = Progress(chosen.quiet, source.name if len(sources) > 1 else "")

        def deliver(result: RunResult, files: Mapping[str, bytes]) -> None:
            outputs.put(files, overwrite=overwrite)

        result = wait_for(workspace.runs.run(source, plan, emit, others=others, deliver=deliver))
        click.echo(folder)
        if result.error:
            raise result.error

    each_source(workspace, sources, work)


class _Production:
    """One of the three commands that make one thing of each source."""

    def __init__(self, step: str, values: dict[str, Any]) -> None:
        self._step = step
        self._output: Path | None = values.pop("output")
        format_name: str | None = values.pop("format_")
        self._pretty: bool = values.pop("pretty")
        self._overwrite: bool = values.pop("overwrite")
        self._with_text: bool = not values.pop("no_text", False)
        others: tuple[str, ...] = values.pop("others", ())
        self._chosen = RunOptions.of(values)
        self._workspace: Workspace = Workspace(self._chosen.profiles_folder)
        self._written = self._format_of(format_name)
        if self._output is None:
            check_terminal(self._written)
        self._plan: Plan = self._workspace.runs.plan(self._chosen.core, step)
        self._others = [read_source(self._workspace, name) for name in others]

    def _format_of(self, name: str | None) -> Format:
        """The one of this name, else of the output's suffix, else the usual one."""
        formats = self._workspace.exporter.formats(self._step)
        if name:
            return formats[name]
        said = by_suffix(self._output.suffix, formats) if self._output and not self._output.is_dir() else None
        return said or next(iter(formats.values()))

    def make(self, sources: tuple[str, ...]) -> None:
        several = len(sources) > 1
        if several and not self._output and not self._written.is_text:
            title = f"Several {self._written.name} files can't be written to standard output"
            raise UsageError(title, remedy="Choose a folder with -o.")
        if several and self._output and self._output.is_file():
            raise UsageError(f"{self._output} is a file", "several sources need a folder", "Choose a folder with -o.")
        each_source(self._workspace, sources, lambda source, name: self._make_one(source, name, several))

    def _make_one(self, source: Source, name: str, several: bool) -> None:
        target = self._target(name, several)
        streamed = stage(self._step).prose is not None and self._written.name == "md" and target is None
        progress = Progress(self._chosen.quiet, source.name if several else "")
        emit = _streaming(self._step, progress) if streamed else progress

        def deliver(result: RunResult, files: Mapping[str, bytes]) -> None:
            if target and self._made(result):
                self._workspace.exporter.write(target, self._rendered(result), overwrite=self._overwrite)

        result = wait_for(self._workspace.runs.run(source, self._plan, emit, others=self._others, deliver=deliver))
        if streamed:
            click.echo()
        elif self._made(result):
            if target:
                click.echo(target, err=True)
            else:
                print_data(self._written, self._rendered(result))
        if result.error:
            raise result.error

    def _rendered(self, result: RunResult) -> bytes:
        return self._workspace.exporter.render(
            result, self._step, self._written.name, pretty=self._pretty, with_text=self._with_text
        )

    def _made(self, result: RunResult) -> bool:
        return self._step in result.artifacts

    def _target(self, name: str, several: bool) -> Path | None:
        """The file to write, checked before anything is paid for."""
        if self._output is None:
            return None
        if not several and not self._output.is_dir():
            return self._workspace.exporter.target(self._output, overwrite=self._overwrite)
        file = self._workspace.exporter.file_name(name, self._step, self._written.name)
        return self._workspace.exporter.target(self._output / file, overwrite=self._overwrite)


def _streaming(step: str, progress: Progress) -> Emit:
    """Print what a step writes as it grows, beside the progress."""

    def emit(event: Event) -> None:
        if isinstance(event, DeltaReceived):
            if event.step == step and not event.reasoning:
                click.echo(for_screen(event.text), nl=False)
        else:
            progress(event)

    return emit
