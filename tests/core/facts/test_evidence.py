"""The source's sentence for each claim of a draft."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.facts import ground
from chatspace.core.facts.evidence import MAX_BESIDE, evidence, source_sentence
from chatspace.core.runs.run import Claim
from chatspace.core.text.sentences import sentences
from tests.properties import examples

SOURCE = """\
# Tern 4

The Tern 4 costs $4.2 million. It ships on
12 March 2026.

> Maria Lopez said it is
> the quietest pump.

| Model | Price |
|---|---|
| Tern 3 | $3,900 |

```
price = 77
```
"""


def around(said: str) -> str:
    start = SOURCE.index(said)
    return source_sentence(SOURCE, (start, start + len(said)))


def test_the_sentence_is_the_one_around_the_span() -> None:
    assert around("$4.2 million") == "The Tern 4 costs $4.2 million."


def test_a_sentence_over_several_lines_comes_in_one() -> None:
    assert around("12 March") == "It ships on 12 March 2026."
    assert around("quietest") == "Maria Lopez said it is the quietest pump."


def test_a_span_over_two_sentences_brings_both() -> None:
    assert around("million. It").endswith("million. It ships on 12 March 2026.")


def test_a_row_comes_whole_and_code_as_its_line() -> None:
    assert "Tern 3" in around("$3,900")
    assert around("77") == "price = 77"


def test_of_a_line_without_end_only_the_words_beside_are_shown() -> None:
    text = "so " * 10_000 + "much" + " more" * 10_000
    start = text.index("much")
    shown = source_sentence(text, (start, start + 4))
    assert len(shown) <= 2 * MAX_BESIDE + 6
    assert (shown[0], shown[-1]) == ("…", "…")
    assert " so much more " in shown


def test_each_claim_has_the_sentence_and_the_line_of_its_own_source() -> None:
    other = "It weighs 80 kg.\n"
    draft = "It costs $4.2 million and weighs 80 kg. It has 9 wheels.\n"
    claims = ground(draft, [("brief.md", SOURCE), ("sheet.md", other)])
    found = {
        each.claim.claim: (each.sentence, each.line)
        for each in evidence(claims, {"brief.md": SOURCE, "sheet.md": other})
    }
    assert found["$4.2 million"] == ("The Tern 4 costs $4.2 million.", 3)
    assert found["80 kg"] == ("It weighs 80 kg.", 1)
    assert found["9"] == ("", None)


def test_a_source_that_is_not_at_hand_leaves_the_claim_without_a_sentence() -> None:
    claim = Claim("$4", (0, 2), "money", "supported", (0, 2), "$4", "gone.md")
    (found,) = evidence([claim], {"brief.md": SOURCE})
    assert (found.claim, found.sentence, found.line) == (claim, "", None)


@examples(100)
@given(st.text(alphabet="ab .!\n>|-#`é😀", max_size=80), st.data())
def test_any_span_of_any_text_has_a_sentence_that_holds_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    shown = source_sentence(text, (start, end))
    assert "\n" not in shown
    inside = [span for span in sentences(text) if span[0] <= start < end <= span[1]]
    assert all(text[start:end].split()[0] in shown for _ in inside if text[start:end].strip(" \n>"))
