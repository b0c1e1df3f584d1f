"""One of several answers that come at the same time: who gives it, its transcript, and a foot with what it takes."""

from __future__ import annotations

import time
from typing import Literal

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from chatspace.core.chat.comparison import without_names
from chatspace.core.chat.conversation import Message, MessageStatus
from chatspace.core.errors import ChatspaceError
from chatspace.core.events import DeltaReceived, Event, MessageStored, ReplyFinished, ReplyStarted, Warned
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.core.text.tokens import estimate_tokens
from chatspace.core.workspace.compare import Candidate
from chatspace.tui.jobs import Job
from chatspace.tui.transcript.entries import Entry
from chatspace.tui.widgets.background import UniformBackground
from chatspace.tui.widgets.transcript import Transcript

State = MessageStatus | Literal["empty"]

WORDS: dict[State, tuple[str, str]] = {
    "empty": (" ", ""),
    "streaming": ("…", "writing"),
    "complete": ("✓", "done"),
    "stopped": ("■", "stopped"),
    "truncated": ("!", "cut off"),
    "failed": ("✗", "failed"),
    "interrupted": ("!", "interrupted"),
}
"""The mark of each state, which tells it without colour, and its word."""

ONE_LINE = 70
"""The cells from which on the foot needs one line."""

TIGHT = 38
"""The cells below which it is abbreviated."""


