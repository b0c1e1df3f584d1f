"""Where a file goes: a name that is suggested, and the format that it is written in."""

from __future__ import annotations

from collections.abc import Mapping
from os.path import commonprefix
from pathlib import Path
from typing import NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from chatspace.core.text.safe import for_screen


class Destination(NamedTuple):
    """A path, the format that is written to it, and whether the file that is there may be written over."""

    path: Path
    format: str
    overwrite: bool = False


class SaveDialog(ModalScreen[Destination | None]):
    """Gives where to write. `names` has a suggestion for each format; tab goes on to the next one.

    A name that ends as another format's does means that one. A file that exists is asked about.
    """

    CSS_PATH = "save_dialog.tcss"
    BINDINGS = [
        Binding("escape", "dismiss", "back", id="save.leave"),
        Binding("tab", "next_format", "other format", id="save.format", priority=True),
    ]

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = dict(names)
        self._format = next(iter(names))
        self._asked: str | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="save"):
            yield Static(id="save-format", markup=False)
            yield Input(value=self._names[self._format], id="save-name", compact=True)
            yield Static(id="save-keys", markup=False)

    def on_mount(self) -> None:
        self._show()
        self.set_focus(self.query_one(Input))

    def _show(self) -> None:
        other = "tab other format · " if len(self._names) > 1 else ""
        if self._asked is None:
            said, enter = f"As {self._format}, to", "writes"
        else:
            said, enter, other = f"{Path(self._asked).name} exists.", "writes over it", "another name keeps it · "
        self.query_one("#save-format", Static).update(for_screen(said))
        self.query_one("#save-keys", Static).update(f"enter {enter} · {other}esc goes back")

    def action_next_format(self) -> None:
        """Its name is suggested too, unless one was typed."""
        formats = list(self._names)
        field = self.query_one(Input)
        following = formats[(formats.index(self._format) + 1) % len(formats)]
        if field.value == self._names[self._format]:
            field.value = self._names[following]
        self._format = following
        self._show()

    def on_input_changed(self, event: Input.Changed) -> None:
        if self._asked not in (None, event.value.strip()):
            self._asked = None
            self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        name = event.value.strip()
        if not name:
            return
        path, asked = Path(name).expanduser(), self._asked == name
        if not asked and _is_file(path):
            self._asked = name
            self._show()
        else:
            self.dismiss(Destination(path, self._meant(name), asked))

    def _meant(self, name: str) -> str:
        """The format whose ending the name has, the longest where several fit; else the one that was chosen.

        Its ending is what a suggested name has behind what all of them share, or else its suffix alone.
        """
        shared = len(commonprefix(list(self._names.values())))  # noqa: RUF071  # by characters is meant
        endings = {each: suggested[shared:] for each, suggested in self._names.items()}
        fitting = [each for each, ending in endings.items() if ending and name.lower().endswith(ending)]
        if not fitting:
            endings = {each: Path(suggested).suffix for each, suggested in self._names.items()}
            fitting = [each for each, ending in endings.items() if ending and name.lower().endswith(ending)]
        return max(fitting, key=lambda each: (len(endings[each]), each == self._format), default=self._format)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that none can have, which writing says
        return False
