"""What the stages of a run make: values, by the name of their stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol, TypeVar


class Artifact(Protocol):
    """A dataclass of plain values: it is stored as JSON and read back by its type."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


Made = TypeVar("Made", bound=Artifact)


class Artifacts(dict[str, Artifact]):
    """By the name of the stage, in the order in which they were made. It is never changed, only replaced."""

    def of(self, kind: type[Made]) -> Made | None:
        """The last one of this type."""
        return next((each for each in reversed(self.values()) if isinstance(each, kind)), None)

    def having(self, stage: str, artifact: Artifact) -> Artifacts:
        """The same with this one in its place."""
        return Artifacts({**self, stage: artifact})

    def only(self, stages: Iterable[str]) -> Artifacts:
        wanted = set(stages)
        return Artifacts({name: artifact for name, artifact in self.items() if name in wanted})
