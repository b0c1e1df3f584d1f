"""Runs of text as inline Markdown that parses back to the same text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from chatspace.adapters.readers.blocks import PLAIN, Script, StyledText
from chatspace.adapters.readers.formulas import parts_from

_SPACE = re.compile(r"[ \t\r\f\v\x1c-\x1f\x85\u2028\u2029]+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff]")
_AROUND_BREAK = re.compile(r" *\n *")

# What Markdown would take for a mark, each only where it could be one. `$` is the end of a run, where the next run or
# the run's own closing delimiter may complete the mark.
_MARKS = re.compile(
    r"[*`~\[]"
    r"|\\(?=[!-/:-@\[-`{-~\n]|\s*$)"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|<(?=[A-Za-z/!?]|$)"
    r"|&(?=#?\w+;|#?\w*$)"
)
_LINE_START = re.compile(r"#{1,6}(?=\s|$)|[-+](?!\w)|=+(?=\s*$)|>|\||:(?=-)")
_NUMBER_START = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_MARK_ENDS, _MARK_BEGINS = re.compile(r"[\d\]]\Z"), re.compile(r"[\d\[]")
_NO_BASE = re.compile(r"(?P<sign>[\^_])(?:(?P<term>[-−+]?[\w.,]+|[′'*†‡§]+)|\((?P<terms>[^()^\s]{1,40})\))")
_NOTE_START = re.compile(r"(\[\^[^\]]*\]):")
_TRAILING_HASHES = re.compile(r"#+$")

_BAD_SCHEME = re.compile(r"(?:javascript|vbscript|file|data):", re.IGNORECASE)
_ENTITY = re.compile(r"&(?=#?\w+;)")
_IN_ADDRESS = {ord(c): f"%{ord(c):02X}" for c in ' <>\\`"'}


def paragraph(runs: Iterable[StyledText]) -> str:
    """One paragraph; the lines of a hard break are joined by a backslash and a newline."""
    lines = _inline(runs).split("\n")
    return "\\\n".join(_safe_start(line) for line in lines)


def heading(runs: Iterable[StyledText]) -> str:
    """One line for a heading."""
    line = _inline(runs).replace("\n", " ")
    return _TRAILING_HASHES.sub(lambda match: "\\" + match[0], line)


def cell(runs: Iterable[StyledText]) -> str:
    """One cell of a table."""
    return _inline(runs).replace("|", "\\|").replace("\n", "<br>")


def address(href: str | None) -> str | None:
    """The address as a link's target, or None where a Markdown parser would refuse it."""
    if not href:
        return None
    clean = "".join(c for c in href.strip() if c.isprintable())
    if not clean or _BAD_SCHEME.match(clean):
        return None
    clean = _ENTITY.sub("&amp;", clean.translate(_IN_ADDRESS))
    return clean if _balanced(clean) else clean.replace("(", "%28").replace(")", "%29")


def _balanced(text: str) -> bool:
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
        if depth < 0:
            return False
    return depth == 0 and deepest < 10


def _safe_start(line: str) -> str:
    if _LINE_START.match(line):
        return "\\" + line
    line = _NOTE_START.sub(r"\1\\:", line, count=1) if line.startswith("[^") else line
    match = _NUMBER_START.match(line)
    return f"{match[1]}\\{line[match.end(1) :]}" if match else line


def _inline(runs: Iterable[StyledText]) -> str:
    """Markdown with a plain newline for each hard break, nothing of it blank at an edge of a line."""
    parts: list[str] = []
    for href, group in groupby(_merged(runs), key=lambda run: run.style.href):
        inner = _styled(list(group), in_link=href is not None)
        body = inner.strip(" \n")
        if href is None or not body:
            _join(parts, inner)
            continue
        lead, tail = inner[: len(inner) - len(inner.lstrip(" \n"))], inner[len(inner.rstrip(" \n")) :]
        _join(parts, lead)
        _join(parts, f"[{body.replace(chr(10), ' ')}]({href})")
        _join(parts, tail)
    text = _AROUND_BREAK.sub("\n", "".join(parts))
    return "\n".join(line for line in (line.strip() for line in text.split("\n")) if line)


def _join(parts: list[str], piece: str) -> None:
    """Append `piece`, keeping an exclamation mark before a link from making it an image."""
    if piece.startswith("[") and parts and parts[-1].endswith("!"):
        parts[-1] = parts[-1][:-1] + "\\!"
    if piece:
        parts.append(piece)


def _merged(runs: Iterable[StyledText]) -> list[StyledText]:
    """Runs of one style joined, white space single, controls gone."""
    merged: list[StyledText] = []
    after_space = True
    for (style, kind), group in groupby(map(_in_code, map(_without_base, runs)), key=lambda run: (run.style, run.kind)):
        if kind != "text":
            for run in group:
                merged += _spaced(merged, run)
            after_space = kind == "task"
            continue
        for joined in _stretches(group) if style.scripts else ("".join(run.text for run in group),):
            text = _SPACE.sub(" ", _CONTROL.sub("", joined))
            text = text.lstrip(" ") if after_space else text
            if text:
                after_space = text.endswith((" ", "\n"))
                # Two styles that differ only in what can't be seen are one.
                seen = replace(PLAIN, href=style.href) if text.isspace() else style
                merged += _spaced(merged, StyledText(text, seen))
    return merged


