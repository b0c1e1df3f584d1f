"""The values of the core as JSON, in the field names of the published formats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any


def to_json(value: Any, *, pretty: bool = False) -> str:
    """One compact line, or indented; the same value always gives the same bytes."""
    layout: dict[str, Any] = {"indent": 2} if pretty else {"separators": (",", ":")}
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, **layout)


def plain(value: Any) -> Any:
    """Dataclasses as dictionaries, `schema` first; OPTIONAL fields that are None are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        shown = {
            field.name: plain(item)
            for field in fields(value)
            if (item := getattr(value, field.name)) is not None or not field.metadata.get("optional")
        }
        return {"schema": shown.pop("schema"), **shown} if "schema" in shown else shown
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value