class AnswerColumn(Vertical, UniformBackground):
    """Shows what its job tells. `first` answers the message that is compared, `reply` is the last of its branch."""

    def __init__(self, candidate: Candidate) -> None:
        super().__init__()
        self.candidate = candidate
        self.job: Job | None = None
        self.question: Message | None = None
        self.first: Message | None = None
        self.reply: Message | None = None
        self.state: State = "empty"
        self._label = ""
        self._blind = False
        self._came = 0
        self._text: list[str] = []
        self._thoughts: list[str] = []
        self._first_at: float | None = None
        self._started = self._more_below = False
        self._notes: dict[str, tuple[str, bool]] = {}

    def compose(self) -> ComposeResult:
        yield Static(classes="answer-name", markup=False)
        yield Static(classes="answer-detail", markup=False)
        yield Transcript()
        yield Static(classes="answer-foot", markup=False)

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    @property
    def name_shown(self) -> str:
        """What the answer may be called now."""
        return self._label if self._blind else self.candidate.contestant.name

    @property
    def text(self) -> str:
        """The last answer as far as it has come."""
        return self.transcript.sheet.source_of(self.reply.id) + "".join(self._text) if self.reply else ""

    @property
    def running(self) -> bool:
        return self.job is not None

    @property
    def can_win(self) -> bool:
        """Whether there is an answer to pick."""
        return not self.running and self.first is not None and bool(self.first.text.strip())

    # What happens

    def begin(self, job: Job, question: Message | None) -> None:
        """A job was started for the answer to `question`; to one that is stored first, where that is None."""
        for key in self._notes:
            self.transcript.discard(key)
        self._notes = {}
        self.job, self.question = job, question or self.question
        self.state, self._first_at, self._came, self._started = "streaming", None, 0, False
        self.show_foot()

    def take(self, event: Event) -> None:
        """What the job told."""
        match event:
            case MessageStored(message):
                self.question = message
                self.transcript.append(Entry(message.id, "user", message.text))
            case ReplyStarted(message):
                if self.reply and self.reply.parent == message.parent:
                    self.transcript.discard(self.reply.id)
                self._started = True
                self._keep(message)
                self.transcript.append(self._entry(message))
            case DeltaReceived(_, text, thinking):
                self._first_at = self._first_at or time.monotonic()
                (self._thoughts if thinking else self._text).append(text)
            case ReplyFinished(message):
                self._keep(message)
                self._text, self._thoughts = [], []
                self.state = message.status
                self.transcript.update(self._entry(message))
                self.show_foot()
            case Warned(text):
                self._note(text)

    def end(self, error: ChatspaceError | None) -> None:
        """The job is over; an error that no reply tells stands behind it."""
        self.job = None
        told = self._started and self.reply is not None and self.reply.error
        if error and not told:
            self.state = "failed"
            self._note(error.explained, wrong=True)
        elif self.state == "streaming":
            self.state = self.reply.status if self.reply else "stopped"
        self.show_foot()

    @property
    def waiting(self) -> bool:
        """Whether there is text that isn't shown yet."""
        return bool(self._text or self._thoughts)

    def release(self) -> None:
        """Show what has come since the last time."""
        if self.reply and self.waiting:
            text, thoughts = "".join(self._text), "".join(self._thoughts)
            self._text, self._thoughts = [], []
            self._came += estimate_tokens(text) + estimate_tokens(thoughts)
            self.transcript.extend(self.reply.id, text, thoughts)

    def _keep(self, message: Message) -> None:
        self.reply = message
        if self.first is None or self.first.parent == message.parent:
            self.first = message

    def _entry(self, message: Message) -> Entry:
        error = self._masked(message.error) if message.error else None
        return Entry(message.id, "assistant", message.text, "", message.reasoning, message.status, error)

    def _note(self, text: str, *, wrong: bool = False) -> None:
        key = f"note {time.monotonic_ns()}"
        self._notes[key] = text, wrong
        self.transcript.append(self._note_entry(key))

    def _note_entry(self, key: str) -> Entry:
        text, wrong = self._notes[key]
        said = self._masked(text)
        return Entry(key, "notice", "" if wrong else said, error=said if wrong else None)

    def _masked(self, text: str) -> str:
        return without_names(text, self.candidate.target, self._label) if self._blind else text

    # Head and foot

    def call(self, label: str, blind: bool) -> None:
        """The number or letter of the column, and whether more may be said of it."""
        self._label, self._blind = label, blind
        target, contestant = self.candidate.target, self.candidate.contestant
        detail = f"{contestant.profile if contestant.model else target.model} → {target.host}"
        name = label if blind else f"{label} {for_screen(contestant.name)}"
        self.query_one(".answer-name", Static).update(name)
        self.query_one(".answer-detail", Static).update("" if blind else for_screen(detail))
        if self.reply and not self.running:
            self.transcript.update(self._entry(self.reply))
        for key in self._notes:
            self.transcript.update(self._note_entry(key))
        self.show_foot()

    @on(Transcript.NewBelow)
    def _new_below(self, event: Transcript.NewBelow) -> None:
        event.stop()
        self._more_below = event.waiting
        self.show_foot()

    def on_resize(self) -> None:
        self.show_foot()

    def show_foot(self) -> None:
        mark, word = WORDS[self.state]
        if self.state == "streaming" and self._first_at is None:
            note = self.job.live.note if self.job and not self._blind else ""
            word = note or "waiting"
        state = f"{mark} {word}{' ↓' if self._more_below else ''}".strip()
        parts = self._numbers()
        wide = self.size.width >= ONE_LINE
        split = len(parts) if wide else 2
        lines = display.line(state, *parts[:split]), display.line(*parts[split:])
        foot = self.query_one(".answer-foot", Static)
        foot.set_class(wide, "in-one-line")
        # Its height is that of its class, so the screen needn't be laid out again.
        foot.update(Text("\n".join(lines), no_wrap=True, overflow="ellipsis"), layout=False)

    def _numbers(self) -> tuple[str, ...]:
        """Cost, time, tokens, speed and the wait for the first; those that give a model away not in blind mode."""
        reply, job = self.reply, self.job
        if self.state == "streaming" and job:
            elapsed = round((time.monotonic() - job.live.began) * 1000)
            first = round((self._first_at - job.live.began) * 1000) if self._first_at else None
            cost, tokens, guessed = "", self._came, "~"
        elif reply and reply.usage and reply.elapsed_ms is not None and self.state != "empty":
            elapsed, first, cost = reply.elapsed_ms, reply.first_token_ms, display.cost(reply.cost_usd)
            tokens, guessed = reply.usage.output, "~" if reply.usage.estimated else ""
        else:
            return ()
        if self._blind:
            return ("", f"{guessed}{tokens:,} tokens" if tokens else "")
        return (
            cost,
            display.seconds(elapsed),
            f"{guessed}{tokens:,} {'tok' if self.size.width < TIGHT else 'tokens'}" if tokens else "",
            f"{guessed}{speed:,.0f}/s" if (speed := per_second(tokens, elapsed, first)) else "",
            f"first {display.seconds(first)}" if first is not None else "",
        )


def per_second(tokens: int, elapsed_ms: int, first_token_ms: int | None) -> float | None:
    """Tokens a second since the first one; None where too little time has passed to say."""
    writing = elapsed_ms - (first_token_ms or 0)
    return tokens * 1000 / writing if tokens and writing >= 50 else None
