"""What can go wrong, each kind with its exit code.

ChatspaceError
 ├─ UsageError         2  a wrong argument, an output that exists, a folder that can't be written
 ├─ SourceError          3  a source that can't be read
 ├─ ConfigurationError   4  a profile, policy, pipeline or channel file that is wrong or missing
 ├─ GateRejected         5  structure was lost, or a draft is not publishable
 ├─ ModelError           6  no model answered, or none answered whole
 ├─ BudgetReached        7  the next call could pass the budget
 └─ StoreError           2  the database can't be opened or written

Each face translates them once, in one place: the title says what, the reason why, the remedy what to do.
"""

from __future__ import annotations

from typing import ClassVar, Literal

ModelFailure = Literal[
    "unauthorized",  # 401, 403 or a key that isn't set
    "not_found",  # 404, an unknown model
    "rate_limited",  # 429
    "unavailable",  # 5xx, no connection, a proxy's HTML page
    "timeout",  # a deadline of ours passed
    "context",  # the request is larger than the window
    "refused",  # a content policy, or our own rule `local_only`
    "redirected",  # the server pointed to another host, which is sent nothing
    "bad_request",  # anything else the server blames on us
    "empty",  # status 200 without any text
    "cut",  # the reply ended before it was whole
    "crashed",  # the process that talks to the models died
]


class ChatspaceError(Exception):
    """A failure that we can name. `str()` gives one sentence with the reason; `remedy` says what to do."""

    exit_code: ClassVar[int] = 1

    def __init__(self, title: str, reason: str = "", remedy: str = "") -> None:
        super().__init__(title, reason, remedy)
        self.title = title
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return ": ".join(part for part in (self.title, self.reason) if part)

    @property
    def explained(self) -> str:
        """What happened, and on the next line what to do."""
        return "\n".join(part for part in (str(self), self.remedy) if part)


class UsageError(ChatspaceError):
    exit_code = 2


class SourceError(ChatspaceError):
    exit_code = 3


class ConfigurationError(ChatspaceError):
    """A wrong file. `path`, `line` (from 1) and `field` say where, as far as that is known."""

    exit_code = 4

    def __init__(
        self,
        title: str,
        reason: str = "",
        remedy: str = "",
        *,
        path: str = "",
        line: int | None = None,
        field: str = "",
    ) -> None:
        super().__init__(title, reason, remedy)
        self.path = path
        self.line = line
        self.field = field


class GateRejected(ChatspaceError):
    exit_code = 5


class ModelError(ChatspaceError):
    """No model answered. `status` is the HTTP status where there was one; `retry_after` is in seconds.

    `counted` is False where the request surely took no tokens: it was turned away, or never reached a server.
    """

    exit_code = 6

    def __init__(
        self,
        title: str,
        reason: str = "",
        remedy: str = "",
        *,
        kind: ModelFailure = "unavailable",
        status: int | None = None,
        retry_after: float | None = None,
        counted: bool = True,
    ) -> None:
        super().__init__(title, reason, remedy)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after
        self.counted = counted

    @property
    def transient(self) -> bool:
        """Whether the same request may well succeed a little later."""
        return self.kind in ("rate_limited", "unavailable", "timeout", "empty", "cut", "crashed")


class BudgetReached(ChatspaceError):
    """The next call could pass `budget`. The `calls_out` of it may yet take less than was put aside for them."""

    exit_code = 7

    def __init__(
        self, title: str, reason: str = "", remedy: str = "", *, budget: str = "the budget", calls_out: int = 0
    ) -> None:
        super().__init__(title, reason, remedy)
        self.budget = budget
        self.calls_out = calls_out


class StoreError(ChatspaceError):
    exit_code = 2
