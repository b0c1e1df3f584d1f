"""A report as files for people and programs: tables in Markdown and HTML, everything in JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from chatspace.adapters.exporters.markdown import cell
from chatspace.adapters.exporters.tables import no_formula
from chatspace.core.reports.canary import Canary, Side, shown
from chatspace.core.reports.formats import to_json
from chatspace.core.reports.report import Latency, Report, Spent
from chatspace.core.text import display

Row = Sequence[str]


def json(value: Report | Canary) -> str:
    return to_json(value, pretty=True) + "\n"


def html(report: Report) -> str:
    from chatspace.adapters.exporters.html import page  # the Markdown parser loads with it

    return page("Report", markdown(report), {"since": report.since or "the beginning", "until": report.until})


COLUMNS = (
    *("group", "calls", "complete", "truncated", "failed", "stopped", "interrupted", "from_ledger", "retries"),
    *("fallbacks", "input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens", "estimated", "cost_usd"),
    *("cost_known_usd", "first_token_p50_ms", "first_token_p95_ms", "elapsed_p50_ms", "elapsed_p95_ms"),
)


def csv_table(report: Report) -> str:
    """A row for each group and one for all; what isn't known is empty."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(COLUMNS)
    for each in (*report.groups, report.total):
        times = (each.first_token.p50, each.first_token.p95, each.elapsed.p50, each.elapsed.p95)
        tokens = (each.input, each.output, each.reasoning, each.cached, str(each.estimated).lower())
        cost = ("" if each.cost_usd is None else round(each.cost_usd, 6), round(each.cost_known_usd, 6))
        outcomes = (each.outcomes.get(name, 0) for name in COLUMNS[2:8])
        row = (no_formula(each.name), each.calls, *outcomes, each.retries, each.fallbacks, *tokens, *cost)
        rows.writerow([*row, *("" if time is None else time for time in times)])
    return written.getvalue()


def markdown(report: Report) -> str:
    """The report as tables."""
    since = f"from {report.since} " if report.since else ""
    lines = ["# Report", "", f"Calls and runs {since}to {report.until}.", ""]
    lines += _table(f"Calls by {report.by}", _CALLS, [_calls(each) for each in (*report.groups, report.total)])
    lines += _table(
        "Tokens",
        ("", "in", "of these cached", "out", "of these thinking"),
        [_tokens(each) for each in (*report.groups, report.total)],
    )
    lines += _table(
        "How long they took", ("", "first token p50", "p95", "whole p50", "p95"), map(_times, report.groups)
    )
    lines += _table("Whole replies by time", ("", *_edges(report.total.elapsed)), map(_histogram, report.groups))
    runs = report.runs
    lines += _table(
        "Runs", ("status", "runs"), _counts({str(status): number for status, number in runs.statuses.items()})
    )
    lines += _table("Gates", ("stage", "times"), _counts(runs.gates))
    lines += _table("Findings", ("check", "times"), _counts(runs.findings))
    lines += _table(
        "Picked in comparisons",
        ("", "picked", "of"),
        [(each.name, f"{each.picked:,}", f"{each.compared:,}") for each in report.picks],
    )
    lines += _table(
        "What editors did",
        ("", "hunks accepted", "rejected", "edited", "accepted of all", "words changed by editors, an article"),
        [
            (
                each.name,
                f"{each.accepted:,}",
                f"{each.rejected:,}",
                f"{each.edited:,}",
                f"{each.share_accepted:.0%}",
                f"{each.words_per_text:.0f}" if each.texts else "",
            )
            for each in report.edits
        ],
    )
    return "\n".join(lines).rstrip("\n") + "\n"


_CALLS = ("", "calls", "whole", "cut", "failed", "from the ledger", "retries", "fallbacks", "tokens", "cost")


