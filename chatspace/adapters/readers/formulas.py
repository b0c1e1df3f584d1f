"""Formulas in one line of plain text: 2/3, 10^6, x_1, √(2). No figure joins its neighbour."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ONE_TERM = re.compile(r"[\w.,]*|[^\w\s]")
_ONE_EXPONENT = re.compile(r"[-−+]?[\w.,]*|[′'*†]+")


def fraction(top: str, bottom: str) -> str:
    return f"{_term(top)}/{_term(bottom)}" if top and bottom else top or bottom


def power(base: str, exponent: str) -> str:
    return f"{_term(base)}^{_exponent(exponent)}" if exponent else base


def index(base: str, below: str) -> str:
    return f"{_term(base)}_{_exponent(below)}" if below else base


def limits(sign: str, below: str, above: str) -> str:
    return f"{index(sign, below)}^{_exponent(above)}" if above else index(sign, below)


def root(radicand: str, degree: str = "") -> str:
    """The degree stands behind, where it can't join a figure before the root."""
    return f"√({radicand})" if degree in ("", "2") else f"({radicand})^(1/{degree})"


def row(terms: Iterable[tuple[str, bool]]) -> str:
    """Terms side by side, each with whether it is more than characters; those are parted from letters and digits."""
    text, built = "", False
    for term, is_built in terms:
        gap = text[-1:].isalnum() and term[:1].isalnum() and (built or is_built)
        text += f" {term}" if gap else term
        built = is_built if term else built
    return text


def parts_from(formula: str, beside: str) -> bool:
    """Whether a space must stand between a formula of one character or word and what is beside it."""
    return formula.isdecimal() and beside.isdecimal()


def _term(text: str) -> str:
    return text if _ONE_TERM.fullmatch(text) else f"({text})"


def _exponent(text: str) -> str:
    return text if _ONE_EXPONENT.fullmatch(text) else f"({text})"
