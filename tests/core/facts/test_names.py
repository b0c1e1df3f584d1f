"""Candidate names by rule."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.facts import find_names
from tests.properties import examples

TEXT = """\
# Launch Plan For The Tern 4

The Tern 4 heat pump from Northwind Energy GmbH was shown in Hamburg on Monday. Maria Lopez, head of product, said it is
quieter. Lopez joined in 2019. The European Space Agency (ESA) paid for tests. Dr. Anna Weber and Tom Reed agreed.
Revenue rose. Northwind plans more. Bank of England officials met J. R. Tolkien in New York. ESA was there too.
"""


def _by_name(text: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {entity.name: (entity.type, entity.aliases) for entity in find_names(text)}


def test_people_organizations_places_and_products_are_told_apart() -> None:
    assert _by_name(TEXT) == {
        "Tern 4": ("product", ()),
        "Northwind Energy GmbH": ("organization", ("Northwind",)),
        "Hamburg": ("place", ()),
        "Maria Lopez": ("person", ("Lopez",)),
        "European Space Agency": ("organization", ("ESA",)),
        "Anna Weber": ("person", ()),
        "Tom Reed": ("person", ()),
        "Bank of England": ("organization", ()),
        "J. R. Tolkien": ("person", ()),
        "New York": ("place", ()),
    }


def test_mentions_of_aliases_belong_to_the_name() -> None:
    entities = {entity.name: entity for entity in find_names(TEXT)}
    assert [TEXT[slice(*span)] for span in entities["Maria Lopez"].mentions] == ["Maria Lopez", "Lopez"]
    assert [TEXT[slice(*span)] for span in entities["European Space Agency"].mentions] == [
        "European Space Agency",
        "ESA",
        "ESA",
    ]
    assert all(entity.by == "rule" for entity in entities.values())


def test_the_start_of_a_sentence_and_a_heading_make_no_name() -> None:
    text = "# Seven Good Reasons\n\nCustomers like it. Heating is cheap.\n\n- Budget is fixed\n- Timing: Early is good"
    assert find_names(text) == []


def test_german_nouns_are_no_names() -> None:
    text = (
        "Die Stadtwerke Kiel haben am Montag eine neue Wärmepumpe vorgestellt. Herr Dr. Maier sagte, sie sei leise. "
        "Anna Weber leitet das Projekt in der Stadt Hamburg. Der Preis der Tern 4 ist hoch. Die Nordwind GmbH hilft."
    )
    assert set(_by_name(text)) == {"Stadtwerke Kiel", "Maier", "Anna Weber", "Hamburg", "Tern 4", "Nordwind GmbH"}


def test_skipped_spans_hold_no_names() -> None:
    text = "We met Maria Lopez in Rome."
    assert [entity.name for entity in find_names(text, [(7, 18)])] == ["Rome"]


def test_a_name_may_go_over_a_line_break() -> None:
    text = "It was paid by the European\nSpace Agency today."
    (entity,) = find_names(text)
    assert (entity.name, text[slice(*entity.mentions[0])]) == ("European Space Agency", "European\nSpace Agency")


@examples(150)
@given(st.text(alphabet=st.sampled_from("AaBb. \n'’#-&ÄäMariaLopez1𝔸()")) | st.text())
def test_mentions_lie_in_the_text_whatever_it_is(text: str) -> None:
    for entity in find_names(text):
        assert entity.mentions
        assert all(0 <= start < end <= len(text) for start, end in entity.mentions)
