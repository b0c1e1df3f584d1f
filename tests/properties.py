"""How many examples a property is tried with: the same ones on every run, or many random ones.

`HYPOTHESIS_PROFILE=search pytest ...` looks for new cases. A case that it finds becomes an `@example` of its property.
"""

from __future__ import annotations

import os

from hypothesis import settings

USUAL = 100
"""Examples of a property that asks for no number of its own."""

# How long an example takes depends on the machine.
settings.register_profile("same", max_examples=USUAL, deadline=None, derandomize=True)
settings.register_profile("search", max_examples=USUAL * 20, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def examples(number: int) -> settings:
    """The settings of a property that is tried with another number of examples than usual."""
    return settings(max_examples=number * settings().max_examples // USUAL)
