"""Widgets that show nothing of their own: what they render lies under every text that grows, and is painted with it."""

from __future__ import annotations

from textual.containers import Horizontal
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class UniformBackground(Widget):
    """All its lines are the same, borders left and right included; stands behind the class that a part is styled as."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """The first line, repeated."""
        return super().render_lines(Region(crop.x, crop.y, crop.width, 1)) * crop.height


class UniformRow(Horizontal, UniformBackground):
    """Widgets side by side."""
