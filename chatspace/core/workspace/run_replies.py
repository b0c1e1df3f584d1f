"""The replies of a run: its first text grows in one, and what is made after it gets a reply of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chatspace.core.calls.call import Call
from chatspace.core.chat.conversation import Message, MessageStatus
from chatspace.core.chat.stores import History
from chatspace.core.events import (
    CallStarted,
    DeltaReceived,
    Emit,
    Event,
)
from chatspace.core.live.run import LiveRun
from chatspace.core.profiles.policy import Route
from chatspace.core.profiles.profile import OFFLINE_PREFIX, Profile, Target
from chatspace.core.runs.artifacts import Artifact
from chatspace.core.runs.plan import Plan
from chatspace.core.runs.run import ReusedArtifacts, RunResult, RunStatus
from chatspace.core.stages.registry import stage
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

TAKEN_OVER = "reused from an earlier run"

Show = Callable[[str, RunResult], str]
"""What a step made, as Markdown; empty where it made nothing."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A route, the model that it leads to, and whether the source fits there. Its cost is the highest possible."""

    route: Route
    target: Target
    fit: Fit


def first_reply(plan: Plan) -> str:
    """The step whose output is the first reply: prose where there is any, since it can be read as it grows."""
    return next((step for step in plan.steps if stage(step).prose), plan.requested_step)


def opened_by(first: str, decisions: Mapping[str, Decision], given: ReusedArtifacts | None) -> tuple[Target, str]:
    """Who writes the first reply, or wrote what is taken over, and why."""
    by_hand = f"corrected by hand: {', '.join(given.corrected)}" if given and given.corrected else ""
    if decision := decisions.get(first):
        return decision.target, "; ".join(filter(None, (f"rule {decision.route.because}", by_hand)))
    return _writer(first, given.artifacts.get(first) if given else None), by_hand or TAKEN_OVER


class RunReplies:
    """Takes what a run reports for the reply of its first step, and adds a reply for each step behind prose."""

    def __init__(
        self,
        history: History,
        reply: StreamingReply,
        run: str,
        plan: Plan,
        decisions: Mapping[str, Decision],
        show: Show,
        emit: Emit,
        given: ReusedArtifacts | None = None,
    ) -> None:
        self._history = history
        self._reply = reply
        self._run = run
        self._first = first_reply(plan)
        self._prose = stage(self._first).prose
        self._after = plan.steps[plan.steps.index(self._first) + 1 :] if self._prose else ()
        self._decisions = decisions
        self._show = show
        self._emit = emit
        self._given = given
        self._live = LiveRun(steps=plan.steps, given=given)
        taken = given.artifacts.get(self._first) if given and self._first not in decisions else None
        if taken and self._prose:
            reply.take(DeltaReceived(self._first, self._prose(taken)))

    def take(self, event: Event) -> None:
        self._live.take(event)
        own = not isinstance(event, CallStarted | DeltaReceived) or event.step == self._first
        if isinstance(event, DeltaReceived) and not (own and self._prose):
            return  # the JSON that other steps reply with is nothing to read
        if own:
            self._reply.take(event)
        else:
            self._emit(event)

    @property
    def _behind(self) -> list[str]:
        """The steps behind prose that have begun."""
        return [step for step in self._live.started if step in self._after]

    async def stop(self) -> None:
        """Keep what came. What was complete before stays so."""
        whole = self._prose is not None and self._first in self._live.stages
        reply = await self._reply.finish("complete" if whole else "stopped", calls=self._calls(self._first))
        for step in self._behind:
            whole, prose = step in self._live.stages, stage(step).prose
            made = self._live.artifacts.get(step)
            text = prose(made) if prose and made else ""
            reply = await self._add(step, reply, "complete" if whole else "stopped", text, None)

    async def finish(self, result: RunResult) -> Message:
        """The last reply, as it is stored. What ended the run is reported with the step that it ended."""
        shown = (self._first, *self._behind)
        ended = next((step for step in shown if step not in self._live.stages), shown[-1])
        reply: Message | None = None
        for step in shown:
            broken = step == ended or step not in self._live.stages
            status: MessageStatus = MESSAGE_STATUS[result.record.status] if broken else "complete"
            error, text = result.error.explained if result.error and broken else None, self._show(step, result)
            if reply is None:
                reply = await self._reply.finish(status, text, error, self._calls(step))
            else:
                reply = await self._add(step, reply, status, text, error)
        assert reply is not None, "there is always a first"
        return reply

    async def _add(self, step: str, above: Message, status: MessageStatus, text: str, error: str | None) -> Message:
        decision, given = self._decisions.get(step), self._given
        target = decision.target if decision else _writer(step, None)
        why = f"rule {decision.route.because}" if decision else TAKEN_OVER
        if given and step in given.artifacts and step in given.corrected:
            why = "corrected by hand"
        async with reply_to(above, step, target, self._history, self._emit, run=self._run, why=why) as reply:
            return await reply.finish(status, text, error, self._calls(step))

    def _calls(self, step: str) -> Sequence[Call]:
        """The calls of a step; the first reply has those of all steps without a reply of their own."""
        if step == self._first:
            return [call for call in self._reply.calls if call.step not in self._behind]
        return [call for call in self._reply.calls if call.step == step]


def _writer(step: str, made: Artifact | None) -> Target:
    """Who wrote what is taken over; nothing goes anywhere now."""
    writer = stage(step).writer
    name, model = (writer(made).profile, writer(made).model) if made and writer else ("", "")
    host = "this machine" if model.startswith(OFFLINE_PREFIX) or not model else ""
    return Target(Profile(name, (step,), model, ""), model, host, local=True)
