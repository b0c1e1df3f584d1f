"""Facts: their values and units, whatever way they are written."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.extraction import Fact
from chatspace.core.facts import find_facts
from tests.properties import examples


def _only(text: str, lang: str | None = None) -> Fact:
    (fact,) = find_facts(text, lang=lang)
    return fact


@pytest.mark.parametrize(
    "raw",
    ["$4.2m", "$4.2 million", "4,200,000 USD", "US$4.2 million", "USD 4.2m", "4.2 million dollars", "4.2m US dollars"],
)
def test_money_has_one_value_however_it_is_written(raw: str) -> None:
    fact = _only(f"They raised {raw} at last.")
    assert (fact.type, fact.raw, fact.value, fact.unit) == ("money", raw, 4_200_000, "USD")


@pytest.mark.parametrize(
    ("raw", "value", "unit"),
    [
        ("€3.50", 3.5, "EUR"),
        ("£99", 99, "GBP"),
        ("CHF 1'200.50", 1200.5, "CHF"),
        ("¥12,000", 12000, "JPY"),
        ("EUR 3.5bn", 3_500_000_000, "EUR"),
        ("five thousand euros", 5000, "EUR"),
        ("A$5", 5, "AUD"),
        ("-$5m", -5_000_000, "USD"),
        ("a million dollars", 1_000_000, "USD"),
    ],
)
def test_currencies(raw: str, value: float, unit: str) -> None:
    fact = _only(f"It cost {raw} then.")
    assert (fact.type, fact.raw, fact.value, fact.unit) == ("money", raw, value, unit)


@pytest.mark.parametrize("raw", ["18%", "18 %", "18 percent", "eighteen per cent", "18 pct"])
def test_percentages(raw: str) -> None:
    fact = _only(f"It grew {raw} again.")
    assert (fact.type, fact.raw, fact.value, fact.unit) == ("percent", raw, 18, "%")


@pytest.mark.parametrize(
    ("raw", "value", "unit"),
    [
        ("3.5 kWh", 3.5, "kWh"),
        ("48 dB(A)", 48, "dBA"),
        ("-5 °C", -5, "°C"),
        ("minus 22 degrees Celsius", -22, "°C"),
        ("120 m²", 120, "m²"),
        ("12,000 square metres", 12000, "m²"),
        ("16 GB", 16, "GB"),
        ("24 hours", 24, "h"),
        ("12-month", 12, "mo"),
        ("5 percentage points", 5, "pp"),
        ("10x", 10, "x"),
        ("twice", 2, "x"),
        ("2.5 km/h", 2.5, "km/h"),
    ],
)
def test_quantities(raw: str, value: float, unit: str) -> None:
    fact = _only(f"It has {raw} now.")
    assert (fact.type, fact.raw, fact.value, fact.unit) == ("quantity", raw, value, unit)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("three", 3),
        ("twenty-one", 21),
        ("two dozen", 24),
        ("half a million", 500_000),
        ("two hundred and fifty thousand", 250_000),
        ("two and a half million", 2_500_000),
        ("12k", 12_000),
        ("1,234", 1234),
        ("3rd", 3),
        ("2.1.3", "2.1.3"),
        ("+49 30 1234567", "+49301234567"),
    ],
)
def test_numbers_in_words_and_digits(raw: str, value: float | str) -> None:
    fact = _only(f"We saw {raw} of them.", "en")
    assert (fact.type, fact.raw, fact.value, fact.unit) == ("number", raw, value, None)


def test_a_share_in_words_is_a_percentage() -> None:
    facts = find_facts("A quarter of the firms, two thirds of all, a quarter of an hour")
    assert [(fact.value, fact.unit) for fact in facts] == [(25, "%"), (66.67, "%"), (0.25, "h")]


@pytest.mark.parametrize("text", ["one of the best", "COVID-19 and B2B", "a 5G net", "1. First", "## 2) Second", "x_1"])
def test_what_is_no_figure(text: str) -> None:
    assert find_facts(text) == []


@pytest.mark.parametrize(
    "raw",
    [
        "March 12, 2025",
        "12 March 2025",
        "2025-03-12",
        "12.03.2025",
        "12th of March 2025",
        "Mar 12, 2025",
        "2025年3月12日",
    ],
)
def test_a_day_has_one_value_however_it_is_written(raw: str) -> None:
    fact = _only(f"It opens {raw}.")
    assert (fact.type, fact.raw, fact.value, fact.ambiguous) == ("date", raw, "2025-03-12", False)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("March 2026", "2026-03"),
        ("Q3 2025", "2025-Q3"),
        ("first quarter of 2024", "2024-Q1"),
        ("H1 2025", "2025-H1"),
        ("12 March", "--03-12"),
        ("1990s", "1990s"),
        ("2019", "2019"),
        ("2024/25", "2024/25"),
        ("7 pm", "T19:00"),
        ("14:30", "T14:30"),
    ],
)
def test_parts_of_dates(raw: str, value: str) -> None:
    fact = _only(f"It was in {raw}.")
    assert (fact.type, fact.raw, fact.value) == ("date", raw, value)


def test_both_ends_of_a_range_have_the_unit() -> None:
    text = "3 to 5 km, between 10 and 15 percent, €5–7 million, 12–14 March 2025"
    assert [(fact.raw, fact.value, fact.unit) for fact in find_facts(text)] == [
        ("3", 3, "km"),
        ("5 km", 5, "km"),
        ("10", 10, "%"),
        ("15 percent", 15, "%"),
        ("€5", 5_000_000, "EUR"),
        ("7 million", 7_000_000, "EUR"),
        ("12", "2025-03-12", None),
        ("14 March 2025", "2025-03-14", None),
    ]


def test_the_text_decides_how_a_number_is_read() -> None:
    german = find_facts("Der Preis ist 1.234,56 Euro und die Menge 1.500 Stück.")
    assert [fact.value for fact in german] == [1234.56, 1500]
    english = find_facts("The price is 1,234.56 euros and the factor 1.500 of it.")
    assert [fact.value for fact in english] == [1234.56, 1.5]
    assert not any(fact.ambiguous for fact in german + english)


def test_what_cannot_be_decided_is_marked() -> None:
    assert _only("1.234").ambiguous
    assert _only("03/04/2025").ambiguous
    assert _only("25/04/2025").value == "2025-04-25"
    assert not _only("03/04/2025", "de").ambiguous
    assert [fact.value for fact in find_facts("03/04/2025 and 12/31/2025")] == ["2025-03-04", "2025-12-31"]


@pytest.mark.parametrize(
    "raw",
    ['"some words here"', "“some words here”", "„manche Wörter hier“", "«quelques mots ici»", "»manche Wörter hier«"],
)
def test_quotes_of_three_words(raw: str) -> None:
    fact = _only(f"She said {raw} and left.")
    assert (fact.type, fact.raw, fact.value) == ("quote", raw, raw[1:-1])


@pytest.mark.parametrize(
    "text", ['a "few words" b', '"never closed here', '"over\n\ntwo whole paragraphs"', 'a 5" and 6" nail']
)
def test_what_is_no_quote(text: str) -> None:
    assert not any(fact.type == "quote" for fact in find_facts(text))


def test_addresses_end_before_punctuation() -> None:
    text = "See https://example.com/a_(b), www.foo.org/x. Or (example.com) or Me.You@Example.com!"
    assert [(fact.type, fact.raw) for fact in find_facts(text)] == [
        ("url", "https://example.com/a_(b)"),
        ("url", "www.foo.org/x"),
        ("url", "example.com"),
        ("email", "Me.You@Example.com"),
    ]


def test_facts_go_over_a_line_break_but_not_into_a_list() -> None:
    assert _only("It cost 4.2\nmillion euros.").raw == "4.2\nmillion euros"
    assert [fact.raw for fact in find_facts("about 5\n- km\n- 10 km")] == ["5", "10 km"]


def test_the_mark_of_a_footnote_is_no_number() -> None:
    facts = find_facts("It grew by 18 %[^1].\n\n[^1]: By 17 % at first[^note-2].\n")
    assert [fact.raw for fact in facts] == ["18 %", "17 %"]


def test_skipped_spans_hold_no_facts() -> None:
    text = "5 km `10 km` 20 km https://example.com"
    skip = [(text.index("`"), text.rindex("`") + 1), (text.index("https"), len(text))]
    assert [fact.raw for fact in find_facts(text, skip)] == ["5 km", "20 km"]


@pytest.mark.parametrize(
    "piece", ["1", "1 ", "9,", "1.", "$", '"a b ', "“", "a@", "https://", "one ", "two hundred ", "March "]
)
def test_a_long_line_of_one_thing_is_read_in_bounded_time(piece: str) -> None:
    find_facts(piece * 20_000)


@examples(300)
@given(st.text(alphabet=st.sampled_from("0123456789.,-/:% $€£@\n\"“”„«»amkMBQ'’+°²𝔸𝟙éMarch")) | st.text())
def test_raw_is_the_text_at_its_span(text: str) -> None:
    facts = find_facts(text)
    assert all(text[slice(*fact.span)] == fact.raw and fact.raw for fact in facts)
    assert [fact.span[0] for fact in facts] == sorted(fact.span[0] for fact in facts)
    assert [fact.id for fact in facts] == [f"f{number}" for number in range(1, len(facts) + 1)]


@examples(100)
@given(st.integers(min_value=1, max_value=10**9))
def test_money_round_trips_through_its_written_forms(amount: int) -> None:
    for written in (f"${amount}", f"US${amount:,}", f"{amount:,} USD", f"USD {amount}", f"{amount} dollars"):
        fact = _only(f"It cost {written} then.", "en")
        assert (fact.type, fact.value, fact.unit) == ("money", amount, "USD")
    german = f"{amount:,}".replace(",", ".")
    assert _only(f"Es kostet {german} Euro.", "de").value == amount


@examples(100)
@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2090, 12, 31)))
def test_days_round_trip_through_their_written_forms(day: date) -> None:
    name = day.strftime("%B")
    written = (day.isoformat(), f"{day:%d.%m.%Y}", f"{day.day} {name} {day.year}", f"{name} {day.day}, {day.year}")
    assert [_only(f"It was on {form}.", "en").value for form in written] == [day.isoformat()] * 4
