"""Recipes that are rendered once for all documents of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatspace.core.profiles.profile import Profile
from chatspace.core.profiles.rendering import MAX_KNOWN, Recipes

PROFILE = Profile("drafter", ("draft",), "openai/x", "Write {{ words }} words.")


async def test_a_recipe_is_rendered_once_for_the_same_variables_and_anew_for_others() -> None:
    rendered: list[Mapping[str, Any]] = []

    def render(profile: Profile, variables: Mapping[str, Any]) -> str:
        rendered.append(variables)
        return f"{profile.recipe} {variables}"

    recipes = Recipes()
    for _ in range(2):
        for words in (1, "1", None):
            assert (
                await recipes.rendered(render, PROFILE, {"words": words}) == f"{PROFILE.recipe} {{'words': {words!r}}}"
            )
    assert rendered == [{"words": 1}, {"words": "1"}, {"words": None}]
    for number in range(MAX_KNOWN + 1):
        assert str(number) in await recipes.rendered(render, PROFILE, {"outline": [str(number)]})
