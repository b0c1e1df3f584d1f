"""The replies of a run in a conversation: what its first step with a text makes, and behind a draft its copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chatspace.core.calls.call import Call
from chatspace.core.chat.conversation import Message, MessageStatus
from chatspace.core.chat.stores import History
from chatspace.core.events import (
    DeltaReceived,
    Emit,
    Event,
    Made,
    StageFinished,
    StageStarted,
)
from chatspace.core.profiles.policy import PipelineStepName, Route
from chatspace.core.profiles.profile import OFFLINE_PREFIX, Profile, Target
from chatspace.core.runs.plan import Plan
from chatspace.core.runs.run import Copy, Draft, ReusedArtifacts, RunResult, RunStatus
from chatspace.core.text.tokens import Fit
from chatspace.core.workspace.reply import StreamingReply, reply_to

MESSAGE_STATUS: dict[RunStatus, MessageStatus] = {
    "complete": "complete",
    "truncated": "truncated",
    "rejected": "failed",
    "failed": "failed",
    "stopped": "stopped",
    "interrupted": "interrupted",
    "over_budget": "failed",
}

Show = Callable[[RunResult], str]
"""What a run made, as Markdown; empty where it made nothing."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A route, the model that it leads to, and whether the source fits there. Its cost is the highest possible."""

    route: Route
    target: Target
    fit: Fit


def first_reply(plan: Plan) -> PipelineStepName:
    """The step whose output is the reply: the draft where there is one, since it can be read as it grows."""
    return "draft" if "draft" in plan.steps else plan.requested_step


class RunReplies:
    """Takes what a run reports for the reply of its first step, and adds the copy behind a draft."""

    def __init__(
        self,
        history: History,
        reply: StreamingReply,
        run: str,
        first: PipelineStepName,
        decisions: Mapping[PipelineStepName, Decision],
        emit: Emit,
    ) -> None:
        self._history = history
        self._reply = reply
        self._run = run
        self._first = first
        self._decisions = decisions
        self._emit = emit
        self._passed = False
        self._behind = False
        self._copy: Copy | None = None

    def take(self, event: Event) -> None:
        match event:
            case StageStarted("copy"):
                self._behind = self._first == "draft"
            case StageFinished(stage):
                self._passed |= stage == self._first
            case Made(made) if isinstance(made, Copy):
                self._copy = made
        # The JSON that other steps than the draft reply with is nothing to read.
        if not isinstance(event, DeltaReceived) or event.step == self._first == "draft":
            self._reply.take(event)

    async def stop(self) -> None:
        """Keep what came. A draft that was complete before stays so."""
        whole = self._passed and self._first == "draft"
        draft = await self._reply.finish("complete" if whole else "stopped", calls=self._calls(copy=False))
        if self._behind:
            await self._add_copy(draft, "stopped", "", None)

    async def finish(self, result: RunResult, show: Show, show_copy: Show) -> Message:
        """The last reply, as it is stored."""
        status = MESSAGE_STATUS[result.record.status]
        error = result.error.explained if result.error else None
        text = show(result)
        if not self._behind:
            return await self._reply.finish(status, text, error)
        draft = await self._reply.finish("complete", text, calls=self._calls(copy=False))
        return await self._add_copy(draft, status, show_copy(result), error)

    async def _add_copy(self, draft: Message, status: MessageStatus, text: str, error: str | None) -> Message:
        decision = self._decisions.get("copy")
        target = decision.target if decision else _writer(None)
        why = f"rule {decision.route.because}" if decision else "taken over from an earlier run"
        if self._copy and any(variant.by == "hand" for variant in self._copy.variants):
            why = "corrected by hand"
        async with reply_to(draft, "copy", target, self._history, self._emit, run=self._run, why=why) as reply:
            return await reply.finish(status, text, error, self._calls(copy=True))

    def _calls(self, *, copy: bool) -> Sequence[Call]:
        """Those of the copy, or all others."""
        return [call for call in self._reply.calls if (self._behind and call.step == "copy") == copy]


def opened_by(
    first: PipelineStepName, decisions: Mapping[PipelineStepName, Decision], given: ReusedArtifacts | None
) -> tuple[Target, str]:
    """Who writes the first reply, or wrote what is taken over, and why."""
    by_hand = f"corrected by hand: {', '.join(given.corrected)}" if given and given.corrected else ""
    if decision := decisions.get(first):
        return decision.target, "; ".join(filter(None, (f"rule {decision.route.because}", by_hand)))
    return _writer(given.draft if given else None), by_hand or "taken over from an earlier run"


def _writer(draft: Draft | None) -> Target:
    """Who wrote what is taken over; nothing goes anywhere now."""
    name, model = (draft.profile, draft.model) if draft else ("", "")
    host = "this machine" if model.startswith(OFFLINE_PREFIX) or not model else ""
    return Target(Profile(name, ("draft",), model, ""), model, host, local=True)
