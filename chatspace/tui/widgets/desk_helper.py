"""The desk's right side: what should change, the single keys, and what the model proposes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.chat.conversation import Message as Reply
from chatspace.core.live.reply import LiveReply
from chatspace.core.profiles.profile import DeskKey
from chatspace.core.rewriting.decisions import Decision
from chatspace.core.rewriting.review import Review
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.tui.sessions.desk_proposal import Proposal
from chatspace.tui.widgets.desk_hunks import DeskHunks
from chatspace.tui.widgets.text_field import TextField

FRAME_SECONDS = 0.1
"""How often the proposal is painted while it grows."""

MAX_SHOWN = 4_000
"""Characters of it that are painted."""

KINDS: Mapping[Decision | None, str] = {
    None: "open",
    "accepted": "accepted",
    "rejected": "rejected",
    "edited": "edited",
}


@dataclass
class RewriteRequested(Message):
    """The user said what should change."""

    instruction: str


@dataclass
class WordsWanted(Message):
    """The user wants to say it in words of their own."""


class DeskKeys(OptionList):
    """The user's own list: one key asks for one thing."""

    HELP = """\
One key of this list rewrites the passage that is marked in the text. The list is the file desk.yaml in your
configuration folder; without one it is the shipped list.
tab leads to the line above, where anything can be asked for; esc back to the text.
"""
    BINDINGS = [
        Binding("enter", "select", "ask", id="desk.ask_key"),
        Binding("j", "cursor_down", show=False, id="desk.next_key"),
        Binding("k", "cursor_up", show=False, id="desk.previous_key"),
        Binding("tab", "say", "say it in words", id="desk.say"),
    ]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._keys: Sequence[DeskKey] = ()

    def show(self, keys: Sequence[DeskKey]) -> None:
        self._keys = keys
        self.clear_options()
        self.add_options(
            Option(Text.assemble((f" {for_screen(each.key)}  ", "bold"), for_screen(each.name), no_wrap=True))
            for each in keys
        )
        self.highlighted = 0 if keys else None

    def on_key(self, event: events.Key) -> None:
        for each in self._keys:
            if event.character == each.key:
                event.stop()
                event.prevent_default()
                self.post_message(RewriteRequested(each.instruction))

    def action_say(self) -> None:
        self.post_message(WordsWanted())

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(RewriteRequested(self._keys[event.option_index].instruction))


class HunkEditor(TextField):
    """One hunk, to be put differently."""

    HELP = "enter takes it into the text, ctrl+j breaks the line, esc goes back without."
    BINDINGS = [
        Binding("enter", "take", "take it", id="desk.take", priority=True),
        Binding("ctrl+j", "break_line", "break the line", show=False, id="desk.break_line", priority=True),
    ]

    @dataclass
    class Taken(Message):
        hunk: int
        text: str

    hunk = 0
    """The number of the hunk."""

    def action_take(self) -> None:
        self.post_message(self.Taken(self.hunk, self.text))

    def action_break_line(self) -> None:
        self.insert("\n")


class DeskStream(VerticalScroll):
    """A proposal while it grows; only its end is in sight."""

    def compose(self) -> ComposeResult:
        yield Static(id="desk-growing", markup=False)

    def on_mount(self) -> None:
        self._live: LiveReply | None = None
        self._shown = ""
        self._painting = self.set_interval(FRAME_SECONDS, self._paint, pause=True)

    def show(self, live: LiveReply | None) -> None:
        """Follow a reply, or none."""
        self._live = live
        if live:
            self._paint()
            self._painting.resume()
        else:
            self._painting.pause()

    def _paint(self) -> None:
        text = self._live.text if self._live else ""
        if text != self._shown:
            self._shown = text
            self.query_one("#desk-growing", Static).update(for_screen(text[-MAX_SHOWN:]))
            self.scroll_end(animate=False)


