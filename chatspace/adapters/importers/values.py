"""Reading what may be anything: each of these gives what was asked for, or an empty value of its kind."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chatspace.core.document import Source

_MAX_RUN = re.compile("`{3,}")


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> Sequence[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def whole(value: object) -> int | None:
    """A count that isn't negative."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62 else None


def moment(value: object) -> datetime | None:
    """Seconds since 1970, or ISO 8601, which is UTC where it doesn't say."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str) and value:
            read = datetime.fromisoformat(value.strip())
            return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def fenced(code: str, language: str = "") -> str:
    """A code block whose fence is longer than any within it."""
    longest = max((len(run) for run in _MAX_RUN.findall(code)), default=2)
    fence = "`" * (longest + 1)
    info = re.sub(r"[^\w+#.-]", "", language)[:40]
    return f"{fence}{info}\n{code.rstrip()}\n{fence}"


def compact(value: object) -> str:
    """A value as JSON for reading."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return "(nested too deep)"


def source(name: str, content: str, media_type: str = "text/plain") -> Source:
    """A text that went along with a message."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n")
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    return Source(name=name or "attached text", text=lines, id=f"sha256:{digest}", media_type=media_type)


def joined(*parts: str) -> str:
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())
