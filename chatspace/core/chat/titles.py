"""Titles of conversations, made of what was said first, without a model."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from chatspace.core.stages.registry import stage, stage_names

TITLE_LENGTH = 60
UNTITLED = "Untitled"

COMMANDS = {"run": "Run of", "desk": "Rewrite of"}
"""What the commands beside those of the stages make of a source."""

COMMAND = re.compile(r"/([a-z][a-z-]*)(?=\s|$)")
OPTION = re.compile(r"""(?<!\S)--[a-z][a-z-]*(?:=|[ \t]+)(?:"[^"]*"|'[^']*'|[^\s"']+)""")
ATTACHED = re.compile(r"""(?<!\S)@(?:"([^"]+)"|(\S*[\w/~]))""")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
MARKUP = re.compile(r"(\*\*|__|~~|`)(?=\S)(.+?)(?<=\S)\1")
LINE_START = re.compile(r"\A\s*(?:#{1,6}\s+|[-*+]\s+(?:\[[ xX]\]\s+)?|\d+[.)]\s+)*")
RULE = re.compile(r"[\s#>*\-_`~=|:+]*")
FENCE = re.compile(r"\s*(```|~~~)")


def title_from(text: str) -> str:
    """The first words that say something: no command, option, quotation or code where there is anything else."""
    command = COMMAND.match(text)
    verb = _verb(command[1]) if command else ""
    said = text[command.end() :] if command else text
    first, newline, below = said.partition("\n")
    if command:
        first = OPTION.sub("", first)
    line = _clean(_own_line(first + newline + below))
    if verb:
        line = f"{verb} {_stem(line)}" if line else verb.partition(" ")[0]
    return _shortened(line) or (command[1].capitalize() if command else UNTITLED)


def _verb(command: str) -> str:
    """What a command that works on a source makes of it; what stands behind any other is the title itself."""
    return stage(command).title if command in stage_names() else COMMANDS.get(command, "")


def _own_line(text: str) -> str:
    """The first line that is the writer's own; else of the code, else of what is quoted."""
    code, quoted, fence = "", "", ""
    for line in text.splitlines():
        mark = FENCE.match(line)
        if mark and (not fence or fence == mark[1]):
            fence = "" if fence else mark[1]
        elif RULE.fullmatch(line):
            continue
        elif fence:
            code = code or line
        elif line.lstrip().startswith(">"):
            quoted = quoted or line.lstrip(" \t>")
        else:
            return line
    return code or quoted


def _clean(line: str) -> str:
    line = MARKUP.sub(r"\2", LINK.sub(r"\1", LINE_START.sub("", line)))
    without = ATTACHED.sub("", line)
    if line.lstrip().startswith("@") and without.strip():
        rest = line.lstrip()
        while attached := ATTACHED.match(rest):
            rest = rest[attached.end() :].lstrip(" ,;:")
        line = rest or line
    return ATTACHED.sub(lambda found: _stem(found[1] or found[2]), line).strip(" \t#*_`~")


def _stem(name: str) -> str:
    """What a file is about, by its name; anything that doesn't look like one stays as it is."""
    name = name.strip().strip("\"'")
    path = PurePosixPath(name.replace("\\", "/"))
    looks_like_file = bool(path.suffix) and " " not in path.suffix and path.suffix[1:].isalnum()
    if not looks_like_file or ("/" not in name and " " in name and len(name) > TITLE_LENGTH):
        return name
    return re.sub(r"[-_]+", " ", path.stem).strip() or name


def _shortened(line: str) -> str:
    title = ""
    for word in line.split():
        if title and len(title) + 1 + len(word) > TITLE_LENGTH:
            return title + " …"
        title = f"{title} {word}".strip()[:TITLE_LENGTH]
    return title
