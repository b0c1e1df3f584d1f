"""The JSON object in a model's reply."""

from __future__ import annotations

import json
from typing import Any


def json_object(text: str) -> dict[str, Any]:
    """The object, also from within a code fence or behind a preamble. Raises ValueError with what is wrong."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise ValueError("it contains no JSON object")
    try:
        value = json.loads(text[start : end + 1])
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the JSON is broken ({error})") from None
    return dict(value)
