"""How much of one reading is in another, as one number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from chatspace.core.structure.model import Leaf, Structure


def path_f1(before: Structure, after: Structure) -> float:
    """F1 over (kinds of the ancestors, text) of the leaves, between 0 and 1; linear, and blind to their order."""
    return leaf_f1(before.leaves, after.leaves)


def leaf_f1(before: Sequence[Leaf], after: Sequence[Leaf]) -> float:
    if not before and not after:
        return 1.0
    common = Counter(leaf.shape for leaf in before) & Counter(leaf.shape for leaf in after)
    return 2 * common.total() / (len(before) + len(after))
