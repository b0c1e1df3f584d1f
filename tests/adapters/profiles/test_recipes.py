from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.profiles.recipes import MAX_RENDERED, MAX_SOURCE, Recipe
from chatspace.core.errors import ConfigurationError
from chatspace.core.stages.registry import step_names
from tests.properties import examples


def render(text: str, **variables: Any) -> str:
    return Recipe(text, ("draft", "copy"), "my.md", 10).render(variables)


def refusal(text: str, **variables: Any) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        render(text, **variables)
    return caught.value


def test_a_recipe_is_filled_with_its_variables() -> None:
    text = (
        "{{ words }} for {{ channel|upper }}.\n{% for point in outline %}\n- {{ loop.index }} {{ point }}\n{% endfor %}"
    )
    assert render(text, words=600, channel="blog", outline=["a", "b"]) == "600 for BLOG.\n- 1 a\n- 2 b"


def test_a_variable_of_another_step_of_the_profile_is_none_and_prints_nothing() -> None:
    assert render("[{{ words }}{{ field }}{% if said_before %}x{% endif %}]") == "[]"


def test_markup_is_not_escaped() -> None:
    assert render("{{ tone }} & <b>", tone="<warm>") == "<warm> & <b>"


def test_numbers_can_be_calculated_with() -> None:
    assert render("{{ (words * 1.1)|int }} {{ words // 7 }} {{ words % 7 }} {{ -words }}", words=600) == "660 85 5 -600"


def test_an_undefined_variable_is_named_with_its_line_and_those_that_are_known() -> None:
    error = refusal("a\n\n{{ wrods }}")
    assert "'wrods'" in str(error)
    assert (error.path, error.line, error.field) == ("my.md", 12, "recipe")
    assert "channel, sla, lang, words, tone, audience" in error.remedy


def test_an_unknown_variable_is_found_without_rendering() -> None:
    with pytest.raises(ConfigurationError, match="'limit'"):
        Recipe("{% if false %}{{ limit }}{% endif %}", ("draft",)).check()
    Recipe("{{ limit }}", ("copy",)).check()


@pytest.mark.parametrize("step", step_names())
def test_every_step_knows_the_common_variables(step: Any) -> None:
    Recipe("{{ channel }}{{ sla }}{{ lang }}{{ words }}{{ tone }}{{ audience }}", (step,)).check()


def test_an_undefined_member_is_an_error_with_its_line() -> None:
    assert refusal("\n{{ section.titel }}", section={"title": "x"}).line == 11
    assert "titel" in str(refusal("{{ section.titel }}", section={"title": "x"}))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n{% if words %}b", 11),
        ("a\n\n{{ words", 12),
        ("{{ words }\n}", 10),
        ("\n{{ words|nofilter }}", 11),
        ("\n{{ words is nothing }}", 11),
    ],
)
def test_a_syntax_error_has_its_line(text: str, line: int) -> None:
    assert refusal(text).line == line


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__']['__mro__'] }}",
        "{{ channel['__init__']['__globals__'] }}",
        "{{ channel|attr('__class__') }}",
        "{{ channel.format(1) }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ self.__init__ }}",
        "{{ cycler.__init__ }}",
        "{{ range(10) }}",
        "{{ lipsum() }}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as y %}",
        "{% from 'x' import y %}",
        "{% extends 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{% block b %}{% endblock %}",
        "{% for a in outline recursive %}{{ loop(a) }}{% endfor %}",
        "{% set x %}a{% endset %}",
        "{% filter upper %}a{% endfilter %}",
        "{{ [outline, outline] }}",
        "{% set a = (outline, outline) %}",
        "{{ {'a': 1} }}",
    ],
)
def test_what_could_reach_out_is_refused(text: str) -> None:
    refusal(text, outline=["a"], channel="blog")


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 999999999999 * 999999999999 * 9 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'a'|center(1000000000) }}",
        "{{ " + "9" * 5000 + " }}",
        "{{ section|join(section)|join(section) }}",
        "{% for a in section %}" * 3 + "{% endfor %}" * 3,
        "{% for a in section %}" * 15 + "{% endfor %}" * 15,
        "{% for a in section %}{{ section }}{% endfor %}",
        "{% for a in section %}" + "{% if section|title|upper|lower %}{% endif %}" * 900 + "{% endfor %}",
        "{% for a in section %}" * 25 + "{% endfor %}" * 25,
        "{% if words %}" * 200 + "{% endif %}" * 200,
        "{{" + "(" * 30_000,
        "{{ words" + ".x" * 20_000 + " }}",
        "{{ 1" + "+1" * 20_000 + " }}",
        "x" * (MAX_SOURCE + 1),
    ],
    ids=lambda text: text[:24],
)
def test_a_recipe_that_would_run_away_ends_in_an_error(text: str) -> None:
    refusal(text, section="abc " * 2000, words=1)


def test_what_it_gives_is_bounded() -> None:
    refusal("{{ tone }}", tone="x" * (MAX_RENDERED + 1))


@pytest.mark.parametrize(
    "text",
    ["{{ 1 / 0 }}", "{{ words > 'a' }}", "{% for a in words %}{% endfor %}", "{% for a, b in outline %}{% endfor %}"],
)
def test_a_value_that_cannot_be_used_so_is_an_error_with_its_line(text: str) -> None:
    assert refusal(f"\n{text}", words=3, outline=[1]).line == 11


pieces = st.sampled_from(
    "{{ }} {% %} {# #} if for in endfor endif set raw words x | join ( ) [ ] ' \" \\ 1 9e9 ~ ** + . , - é \0".split()
)


@examples(300)
@given(st.lists(pieces, max_size=25).map(" ".join) | st.text(max_size=60))
def test_any_text_renders_or_is_a_configuration_error(text: str) -> None:
    with suppress(ConfigurationError):
        assert isinstance(render(text, words=3), str)