def _stretches(raised: Iterable[StyledText]) -> list[str]:
    """The texts of raised or lowered runs of one style; a figure behind a figure is a second note mark."""
    texts: list[str] = []
    for run in raised:
        if texts and not (_MARK_ENDS.search(texts[-1]) and _MARK_BEGINS.match(run.text)):
            texts[-1] += run.text
        else:
            texts.append(run.text)
    return texts


def _without_base(run: StyledText) -> StyledText:
    """A formula that is only an exponent or an index, as text that is raised or lowered beside what is before it."""
    found = _NO_BASE.fullmatch(run.text) if run.kind == "formula" else None
    if found is None or run.style.code:
        return run
    script: Script = "sup" if found["sign"] == "^" else "sub"
    return StyledText(found["term"] or found["terms"], replace(run.style, scripts=(script,)))


def _in_code(run: StyledText) -> StyledText:
    """A raised or lowered run of code with a sign for that, as code holds no tags."""
    if not run.style.code or not run.style.scripts:
        return run
    sign = "^" if run.style.scripts[-1] == "sup" else "_"
    return replace(run, text=f"{sign}{run.text}", style=replace(run.style, scripts=()))


def _spaced(before: Sequence[StyledText], run: StyledText) -> list[StyledText]:
    """The run, behind a space where it would join a formula or what is struck out before it."""
    last = before[-1] if before else None
    if last is None or not {last.kind, run.kind} <= {"text", "formula"}:
        return [run]
    left, right = last.text[-1:], run.text[:1]
    if "formula" in (last.kind, run.kind):
        formula, beside = (run.text, left) if run.kind == "formula" else (last.text, right)
        joins = left.isalnum() and right.isalnum() and (not formula.isalnum() or parts_from(formula, beside))
    else:
        joins = left.isalnum() and right.isalnum() and last.style.struck != run.style.struck
    return [StyledText(" ", replace(PLAIN, href=run.style.href)), run] if joins else [run]


def _styled(runs: Sequence[StyledText], in_link: bool) -> str:
    parts: list[str] = []
    groups = [list(group) for _, group in groupby(runs, key=lambda run: (run.kind, replace(run.style, scripts=())))]
    for index, group in enumerate(groups):
        run = group[0]
        if run.kind == "text" and not run.style.code:
            before = parts[-1][-1] if parts else ""
            following = groups[index + 1][0] if index + 1 < len(groups) else None
            _join(parts, _emphasized(group, before, following, in_link))
        else:
            for one in group:
                _join(parts, _unstyled(one))
    return "".join(parts)


def _unstyled(run: StyledText) -> str:
    if run.kind == "task":
        return f"[{run.text}] "
    if run.kind == "note":
        return f"[^{run.target}]"
    if run.kind == "formula":
        return _escaped(run.text, False)
    return f"![{_escaped(run.text, True)}]({run.target})" if run.kind == "image" else _code(run.text)


def _emphasized(runs: Sequence[StyledText], before: str, following: StyledText | None, in_link: bool) -> str:
    """Text that differs in what is raised alone, between its delimiters, or bare where a parser wouldn't take them."""
    style, whole = runs[0].style, "".join(run.text for run in runs)
    written = "".join(_with_scripts(run, in_link) for run in runs)
    marks = ("~~" if style.struck else "") + ("**" if style.strong else "") + ("*" if style.emphasis else "")
    core = written.strip()
    if not marks or not whole.strip() or "\n" in core:
        return written
    lead, tail = written[: len(written) - len(written.lstrip())], written[len(written.rstrip()) :]
    opens = _outside(lead or before) and (bool(lead) or before not in ("*", "~"))
    after = tail or _first(following)
    closes = _outside(after) and after not in ("*", "~")
    return f"{lead}{marks}{core}{marks[::-1]}{tail}" if opens and closes else written


def _with_scripts(run: StyledText, in_link: bool) -> str:
    """The text with tags for what is raised and lowered, as Markdown has no marks for it."""
    core, scripts = run.text.strip(), run.style.scripts
    if not scripts or not core:
        return _escaped(run.text, in_link)
    lead, tail = run.text[: len(run.text) - len(run.text.lstrip())], run.text[len(run.text.rstrip()) :]
    opened = "".join(f"<{script}>" for script in scripts)
    closed = "".join(f"</{script}>" for script in reversed(scripts))
    return f"{lead}{opened}{_escaped(core, in_link)}{closed}{tail}"


def _first(run: StyledText | None) -> str:
    """The first character that `run` is written with; a delimiter where it may be emphasised."""
    if run is None:
        return ""
    if run.kind == "formula":
        return run.text[:1]
    if run.kind != "text" or run.style.code:
        return "["
    if run.style.strong or run.style.emphasis or run.style.struck:
        return "*"
    return "<" if run.style.scripts else run.text[0]


def _outside(character: str) -> bool:
    """Whether a delimiter beside `character` faces away from it."""
    character = character[-1:]
    return not character or character.isspace() or unicodedata.category(character)[0] in "PS"


def _escaped(text: str, in_link: bool) -> str:
    text = _MARKS.sub(lambda match: "\\" + match[0], text)
    return text.replace("]", "\\]") if in_link else text


def _code(text: str) -> str:
    body = text.strip().replace("\n", " ")
    if not body:
        return text
    lead, tail = " " if text[0].isspace() else "", " " if text[-1].isspace() else ""
    longest = max((len(ticks) for ticks in re.findall("`+", body)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if body.startswith("`") or body.endswith("`") else ""
    return f"{lead}{fence}{pad}{body}{pad}{fence}{tail}"
