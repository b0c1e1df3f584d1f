"""Facts and names beside what is raised, lowered or a fraction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.facts import find_facts, find_names, ground
from chatspace.core.facts.align import align
from chatspace.core.text.ranking import key_phrases, key_points
from chatspace.core.text.reading import reading
from chatspace.core.text.scripts import shown, without_marks
from chatspace.core.text.sentences import sentences

FIGURES = {
    "It costs $4<sup>99</sup>.": (4.99, "USD", "$4<sup>99</sup>"),
    "It costs 4<sup>99</sup> €.": (4.99, "EUR", "4<sup>99</sup> €"),
    "It costs £4<sup>99</sup>.": (4.99, "GBP", "£4<sup>99</sup>"),
    "It costs €4<sup>.99</sup> now.": (4.99, "EUR", "€4<sup>.99</sup>"),
    "It costs 4€<sup>99</sup> now.": (4.99, "EUR", "4€<sup>99</sup>"),
    "It costs 4<sup>99 €</sup> now.": (4.99, "EUR", "4<sup>99 €</sup>"),
    "It costs <sup>$</sup>4<sup>99</sup>.": (4.99, "USD", "<sup>$</sup>4<sup>99</sup>"),
    "It costs 4<sup>–</sup> €.": (4, "EUR", "4<sup>–</sup> €"),
    "It costs 1.299<sup>95</sup> € now.": (1299.95, "EUR", "1.299<sup>95</sup> €"),
    "It costs **$4**<sup>99</sup> now.": (4.99, "USD", "$4**<sup>99</sup>"),
    "It costs $4⁹⁹ now.": (4.99, "USD", "$4⁹⁹"),
    "It costs $499<sup>1</sup> now.": (499, "USD", "$499"),
    "It costs $4.99<sup>12</sup> now.": (4.99, "USD", "$4.99"),
    "It costs $10<sup>2</sup> now.": (10, "USD", "$10"),
    "It has 10<sup>6</sup> parts.": (10**6, None, "10<sup>6</sup>"),
    "It has 10⁶ parts.": (10**6, None, "10⁶"),
    "It has 10^6 parts.": (10**6, None, "10^6"),
    "It has 1.5 × 10<sup>6</sup> parts.": (1_500_000, None, "1.5 × 10<sup>6</sup>"),
    "It is 10<sup>−3</sup> m long.": (0.001, "m", "10<sup>−3</sup> m"),
    "It has 120 m<sup>2</sup> of floor.": (120, "m²", "120 m<sup>2</sup>"),
    "It has 120 m² of floor.": (120, "m²", "120 m²"),
    "It has 7 km<sup>2</sup>.": (7, "km²", "7 km<sup>2</sup>"),
    "It holds 3 m<sup>3</sup>.": (3, "m³", "3 m<sup>3</sup>"),
    "It rose to 40<sup>2</sup> million.": (40_000_000, None, "40<sup>2</sup> million"),
    "It rose by 12<sup>3</sup> percent.": (12, "%", "12<sup>3</sup> percent"),
    "It fell by 1<sup>1</sup>/<sub>2</sub> percent.": (1.5, "%", "1<sup>1</sup>/<sub>2</sub> percent"),
    "It holds 1½ litres.": (1.5, "l", "1½ litres"),
    "It holds 1 1/2 litres.": (1.5, "l", "1 1/2 litres"),
    "It holds ¾ litre.": (0.75, "l", "¾ litre"),
    "It holds 3/4 litre.": (0.75, "l", "3/4 litre"),
    "It gains 50 m/s<sup>2</sup> at once.": (50, "m/s²", "50 m/s<sup>2</sup>"),
    "It gains 50 m/s² at once.": (50, "m/s²", "50 m/s²"),
    "It turns 10 m<sup>−1</sup> at once.": (10, None, "10"),
    "It turns 10 m⁻¹ at once.": (10, None, "10"),
    "It goes 10 m s<sup>-1</sup> at once.": (10, None, "10"),
    "It has 12 m^2 of floor.": (12, "m²", "12 m^2"),
    "It weighs 6<sup>1</sup>⁄2 kg.": (6.5, "kg", "6<sup>1</sup>⁄2 kg"),
    "It is 4<sup>1</sup>/2 miles away.": (4.5, "mi", "4<sup>1</sup>/2 miles"),
    "It is 4¹/2 miles away.": (4.5, "mi", "4¹/2 miles"),
    "It takes 2<sup>1/2</sup> hours.": (2.5, "h", "2<sup>1/2</sup> hours"),
    "It weighs 5<sup>½</sup> kg.": (5.5, "kg", "5<sup>½</sup> kg"),
    "It is 1<sup>3/4</sup> miles away.": (1.75, "mi", "1<sup>3/4</sup> miles"),
    "It costs CHF 12<sup>50</sup> now.": (12.5, "CHF", "CHF 12<sup>50</sup>"),
    "It costs EUR 9<sup>95</sup> now.": (9.95, "EUR", "EUR 9<sup>95</sup>"),
    "It costs USD 3<sup>49</sup> now.": (3.49, "USD", "USD 3<sup>49</sup>"),
    "It costs Fr. 12<sup>50</sup> now.": (12.5, "CHF", "Fr. 12<sup>50</sup>"),
    "It costs Rs 99<sup>50</sup> now.": (99.5, "INR", "Rs 99<sup>50</sup>"),
    "It costs INR 99<sup>50</sup> now.": (99.5, "INR", "INR 99<sup>50</sup>"),
    "It earned $5<sup>12</sup> million.": (5_000_000, "USD", "$5<sup>12</sup> million"),
    "It earned $5<sup>12</sup> bn.": (5_000_000_000, "USD", "$5<sup>12</sup> bn"),
    "It earned $5<sup>.12</sup> million.": (5_120_000, "USD", "$5<sup>.12</sup> million"),
    "It was 20<sup>o</sup>C warm.": (20, "°C", "20<sup>o</sup>C"),
    "It made 120<sup>10</sup><sup>11</sup> lamps.": (120, None, "120"),
    "It made 120<sup>10 11</sup> lamps.": (120, None, "120"),
    "It made 120<sup>[10][11]</sup> lamps.": (120, None, "120"),
    "It made 120<sup>1011</sup> lamps.": (120, None, "120"),
    "It came in 2019<sup>1</sup>.": ("2019", None, "2019"),
    "It came in 2019¹.": ("2019", None, "2019"),
    "It came on the 1<sup>st</sup> of May.": ("--05-01", None, "1<sup>st</sup> of May"),
    "It opens at 9<sup>30</sup> Uhr.": ("T09:30", None, "9<sup>30</sup> Uhr"),
}


@pytest.mark.parametrize("text", FIGURES)
def test_a_raised_or_broken_figure_has_its_value_and_its_place(text: str) -> None:
    (fact,) = find_facts(text)
    assert (fact.value, fact.unit, fact.raw) == FIGURES[text]
    assert text[slice(*fact.span)] == fact.raw


@pytest.mark.parametrize(
    "text", ["H<sub>2</sub>O and CO₂", "R<sup>2</sup> and x<sup>2</sup>", "x^2 and x_1", "Ca<sup>2+</sup>"]
)
def test_formulas_hold_no_figures(text: str) -> None:
    assert find_facts(text) == []


@pytest.mark.parametrize("text", ["It sold 120<sup>1</sup>/240 lamps.", "It opens 24<sup>1</sup>/7 all year."])
def test_a_note_mark_before_a_slash_makes_no_fraction(text: str) -> None:
    assert not {fact.value for fact in find_facts(text)} & {120.5, 1, 24 + 1 / 7}


@pytest.mark.parametrize("text", ["128/256 GB", "24/7", "3/4", "iPhone 12/13"])
def test_two_numbers_beside_a_slash_stay_two(text: str) -> None:
    assert len(find_facts(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "It made 120[<sup>12</sup>](#r12) lamps.",
        "It made 120 [lamps](notes/5-kg/7.html).",
        "It made 120 [lamps](</x 5 kg>).",
        'It made 120 [lamps](x(1)/7 "Lamps").',
    ],
)
def test_the_address_of_a_link_bears_no_figures(text: str) -> None:
    assert [(fact.value, fact.raw) for fact in find_facts(text)] == [(120, "120")]


def test_a_figure_in_brackets_behind_a_bracket_is_no_address() -> None:
    assert [fact.value for fact in find_facts("The lamp [blue](5 kg) came.")] == [5]


def test_a_range_has_one_currency() -> None:
    assert [fact.unit for fact in find_facts("It costs £4 or €5 now.")] == ["GBP", "EUR"]


@pytest.mark.parametrize(
    "text", ["They met Ann Lee<sup>3</sup>.", "They met Ann Lee³.", "They met **Ann Lee**<sup>[3]</sup>."]
)
def test_a_name_ends_before_a_note_mark(text: str) -> None:
    (entity,) = find_names(text)
    assert (entity.name, [text[slice(*span)] for span in entity.mentions]) == ("Ann Lee", ["Ann Lee"])


def test_names_with_marks_between_them_stay_two() -> None:
    names = [entity.name for entity in find_names("There Ann Lee<sup>1</sup> Bob Ray<sup>2</sup> won.")]
    assert names == ["Ann Lee", "Bob Ray"]
    assert without_marks("Ann Lee<sup>1</sup> Bob Ray<sup>2</sup> won") == "Ann Lee¹ Bob Ray won"


def test_a_link_of_a_note_mark_goes_with_its_mark() -> None:
    assert without_marks("They sold 120[<sup>12</sup>](#r12) lamps.") == "They sold 120 lamps."


def test_a_draft_is_grounded_across_ways_of_writing() -> None:
    source = "# Lamp\n\nIt costs $4<sup>99</sup> and weighs 10<sup>6</sup> grams, says Ann Lee<sup>3</sup>."
    right = ground("It costs $4.99 and weighs 10^6 grams, says Ann Lee.", [("a", source)])
    assert [claim.verdict for claim in right] == ["supported"] * 3
    assert [claim.source_value for claim in right] == ["$4<sup>99</sup>", "10<sup>6</sup> grams", "Ann Lee"]
    wrong = ground("It costs $499 and weighs 106 grams.", [("a", source)])
    assert "supported" not in {claim.verdict for claim in wrong}


def test_what_a_model_quotes_is_found_without_the_tags_and_never_joined() -> None:
    text = "It costs $4<sup>99</sup> and weighs 10⁶ grams."
    assert align("costs $4.99 and", text) == ((3, 28), "normalized")
    assert align("costs $499 and", text) is None
    assert align("106 grams", text) is None


def test_words_and_key_points_join_nothing() -> None:
    text = "The new lamp<sup>1</sup> costs $4<sup>99</sup> today in every shop. Ann Lee<sup>3</sup> made the lamp."
    phrases = " ".join(key_phrases(text))
    assert "lamp1" not in phrases
    assert "Lee3" not in phrases
    assert "sup" not in phrases.lower().split()
    assert all(point.text in text for point in key_points(text))


def test_a_sentence_ends_behind_its_note_mark() -> None:
    text = "It rose in 2019.<sup>12</sup> The rest fell.³ More came."
    assert [text[slice(*span)] for span in sentences(text)] == [
        "It rose in 2019.<sup>12</sup>",
        "The rest fell.³",
        "More came.",
    ]


SHOWN = {
    "$4<sup>99</sup>, 10<sup>6</sup>, m<sup>2</sup>, 1<sup>st</sup>": "$4.99, 10⁶, m², 1st",
    "H<sub>2</sub>O, Lee<sup>3</sup>, Acme<sup>TM</sup>": "H₂O, Lee³, Acme™",
    "50 m/s<sup>2</sup>, 10 m<sup>−1</sup>, 10 m s<sup>-1</sup>": "50 m/s², 10 m⁻¹, 10 m s⁻¹",
    "6<sup>1</sup>⁄2 kg, 2<sup>1/2</sup> h, 5<sup>½</sup>, CHF 12<sup>50</sup>": "6½ kg, 2½ h, 5½, CHF 12.50",
    "1<sup>1</sup>/<sub>2</sub> and 2<sup>3</sup>/<sub>7</sub>": "1½ and 2 3⁄7",
    "99<sup>new</sup>, 10<sup>6": "99^new, 10^6",
    "`10<sup>6</sup>` and https://example.org/a² and \\<sup>6</sup>": (
        "`10<sup>6</sup>` and https://example.org/a² and \\<sup>6"
    ),
}


@pytest.mark.parametrize("text", SHOWN)
def test_readers_see_no_tags(text: str) -> None:
    assert shown(text) == SHOWN[text]


_PARTS = st.sampled_from(
    ["Ann", " ", "4", "99", "$", "<sup>", "</sup>", "<sub>", "</sub>", "¹", "½", "m", ".", "**", "`", "\n", "€", "^"]
)


@given(st.lists(_PARTS, max_size=24).map("".join))
def test_every_place_of_a_reading_has_its_place_in_the_source(text: str) -> None:
    read = reading(text)
    for at in range(len(read.text)):
        start, end = read.outer((at, at + 1))
        assert 0 <= start < end <= len(text)
    for fact in find_facts(text):
        assert text[slice(*fact.span)] == fact.raw
    for at in range(len(text) + 1):
        assert 0 <= read.inner((at, at))[0] <= len(read.text)
