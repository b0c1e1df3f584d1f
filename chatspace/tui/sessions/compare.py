"""A comparison, without its screen: who is asked, what comes, whose answer is picked."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from chatspace.core.calls.usage import Cost
from chatspace.core.chat.comparison import LETTERS
from chatspace.core.chat.titles import title_from
from chatspace.core.errors import ChatspaceError
from chatspace.core.events import DeltaReceived
from chatspace.core.text import display
from chatspace.tui.navigation import ScreenContext, ScreenResult
from chatspace.tui.sessions.changed import Changed, Listener, attempt
from chatspace.tui.sessions.compared_answer import ComparedAnswer

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from chatspace.core.chat.conversation import Message
    from chatspace.core.document import Source
    from chatspace.core.events import Event
    from chatspace.core.workspace.compare import Candidate
    from chatspace.tui.commands import ParsedCommand
    from chatspace.tui.jobs import Job, Jobs, Work
    from chatspace.wiring import Workspace


class CompareSession:
    """One message to several at once: their `answers` from left to right, of which the one at `at` is the chosen one.

    `message` is what was put to all of them, `names` are those that were typed. Each answer has a job of its own that
    outlives the screen; it reports to the `owner`, who passes it on to `take` and `ended`.
    """

    def __init__(
        self,
        workspace: Workspace,
        jobs: Jobs,
        owner: MessagePump,
        context: ScreenContext,
        typed: ParsedCommand,
        listener: Listener,
    ) -> None:
        self._workspace = workspace
        self._jobs = jobs
        self._owner = owner
        self._context = context
        self._listener = listener
        self._asking = self._shuffled = False
        self.options = context.options
        self.names = [name.strip() for name in str(typed.options.get("profiles", "")).split(",") if name.strip()]
        self.answers: list[ComparedAnswer] = []
        self.at = 0
        self.message: Message | None = None
        self.picked: ComparedAnswer | None = None
        self.blind = False
        self.title = "Compare"

    # Who is asked

    def can_choose(self) -> bool:
        """Whether others can be compared still; why not is said."""
        if self.message or self._asking:
            said = f"These {len(self.answers)} are asked already. f3 in the conversation compares others."
            self._listener(Changed(notice=said))
            return False
        return True

    async def compare_named(self) -> None:
        """Those that were typed, once."""
        names, self.names = self.names, []
        candidates = await attempt(self._listener, asyncio.to_thread(self._candidates, names))
        if candidates:
            self.compare(candidates, blind=False)

    def _candidates(self, names: Sequence[str]) -> list[Candidate]:
        """Raises UsageError."""
        compare = self._workspace.compare
        candidates = [compare.candidate(name, self.options) for name in names]
        compare.check([each.contestant for each in candidates], self.options)
        return candidates

    def compare(self, candidates: Sequence[Candidate], *, blind: bool) -> None:
        """These, each where it is offered, and no others."""
        self.answers = [ComparedAnswer(candidate) for candidate in candidates]
        self.at, self._shuffled = 0, False
        self.hide_names(blind)

    def hide_names(self, blind: bool) -> None:
        """Letters in the place of the names, or the names again. The order is drawn once and stays."""
        self.blind = blind
        if blind and not self._shuffled and self.chosen:
            chosen, self._shuffled = self.chosen, True
            random.shuffle(self.answers)
            self.at = self.answers.index(chosen)
        for index, answer in enumerate(self.answers):
            answer.label, answer.blind = LETTERS[index] if blind else str(index + 1), blind
        self._listener(Changed())

    # Which one keys act on

    @property
    def chosen(self) -> ComparedAnswer | None:
        return self.answers[self.at] if self.answers else None

    def choose(self, at: int) -> None:
        """The answer at this place, where there is one."""
        if at < len(self.answers):
            self.at = at
            self._listener(Changed())

    def can(self, what: str) -> bool:
        """Whether a key has something to do with the chosen answer."""
        answer = self.chosen
        if answer is None:
            return False
        can = {
            "stop": answer.running,
            "again": answer.question is not None and not answer.running,
            "pick": answer.can_win,
            "yank": answer.reply is not None,
            "differences": len(self.texts) > 1,
        }
        return can.get(what, True)

    @property
    def texts(self) -> list[ComparedAnswer]:
        """The answers that have something to compare."""
        return [answer for answer in self.answers if answer.reply]

    # Asking

    def can_ask(self) -> bool:
        """Whether a message can be put now; why not is said."""
        if self.message is None:
            return bool(self.answers) and not self._asking
        said = "" if self._answered else "None of the answers can be continued. r retries one."
        if any(answer.running for answer in self.answers):
            said = "An answer is still coming in. s stops it and keeps the text so far."
        self._listener(Changed(notice=said))
        return not said

    @property
    def _answered(self) -> list[tuple[ComparedAnswer, Message]]:
        return [(answer, answer.reply) for answer in self.answers if answer.reply and answer.text.strip()]

    async def ask(self, text: str, sources: Sequence[Source], taken: Callable[[], object]) -> bool:
        """Put the first message to all, a further one behind each answer; False where it could not be stored.

        `taken` is called as soon as the text needn't be kept any more.
        """
        first = self.message is None
        if first and not await self._put(text, sources):
            return False
        if not first:
            follow = self._workspace.compare.follow
            for answer, reply in self._answered:
                contestant = answer.candidate.contestant
                self._start(answer, partial(follow, reply, text, contestant, self.options, sources=sources))
        taken()
        self.title = f"Compare: {title_from(text)}"
        self._listener(Changed())
        if first:
            self._workspace.prompt_drafts.save(self._context.conversation, "")
        return True

    async def _put(self, text: str, sources: Sequence[Source]) -> bool:
        """Store the message, and have all answer it."""
        self._asking = True
        last = self._context.thread[-1] if self._context.thread else None
        put = self._workspace.compare.put(
            text,
            [answer.candidate.contestant for answer in self.answers],
            self.options,
            conversation=last.conversation if last else None,
            parent=last.id if last else None,
            sources=sources,
        )
        self.message = await attempt(self._listener, put)
        self._asking = False
        if self.message:
            for answer in self.answers:
                self._answer(answer, self.message)
        return self.message is not None

    def again(self) -> None:
        """Have the chosen one answer once more."""
        answer = self.chosen
        if answer and answer.question and not answer.running:
            self._answer(answer, answer.question)
            self._listener(Changed())

    def _answer(self, answer: ComparedAnswer, question: Message) -> None:
        contestant = answer.candidate.contestant
        self._start(answer, partial(self._workspace.compare.answer, question, contestant, self.options), question)

    def _start(self, answer: ComparedAnswer, work: Work, question: Message | None = None) -> None:
        conversation = self.message.conversation if self.message else None
        answer.begin(self._jobs.start(conversation, work, self._owner, beside=True), question)

    def stop(self) -> None:
        """What has come of the chosen answer is kept."""
        if self.chosen and self.chosen.job:
            self._jobs.stop(self.chosen.job)

    def take(self, job: Job, event: Event) -> None:
        """What happens to one of the answers."""
        if isinstance(event, DeltaReceived):
            return  # the job's LiveReply has it
        for answer in self.answers:
            if answer.job is job:
                answer.take(event)
                self._listener(Changed())

    async def ended(self, job: Job, error: ChatspaceError | None) -> None:
        """One of the answers is over."""
        for answer in self.answers:
            if answer.job is job:
                answer.end(error)
        self._listener(Changed())

    def keep(self, text: str, paths: Sequence[str]) -> None:
        """What stands unsent in the prompt is kept, as in the conversation."""
        where = self.message.conversation if self.message else self._context.conversation
        self._workspace.prompt_drafts.save(where, text, paths)

    # Going on

    async def pick(self) -> bool:
        """Pick the chosen answer; gives whether to go on from it: names that are hidden are shown first."""
        answer, message = self.chosen, self.message
        if answer is None or message is None or answer.first is None or not answer.can_win:
            return False
        if self.picked is answer:
            return True
        try:
            await self._workspace.compare.pick(message, answer.first, leaf=answer.reply, blind=self.blind)
        except ChatspaceError as error:
            self._listener(Changed(error=error))
            return False
        self.picked = answer
        if not self.blind:
            return True
        self.hide_names(False)
        return False

    def left(self, prompt: str) -> ScreenResult | None:
        """Where it goes on with this text in the prompt: from the pick, else from the first whole answer."""
        answer = self.picked or next((each for each in self.answers if each.state == "complete"), self.chosen)
        if answer and answer.reply:
            return ScreenResult(answer.reply.conversation, answer.reply.id, prompt)
        return ScreenResult(prompt=prompt) if prompt and prompt != self._context.prompt else None


def state_of(session: CompareSession) -> str:
    """What the status line says of a comparison."""
    answers = session.answers
    if session.picked:
        return f"{session.picked.name} is picked · enter continues with it"
    if session.message is None:
        hosts = ", ".join(dict.fromkeys(answer.candidate.target.host for answer in answers))
        return f"enter asks {len(answers)} → {hosts}" if answers else ""
    ended = [answer for answer in answers if not answer.running]
    cost = Cost.total(answer.reply.cost_usd for answer in ended if answer.reply)
    spent = "blind" if session.blind else display.cost(cost.usd) if ended else ""
    return display.line(f"{len(ended)} of {len(answers)} ended", spent)