class DeskHelper(Vertical):
    """Shows one of three: the keys, a proposal that grows, or its hunks."""

    def compose(self) -> ComposeResult:
        yield Input(placeholder="What should change?", id="desk-instruction", compact=True)
        yield Static(id="desk-where", markup=False)
        yield DeskKeys(id="desk-keys")
        yield DeskStream(id="desk-stream")
        yield DeskHunks(id="desk-hunks")
        yield HunkEditor(id="desk-hunk")

    def on_mount(self) -> None:
        self.show_keys()

    @property
    def instruction(self) -> Input:
        return self.query_one("#desk-instruction", Input)

    @property
    def keys(self) -> DeskKeys:
        return self.query_one(DeskKeys)

    @property
    def hunks(self) -> DeskHunks:
        return self.query_one(DeskHunks)

    @property
    def stream(self) -> DeskStream:
        return self.query_one(DeskStream)

    @property
    def editor(self) -> HunkEditor:
        return self.query_one(HunkEditor)

    def say(self, text: str) -> None:
        """One line under the instruction: where passages go, or which version this is."""
        self.query_one("#desk-where", Static).update(for_screen(text))

    def show_keys(self) -> None:
        self._show("desk-keys")

    def show_stream(self, live: LiveReply) -> None:
        """A proposal begins to grow."""
        self._show("desk-stream")
        self.stream.show(live)
        self.show_target(live.message)

    def show_target(self, reply: Reply | None) -> None:
        """Where a passage went, once it is known."""
        self.say(f"{reply.profile} · {reply.model} → {reply.host}" if reply else "waiting …")

    def show_proposal(self, proposal: Proposal, text: str) -> None:
        """The hunks of the version in sight; or why there is none, and that one key asks again."""
        self._show("desk-hunks")
        review = proposal.review
        self.hunks.show(review, text)
        if review:
            pending = review.pending()
            self.hunks.go_to(pending[0].id if pending else None)
            self.say(_described(proposal, review))
        else:
            self.say(f"{proposal.failure}\nm tries again · esc back")

    def refresh_hunks(self, proposal: Proposal, numbers: Iterable[int], text: str) -> None:
        """What is known of these hunks has changed."""
        if review := proposal.review:
            for number in numbers:
                self.hunks.refresh_hunk(review, number, text)
            if not self.stream.display:
                self.say(_described(proposal, review))

    def edit(self, review: Review, number: int) -> None:
        """Let a hunk be put differently."""
        state = review.states[number]
        hunk = next(each for each in review.rewrite.hunks if each.id == number)
        self.editor.hunk = number
        self.editor.display = True
        self.editor.begin(state.text if state.decision in ("accepted", "edited") else hunk.after)
        self.screen.set_focus(self.editor)

    def end_edit(self) -> None:
        self.editor.display = False
        self.screen.set_focus(self.hunks)

    def _show(self, wanted: str) -> None:
        for name in ("desk-keys", "desk-stream", "desk-hunks"):
            self.query_one(f"#{name}").display = name == wanted
        self.editor.display = False
        if wanted != "desk-stream":
            self.stream.show(None)

    @on(Input.Submitted, "#desk-instruction")
    def _said(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.post_message(RewriteRequested(event.value.strip()))

    @on(WordsWanted)
    def _to_words(self) -> None:
        self.screen.set_focus(self.instruction)


def _described(proposal: Proposal, review: Review) -> str:
    """Which version this is, who wrote it, and how far the decisions are."""
    reply, rewrite = proposal.reply_of(review), review.rewrite
    count = len(proposal.versions)
    which = f"version {proposal.at + 1} of {count}" if count > 1 else ""
    lines = [display.line(which, reply.profile, reply.model, display.cost(reply.cost_usd) if reply.usage else "")]
    if rewrite.status == "truncated":
        why = f" ({reply.error.splitlines()[0]})" if reply.error else ""
        lines.append(f"The reply was cut off{why}. The rest of the text is unchanged.")
    lines += [f"⊘ {found.message}" for found in rewrite.gate.findings if found.severity == "block"][:2]
    if not rewrite.hunks:
        lines.append("Nothing changed: the passage already is what was asked for. m tries again.")
    else:
        lines.append(" · ".join(f"{count} {name}" for kind, name in KINDS.items() if (count := review.count(kind))))
    return "\n".join(lines)
