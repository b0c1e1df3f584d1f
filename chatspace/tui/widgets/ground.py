"""Widgets that show nothing of their own: what they render lies under every text that grows, and is painted with it."""

from __future__ import annotations

from collections.abc import Callable

from textual.containers import Horizontal
from textual.geometry import Region
from textual.strip import Strip


def ground(render_lines: Callable[[Region], list[Strip]], crop: Region) -> list[Strip]:
    """The lines of a widget in which all are the same, its borders left and right included: the first, repeated."""
    return render_lines(Region(crop.x, crop.y, crop.width, 1)) * crop.height


class Row(Horizontal):
    """Widgets side by side."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return ground(super().render_lines, crop)
