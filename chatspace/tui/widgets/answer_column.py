"""One of several answers that come at the same time: who gives it, its transcript, and a foot with what it takes."""

from __future__ import annotations

import time

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from chatspace.core.live.reply import LiveReply
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.core.text.tokens import estimate_tokens
from chatspace.tui.sessions.compared_answer import ComparedAnswer, State
from chatspace.tui.transcript.entries import Entry, Key
from chatspace.tui.widgets.background import UniformBackground
from chatspace.tui.widgets.transcript import Transcript

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
    """Shows an answer. What has come of its reply is shown when `release` is called."""

    def __init__(self, answer: ComparedAnswer) -> None:
        super().__init__()
        self.answer = answer
        self.transcript = Transcript()
        self._entries: dict[Key, Entry] = {}
        self._live: LiveReply | None = None
        self._shown = self._thoughts_shown = self._came = 0
        self._more_below = False

    def compose(self) -> ComposeResult:
        yield Static(classes="answer-name", markup=False)
        yield Static(classes="answer-detail", markup=False)
        yield self.transcript
        yield Static(classes="answer-foot", markup=False)

    def show(self) -> None:
        """Everything but the pieces that have come."""
        answer = self.answer
        target, contestant = answer.candidate.target, answer.candidate.contestant
        detail = f"{contestant.profile if contestant.model else target.model} → {target.host}"
        name = answer.label if answer.blind else f"{answer.label} {for_screen(contestant.name)}"
        self.query_one(".answer-name", Static).update(name, layout=False)
        self.query_one(".answer-detail", Static).update("" if answer.blind else for_screen(detail), layout=False)
        if answer.live is not self._live:
            self._live, self._shown, self._thoughts_shown, self._came = answer.live, 0, 0, 0
        self._show_entries()
        self.show_foot()

    def _show_entries(self) -> None:
        """Those that are other than they were."""
        entries = {entry.key: entry for entry in self.answer.entries}
        for key in self._entries.keys() - entries.keys():
            self.transcript.discard(key)
        for key, entry in entries.items():
            if key not in self._entries:
                self.transcript.append(entry)
            elif entry != self._entries[key]:
                self.transcript.update(entry)
        self._entries = entries

    def release(self) -> bool:
        """Show what has come since the last time; gives whether that was anything."""
        reply, live = self.answer.reply, self._live
        if live is None or reply is None or reply.status != "streaming":
            return False
        text, thoughts = live.text[self._shown :], live.reasoning[self._thoughts_shown :]
        if text or thoughts:
            self._shown += len(text)
            self._thoughts_shown += len(thoughts)
            self._came += estimate_tokens(text) + estimate_tokens(thoughts)
            self.transcript.extend(reply.id, text, thoughts)
        return bool(text or thoughts)

    @on(Transcript.NewBelow)
    def _new_below(self, event: Transcript.NewBelow) -> None:
        event.stop()
        self._more_below = event.waiting
        self.show_foot()

    def on_resize(self) -> None:
        self.show_foot()

    def show_foot(self) -> None:
        answer = self.answer
        mark, word = WORDS[answer.state]
        if answer.state == "streaming" and answer.live.first is None:
            word = (not answer.blind and answer.live.note) or "waiting"
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
        reply, live, state = self.answer.reply, self.answer.live, self.answer.state
        if state == "streaming":
            elapsed = round((time.monotonic() - live.began) * 1000)
            first = round((live.first - live.began) * 1000) if live.first else None
            cost, tokens, guessed = "", self._came, "~"
        elif reply and reply.usage and reply.elapsed_ms is not None and state != "empty":
            elapsed, first, cost = reply.elapsed_ms, reply.first_token_ms, display.cost(reply.cost_usd)
            tokens, guessed = reply.usage.output, "~" if reply.usage.estimated else ""
        else:
            return ()
        if self.answer.blind:
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
