"""The embedded engine: the provider that is always there. It has no language model, no network and no chance in it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from chatspace.core.calls.call import Finished, ProviderEvent, Request, TextDelta, UsageReported
from chatspace.core.calls.usage import Usage
from chatspace.core.errors import ModelError, SourceError
from chatspace.core.profiles.profile import Step
from chatspace.core.text.tokens import estimate_tokens, estimate_turns

WORDS_AT_ONCE = 8
AD_WORDS = 120
MAX_OPENINGS = 12
NOTHING_ADDED = '{"entities": [], "key_points": [], "metadata": {}}'
"""The extraction by rule has found already what rules can find."""


class OfflineProvider:
    """Fulfils `ports.Provider`: the same request always gets the same reply."""

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        """Raises ModelError where there is no text to work on, or none that can be read."""
        text = await asyncio.to_thread(_answer, request)
        if not text.strip():
            raise ModelError(
                "The built-in engine has nothing to write",
                "it only uses the source's own text, and the source has none for this step",
                "Use a source with text, or choose a model with --model (ctrl+o in the workspace).",
                kind="bad_request",
            )
        for piece in _pieces(text):
            yield TextDelta(piece)
            await asyncio.sleep(0)
        asked = estimate_turns(turn.content for turn in request.turns)
        yield UsageReported(Usage(input=asked, output=estimate_tokens(text), estimated=True))
        yield Finished("stop")


def _answer(request: Request) -> str:
    answer = _STEPS.get(request.step)
    if answer is None:
        raise ModelError(
            f"The built-in engine can't {request.step}",
            "it has no language model, and no rules for this",
            "Choose a model with --model, or name one in the profile.",
            kind="bad_request",
        )
    try:
        return answer(request)
    except SourceError as error:
        raise ModelError(error.title, error.reason, error.remedy, kind="bad_request") from error


def _pieces(text: str) -> Iterator[str]:
    words = re.findall(r"\s*\S+\s*", text)
    for start in range(0, len(words), WORDS_AT_ONCE):
        yield "".join(words[start : start + WORDS_AT_ONCE])


def _number(request: Request, name: str) -> int | None:
    value = request.variables.get(name)
    return value if isinstance(value, int) and value > 0 else None


def _json(name: str, items: list[Any]) -> str:
    return json.dumps({name: items}, ensure_ascii=False)


# Each step imports its part of the engine when asked for: the parser behind them is heavier than a first frame may be.


def _extract(request: Request) -> str:
    return NOTHING_ADDED


def _draft(request: Request) -> str:
    from chatspace.adapters.offline import drafting, material

    profile = request.target.profile
    # A profile that writes copy too is asked for the text of an ad.
    words = _number(request, "words") or (AD_WORDS if "copy" in profile.steps else None)
    return drafting.draft(material.read(request.turns), words, keep_structure=profile.keep_structure)


def _copy(request: Request) -> str:
    from chatspace.adapters.offline import copywriting, material

    fields = request.variables.get("fields") or [{**request.variables, "name": "variants"}]
    read = material.read(request.turns)
    found = {
        each["name"]: copywriting.variants(read, copywriting.Wanted.of({"field": each["name"], **each}))
        for each in fields
    }
    return json.dumps(found, ensure_ascii=False)


def _rewrite(request: Request) -> str:
    from chatspace.adapters.offline import rewriting

    passage = next((turn.content for turn in reversed(request.turns) if turn.role == "user"), "")
    return rewriting.rewrite(passage, str(request.variables.get("instruction") or "clearer and shorter"))


def _story(request: Request) -> str:
    from chatspace.adapters.offline import material, openings

    count = min(_number(request, "openings") or 3, MAX_OPENINGS)
    found = openings.openings(material.read(request.turns), count, request.variables.get("tone"))
    return _json("openings", list(found))


def _chat(request: Request) -> str:
    from chatspace.adapters.offline import chatting

    message = next((turn.content for turn in reversed(request.turns) if turn.role == "user"), "")
    return chatting.answer(message)


_STEPS: dict[Step, Callable[[Request], str]] = {
    "extract": _extract,
    "draft": _draft,
    "copy": _copy,
    "rewrite": _rewrite,
    "story": _story,
    "chat": _chat,
}
