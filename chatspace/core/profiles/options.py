"""What may be asked for with a command or a message, and what holds where nothing is said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatspace.core.calls.budget import Budget
    from chatspace.core.profiles.profile import EffortChoice, Sla

EFFORTS: tuple[EffortChoice, ...] = ("off", "low", "medium", "high")
SLAS: tuple[Sla, ...] = ("fast", "standard", "best")
DEFAULT_SLA: Sla = "standard"
DEFAULT_CHANNEL = "blog"


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for.

    `profile`, `model` and `effort` are for the command's own step; None leaves them to the policy and the profile.
    `variants` is the number per field, `words` the length of the draft, `budget_tokens` the size of the payload;
    `no_model` leaves an extraction as the rules made it; `local` allows loopback and the embedded engine alone; `force`
    lets a run go on where a gate rejects; `fresh` asks for everything anew, also for what an earlier try has paid for;
    `unattended` waits longer for a server and asks it more often; `budget` bounds what all calls with its purse take.
    """

    profile: str | None = None
    model: str | None = None
    effort: EffortChoice | None = None
    policy: str = "default"
    pipeline: str = "staged"
    channel: str = DEFAULT_CHANNEL
    sla: Sla = DEFAULT_SLA
    lang: str | None = None
    words: int | None = None
    tone: str | None = None
    audience: str | None = None
    variants: int | None = None
    budget_tokens: int | None = None
    local: bool = False
    force: bool = False
    fresh: bool = False
    unattended: bool = False
    budget: Budget | None = None
    no_model: bool = field(default=False, repr=False)
