"""What the test server can answer: good replies, and every fault that servers were seen to have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.model_dialects import SentUsage

DEFAULT_TEXT = """# A quieter winter

The Tern 4 heats a house of 140 square metres on **3.2 kW**.

- Quiet
  - 32 dB at one metre
  - no fan at night
- Cheap to run

| size | price |
|------|-------|
| 4 kW | $4,200 |
| 6 kW | $5,100 |

```python
print("warm")
```
"""

NOTHING_FOUND = '{"entities": [], "key_points": [], "metadata": {}}'
"""What a model says to the extraction that has nothing to add."""


def ask_at_every_step(profiles: Path) -> None:
    """Let the pipeline of this folder ask a model for the extraction too, where the shipped one needn't."""
    folder = profiles / "pipelines"
    folder.mkdir(parents=True, exist_ok=True)
    steps = "[{step: extract}, {step: draft}, {step: copy}]"
    (folder / "staged.yaml").write_text(f"extract: {{model: always}}\nsteps: {steps}\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Reply:
    """A good answer: `chunk` characters a piece, `delay` seconds between two, `blanks` pieces with null content.

    `reading` is how many seconds pass before the first.

    Without `finish_reason` or `done` the stream ends cleanly all the same. Usage goes out only where it was asked for,
    or `unasked`.
    """

    text: str = DEFAULT_TEXT
    chunk: int = 12
    delay: float = 0.0
    reasoning: str = ""
    usage: SentUsage | None = SentUsage(120, 80)
    finish_reason: str | None = "stop"
    done: bool = True
    blanks: int = 0
    unasked: bool = False
    reading: float = 0.0


@dataclass(frozen=True, slots=True)
class HttpError:
    """A status with a body: text, or an object that goes out as JSON."""

    status: int
    body: str | Mapping[str, Any] = field(default_factory=lambda: {"error": {"message": "it went wrong"}})
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redirect:
    """A status that asks for another address; None names no address."""

    status: int
    location: str | None


@dataclass(frozen=True, slots=True)
class Cut:
    """The stream ends cleanly after some pieces, without a finish reason; `done` sends `[DONE]` nevertheless."""

    after_chunks: int = 3
    done: bool = False
    text: str = DEFAULT_TEXT
    chunk: int = 12


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection breaks after some pieces: a TCP reset, or (`tidy`) closed without the last HTTP chunk."""

    after_chunks: int = 3
    tidy: bool = False
    text: str = DEFAULT_TEXT


@dataclass(frozen=True, slots=True)
class Html:
    """A proxy's page with status 200."""

    body: str = "<html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>"


@dataclass(frozen=True, slots=True)
class Empty:
    """Status 200 and nothing: an empty body, or (`stream`) an event stream with no events, or only `[DONE]`."""

    stream: bool = False
    done: bool = False


@dataclass(frozen=True, slots=True)
class Hang:
    """Sends nothing, or `after_chunks` pieces and then nothing, until the client goes away."""

    after_chunks: int | None = None
    text: str = DEFAULT_TEXT


@dataclass(frozen=True, slots=True)
class Pings:
    """`: ping` comments for ever, after some pieces."""

    after_chunks: int = 0
    interval: float = 0.02
    text: str = DEFAULT_TEXT


@dataclass(frozen=True, slots=True)
class SlowDrip:
    """Good text, for ever, one word every `delay` seconds."""

    delay: float = 0.05


@dataclass(frozen=True, slots=True)
class LengthCut:
    """`finish_reason: length` after some pieces."""

    after_chunks: int = 3
    text: str = DEFAULT_TEXT


@dataclass(frozen=True, slots=True)
class ContentFilter:
    """`finish_reason: content_filter` after some pieces."""

    after_chunks: int = 1
    text: str = DEFAULT_TEXT


@dataclass(frozen=True, slots=True)
class NullContent:
    """A reply among chunks whose content is null."""

    text: str = DEFAULT_TEXT


@dataclass(frozen=True, slots=True)
class BadJson:
    """An event that isn't JSON, after some pieces."""

    after_chunks: int = 2
    text: str = DEFAULT_TEXT


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """An error object inside the stream, after some pieces, as proxies send it once the status is gone."""

    after_chunks: int = 2
    message: str = "upstream failed"
    code: int | str = 502
    text: str = DEFAULT_TEXT


@dataclass(frozen=True, slots=True)
class ContextOverflow:
    """400 for a request larger than the window: with OpenAI's code, or said in the text alone."""

    text_only: bool = False


Answer = (
    Reply
    | HttpError
    | Redirect
    | Cut
    | Reset
    | Html
    | Empty
    | Hang
    | Pings
    | SlowDrip
    | LengthCut
    | ContentFilter
    | NullContent
    | BadJson
    | ErrorEvent
    | ContextOverflow
)

FAULTS: dict[str, Answer] = {
    "cut": Cut(),
    "cut-done": Cut(done=True),
    "reset": Reset(),
    "html": Html(),
    "empty": Empty(),
    "hang": Hang(),
    "pings": Pings(),
    "slow": SlowDrip(0.5),
    "length": LengthCut(),
    "filter": ContentFilter(),
    "bad-json": BadJson(),
    "error-event": ErrorEvent(),
    "context": ContextOverflow(),
    "http-401": HttpError(401, {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}),
    "http-404": HttpError(404, {"error": {"message": "The model does not exist", "code": "model_not_found"}}),
    "http-429": HttpError(429, {"error": {"message": "Rate limit reached"}}, {"Retry-After": "7"}),
    "http-502": HttpError(502, "<html><body>502 Bad Gateway</body></html>"),
}


def plausible(body: Mapping[str, Any]) -> Answer:
    """What a model might say: JSON variants where the system message asks for them, else Markdown with everything."""
    turns = body.get("messages", [])
    system = " ".join(str(turn.get("content")) for turn in turns if turn.get("role") == "system")
    if "JSON" in system and "variants" in system:
        return Reply(json.dumps({"variants": ["Heat without the hum", "Warm rooms, low bills", "Quiet. Warm. Done."]}))
    section = "Short paragraphs carry the story, *set plainly*, with `code` and [links](https://example.com) in them. "
    asked = str(turns[-1].get("content", ""))[:200] if turns else ""
    parts = [f"{DEFAULT_TEXT}\n## Part {number}\n\n{section * 6}\n" for number in range(1, 5)]
    return Reply(f"You asked: {asked}\n\n" + "\n".join(parts), reasoning="First the facts, then the order. " * 6)
