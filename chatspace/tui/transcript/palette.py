"""The styles that lines are made with, all from the theme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from rich.style import Style

BOLD = Style(bold=True)
ITALIC = Style(italic=True)
STRIKE = Style(strike=True)


@dataclass(frozen=True, slots=True)
class Palette:
    """One style for each component class `transcript--<name>`, colours and ground included."""

    text: Style
    accent: Style
    heading: Style
    muted: Style
    rule: Style
    error: Style
    warning: Style
    link: Style
    inline_code: Style
    code: Style
    code_comment: Style
    code_keyword: Style
    code_name: Style
    code_number: Style
    code_string: Style

    @classmethod
    def of(cls, style: Callable[[str], Style]) -> Palette:
        """The palette whose styles `style` gives for the component classes."""
        return cls(*(style(component) for component in COMPONENTS))

    @classmethod
    def none(cls) -> Palette:
        """No styles, for as long as there is no theme."""
        return cls.of(lambda _: Style.null())


COMPONENTS = tuple(f"transcript--{field.name.replace('_', '-')}" for field in fields(Palette))
"""The component classes, in the order of the palette's fields."""
