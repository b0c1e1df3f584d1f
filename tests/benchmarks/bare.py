"""The floors on a screen: a Textual app with one Input, and the same with a page of text painted 15 times a second."""

from __future__ import annotations

import sys

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

FRAMES_A_SECOND = 15


class Page(Widget):
    """Lines that are ready, all painted again at each frame."""

    DEFAULT_CSS = "Page { height: 1fr; }"

    def on_mount(self) -> None:
        self._strip = Strip([Segment("The quiet heat pump takes the noise out of heating. " * 2)])
        self.set_interval(1 / FRAMES_A_SECOND, self.refresh)

    def render_line(self, y: int) -> Strip:
        return self._strip.crop(y % 7, self.size.width)


class Bare(App[None]):
    """Nothing but what is compared with."""

    def compose(self) -> ComposeResult:
        if "--frames" in sys.argv:
            yield Page()
        yield Input(placeholder="Write a message")


if __name__ == "__main__":
    Bare().run()
