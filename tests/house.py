"""How large the classes and functions of the package are: `python -m tests.house` prints the table.

A class is counted with all its bases in the package, and with every helper that is handed it and writes its
attributes: neither a chain of bases nor a mixin nor a friend makes a class smaller.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = "chatspace"

METHODS = 25
LINES = 350
FUNCTION_LINES = 60
SINGLE_BASES = 5

Function = ast.FunctionDef | ast.AsyncFunctionDef
Key = tuple[str, str]


@dataclass
class Class:
    """A class of the package: its own size, its bases in the package, and the helpers that write its attributes."""

    key: Key
    node: ast.ClassDef
    bases: list[Key] = field(default_factory=list)
    helpers: list[ast.AST] = field(default_factory=list)

    @property
    def measured(self) -> bool:
        """Frozen dataclasses and protocols say what there is and do nothing."""
        frozen = any("frozen=True" in ast.unparse(decorator) for decorator in self.node.decorator_list)
        return not frozen and not any(_name(base) == "Protocol" for base in self.node.bases)


@dataclass(frozen=True)
class Size:
    """A class with all that counts as part of it."""

    name: str
    methods: int
    lines: int
    classes: int

    @property
    def fits(self) -> bool:
        return self.methods <= METHODS and self.lines <= LINES


class House:
    """Every module of the package below `root`, parsed."""

    def __init__(self, root: Path = ROOT) -> None:
        paths = sorted((root / PACKAGE).rglob("*.py"))
        self.modules = {
            ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
                path.read_text(encoding="utf-8")
            )
            for path in paths
        }
        self._imports = {module: dict(_imports(tree)) for module, tree in self.modules.items()}

    @cached_property
    def classes(self) -> Mapping[Key, Class]:
        found = {
            (module, node.name): Class((module, node.name), node)
            for module, tree in self.modules.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
        }
        for (module, _), each in found.items():
            known = (self._resolved(module, _name(base), found) for base in each.node.bases)
            each.bases = [key for key in known if key and key != each.key]
        for module, tree in self.modules.items():
            for node in tree.body:
                for annotation in _written_by(node):
                    owner = self._resolved(module, annotation, found)
                    if owner and owner != (module, getattr(node, "name", "")):
                        found[owner].helpers.append(node)
        return found

    def _resolved(self, module: str, name: str, found: Mapping[Key, Class]) -> Key | None:
        """The class that a name means in a module, followed through the modules that pass it on."""
        place: Key | None = (module, name)
        for _ in range(5):
            if place is None or place in found:
                return place
            place = self._imports.get(place[0], {}).get(place[1])
        return None

    @cached_property
    def sizes(self) -> list[Size]:
        """The largest class first."""
        found = [self._size(each) for each in self.classes.values() if each.measured]
        return sorted(found, key=lambda size: (-size.methods, -size.lines, size.name))

    def _size(self, each: Class) -> Size:
        parts = self._with_bases(each, {})
        nodes: list[ast.AST] = [node for part in parts for node in (part.node, *part.helpers)]
        methods = sum(map(_methods, nodes))
        return Size(".".join(each.key), methods, sum(map(_lines, nodes)), len(parts))

    def _with_bases(self, each: Class, seen: dict[Key, Class]) -> list[Class]:
        seen[each.key] = each
        for base in each.bases:
            if base not in seen:
                self._with_bases(self.classes[base], seen)
        return list(seen.values())

    @cached_property
    def single_bases(self) -> list[str]:
        """The classes that exactly one other is made from, exceptions aside."""
        below: dict[Key, set[Key]] = {}
        for each in self.classes.values():
            for base in each.bases:
                below.setdefault(base, set()).add(each.key)
        lone = (self.classes[base] for base, subclasses in below.items() if len(subclasses) == 1)
        return sorted(".".join(base.key) for base in lone if base.measured and not self._is_exception(base))

    def _is_exception(self, each: Class) -> bool:
        return any("Exception" in map(_name, part.node.bases) for part in self._with_bases(each, {}))

    @cached_property
    def functions(self) -> list[tuple[int, str]]:
        """The longest function first, migrations aside."""
        found = [
            (_lines(node), f"{module}.{node.name}")
            for module, tree in self.modules.items()
            if not module.endswith(".migrations")
            for node in ast.walk(tree)
            if isinstance(node, Function)
        ]
        return sorted(found, reverse=True)

    @property
    def statements(self) -> int:
        return sum(isinstance(node, ast.stmt) for tree in self.modules.values() for node in ast.walk(tree))


def _imports(tree: ast.Module) -> Iterator[tuple[str, Key]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            for alias in node.names:
                yield alias.asname or alias.name, (node.module or "", alias.name)


def _name(node: ast.expr | None) -> str:
    """The last name of a base or an annotation, without what stands in brackets."""
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _written_by(node: ast.AST) -> Iterator[str]:
    """The screens and sessions whose attributes a function or class writes, after having been handed them."""
    functions = [each for each in ast.walk(node) if isinstance(each, Function)]
    handed = {
        argument.arg: _name(argument.annotation)
        for function in functions
        for argument in (*function.args.args, *function.args.kwonlyargs)
        if _name(argument.annotation).endswith(("Screen", "Session"))
    }
    kept = {
        target.attr: handed[each.value.id]
        for each in ast.walk(node)
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Name) and each.value.id in handed
        for target in each.targets
        if isinstance(target, ast.Attribute)
    }
    written: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store):
            if isinstance(each.value, ast.Name) and each.value.id in handed:
                written.add(handed[each.value.id])
            elif isinstance(each.value, ast.Attribute) and each.value.attr in kept:
                written.add(kept[each.value.attr])
    yield from written


def _methods(node: ast.AST) -> int:
    if isinstance(node, Function):
        return 1
    assert isinstance(node, ast.ClassDef)
    return sum(isinstance(each, Function) for each in node.body)


def _lines(node: ast.AST) -> int:
    assert isinstance(node, ast.ClassDef | Function)
    return (node.end_lineno or node.lineno) - node.lineno + 1


def table(house: House) -> Iterator[str]:
    """What is over the measures, else the largest classes; then the lone bases, the longest functions, the sum."""
    yield "methods  lines  of  class"
    for size in [size for size in house.sizes if not size.fits] or house.sizes[:10]:
        yield f"{size.methods:7} {size.lines:6} {size.classes:3}  {size.name}"
    yield f"\n{len(house.single_bases)} bases with one subclass"
    yield from house.single_bases
    yield "\nlines  function"
    for lines, name in house.functions[:5]:
        yield f"{lines:5}  {name}"
    yield f"\n{house.statements:,} statements"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in table(House()))
