"""Recipes: the prompt text of a profile, a Jinja2 template in the part of the language that can't run away.

A recipe may have been written by anybody. Nothing can stop a template that has started, so what bounds it lies in what
it may say: no calls, macros, blocks, imports or text arithmetic, so that nothing grows but through a few filters, each
bounded; and a meter that counts the turns of all loops and holds a deadline.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.filters import FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chatspace.core.errors import ConfigurationError
from chatspace.core.profiles.profile import Step
from chatspace.core.stages.registry import stage, stage_names

COMMON_VARIABLES = ("channel", "sla", "lang", "words", "tone", "audience")
STEP_VARIABLES: Mapping[Step, tuple[str, ...]] = {"rewrite": ("instruction", "rejected"), "story": ("openings",)}
"""Of the steps that stand alone; a stage of a pipeline says its own."""

MAX_SOURCE = 64_000
MAX_RENDERED = 200_000
"""Characters of a recipe, and of what it gives."""

MAX_TURNS = 10_000
"""How often the bodies of all loops of one recipe run."""

MAX_SECONDS = 1.0
MAX_DEPTH = 40
MAX_NUMBER = 10**12

STATEMENTS = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign)
OPERATORS = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos)
LOGIC = (nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.CondExpr, nodes.Test)
VALUES = (nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Filter)
ALLOWED = frozenset((*STATEMENTS, *OPERATORS, *LOGIC, *VALUES, nodes.Keyword))
ALLOWED_WORDS = "Recipes support variables, if, for, set, comparisons, arithmetic, and the filters {filters}."


@dataclass(frozen=True, slots=True)
class Recipe:
    """The template of a profile; `first_line` is where it begins in the file `path`.

    A variable of its steps that isn't given is None, and None prints nothing.
    """

    text: str
    steps: tuple[Step, ...]
    path: str = ""
    first_line: int = 1

    def check(self) -> None:
        """Raises ConfigurationError for what is wrong without rendering: syntax, the forbidden, unknown variables."""
        self._compiled(self.variables)

    def render(self, variables: Mapping[str, Any]) -> str:
        """Raises ConfigurationError for what `check` finds, for a value that can't be used, and past the bounds."""
        given = {**dict.fromkeys(self.variables), **variables}
        template = self._compiled(given)
        token = _meter.set(_Meter())
        try:
            return _bounded_text(template.generate(given)).strip()
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError, _Misuse) as error:
            raise self._wrong(_line_of(error), str(error) or type(error).__name__) from error
        finally:
            _meter.reset(token)

    @property
    def variables(self) -> tuple[str, ...]:
        """The names that a recipe for these steps may use."""
        stages = stage_names()
        own = (
            name
            for step in self.steps
            for name in (stage(step).variables if step in stages else STEP_VARIABLES.get(step, ()))
        )
        return tuple(dict.fromkeys((*COMMON_VARIABLES, *own)))

    def _compiled(self, known: Iterable[str]) -> Template:
        try:
            compiled = _compile(self.text)
        except _Refused as refused:
            raise self._wrong(refused.line, refused.reason) from None
        for name, line in compiled.uses.items():
            if name not in known:
                raise self._wrong(line, f"{name!r} is not a variable of this recipe", f"Available: {', '.join(known)}.")
        return compiled.template

    def _wrong(self, line: int | None, reason: str, remedy: str = "") -> ConfigurationError:
        number = self.first_line + line - 1 if line else None
        place = ", ".join(part for part in (self.path, f"line {number}" if number else "") if part)
        return ConfigurationError(
            f"The recipe is invalid ({place})" if place else "The recipe is invalid",
            reason,
            remedy or ALLOWED_WORDS.format(filters=", ".join(sorted(_filters()))),
            path=self.path,
            line=number,
            field="recipe",
        )


class _Refused(Exception):
    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


class _Misuse(Exception):
    """A bound of rendering is passed, or a value can't be used so."""


@dataclass(slots=True)
class _Meter:
    """What one rendering may still use."""

    turns: int = MAX_TURNS
    deadline: float = field(default_factory=lambda: time.monotonic() + MAX_SECONDS)

    def tick(self, turns: int = 0) -> None:
        self.turns -= turns
        if self.turns < 0:
            raise _Misuse(f"its loops exceed {MAX_TURNS:,} iterations")
        if time.monotonic() > self.deadline:
            raise _Misuse(f"it takes longer than {MAX_SECONDS:g} s")


