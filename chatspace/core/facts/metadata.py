"""The metadata at the head of a document, under canonical names and with typed values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from chatspace.core.facts.find import find_facts
from chatspace.core.profiles.profile import MetadataField
from chatspace.core.text.language import language_of

HEAD = 6_000
"""Characters that are read: metadata stands at the head of a document."""

_MAX_VALUE = 500
_PAIR = re.compile(
    r"""^[ \t]*(?:[-*+•][ \t]+|>[ \t]?)?(?:\*\*|__)?(?P<key>[^\W\d_][\w /().-]{0,40}?)(?:\*\*|__)?[ \t]*[:：][ \t]*
        (?:\*\*|__)?[ \t]*(?P<value>\S[^\n]*)$""",
    re.MULTILINE | re.VERBOSE,
)
_ROW = re.compile(r"^[ \t]*\|(?P<key>[^|\n]{1,60})\|(?P<value>[^|\n]{1,500})\|?[ \t]*$", re.MULTILINE)
_DEFINITION = re.compile(r"^(?P<key>[^\W\d_][\w /().-]{0,40})\n:[ \t]+(?P<value>\S[^\n]*)$", re.MULTILINE)
_FENCE = re.compile(r"^(?:```|~~~)", re.MULTILINE)
_LIST_SEPARATOR = re.compile(r"[;,·|]")


def find_metadata(
    text: str, fields: Sequence[MetadataField], front_matter: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The fields that a document states about itself: those of its front matter, then those in its first lines.

    Read are `Key: value` lines, bold keys, definition lists and the rows of tables in the first 6,000 characters up to
    the first code block; only keys that are among `fields` or their aliases count there, while unknown keys of the
    front matter are kept under their own names. Numbers are int or float, dates ISO 8601 strings, lists of strings. The
    first mention of a field wins; a value that isn't of its field's type is kept as the text it is.
    """
    known = {_key(alias): field for field in fields for alias in (field.name, *field.aliases)}
    language = language_of(text)
    found: dict[str, Any] = {}
    for raw_key, raw in (front_matter or {}).items():
        field = known.get(_key(str(raw_key)))
        name = field.name if field else _key(str(raw_key)).replace(" ", "_") or str(raw_key)
        if raw is not None and raw != "":
            found.setdefault(name, _typed(raw, field, language))
    for key, value in _pairs(_head(text)):
        field = known.get(_key(key))
        if field and (value := _bare(value)):
            found.setdefault(field.name, _typed(value, field, language))
    return found


def _head(text: str) -> str:
    head = text[:HEAD]
    fence = _FENCE.search(head)
    return head[: fence.start()] if fence else head


def _pairs(head: str) -> Iterator[tuple[str, str]]:
    """Keys and values in reading order."""
    matches = [match for pattern in (_PAIR, _ROW, _DEFINITION) for match in pattern.finditer(head)]
    for match in sorted(matches, key=lambda match: match.start()):
        yield match["key"], match["value"]


@lru_cache(maxsize=1_000)  # the names of all fields are asked for with each source
def _key(key: str) -> str:
    """A key as it is compared: in lower case, without accents, signs and double spaces."""
    plain = unicodedata.normalize("NFKD", key).casefold()
    letters = "".join(
        " " if character in "_-/." else character for character in plain if not unicodedata.combining(character)
    )
    return " ".join("".join(character for character in letters if character.isalnum() or character == " ").split())


def _bare(value: str) -> str:
    return value.strip().strip("*_`").strip()[:_MAX_VALUE]


def _typed(value: Any, field: MetadataField | None, language: str | None) -> Any:
    """What a format can carry: text, a number, an ISO date, or a list of texts."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _typed(item, None, language) for key, item in value.items()}
    if field is None:
        if isinstance(value, list | tuple | set | frozenset):
            return [_typed(item, None, language) for item in value]
        return value if isinstance(value, str | int | float | bool) else str(value)
    if field.type == "list":
        items = value if isinstance(value, list | tuple) else _LIST_SEPARATOR.split(str(value).strip("[]"))
        return [item for one in items if (item := str(one).strip().strip("\"'"))]
    if isinstance(value, list | tuple):
        value = ", ".join(str(item) for item in value)
    if field.type == "number":
        return _number(value, language)
    if field.type == "date":
        return next((fact.value for fact in find_facts(str(value), lang=language) if fact.type == "date"), str(value))
    return str(value)


def _number(value: Any, language: str | None) -> int | float | str:
    """The figure of "about 600 words"; of a range, as of anything without a figure, the text itself."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    figures = [fact for fact in find_facts(str(value), lang=language) if fact.type not in ("quote", "url", "email")]
    if len(figures) != 1:
        return str(value)
    figure = figures[0].value
    if isinstance(figure, str):
        return int(figure) if figure.isdecimal() else str(value)
    # Nobody asks for 1.2 words: a group of three is thousands where nothing else decides.
    return round(figure * 1000) if figures[0].ambiguous and isinstance(figure, float) else figure