def _calls(spent: Spent) -> Row:
    outcomes, mark = spent.outcomes, "~" if spent.estimated else ""
    known = f" ({display.cost(spent.cost_known_usd)} known)" if spent.cost_usd is None and spent.cost_known_usd else ""
    numbers = [outcomes.get(name, 0) for name in ("complete", "truncated", "failed", "from_ledger")]
    return (
        spent.name,
        *(f"{number:,}" for number in (spent.calls, *numbers, spent.retries, spent.fallbacks)),
        f"{mark}{spent.input:,} → {mark}{spent.output:,}",
        display.cost(spent.cost_usd) + known,
    )


def _tokens(spent: Spent) -> Row:
    mark = "~" if spent.estimated else ""
    return (spent.name, *(f"{mark}{number:,}" for number in (spent.input, spent.cached, spent.output, spent.reasoning)))


def _times(spent: Spent) -> Row:
    times = (spent.first_token.p50, spent.first_token.p95, spent.elapsed.p50, spent.elapsed.p95)
    return (spent.name, *("" if time is None else display.seconds(time) for time in times))


def _edges(latency: Latency) -> Row:
    return (*(f"< {edge / 1000:g} s" for edge in latency.edges), "longer")


def _histogram(spent: Spent) -> Row:
    return (spent.name, *(f"{number:,}" if number else "" for number in spent.elapsed.histogram))


def _counts(counts: Mapping[str, int]) -> list[Row]:
    return [(name, f"{number:,}") for name, number in counts.items()]


def _table(title: str, columns: Row, rows: Iterator[Row] | Sequence[Row]) -> list[str]:
    """A table with its heading; nothing where there are no rows."""
    listed = list(rows)
    if not listed:
        return []
    rule = ["---", *["---:"] * (len(columns) - 1)]
    lines = [f"| {' | '.join(map(cell, row))} |" for row in (columns, rule, *listed)]
    return [f"## {title}", "", *lines, ""]


def canary_markdown(canary: Canary) -> str:
    """Before and after as a table, then a sentence for each measure."""
    baseline, candidate = canary.baseline, canary.candidate
    share = f", {canary.share:.0%} of {canary.documents_found:,}" if canary.documents < canary.documents_found else ""
    lines = [f"# Canary: {baseline.pipeline} vs. {candidate.pipeline}", ""]
    lines += [f"{display.count(canary.documents, 'document')}{share}, each run through both pipelines.", ""]
    lines += _side("Baseline", baseline)
    lines += _side("Candidate", candidate)
    if canary.expensive_profile:
        lines.append(f"- The expensive profile is {canary.expensive_profile}.")
    lines += ["", *canary_table(canary), ""]
    lines += [f"- {each.sentence}" for each in canary.differences]
    lines += [
        "",
        f"Intervals: paired bootstrap over the documents, {canary.resamples:,} resamples, "
        f"{canary.confidence:.0%} each. With ten metrics, about "
        "one interval in two such tables misses the true value.",
    ]
    return "\n".join(lines) + "\n"


def canary_table(canary: Canary) -> list[str]:
    """Before and after, a row for each measure that both sides have."""
    columns = ("per document", canary.baseline.pipeline, canary.candidate.pipeline, "change", "95 % interval", "")
    rows = [
        (
            each.title,
            shown(each.baseline, each.unit),
            shown(each.candidate, each.unit),
            shown(each.difference, each.unit, signed=True),
            ""
            if each.low is None
            else f"{shown(each.low, each.unit, signed=True)} to {shown(each.high, each.unit, signed=True)}",
            "inconclusive" if each.verdict == "unclear" else each.verdict,
        )
        for each in canary.differences
        if each.documents
    ]
    rule = ("---", *["---:"] * 4, "---")
    return [f"| {' | '.join(map(cell, row))} |" for row in (columns, rule, *rows)]


def _side(title: str, side: Side) -> list[str]:
    failed = "".join(f", {number:,} failed ({why})" for why, number in side.failures.items())
    return [f"- {title}: pipeline {side.pipeline}, policy {side.policy}, {side.made:,} finished{failed}"]
