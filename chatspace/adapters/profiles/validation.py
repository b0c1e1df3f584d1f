"""Checks what a file says against a pydantic model, and puts the first error into words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from chatspace.adapters.profiles.marked import Location, Marked
from chatspace.core.errors import ConfigurationError

Entry = TypeVar("Entry", bound=BaseModel)

NEVER_SHOWN = ("api_base", "api_key_env", "key_env")
"""Fields into which people put a key by mistake."""

_KEY_PREFIX = re.compile(r"(?i)(?:^|[^a-z])(?:sk|gsk|xai|pk|hf|ghp|aiza)[-_A-Z0-9][-_a-z0-9]{12,}")
_LONG_RUN = re.compile(r"[A-Za-z0-9+/]{20,}")


def validated(model: type[Entry], marked: Marked) -> Entry:
    """Raises ConfigurationError with the line, the field, what is wrong and what is allowed."""
    try:
        return model.model_validate(marked.data)
    except ValidationError as error:
        raise _explained(error.errors(include_url=False)[0], model, marked) from None


def looks_like_key(text: str) -> bool:
    """Whether a text may be a secret, which no message may repeat."""
    return bool(_KEY_PREFIX.search(text)) or any(
        any(c.isdigit() for c in run) and any(c.isalpha() for c in run) for run in _LONG_RUN.findall(text)
    )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest of the known names as a clause of a sentence, or nothing."""
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _explained(error: Any, model: type[BaseModel], marked: Marked) -> ConfigurationError:
    location: Location = tuple(part for part in error["loc"] if part != "[key]")
    name = str(location[-1]) if location else ""
    if error["type"] == "extra_forbidden":
        known = _model_at(model, location[:-1]).model_fields
        reason = f"unknown field {_shown(name)}{did_you_mean(name, known)}"
        return marked.error(location, reason, f"Available: {', '.join(known)}.")
    allowed = _description(model, location)
    if error["type"] == "missing":
        return marked.error(location, "it is missing", allowed)
    if any(part in NEVER_SHOWN for part in location):
        return marked.error(location, "the value is not allowed (it is not repeated here)", allowed)
    value = name if "[key]" in error["loc"] else error["input"]
    near = did_you_mean(value, re.findall(r"'([^']*)'", error["ctx"]["expected"])) if _is_choice(error) else ""
    return marked.error(location, f"{_shown(value)} is not allowed{near}", allowed)


def _is_choice(error: Any) -> bool:
    return error["type"] == "literal_error" and isinstance(error["input"], str)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = repr(value)
    if looks_like_key(text):
        return "a value that looks like a key"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _model_at(model: type[BaseModel], location: Location) -> type[BaseModel]:
    """The model of the mapping at `location`."""
    for part in location:
        field = model.model_fields.get(str(part))
        model = (_model_in(field.annotation) if field else None) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _description(model: type[BaseModel], location: Location) -> str:
    """What is allowed at `location`, as the nearest field around it says."""
    for end in range(len(location), 0, -1):
        field = _model_at(model, location[: end - 1]).model_fields.get(str(location[end - 1]))
        if field is not None and field.description:
            return f"Allowed: {field.description}."
    return f"Allowed: a mapping with {', '.join(model.model_fields)}."
