"""Text as the index takes it: the scripts that write without blanks get one round each character."""

from __future__ import annotations

import re

UNSPACED = (
    "\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
"""Chinese characters and Japanese kana, as the inside of a pattern's brackets.

FTS5's tokenizer takes a run of them as one word. As words of one character each, any part of the run is a phrase.
"""

FACT = "\ua000"
"""Begins the words of the index that stand for a fact; nobody's words begin with it, and none is the start of one."""

_UNSPACED = f"[{UNSPACED}]"


def spaced(text: str | None) -> str:
    """The text with a blank round each character of a script that has none."""
    if not text or text.isascii():
        return text or ""
    return re.sub(_UNSPACED, r" \g<0> ", text)  # compiled at its first use, which takes longer than opening the file
