"""The list of what can follow what is being typed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

if TYPE_CHECKING:
    from chatspace.tui.completion import Candidate, Completion
    from chatspace.tui.widgets.prompt import Prompt

ESC_SECONDS = 0.5
"""Within which esc is meant for what has just gone by itself, and does nothing more."""


class Completions(OptionList, can_focus=False):
    """Stands above the prompt while there is something to offer; the prompt keeps the focus and moves the cursor.

    Without `commands` none but /attach is offered.
    """

    class Taken(Message):
        """Something was taken, and nothing follows it."""

    def __init__(self, prompt: Prompt, id: str | None = None, *, commands: bool = True) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._prompt = prompt
        self._commands = commands
        self._went = 0.0
        self.completion: Completion | None = None
        self.display = False

    def offer(self) -> None:
        """What can follow what was typed just now."""
        from chatspace.tui.completion import complete, wanted  # the first frame has no need of it

        found = wanted(_before_cursor(self._prompt))
        if found is None or (not self._commands and found.kind in ("command", "option")):
            self.close()
        elif found.kind in ("command", "option"):
            self.show(complete(found, Path.cwd()))
        else:
            self._prompt.run_worker(self._offer_paths(), group="completion", exclusive=True)

    async def _offer_paths(self) -> None:
        from chatspace.tui.completion import complete, wanted

        before = _before_cursor(self._prompt)
        found = wanted(before)
        if found:
            completion = await asyncio.to_thread(complete, found, Path.cwd())
            if _before_cursor(self._prompt) == before:
                self.show(completion)

    def show(self, completion: Completion | None) -> None:
        """Offer something else, with nothing highlighted; None closes the list."""
        prompt = self._prompt
        self.completion = completion if completion and completion.candidates else None
        self.display = self.completion is not None
        self.clear_options()
        if self.completion:
            self.add_options(map(Option, _lines(self.completion.candidates, self.app.size.width // 3)))
            if self.completion.note:
                self.add_option(Option(Text(self.completion.note, style="dim"), disabled=True))
        self.highlighted = None
        if prompt.offering and not self.display:
            self._went = time.monotonic()
        prompt.offering, prompt.chosen = self.display, False
        prompt.refresh_bindings()

    def close(self) -> bool:
        """Close the list; gives whether it was open."""
        was_open = self._prompt.offering
        if was_open:
            self.workers.cancel_group(self._prompt, "completion")
            self.show(None)
        return was_open

    def step_back(self) -> bool:
        """Close the list; gives whether that is what esc was meant for, which a list may have been that just went."""
        gone, self._went = self._went, 0.0
        if self.close():
            self._went = 0.0
            return True
        return time.monotonic() - gone < ESC_SECONDS

    def step(self, step: int) -> None:
        """Move by so many, or, where that is 0, take what is highlighted, or else the first."""
        if step:
            self.move(step)
            self._prompt.chosen = self.at is not None
        else:
            if self.at is None:
                self.move(1)
            self._take()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take()

    def _take(self) -> None:
        candidate, completion = self.at, self.completion
        if candidate is None or completion is None:
            return
        self._prompt.typed = candidate.further
        row, column = self._prompt.cursor_location
        start = row, column - completion.wanted.length
        result = self._prompt.replace(candidate.text, start, (row, column), maintain_selection_offset=False)
        self._prompt.move_cursor(result.end_location)
        if not candidate.further:
            self.close()
            self.post_message(self.Taken())

    def move(self, step: int) -> None:
        """From nothing the first or, upwards, the last one; past the ends nothing again."""
        if self.completion is None:
            return
        places = [None, *range(len(self.completion.candidates))]
        at = places.index(self.highlighted) if self.highlighted in places else 0
        self.highlighted = places[(at + step) % len(places)]

    @property
    def at(self) -> Candidate | None:
        """What is highlighted."""
        if self.completion is None or self.highlighted is None:
            return None
        return self.completion.candidates[self.highlighted]


def _before_cursor(prompt: Prompt) -> str:
    return prompt.get_text_range(prompt.document.start, prompt.cursor_location)


def _lines(candidates: Sequence[Candidate], room: int) -> list[Text]:
    """Labels with their details in a column; a label without room beside its detail is cut to its first word."""
    labels = [each.label.split()[0] if each.detail and len(each.label) > room else each.label for each in candidates]
    width = max(map(len, labels)) + 2
    return [
        Text.assemble(label.ljust(width), (each.detail, "dim"), no_wrap=True)
        for label, each in zip(labels, candidates, strict=True)
    ]
