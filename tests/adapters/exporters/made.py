"""Values for exports: a run with everything that a file must be able to hold."""

from __future__ import annotations

from datetime import UTC, datetime

from chatspace.core.calls.usage import Usage
from chatspace.core.chat.conversation import Conversation, Message
from chatspace.core.extraction import (
    Coverage,
    Doc,
    Extracted,
    Extraction,
    Fact,
    GateReport,
    PayloadBudget,
    Provenance,
)
from chatspace.core.profiles.policy import Route
from chatspace.core.runs.artifacts import Artifacts
from chatspace.core.runs.run import (
    CallRecord,
    Copy,
    Draft,
    RunRecord,
    RunResult,
    SourceRef,
    StageGate,
    Totals,
    Variant,
)

WHEN = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def variant(field: str, text: str, *, pair: str | None = None, fits: bool = True) -> Variant:
    return Variant(field, text, len(text), 30, None, fits, pair)


def copy_of(*variants: Variant, channel: str = "google-ads") -> Copy:
    return Copy(channel, variants)


def run_of(
    text: str = "# Quiet\n\nThe Tern 4.\n",
    *,
    name: str = "brief.md",
    cost: float | None = 0.009,
    copy: Copy | None = None,
    source_text: str = "It costs $4.",
) -> RunResult:
    call = CallRecord(
        "c1",
        "draft",
        "balanced-drafter",
        "openai/gpt-4.1",
        "api.openai.com",
        "complete",
        1,
        Usage(10, 20),
        cost,
        5,
        9,
        None,
    )
    record = RunRecord(
        id="r1",
        started="2026-11-21T10:00:00Z",
        elapsed_ms=900,
        status="complete",
        source=SourceRef(name, "sha256:00"),
        pipeline="staged",
        policy="default",
        channel="blog",
        sla="standard",
        routes=(Route("draft", "balanced-drafter", "default", ("words 812 <= 3500",), ()),),
        calls=(call,),
        gate=(StageGate("extract", "passed"),),
        totals=Totals.of((call,)),
    )
    gate = GateReport("passed")
    draft = Draft(text, "r1", "balanced-drafter", "openai/gpt-4.1", "complete", Coverage(1, 1), gate)
    made = Artifacts(extract=Extracted(_extraction(source_text)), draft=draft)
    return RunResult(record, made.having("copy", copy or copy_of(variant("headline", "Quiet heat"))))


def _extraction(text: str) -> Extraction:
    start = text.index("$4")
    return Extraction(
        doc=Doc("sha256:00", "brief.md", "text/markdown", len(text), 3, 3, "Brief", {}),
        provenance=Provenance("markdown", "commonmark", True),
        text=text,
        sections=(),
        blocks=(),
        links=(),
        facts=(Fact("f1", "money", "$4", 4, "USD", (start, start + 2)),),
        entities=(),
        key_points=(),
        quarantine=(),
        budget=PayloadBudget(1, 3, 0.3),
        gate=GateReport("passed"),
    )


def conversation_of(*texts: str, cost: float | None = None) -> tuple[Conversation, list[Message]]:
    """The user and the model take turns, the user first."""
    messages = [
        Message(
            id=2**60 + index,
            conversation=2**60,
            parent=2**60 + index - 1 if index else None,
            role="assistant" if index % 2 else "user",
            text=text,
            created=WHEN,
            profile="chat" if index % 2 else None,
            model="openai/gpt-4.1" if index % 2 else None,
            usage=Usage(3, 4, estimated=False) if index % 2 else None,
            cost_usd=cost if index % 2 else None,
        )
        for index, text in enumerate(texts)
    ]
    return Conversation(2**60, 'Tern: "4" | launch', WHEN, WHEN, len(texts)), messages
