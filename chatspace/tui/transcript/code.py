"""Code in colours."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from rich.segment import Segment
from rich.style import Style

from chatspace.tui.transcript.lines import Line, fold, padded
from chatspace.tui.transcript.palette import Palette

_TOO_LONG = 40_000
"""Characters beyond which code stays plain: lexers are slow, and some are quadratic."""

PADDING = 1


class Highlighter:
    """Pygments, which costs some 40 ms to import: until `warm` was called code is plain."""

    def __init__(self) -> None:
        self.ready = False
        self._lexers: dict[str, Any] = {}

    def warm(self) -> None:
        """Imports what colours the commonest languages."""
        import_module("pygments.lexers").get_lexer_by_name("python")
        self.ready = True

    def segments(self, code: str, info: str, palette: Palette) -> list[Segment]:
        """The code, coloured where its language is known."""
        plain = [Segment(code, palette.code)]
        language = info.split()[0].strip("{}.,").lower() if info.split() else ""
        if not self.ready or not language or len(code) > _TOO_LONG:
            return plain
        lexer = self._lexer(language)
        if lexer is None:
            return plain
        styles = _token_styles(palette)
        coloured = [Segment(text, _style(kind, styles)) for kind, text in lexer.get_tokens(code) if text]
        # A lexer that adds or drops characters would show something else than what was written.
        return coloured if "".join(segment.text for segment in coloured) == code else plain

    def _lexer(self, language: str) -> Any:
        if language not in self._lexers:
            try:
                lexers = import_module("pygments.lexers")
                self._lexers[language] = lexers.get_lexer_by_name(language, stripnl=False, ensurenl=False)
            except ValueError:  # Pygments' ClassNotFound is one.
                self._lexers[language] = None
        return self._lexers[language]


def _token_styles(palette: Palette) -> dict[str, Style]:
    return {
        "Token": palette.code,
        "Token.Comment": palette.code_comment,
        "Token.Keyword": palette.code_keyword,
        "Token.Operator.Word": palette.code_keyword,
        "Token.Literal.String": palette.code_string,
        "Token.Literal.Number": palette.code_number,
        "Token.Keyword.Constant": palette.code_number,
        "Token.Name.Function": palette.code_name,
        "Token.Name.Class": palette.code_name,
        "Token.Name.Tag": palette.code_keyword,
        "Token.Name.Attribute": palette.code_name,
        "Token.Generic.Inserted": palette.code_string,
        "Token.Generic.Deleted": palette.code_number,
    }


def _style(kind: object, styles: dict[str, Style]) -> Style:
    name = str(kind)
    while name not in styles:
        name = name.rpartition(".")[0] or "Token"
    return styles[name]


def code_lines(segments: list[Segment], width: int, palette: Palette) -> list[Line]:
    """Segments with newlines as lines on the code's own ground, as wide as there is room."""
    rows: list[list[Segment]] = [[]]
    for text, style, _ in segments:
        first, *others = text.split("\n")
        if first:
            rows[-1].append(Segment(first, style))
        rows += [[Segment(other, style)] if other else [] for other in others]
    margin = Segment(" " * PADDING, palette.code)
    lines: list[Line] = []
    for row in rows:
        for line in fold(row, width - 2 * PADDING):
            spaced = Line((margin, *line.segments), line.join, PADDING)
            lines.append(padded(spaced, width, palette.code))
    return lines
