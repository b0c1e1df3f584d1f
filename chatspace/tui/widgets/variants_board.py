"""The variants in a table, one of them edited in its row, and the one under the cursor in full below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import OptionList, Static, TextArea

from chatspace.core.runs.variants import VariantRow, VariantTable, counted
from chatspace.tui.session_view import bring_back
from chatspace.tui.widgets.rows import Rows
from chatspace.tui.widgets.variant_editor import VariantEditor
from chatspace.tui.widgets.variant_rows import LABEL, explained, field_line, text_width, variant_line
from chatspace.tui.yanking import yank

if TYPE_CHECKING:
    from chatspace.tui.sessions.copy import CopySession
    from chatspace.wiring import Workspace

EDITOR_LINES = 6


class VariantsBoard(Vertical):
    """Shows a table of variants. `editing` is the one in the editor."""

    BINDINGS = [
        Binding("enter,e", "variant('edit')", "edit", id="variants.edit"),
        Binding("s,asterisk", "variant('star')", "star", id="variants.star"),
        Binding("a", "variant('A')", "side A", id="variants.side_a"),
        Binding("b", "variant('B')", "side B", id="variants.side_b"),
        Binding("x", "variant('discard')", "discard", id="variants.discard"),
        Binding("u", "variant('bring_back')", "bring back", id="variants.bring_back", show=False),
        Binding("tab,X", "scraps", "scrap list", id="variants.scraps", show=False),
        Binding("plus", "variant('more')", "more", id="variants.more"),
        Binding("y", "variant('yank')", "yank", id="variants.yank", show=False),
        Binding("pageup", "page(-1)", "page up", id="variants.page_up", show=False),
        Binding("pagedown", "page(1)", "page down", id="variants.page_down", show=False),
    ]

    session: CopySession
    """What it shows, once the screen has begun it; the replies on their way report here."""

    class Typed(Message):
        """Another text stands in the editor, or it was opened; `draft` has it counted."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._table: VariantTable | None = None
        self._scraps_shown = False
        self.editing: VariantRow | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="copy-body"):
            yield Rows(id="copy-rows")
            yield VariantEditor(id="copy-editor")
        yield Static(id="copy-whole")

    def on_mount(self) -> None:
        self.query_one(VariantEditor).display = False

    @property
    def _width(self) -> int:
        """The columns of a row, with room for the scroll bar."""
        return self.app.size.width - 1

    @property
    def current(self) -> VariantRow | None:
        """The row under the cursor."""
        table = self._table
        if table is None:
            return None
        at = self.query_one(Rows).at
        return next((line for line in (*table.lines, *table.scrapped) if line.kept.id == at), None)

    def show(self, table: VariantTable, *, scraps: bool, at: int | None = None) -> None:
        """Its lines by field, or its scrap list; the cursor goes to the row `at`, else stays on its own."""
        self._table, self._scraps_shown = table, scraps
        self._show(at)

    def _show(self, at: int | None = None) -> None:
        table, width, options = self._table, self._width, self.query_one(Rows)
        if table is None:
            return
        fields: dict[str, Sequence[VariantRow]] = {} if self._scraps_shown else dict(table.fields)
        rows: list[tuple[int | None, Content]] = []
        if self._scraps_shown:
            rows += [(line.kept.id, variant_line(line, width)) for line in table.scrapped]
        for name, lines in fields.items():
            rows += [(None, Content(""))] if rows else []
            rows.append((None, field_line(name, lines[0].field, lines)))
            rows += [(line.kept.id, variant_line(line, width)) for line in lines]
        options.show(rows, options.at if at is None else at)
        self._show_in_full()

    def _show_in_full(self) -> None:
        line, table = self.current, self._table
        shown = explained(line, table) if line and table and self.editing is None else ""
        self.query_one("#copy-whole", Static).update(shown)

    # Editing in the row

    def edit(self, line: VariantRow) -> None:
        self.editing = line
        editor = self.query_one(VariantEditor)
        editor.display = True
        editor.begin(line.kept.text)
        self._place_editor()
        self.screen.set_focus(editor)
        self._show_in_full()
        self.post_message(self.Typed())

    @property
    def draft(self) -> VariantRow | None:
        """The variant that is edited, with what is typed counted."""
        if self.editing is None or self._table is None:
            return None
        return counted(self.editing.kept, self._table.channel, self._text)

    @property
    def _text(self) -> str:
        return " ".join(self.query_one(VariantEditor).text.split())

    def _place_editor(self) -> None:
        """Over the text of its row, as high as the text, and fully in sight."""
        editor, rows = self.query_one(VariantEditor), self.query_one(Rows)
        width = text_width(self._width) + 2
        lines = min(EDITOR_LINES, max(1, -(-len(editor.text + " ") // max(1, width - 2))))
        row = (rows.highlighted or 0) - round(rows.scroll_offset.y)
        editor.styles.width, editor.styles.height = width, lines
        editor.styles.offset = Offset(LABEL, max(0, min(row, rows.size.height - lines)))

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        if line := self.draft:
            self.query_one(Rows).put(line.kept.id, variant_line(line, self._width, self._text))
            self._place_editor()
            self.post_message(self.Typed())

    @on(VariantEditor.Kept)
    @on(VariantEditor.GivenUp)
    def _editor_left(self, event: VariantEditor.Kept | VariantEditor.GivenUp) -> None:
        line, self.editing = self.editing, None
        self.query_one(VariantEditor).display = False
        self.focus_list()
        if line:
            text = event.text if isinstance(event, VariantEditor.Kept) else ""
            self.run_worker(self.session.edit(line, text), group="mark")

    def focus_list(self) -> None:
        self.screen.set_focus(self.query_one(Rows))

    # What the keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a variant is edited, its keys are its own; some keys need one to act on."""
        if self.editing is not None:
            return False
        if action != "variant":
            return True
        scraps = self.session.marks.scraps_shown
        if parameters[0] == "bring_back":
            return scraps
        return bool(self.session.in_sight) and (parameters[0] == "yank" or not scraps)

    def action_variant(self, what: str) -> None:
        """Do with the variant under the cursor what the key says."""
        line, session = self.current, self.session
        match what:
            case "star" | "discard" | "bring_back":
                self.run_worker(session.marks.do(what, line), group="mark")
            case _ if line is None:
                return
            case "A" | "B":
                self.run_worker(session.pair(line, what), group="mark")
            case "edit":
                self.edit(line)
            case "more":
                self.run_worker(session.more(line), group="more", exclusive=True)
            case "yank":
                self.run_worker(yank(self.screen, self._workspace, line.kept.text, line.name))

    def bring_back_last(self) -> bool:
        """The last of the scrap list, from the table too; gives whether there was one."""
        return bring_back(self, self.session.marks, editing=self.editing is not None)

    def action_scraps(self) -> None:
        self.session.marks.toggle_scraps()

    # The cursor and the window

    async def action_page(self, direction: int) -> None:
        await self.app.run_action("page_down" if direction > 0 else "page_up", self.query_one(Rows))

    def on_resize(self, event: Resize) -> None:
        self.call_after_refresh(self._show)

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        self._show_in_full()
