"""A report as lines for a terminal, the same on the command line and on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from chatspace.core.reports.report import Latency, Report, Spent
from chatspace.core.text import display

MAX_NAME_LENGTH = 26
MAX_BAR_WIDTH = 24

OUTCOMES = {
    "complete": "complete",
    "truncated": "cut off",
    "failed": "failed",
    "stopped": "stopped",
    "interrupted": "interrupted",
    "from_ledger": "from the ledger",
}


def bar(share: float, width: int) -> str:
    """A bar as long as that share, from 0 to 1, of `width` cells, to half of one; what isn't 0 can be seen."""
    whole, half = divmod(max(int(share > 0), round(min(1.0, share) * width * 2)), 2)
    return "━" * whole + "╸" * half


def lines(report: Report, width: int) -> Iterator[str]:
    """The whole report in lines of at most `width` cells."""
    yield about(report)
    if not report.total.calls and not report.runs.runs:
        yield ""
        yield "No calls or runs in this period."
        return
    table = Table(report, width)
    yield from ("", table.head, *table.rows, table.total)
    yield from ("", *details(report.total, width))
    for section in sections(report, width):
        yield from ("", *section)


def about(report: Report) -> str:
    """What is counted, in one line."""
    since = f"from {report.since[:16].replace('T', ' ')} " if report.since else "from the first call "
    return f"Calls by {report.by}, {since}to {report.until[:16].replace('T', ' ')} UTC"


class Table:
    """A line for each group; columns that there is no room for are left out, the bar takes what is left."""

    def __init__(self, report: Report, width: int) -> None:
        everybody = (*report.groups, report.total)
        by_cost = bool(report.total.cost_known_usd)
        most = max((_size(each, by_cost) for each in report.groups), default=0) or 1
        cells = {each.name: _cells(each) for each in everybody}
        titles = (report.by, "calls", "cost", "tokens in → out", "p50", "p95", "retries", "fallbacks")
        wide = [max(len(titles[at]), *(len(row[at]) for row in cells.values())) for at in range(len(titles))]
        wide[0] = min(wide[0], MAX_NAME_LENGTH)
        kept = len(titles)
        while kept > 3 and sum(wide[:kept]) + 2 * kept + 8 > width:
            kept -= 1
        room = max(0, min(MAX_BAR_WIDTH, width - sum(wide[:kept]) - 2 * kept))

        def line(row: Sequence[str], drawn: str = "") -> str:
            name = row[0] if len(row[0]) <= wide[0] else row[0][: wide[0] - 1] + "…"
            numbers = (f"{row[at]:>{wide[at]}}" for at in range(1, kept))
            return "  ".join((f"{name:<{wide[0]}}", *numbers, drawn)).rstrip()

        self.head = line(titles, "by cost" if by_cost else "by calls")
        self.rows = [line(cells[each.name], bar(_size(each, by_cost) / most, room)) for each in report.groups]
        self.total = line(_cells(report.total))


def _size(spent: Spent, by_cost: bool) -> float:
    return spent.cost_known_usd if by_cost else float(spent.calls)


def _cells(spent: Spent) -> tuple[str, ...]:
    mark = "~" if spent.estimated else ""
    return (
        spent.name,
        f"{spent.calls:,}",
        _cost(spent),
        f"{mark}{spent.input:,} → {mark}{spent.output:,}",
        _time(spent.elapsed.p50),
        _time(spent.elapsed.p95),
        f"{spent.retries:,}",
        f"{spent.fallbacks:,}",
    )


def _cost(spent: Spent) -> str:
    if spent.cost_usd is not None:
        return display.cost(spent.cost_usd)
    return f"{display.cost(spent.cost_known_usd)} + unknown" if spent.cost_known_usd else "unknown"


def _time(milliseconds: int | None) -> str:
    return "" if milliseconds is None else display.seconds(milliseconds)


def details(spent: Spent, width: int) -> Iterator[str]:
    """What came of the calls of a group, what they took, and how long."""
    mark = "~" if spent.estimated else ""
    ended = " · ".join(f"{spent.outcomes[name]:,} {said}" for name, said in OUTCOMES.items() if name in spent.outcomes)
    yield f"{spent.name}: {display.count(spent.calls, 'call')}, {_cost(spent)}"
    yield f"  {ended} · {_many(spent.retries, 'retry', 'retries')} · {display.count(spent.fallbacks, 'fallback')}"
    yield f"  tokens in {mark}{spent.input:,}, {mark}{spent.cached:,} of them cached"
    yield f"  tokens out {mark}{spent.output:,}, {mark}{spent.reasoning:,} of them thinking"
    if mark:
        yield "  ~ includes estimates: the server sent no token count"
    if spent.elapsed.p50 is not None:
        first, whole = spent.first_token, spent.elapsed
        yield f"  first token p50 {_time(first.p50)}, p95 {_time(first.p95)}"
        yield f"  full reply p50 {_time(whole.p50)}, p95 {_time(whole.p95)}"
        yield ""
        yield from _histogram(spent.elapsed, width)


def _many(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _histogram(latency: Latency, width: int) -> Iterator[str]:
    """A bar for each class from the first to the last that has any."""
    names = [*(f"under {edge / 1000:g} s" for edge in latency.edges), "longer"]
    filled = [at for at, count in enumerate(latency.histogram) if count]
    most = max(latency.histogram)
    wide = max(map(len, names))
    digits = len(f"{most:,}")
    for at in range(filled[0], filled[-1] + 1):
        count = latency.histogram[at]
        room = max(4, min(2 * MAX_BAR_WIDTH, width - wide - digits - 6))
        yield f"  {names[at]:>{wide}}  {count:>{digits},}  {bar(count / most, room)}".rstrip()


def sections(report: Report, width: int) -> Iterator[list[str]]:
    """Runs, gates and findings, comparisons, editors: each with its heading, those that have anything."""
    runs = report.runs
    if runs.runs:
        took = f", p50 {_time(runs.elapsed.p50)}, p95 {_time(runs.elapsed.p95)}"
        yield [f"Runs{took}", *_counted({str(name): number for name, number in runs.statuses.items()}, width)]
    if runs.gates:
        yield ["Gate results other than passed", *_counted(runs.gates, width)]
    if runs.findings:
        yield ["Findings", *_counted(runs.findings, width)]
    if report.picks:
        wide = _width(each.name for each in report.picks)
        yield [
            "Comparison picks",
            *(
                f"  {each.name[:wide]:<{wide}}  {each.picked:>4,} of {each.compared:<4,}  "
                f"{bar(each.picked / each.compared, MAX_BAR_WIDTH)}".rstrip()
                for each in report.picks
            ),
        ]
    if report.edits:
        wide = _width(each.name for each in report.edits)
        yield [
            "Editor changes",
            *(
                f"  {each.name[:wide]:<{wide}}  {each.share_accepted:>4.0%} of "
                f"{display.count(each.accepted + each.rejected + each.edited, 'hunk')} accepted · "
                f"{each.words_per_text:.0f} words changed per text"
                for each in report.edits
            ),
        ]


def _counted(counts: Mapping[str, int], width: int) -> Iterator[str]:
    wide, most = _width(counts), max(counts.values())
    for name, number in counts.items():
        drawn = bar(number / most, min(MAX_BAR_WIDTH, max(4, width - wide - 12)))
        yield f"  {name[:wide]:<{wide}}  {number:>6,}  {drawn}"


def _width(names: Iterable[str]) -> int:
    return min(MAX_NAME_LENGTH, max(map(len, names)))
