"""The documentation, shipped with the program: Markdown files, read by `chatspace docs` and on the screen."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from chatspace.core.errors import UsageError

TOPICS = {
    "workspace": "the terminal workspace: commands, keys, search, stored conversations",
    "cli": "the commands, their options, formats and exit codes",
    "profiles": "profiles, policies, pipelines, channels, endpoints and budgets",
    "batches": "many documents: resuming, reports, canaries, budgets",
    "sources": "how sources are read, long texts, fact checking",
    "plugins": "extending chatspace: readers, formats, importers, providers, stages, commands",
    "figures": "measured quality and performance, and how it was measured",
    "architecture": "how the code is organised, where to find things, which part owns which thread",
    "decisions": "design decisions and the reasons for them",
    "contributing": "setup, tests, and how to add a reader, format, stage or channel",
}
"""By name, in the order in which they are listed, with a line on each."""


def read(topic: str) -> str:
    """The Markdown of a topic. Raises UsageError for one that isn't there."""
    if topic not in TOPICS:
        near = get_close_matches(topic, TOPICS, 1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(f"Unknown topic {topic}", remedy=f"{hint}Available: {', '.join(TOPICS)}.")
    return Path(__file__).with_name(f"{topic}.md").read_text(encoding="utf-8")
