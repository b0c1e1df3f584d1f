"""The facts of a draft: its text with every claim marked, and beside it what the source says."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from chatspace.core.facts.evidence import Evidence
from chatspace.core.runs.run import Verdict
from chatspace.core.text import display
from chatspace.core.text.safe import for_screen
from chatspace.core.text.scripts import shown

WORDS: dict[Verdict, tuple[str, str]] = {
    "supported": ("✓", "is in the source"),
    "derived": ("=", "follows from the source"),
    "altered": ("≠", "the source says something else"),
    "recombined": ("⇄", "is in the source, but about something else"),
    "unsupported": ("?", "is not in any source"),
}
"""The mark of each verdict, which tells it without colour, and what it means."""

SOUND: tuple[Verdict, ...] = ("supported", "derived")


class FactsScreen(ModalScreen[None]):
    """Walk through the claims; those to be looked at come first to hand with `n`."""

    BINDINGS = [
        Binding("escape,q", "dismiss", "back", id="facts.leave"),
        Binding("n,j,down", "move(1)", "next", id="facts.next"),
        Binding("p,k,up", "move(-1)", "previous", id="facts.previous"),
        Binding("f", "flagged", "next to look at", id="facts.flagged"),
    ]

    def __init__(self, text: str, evidence: Sequence[Evidence]) -> None:
        super().__init__()
        self._text = text
        self._evidence = evidence
        self._at = next((index for index, each in enumerate(evidence) if self._flagged(each)), 0)

    def compose(self) -> ComposeResult:
        flagged = sum(map(self._flagged, self._evidence))
        with Vertical(id="facts"):
            yield Static(f"{display.count(len(self._evidence), 'claim')}, {flagged} to look at", id="facts-count")
            with Horizontal(id="facts-body"):
                with VerticalScroll(id="facts-draft"):
                    for start, end in self._paragraphs:
                        yield Static(self._marked(start, end), classes="facts-paragraph")
                with VerticalScroll(id="facts-source"):
                    yield Static(id="facts-evidence")
            yield Static("n next · p previous · f next to look at · esc back", id="facts-keys")

    def on_mount(self) -> None:
        self._show()

    @staticmethod
    def _flagged(each: Evidence) -> bool:
        return each.claim.verdict not in SOUND

    @property
    def _paragraphs(self) -> list[tuple[int, int]]:
        """The spans of the text between blank lines."""
        spans, start = [], 0
        for part in self._text.split("\n\n"):
            if part.strip():
                spans.append((start, start + len(part)))
            start += len(part) + 2
        return spans

    def _marked(self, start: int, end: int) -> Text:
        """A paragraph with its claims: each behind its mark, the current one reversed."""
        marked, at = Text(), start
        for index, each in enumerate(self._evidence):
            first, last = each.claim.span
            if not (at <= first and last <= end):
                continue
            current = index == self._at
            style = "reverse bold" if current else "underline" if self._flagged(each) else "dim underline"
            marked.append(for_screen(self._text[at:first]))
            marked.append(WORDS[each.claim.verdict][0], style="bold" if self._flagged(each) else "dim")
            marked.append(for_screen(self._text[first:last]), style=style)
            at = last
        marked.append(for_screen(self._text[at:end]))
        return marked

    def _show(self) -> None:
        paragraphs = list(self.query(".facts-paragraph").results(Static))
        for widget, (start, end) in zip(paragraphs, self._paragraphs, strict=True):
            widget.update(self._marked(start, end))
            if self._evidence and start <= self._evidence[self._at].claim.span[0] < end:
                self.call_after_refresh(widget.scroll_visible, animate=False)
        self.query_one("#facts-evidence", Static).update(self._explained())

    def _explained(self) -> Text:
        if not self._evidence:
            return Text("This text claims nothing that could be looked up.")
        each = self._evidence[self._at]
        claim = each.claim
        mark, words = WORDS[claim.verdict]
        lines = Text.assemble((f"{mark} {for_screen(shown(claim.claim))}", "bold"), f"\n{claim.type}: {words}\n")
        if claim.source_value is not None and claim.verdict == "altered":
            lines.append(f"\nnearest in the source: {for_screen(shown(claim.source_value))}\n")
        if claim.note:
            lines.append(f"\n{for_screen(claim.note)}\n")
        if each.sentence:
            place = f"{claim.source}, line {each.line}" if each.line else claim.source or ""
            lines.append(f"\n{for_screen(place)}\n", style="dim")
            lines.append(for_screen(each.sentence))
        return lines

    def action_move(self, step: int) -> None:
        if self._evidence:
            self._at = (self._at + step) % len(self._evidence)
            self._show()

    def action_flagged(self) -> None:
        """The next claim that is neither supported nor derived."""
        count = len(self._evidence)
        order = [(self._at + step) % count for step in range(1, count + 1)]
        self._at = next((index for index in order if self._flagged(self._evidence[index])), self._at)
        self._show()