_meter: ContextVar[_Meter] = ContextVar("recipe_meter")


def _counted(values: Iterable[Any]) -> Iterator[Any]:
    meter = _meter.get()
    for value in values:
        meter.tick(turns=1)
        yield value


def _join(values: Iterable[Any], separator: str = "") -> str:
    """Jinja's own makes the whole text before anybody can count it."""
    pieces: list[str] = []
    size = 0
    for value in _counted(values):
        pieces.append(str(value))
        size += len(pieces[-1]) + len(separator)
        if size > MAX_RENDERED:
            raise _Misuse(f"its output exceeds {MAX_RENDERED:,} characters")
    return separator.join(pieces)


def _metered(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def measured(*arguments: Any, **options: Any) -> Any:
        _meter.get().tick()
        return function(*arguments, **options)

    return measured


def _filters() -> dict[str, Callable[..., Any]]:
    """Those whose result is no longer than what goes in."""
    names = "abs capitalize default first int last length lower sort string title trim truncate unique upper wordcount"
    return {name: _metered(FILTERS[name]) for name in names.split()} | {"join": _join}


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox without globals, with arithmetic on numbers alone."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%"})

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined,
            autoescape=False,
            optimized=False,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=lambda value: "" if value is None else value,
        )
        self.globals.clear()
        self.filters = {**_filters(), "_counted": _counted}

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        for value in (left, right):
            if not isinstance(value, int | float):
                raise _Misuse(f"{operator} needs numbers, and {str(value)[:40]!r} is not a number")
            if abs(value) > MAX_NUMBER:
                raise _Misuse(f"numbers are limited to {MAX_NUMBER:,}")
        return super().call_binop(context, operator, left, right)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """`uses` has the line of the first use of each variable that comes from outside."""

    template: Template
    uses: Mapping[str, int]


@lru_cache(maxsize=64)
def _compile(text: str) -> _Compiled:
    if len(text) > MAX_SOURCE:
        raise _Refused(None, f"it has {len(text):,} characters; the limit is {MAX_SOURCE:,}")
    environment = _Environment()
    try:
        tree = environment.parse(text)
        _check_nodes(tree)
        outside = meta.find_undeclared_variables(tree)
        uses = {name.name: name.lineno for name in reversed([*tree.find_all(nodes.Name)]) if name.name in outside}
        for loop in tree.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, "_counted", [], [], None, None, lineno=loop.lineno)
        tree.set_environment(environment)
        return _Compiled(environment.from_string(tree), uses)
    except TemplateSyntaxError as error:
        raise _Refused(error.lineno, error.message or "it can't be parsed") from error
    except (RecursionError, SyntaxError, MemoryError) as error:
        raise _Refused(None, "it is nested too deeply") from error
    except (ValueError, OverflowError) as error:
        raise _Refused(None, "it contains a number that is too long") from error


def _check_nodes(node: nodes.Node, depth: int = 0) -> None:
    if depth > MAX_DEPTH:
        raise _Refused(node.lineno, "it is nested too deeply")
    if type(node) not in ALLOWED:
        raise _Refused(node.lineno, f"a recipe can't use {_called(node)}")
    if isinstance(node, nodes.For) and node.recursive:
        raise _Refused(node.lineno, "a recipe can't use recursive loops")
    holds = node.items if isinstance(node, nodes.List) or (isinstance(node, nodes.Tuple) and node.ctx == "load") else ()
    if not all(isinstance(item, nodes.Const) for item in holds):
        raise _Refused(node.lineno, "a list may contain only text and numbers")
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        raise _Refused(node.lineno, f"a recipe can't use the attribute {node.attr}")
    for child in node.iter_child_nodes():
        _check_nodes(child, depth + 1)


def _called(node: nodes.Node) -> str:
    names = {
        nodes.Call: "calls, such as name(...)",
        nodes.Concat: "~; write the parts next to each other",
        nodes.Pow: "**",
        nodes.FromImport: "import",
        nodes.AssignBlock: "set blocks",
    }
    return names.get(type(node), type(node).__name__.lower())


def _bounded_text(pieces: Iterable[str]) -> str:
    kept: list[str] = []
    size = 0
    for piece in pieces:
        kept.append(piece)
        size += len(piece)
        if size > MAX_RENDERED:
            raise _Misuse(f"its output exceeds {MAX_RENDERED:,} characters")
    return "".join(kept)


def _line_of(error: BaseException) -> int | None:
    """The line of the template where the error arose: Jinja puts it into the traceback."""
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
