"""The places: screens of their own for one kind of work, opened from the conversation by a command or a key.

A place is imported when it is opened, so that the first frame costs nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from textual.screen import Screen

    from chatspace.core.chat.conversation import Message
    from chatspace.core.document import Source
    from chatspace.core.profiles.options import Options
    from chatspace.tui.commands import ParsedCommand
    from chatspace.tui.jobs import Jobs
    from chatspace.wiring import Workspace


@dataclass(frozen=True, slots=True)
class ScreenContext:
    """Where the user comes from: the conversation with its messages in sight, and the one under the cursor.

    `prompt` is what stands unsent in the prompt, `attached` the paths of what is to go along, `sources` what is read of
    it and of what the prompt mentions; `options` are those of the next message.
    """

    conversation: int | None
    thread: tuple[Message, ...]
    options: Options
    chosen: Message | None = None
    prompt: str = ""
    attached: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()

    def reply_of(self, step: str) -> Message | None:
        """What a run made in this step: the chosen message, else the last such."""
        found = (one for one in (self.chosen, *reversed(self.thread)) if one and one.step == step)
        return next((one for one in found if one.role == "assistant" and one.run), None)


@dataclass(frozen=True, slots=True)
class ScreenResult:
    """Where the workspace goes when a place is left: to a conversation, with a text in the prompt.

    `leaf` is the end of the branch that is shown, `at` the message that the cursor goes to; `then` is an action of the
    conversation's screen, done last.
    """

    conversation: int | None = None
    leaf: int | None = None
    prompt: str | None = None
    at: int | None = None
    then: str | None = None


@dataclass(frozen=True, slots=True)
class ScreenEntry:
    """`screen` is "module:Class" below `chatspace.tui.screens`; `options` are those that the command takes."""

    screen: str
    title: str
    arguments: str
    summary: str
    key: str | None = None
    options: tuple[str, ...] = ()


SOURCE_OPTIONS = ("words", "variants", "channel", "sla", "lang", "tone", "audience", "profile", "model", "policy")
"""What can be said of every run over a source."""
WITH = "with"
"""The option that names a further source; it may stand there several times."""

SCREENS: dict[str, ScreenEntry] = {
    "batch": ScreenEntry(
        "batch:BatchScreen",
        "Batch",
        "[PATH...] [-o DIR]",
        "many documents through the pipeline; it keeps running in the background, and /batch shows it again",
        options=(
            "output",
            "jobs",
            "budget",
            "token-budget",
            "retry-failed",
            "overwrite",
            *SOURCE_OPTIONS,
            "pipeline",
            "local",
            "force",
            "fresh",
        ),
    ),
    "compare": ScreenEntry(
        "compare:CompareScreen",
        "Compare",
        "[TEXT] [--profiles a,b,c]",
        "one message to several models at once; pick the best answer",
        key="f3",
        options=("profiles",),
    ),
    "desk": ScreenEntry(
        "desk:DeskScreen",
        "The desk",
        "[PATH]",
        "a file or the last draft in an editor, with a helper that rewrites passages",
        key="f4",
        options=("channel", "lang", "tone", "audience", "profile", "model"),
    ),
    "docs": ScreenEntry("docs:DocsScreen", "Documentation", "[TOPIC]", "the documentation, to read here"),
    "find": ScreenEntry(
        "search:SearchScreen",
        "Search",
        "[TEXT]",
        "everything that was said; profile: tag: title: before: has: in: narrow it down",
        key="ctrl+s",
    ),
    "import": ScreenEntry(
        "importing:ImportScreen",
        "Import",
        "[PATH...]",
        "conversations of ChatGPT, Claude and llm, from their exports",
    ),
    "models": ScreenEntry(
        "models:ModelsScreen", "Models", "", "which models there are, a test call, and how to add one"
    ),
    "run": ScreenEntry(
        "run:RunScreen",
        "The pipeline, stage by stage",
        "[PATH...]",
        "all stages seen as they go, corrected by hand, and run again from there; without a path the runs there were",
        options=(*SOURCE_OPTIONS, "pipeline", WITH),
    ),
    "report": ScreenEntry(
        "report:ReportScreen",
        "Report",
        "[7d|2026-11-01]",
        "calls, cost, tokens, times, gates and edits, grouped as you like",
    ),
    "settings": ScreenEntry("settings:SettingsScreen", "Settings", "", "colours, defaults and keys"),
    "story": ScreenEntry(
        "story:StoryScreen",
        "Openings for a story",
        "[PATH or text]",
        "openings side by side; --openings N, --tones plain,warm",
        options=("openings", "tones", "words", "channel", "lang", "audience", "profile", "model"),
    ),
    "variants": ScreenEntry(
        "copy:CopyScreen",
        "Copy variants",
        "",
        "choose, edit and pair what /copy wrote; export it",
        options=("channel",),
    ),
}
"""By the name of the slash command."""


def open_screen(
    name: str, workspace: Workspace, jobs: Jobs, standing: ScreenContext, typed: ParsedCommand
) -> Screen[ScreenResult | None]:
    """The screen of a place, ready to be shown."""
    module, _, class_ = SCREENS[name].screen.partition(":")
    make = getattr(import_module(f"chatspace.tui.screens.{module}"), class_)
    return cast("Callable[..., Screen[ScreenResult | None]]", make)(workspace, jobs, standing, typed)
