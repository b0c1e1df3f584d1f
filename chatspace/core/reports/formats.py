"""The values of the core as JSON, in the field names of the published formats."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


_SURROGATE = re.compile(r"[\ud800-\udfff]")
"""Half a character, as a model's reply may hold it; no file and no database takes it as it is."""


def to_json(value: Any, *, pretty: bool = False) -> str:
    """One compact line, or indented; the same value always gives the same bytes."""
    layout: dict[str, Any] = {"indent": 2} if pretty else {"separators": (",", ":")}
    text = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, **layout)
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


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

    Raises ValueError, with the place, for what is missing or of another type.
    """
    made: Value = _made(kind, data, ())
    return made


Place = tuple[str | int, ...]


def _made(kind: Any, data: Any, place: Place) -> Any:
    if kind is Any:
        return data
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass(kind, data, place)
    origin, members = get_origin(kind), get_args(kind)
    if origin in (UnionType, Union):
        return _member(kind, data, place)
    if origin is tuple:
        return _tuple(kind, data, place)
    if origin is Literal:
        return data if data in members else _wrong(kind, data, place)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        named = data if isinstance(data, dict) else _wrong(kind, data, place)
        return {name: _made(members[1], item, (*place, name)) for name, item in named.items()}
    if kind is float and type(data) is int:
        return data
    return data if type(data) is kind or (kind is NoneType and data is None) else _wrong(kind, data, place)


def _dataclass(kind: Any, data: Any, place: Place) -> Any:
    if not isinstance(data, dict):
        return _wrong(kind, data, place)
    values = {}
    for name, hint, needed in _fields(kind):
        if name in data:
            values[name] = _made(hint, data[name], (*place, name))
        elif needed == "optional":
            values[name] = None
        elif needed:
            raise ValueError(f"{_said((*place, name))} is missing")
    return kind(**values)


def _member(kind: Any, data: Any, place: Place) -> Any:
    """By the first member of a union that it fits; of one value or None the error is that of the value."""
    members = [member for member in get_args(kind) if member is not NoneType]
    if data is None and len(members) < len(get_args(kind)):
        return None
    for member in members[:-1]:
        try:
            return _made(member, data, place)
        except ValueError:
            continue
    return _made(members[-1], data, place)


def _tuple(kind: Any, data: Any, place: Place) -> Any:
    members = get_args(kind)
    if not isinstance(data, list):
        return _wrong(kind, data, place)
    if members[-1] is Ellipsis:
        return tuple(_made(members[0], item, (*place, number)) for number, item in enumerate(data))
    if len(data) != len(members):
        return _wrong(kind, data, place)
    return tuple(_made(*pair, (*place, number)) for number, pair in enumerate(zip(members, data, strict=True)))


def _wrong(kind: Any, data: Any, place: Place) -> NoReturn:
    shown = repr(data)
    shown = shown if len(shown) <= 60 else f"{shown[:59]}…"
    raise ValueError(f"{_said(place)} is {shown}, not {getattr(kind, '__name__', str(kind).replace('typing.', ''))}")


def _said(place: Place) -> str:
    return ".".join(map(str, place)) or "the value"


@cache
def _fields(kind: Any) -> tuple[tuple[str, Any, str], ...]:
    """Each field with its type, and whether it must be there; "optional" where None is left out of the JSON."""
    hints = get_type_hints(kind)
    return tuple(
        (
            field.name,
            hints[field.name],
            "optional"
            if field.metadata.get("optional")
            else "needed"
            if field.default is MISSING and field.default_factory is MISSING
            else "",
        )
        for field in fields(kind)
    )
