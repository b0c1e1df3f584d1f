"""The examples of the CommonMark specification."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

SPEC = Path(__file__).with_name("commonmark-0.31.2.json")


@dataclass(frozen=True, slots=True)
class Example:
    number: int
    section: str
    markdown: str
    html: str

    @property
    def is_about_lists(self) -> bool:
        return self.section in ("Lists", "List items")


def load_examples() -> list[Example]:
    """Those of the file that COMMONMARK_SPEC names, in the specification's own JSON, else the ones kept here."""
    content = json.loads(Path(os.environ.get("COMMONMARK_SPEC", SPEC)).read_text(encoding="utf-8"))
    listed = content if isinstance(content, list) else content["examples"]
    return [Example(one["example"], one["section"], one["markdown"], one["html"]) for one in listed]
