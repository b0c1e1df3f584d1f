"""The draft stage: the payload and the recipe go to the profile's model; its reply is the draft."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from chatspace.core.call import Call, Turn
from chatspace.core.payload import Payload
from chatspace.core.run import Coverage


@dataclass(frozen=True, slots=True)
class Drafted:
    """The text as it came, the call that made it, and how much of the source the model was shown."""

    text: str
    call: Call
    coverage: Coverage


async def draft(shown: Payload, ask: Callable[[Sequence[Turn]], Awaitable[Call]]) -> Drafted:
    """One call. A truncated reply is kept with its outcome. Raises ModelError where no text came at all."""
    call = await ask([Turn("user", shown.text)])
    return Drafted(without_wrapper(call.text), call, Coverage(shown.sections, shown.sections - len(shown.left_out)))


def without_wrapper(text: str) -> str:
    """The Markdown of a reply that a model put into one fence as a whole, as some do; any other text as it is."""
    lines = text.strip().split("\n")
    opens = lines[0].strip().lower() in ("```markdown", "```md")
    if opens and len(lines) > 2 and lines[-1].strip() == "```":
        return "\n".join(lines[1:-1]).strip() + "\n"
    return text
