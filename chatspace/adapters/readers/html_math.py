"""MathML as plain text in one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lxml import etree

from chatspace.adapters.readers import formulas

_DEEPEST = 100
_GONE = frozenset("annotation annotation-xml mphantom none mprescripts".split())
_SPACES = frozenset("mspace mtext".split())


def formula_of(element: etree._Element) -> str:
    """What stands in a `math` or an `mfrac`."""
    return " ".join(_term(element, 0)[0].split())


def _term(element: etree._Element, depth: int) -> tuple[str, bool]:
    """The text of an element, and whether it is more than characters."""
    tag = element.tag if isinstance(element.tag, str) else ""
    if tag in _GONE or not tag:
        return "", False
    if depth > _DEEPEST:
        return " ".join(map(str, element.itertext())), False
    terms = [_term(child, depth + 1) for child in element if child.tag not in _GONE]
    write = _WRITE.get(tag)
    if write and terms:
        return write([text.strip() for text, _ in terms]), True
    inner = f"{element.text or ''}{formulas.row(_with_tails(element, terms))}"
    # White space between the tags of a formula is none of its own.
    return (inner if tag in _SPACES else "".join(inner.split()) if not terms else inner), False


def _with_tails(element: etree._Element, terms: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    tails = [(child.tail or "").strip() for child in element if child.tag not in _GONE]
    return [part for term, tail in zip(terms, tails, strict=True) for part in (term, (tail, False))]


def _script(parts: Sequence[str], number: int) -> str:
    return parts[number] if number < len(parts) else ""


_WRITE: dict[str, Callable[[Sequence[str]], str]] = {
    "frac": lambda parts: formulas.fraction(parts[0], _script(parts, 1)),
    "mfrac": lambda parts: formulas.fraction(parts[0], _script(parts, 1)),
    "msup": lambda parts: formulas.power(parts[0], _script(parts, 1)),
    "mover": lambda parts: formulas.power(parts[0], _script(parts, 1)),
    "msub": lambda parts: formulas.index(parts[0], _script(parts, 1)),
    "munder": lambda parts: formulas.index(parts[0], _script(parts, 1)),
    "msubsup": lambda parts: formulas.limits(parts[0], _script(parts, 1), _script(parts, 2)),
    "munderover": lambda parts: formulas.limits(parts[0], _script(parts, 1), _script(parts, 2)),
    "msqrt": lambda parts: formulas.root(formulas.row((part, False) for part in parts)),
    "mroot": lambda parts: formulas.root(parts[0], _script(parts, 1)),
    "mtr": lambda parts: ", ".join(parts),
    "mtable": lambda parts: f"[{'; '.join(parts)}]",
}
