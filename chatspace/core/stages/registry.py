"""The registry of stages: what a step of a pipeline makes, of what, and how it is corrected and shown.

The module of a stage is imported when it is first asked for, so that a name costs nothing. A stage of another package
is added with `register`, by what `load_with` has been given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from chatspace.core.extraction import Coverage
    from chatspace.core.ports import ProfileLibrary
    from chatspace.core.runs.artifacts import Artifact
    from chatspace.core.runs.step_context import StepContext

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Correction(Generic[Made]):
    """How a person corrects an artifact: as a text, which is checked like a model's reply.

    `corrected` raises UsageError with everything that is wrong.
    """

    to_edit: Callable[[Made], str]
    corrected: Callable[[Made, str, ProfileLibrary], Made]


@dataclass(frozen=True, slots=True)
class Writer:
    """Who made an artifact, and how much of the sources was read for it."""

    profile: str
    model: str
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Stage(Generic[Made]):
    """What a step of a pipeline does. `run` makes the artifact, `summary` says in a line what it is.

    `needs` are the types of artifacts that it is made of, `uses` those that it takes in where a step before makes them.
    `also` are the steps whose artifacts one call can make with it.
    `begin` makes what there is of the artifact before any step, of the sources alone; `take` checks one that is given
    instead of made. `prose` is the text of an artifact that grows as a reply while it is written, `markdown` how
    another one is shown. `variables` are those of its recipes beside the common ones; `title` begins the title of a
    conversation that such a command opens.
    """

    name: str
    artifact: type[Made]
    run: Callable[[StepContext], Awaitable[Made]]
    summary: Callable[[Made], str]
    needs: tuple[type[Artifact], ...] = ()
    uses: tuple[type[Artifact], ...] = ()
    also: tuple[str, ...] = ()
    begin: Callable[[StepContext], Awaitable[Made]] | None = None
    take: Callable[[StepContext, Made], Awaitable[Made]] | None = None
    correction: Correction[Made] | None = None
    prose: Callable[[Made], str] | None = None
    markdown: Callable[[Made], str] | None = None
    writer: Callable[[Made], Writer] | None = None
    variables: tuple[str, ...] = ()
    title: str = ""


BUILT_IN = ("extract", "draft", "copy")
STAGES: dict[str, Stage[Any] | str] = {name: f"chatspace.core.stages.{name}" for name in BUILT_IN}
"""Each stage, or the module whose STAGE it is, in the order in which they are listed."""


_LOADERS: list[Callable[[], None]] = []


def load_with(load: Callable[[], None]) -> None:
    """Let the stages of other packages be added by `load`. It is called before any look-up, and adds them once."""
    if load not in _LOADERS:
        _LOADERS.append(load)


def _known() -> dict[str, Stage[Any] | str]:
    for load in _LOADERS:
        load()
    return STAGES


def register(added: Stage[Any]) -> None:
    """Add a stage. Raises ValueError for a name that is taken or not one word, and for what can't be stored."""
    if not isinstance(added.name, str) or added.name.split() != [added.name]:
        raise ValueError(f"a name must be one word, not {added.name!r}")
    if added.name in step_names():
        raise ValueError(f"the step {added.name} already exists")
    if not (isinstance(added.artifact, type) and is_dataclass(added.artifact)):
        raise ValueError(f"the artifact of {added.name} must be a dataclass, not {added.artifact!r}")
    STAGES[added.name] = added


def unregister(name: str) -> None:
    """Take a stage out that was added."""
    del STAGES[name]


def stage_names() -> tuple[str, ...]:
    return tuple(_known())


def step_names() -> tuple[str, ...]:
    """Every step that a profile may be for: those of a pipeline, and those that stand alone."""
    return ("chat", *_known(), "rewrite", "story")


def stage(name: str) -> Stage[Any]:
    """Raises KeyError for a name that isn't registered."""
    known = _known()[name]
    if isinstance(known, str):
        loaded: Stage[Any] = import_module(known).STAGE
        known = STAGES[name] = loaded
    return known


def stages() -> Mapping[str, Stage[Any]]:
    return {name: stage(name) for name in stage_names()}


def stage_making(kind: type[Artifact]) -> Stage[Any]:
    """The first stage that makes this type of artifact."""
    return next(each for each in stages().values() if each.artifact is kind)


def main_stage() -> str:
    """The stage that a run is for where nobody says: the first whose artifact is read as text."""
    return next(each.name for each in stages().values() if each.prose)


def steps_for(name: str) -> tuple[str, ...]:
    """The steps that a command for one stage goes through: those that make what it needs, and itself last."""
    wanted, found = [name], {name}
    while wanted:
        needed = stage(wanted.pop()).needs
        added = [each.name for each in stages().values() if each.artifact in needed and each.name not in found]
        wanted += added
        found.update(added)
    return tuple(each for each in stage_names() if each in found)


def default_needs(name: str, before: Sequence[str]) -> tuple[str, ...]:
    """Of the steps `before` one, those that make what it needs or uses."""
    known = stage(name)
    return tuple(each for each in before if stage(each).artifact in (*known.needs, *known.uses))
