"""The values of the core as JSON, in the field names of the published formats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import repeat
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


def to_json(value: Any, *, pretty: bool = False) -> str:
    """One compact line, or indented; the same value always gives the same bytes."""
    layout: dict[str, Any] = {"indent": 2} if pretty else {"separators": (",", ":")}
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, **layout)


def plain(value: Any) -> Any:
    """Dataclasses as dictionaries, `schema` first; OPTIONAL fields that are None are left out."""
    if value is None or isinstance(value, str | int | float):
        return value
    kind: Any = type(value)
    if shown := _shown(kind):
        return {
            name: plain(item) for name, optional in shown if (item := getattr(value, name)) is not None or not optional
        }
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


@cache
def _shown(kind: Any) -> tuple[tuple[str, bool], ...]:
    """The fields of a dataclass in the order in which they are shown, and whether each is optional."""
    listed = fields(kind) if is_dataclass(kind) else ()
    first = sorted(listed, key=lambda field: field.name != "schema")
    return tuple((field.name, bool(field.metadata.get("optional"))) for field in first)


def from_plain(kind: type[Value], data: Any) -> Value:
    """The value of dataclass `kind` that `plain` made this of; what `kind` doesn't know is left out.

    Nothing is checked: the data is what a program of ours wrote. Raises TypeError for a field that is missing.
    """
    made: Value = _made(kind, data)
    return made


def _made(kind: Any, data: Any) -> Any:
    if data is None:
        return None
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        known = [field for field in fields(kind) if field.name in data or field.metadata.get("optional")]
        return kind(**{field.name: _made(hints[field.name], data.get(field.name)) for field in known})
    members = get_args(kind)
    if get_origin(kind) is tuple:
        return tuple(map(_made, repeat(members[0]) if members[-1] is Ellipsis else members, data))
    if get_origin(kind) is UnionType:
        return _made(next(member for member in members if member is not NoneType), data)
    return data


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
