"""The replies of a run in a conversation: what its first step with a text makes, and behind a draft its copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chatspace.core.calls.call import Call
from chatspace.core.chat.conversation import Message, MessageStatus
from chatspace.core.chat.stores import History
from chatspace.core.events import (
    CallFailed,
    CallFinished,
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
from chatspace.core.workspace.reply import StreamingReply, summed

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
    """Takes what a run tells and keeps its replies. `open` comes first, `close` or `stop` last."""

    def __init__(
        self,
        history: History,
        message: Message,
        run: str,
        first: PipelineStepName,
        decisions: Mapping[PipelineStepName, Decision],
        show: Show,
        show_copy: Show,
        emit: Emit,
    ) -> None:
        self._history = history
        self._run = run
        self._first = first
        self._decisions = decisions
        self._show = show
        self._show_copy = show_copy
        self._emit = emit
        self._reply = StreamingReply(history, message, first, emit, run)
        self._calls: list[Call] = []
        self._passed = False
        self._behind = False
        self._copy: Copy | None = None

    async def open(self, given: ReusedArtifacts | None) -> None:
        decision = self._decisions.get(self._first)
        by_hand = f"corrected by hand: {', '.join(given.corrected)}" if given and given.corrected else ""
        if decision:
            why = f"rule {decision.route.because}"
            await self._reply.open(decision.target, f"{why}; {by_hand}" if by_hand else why)
            return
        draft = given.draft if given else None
        await self._reply.open(_writer(draft), by_hand or "taken over from an earlier run")
        if draft:
            self._reply.take(DeltaReceived("draft", draft.text))

    def take(self, event: Event) -> None:
        match event:
            case CallFinished(call) | CallFailed(call, _):
                self._calls.append(call)
            case StageStarted("copy"):
                self._behind = self._first == "draft"
            case StageFinished(stage):
                self._passed |= stage == self._first
            case Made(made) if isinstance(made, Copy):
                self._copy = made
        if not isinstance(event, DeltaReceived):
            self._emit(event)
        elif event.step == self._first == "draft":  # the JSON that the other steps reply with is nothing to read
            self._reply.take(event)
            self._emit(event)

    async def stop(self) -> None:
        """Keep what came. A draft that was whole before stays so."""
        whole = self._passed and self._first == "draft"
        draft = await self._reply.close(
            "complete" if whole else "stopped", self._summed(copy=False), text=self._reply.grown
        )
        if self._behind:
            await self._add_copy(draft, "stopped", "", None)

    async def close(self, result: RunResult) -> Message:
        """The last reply, as it is stored."""
        status = MESSAGE_STATUS[result.record.status]
        error = result.error.explained if result.error else None
        text = self._show(result)
        if not self._behind:
            return await self._reply.close(status, self._summed(copy=False), text, error)
        draft = await self._reply.close("complete", self._summed(copy=False), text)
        return await self._add_copy(draft, status, self._show_copy(result), error)

    async def _add_copy(self, draft: Message, status: MessageStatus, text: str, error: str | None) -> Message:
        decision = self._decisions.get("copy")
        reply = StreamingReply(self._history, draft, "copy", self._emit, self._run)
        why = f"rule {decision.route.because}" if decision else "taken over from an earlier run"
        if self._copy and any(variant.by == "hand" for variant in self._copy.variants):
            why = "corrected by hand"
        await reply.open(decision.target if decision else _writer(None), why)
        return await reply.close(status, self._summed(copy=True), text, error)

    def _summed(self, *, copy: bool) -> Call | None:
        """The calls of the copy, or all others."""
        apart = self._behind
        return summed([call for call in self._calls if not apart or (call.step == "copy") == copy])


def _writer(draft: Draft | None) -> Target:
    """Who wrote what is taken over; nothing goes anywhere now."""
    name, model = (draft.profile, draft.model) if draft else ("", "")
    host = "this machine" if model.startswith(OFFLINE_PREFIX) or not model else ""
    return Target(Profile(name, ("draft",), model, ""), model, host, local=True)
