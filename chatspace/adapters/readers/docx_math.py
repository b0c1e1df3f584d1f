"""The equations of a DOCX as plain text in one line."""

from __future__ import annotations

from collections.abc import Callable

from chatspace.adapters.readers import formulas
from chatspace.adapters.readers.docx_package import Element, W

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_GONE = frozenset(W + name for name in ("del", "moveFrom"))


def formula_of(element: Element) -> str:
    """What stands in an `m:oMath`."""
    return " ".join(_row(element).split())


def _row(element: Element | None) -> str:
    """The parser refuses what is nested deeper than 256, so the recursion is bounded."""
    return "" if element is None else formulas.row(_term(child) for child in element if child.tag not in _GONE)


def _term(element: Element) -> tuple[str, bool]:
    name = element.tag.removeprefix(MATH) if isinstance(element.tag, str) else ""
    if name == "t" or element.tag == f"{W}t":
        return element.text or "", False
    if write := _WRITE.get(name):
        return write(element), True
    if name.endswith("Pr") or element.tag == f"{W}rPr":
        return "", False
    return _row(element), False


def _part(element: Element, name: str) -> str:
    return _row(element.find(MATH + name)).strip()


def _property(element: Element, name: str, default: str) -> str:
    found = element.find(f"{MATH}{element.tag.removeprefix(MATH)}Pr/{MATH}{name}")
    return default if found is None else found.get(f"{MATH}val", "")


def _delimited(element: Element) -> str:
    inner = _property(element, "sepChr", "|").join(_row(part) for part in element.iterchildren(f"{MATH}e"))
    return f"{_property(element, 'begChr', '(')}{inner}{_property(element, 'endChr', ')')}"


def _summed(element: Element) -> str:
    sign = formulas.limits(_property(element, "chr", "∫"), _part(element, "sub"), _part(element, "sup"))
    return f"{sign} {_part(element, 'e')}"


def _matrix(element: Element) -> str:
    rows = (", ".join(map(_row, line.iterchildren(f"{MATH}e"))) for line in element.iterchildren(f"{MATH}mr"))
    return f"[{'; '.join(rows)}]"


def _before(element: Element) -> str:
    marks = formulas.limits("", _part(element, "sub"), _part(element, "sup"))
    return f"{marks} {_part(element, 'e')}"


_WRITE: dict[str, Callable[[Element], str]] = {
    "f": lambda e: formulas.fraction(_part(e, "num"), _part(e, "den")),
    "sSup": lambda e: formulas.power(_part(e, "e"), _part(e, "sup")),
    "sSub": lambda e: formulas.index(_part(e, "e"), _part(e, "sub")),
    "sSubSup": lambda e: formulas.limits(_part(e, "e"), _part(e, "sub"), _part(e, "sup")),
    "sPre": _before,
    "rad": lambda e: formulas.root(_part(e, "e"), _part(e, "deg")),
    "d": _delimited,
    "nary": _summed,
    "func": lambda e: f"{_part(e, 'fName')} {_part(e, 'e')}",
    "limLow": lambda e: formulas.index(_part(e, "e"), _part(e, "lim")),
    "limUpp": lambda e: formulas.power(_part(e, "e"), _part(e, "lim")),
    "m": _matrix,
    "eqArr": lambda e: "; ".join(map(_row, e.iterchildren(f"{MATH}e"))),
}
