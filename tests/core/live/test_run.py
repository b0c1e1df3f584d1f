"""A run as its events report it, and as the store has it."""

from __future__ import annotations

from chatspace.core.calls.call import Call
from chatspace.core.errors import ChatspaceError
from chatspace.core.events import (
    CallDelayed,
    CallFailed,
    CallFinished,
    CallStarted,
    DeltaReceived,
    Event,
    GateChecked,
    Made,
    RouteDecided,
    StageFinished,
    StageStarted,
    Warned,
)
from chatspace.core.extraction import Coverage, Finding, GateReport
from chatspace.core.live.run import SOURCE, LiveRun, row_names
from chatspace.core.profiles.policy import Route
from chatspace.core.profiles.profile import Profile, Step, Target
from chatspace.core.runs.artifacts import Artifacts
from chatspace.core.runs.run import Draft, ReusedArtifacts, RunRecord, RunStatus, SourceRef, StageRecord, Totals
from chatspace.core.workspace.reruns import GATE, ROUTE
from chatspace.core.workspace.stored_runs import StoredRun
from tests.core.runs.running import source

DRAFT = Draft("# Warm at last\n", "r", "drafter", "openai/m", "complete", Coverage(1, 1), GateReport("passed"))
BLOCKS = Finding("tables", "block", message="a row has cells too many", line=5)
TARGET = Target(Profile("drafter", ("draft",), "openai/m", ""), "openai/m", "api.example.com", local=False)


def live_after(*events: Event, given: ReusedArtifacts | None = None) -> LiveRun:
    live = LiveRun((source(),), given=given)
    for event in events:
        live.take(event)
    return live


def call(step: Step = "draft", cost: float | None = 0.5) -> Call:
    return Call("c", "k", step, "drafter", "openai/m", "api.example.com", "complete", cost_usd=cost, elapsed_ms=40)


def record(status: RunStatus, *stages: StageRecord, corrected: tuple[str, ...] = ()) -> RunRecord:
    return RunRecord(
        "r", "2026-03-12T10:00:00Z", 100, status, SourceRef("brief.md", "s"), "staged", "standard", "blog", "standard",
        routes=(), calls=(), gate=(), totals=Totals.of(()), steps=("extract", "draft", "copy"), stages=stages,
        corrected=corrected,
    )  # fmt: skip


def test_before_anything_happened_every_stage_waits_and_the_source_is_looked_at() -> None:
    live = live_after()
    assert [live.state(row) for row in row_names()] == ["done", *["waiting"] * (len(row_names()) - 1)]
    assert (live.current, live.running, live.ended) == (SOURCE, (), False)


def test_stages_run_at_once_and_the_first_that_began_is_looked_at() -> None:
    live = live_after(StageStarted("draft"), StageStarted("extract"))
    assert (live.running, live.current) == (("draft", "extract"), "draft")
    live.take(StageFinished("draft", "9 words"))
    assert (live.running, live.current) == (("extract",), "extract")
    assert (live.state("draft"), live.stages["draft"].summary) == ("done", "9 words")
    assert list(live.started) == ["draft", "extract"]


def test_a_stage_that_begins_again_is_not_done() -> None:
    live = live_after(StageStarted("draft"), StageFinished("draft"), StageStarted("draft"))
    assert (live.running, live.state("draft")) == (("draft",), "running")


def test_what_was_given_is_taken_over_and_what_a_person_changed_is_by_hand() -> None:
    given = ReusedArtifacts("before", corrected=("draft",), artifacts=Artifacts(draft=DRAFT, extract=DRAFT))
    live = live_after(StageStarted("extract"), StageFinished("extract"), StageFinished("draft"), given=given)
    assert [live.state(stage) for stage in ("extract", "draft", "copy")] == ["given", "corrected", "waiting"]


def test_the_text_is_that_of_the_step_that_writes() -> None:
    live = live_after(DeltaReceived("draft", "# Wa"))
    assert (live.writing, live.text) == ("draft", None)
    live.take(Made("draft", DRAFT))
    assert live.text == "# Warm at last\n"


def test_calls_say_where_they_go_what_they_wait_for_and_what_they_cost() -> None:
    live = live_after(CallStarted("draft", TARGET, 2))
    assert live.calling == "openai/m → api.example.com, attempt 2"
    live.take(CallDelayed("api.example.com", 3.0, "it has too many requests"))
    assert live.calling == "waiting for api.example.com: it has too many requests"
    live.take(CallFailed(call(), ChatspaceError("It broke")))
    live.take(CallFinished(call(cost=0.25)))
    cost = live.cost("draft")
    assert cost is not None
    assert (cost.usd, live.elapsed_ms("draft"), live.cost("copy")) == (0.75, 80, None)
    live.take(CallFinished(call(cost=None)))
    assert (unknown := live.cost("draft")) is not None
    assert unknown.usd is None, "an unknown price is never nothing"


def test_the_gate_has_what_it_found_and_a_rejection_is_looked_at() -> None:
    live = live_after(GateChecked("extract", GateReport("passed")))
    assert live.state(GATE) == "done"
    live.take(GateChecked("draft", GateReport("passed", findings=(BLOCKS,))))
    assert live.state(GATE) == "warned"
    live.take(GateChecked("draft", GateReport("rejected", findings=(BLOCKS,))))
    assert (live.state(GATE), live.current) == ("rejected", GATE)


def test_a_route_is_kept_with_its_target_and_notes_with_their_text() -> None:
    route = Route("draft", "drafter", "the first", (), ())
    live = live_after(RouteDecided(route, TARGET), Warned("the source names no price"))
    assert live.routes == {"draft": (route, TARGET)}
    assert (live.state(ROUTE), live.notes) == ("done", ["the source names no price"])


def test_a_run_that_could_not_begin_has_made_nothing() -> None:
    live = live_after(StageStarted("extract"))
    live.error = "No such model"
    assert [live.state(stage) for stage in ("extract", "draft")] == ["broken", "unmade"]


def test_a_stored_run_is_shown_as_it_ended() -> None:
    made, broken = StageRecord("extract", "made", 7), StageRecord("draft", "broken", 9)
    live = LiveRun.of(StoredRun(record("failed", made, broken), (source(),), Artifacts(draft=DRAFT)))
    assert live.ended
    assert [live.state(stage) for stage in ("extract", "draft", "copy")] == ["done", "broken", "unmade"]
    assert (live.current, live.elapsed_ms("extract"), live.text) == ("draft", 7, "# Warm at last\n")
    whole = LiveRun.of(StoredRun(record("complete", made), (source(),), Artifacts(draft=DRAFT)))
    assert whole.current == "draft"
