"""The list of what can follow what is being typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

if TYPE_CHECKING:
    from chatspace.tui.completion import Candidate, Completion


class Completions(OptionList, can_focus=False):
    """Stands above the prompt while there is something to offer; the prompt keeps the focus and moves the cursor."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self.completion: Completion | None = None
        self.display = False

    def show(self, completion: Completion | None) -> None:
        """Offer something else, with nothing highlighted; None closes the list."""
        self.completion = completion if completion and completion.candidates else None
        self.display = self.completion is not None
        self.clear_options()
        if self.completion:
            self.add_options(map(Option, _lines(self.completion.candidates, self.app.size.width // 3)))
            if self.completion.note:
                self.add_option(Option(Text(self.completion.note, style="dim"), disabled=True))
        self.highlighted = None

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


def _lines(candidates: Sequence[Candidate], room: int) -> list[Text]:
    """Labels with their details in a column; a label without room beside its detail is cut to its first word."""
    labels = [each.label.split()[0] if each.detail and len(each.label) > room else each.label for each in candidates]
    width = max(map(len, labels)) + 2
    return [
        Text.assemble(label.ljust(width), (each.detail, "dim"), no_wrap=True)
        for label, each in zip(labels, candidates, strict=True)
    ]
