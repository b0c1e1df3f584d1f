"""Grounding in a draft's Markdown: the marks say what the check found, and the draft under them stays as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given

from chatspace.adapters.exporters import FileExporter
from chatspace.adapters.exporters.grounding import criticmarkup, footnotes
from chatspace.core.extraction import Block
from chatspace.core.facts import ground
from chatspace.core.facts.evidence import Evidence, evidence
from chatspace.core.runs.run import Claim, Verdict
from chatspace.core.structure import parse
from tests.adapters.exporters.made import run_of
from tests.core.runs.running import draft_of
from tests.core.structure.test_parse import DOCUMENTS, MARKS
from tests.properties import examples

SOURCE = """\
# Tern 4

The Tern 4 costs $4.2 million and ships on 12 March 2026.
Maria Lopez said “it is the quietest pump”.

It sold 50 units in Porto and 70 units in Lisbon.
"""


def found_in(draft: str) -> tuple[Evidence, ...]:
    return evidence(ground(draft, [("brief.md", SOURCE)]), {"brief.md": SOURCE})


def claimed(draft: str, *said: str, verdict: Verdict = "unsupported") -> list[Evidence]:
    """A claim for the first place of each of these words."""
    spans = [(draft.index(one), draft.index(one) + len(one)) for one in said]
    return [Evidence(Claim(draft[slice(*span)], span, "number", verdict)) for span in spans]


def without_notes(text: str) -> str:
    body = text.partition("\n\n[^src-1]: ")[0]
    return re.sub(r"\[\^src-\d+\]", "", body)


def without_critic(text: str) -> str:
    return re.sub(r"\{==|==\}(?:\{>>.*?<<\})+", "", text, flags=re.DOTALL)


def shape(block: Block) -> Block:
    return replace(block, id="", section=None, span=(0, 0))


def marked(draft: str, *said: str) -> str:
    """The first line of the footnoted draft."""
    return footnotes(draft, claimed(draft, *said)).split("\n")[0]


def test_a_footnote_says_the_verdict_the_source_and_its_sentence() -> None:
    text = footnotes("It costs $4.2 million.", found_in("It costs $4.2 million."))
    sentence = "The Tern 4 costs $4.2 million and ships on 12 March 2026."
    assert text == f"It costs $4.2 million[^src-1].\n\n[^src-1]: Supported by brief.md, line 3: “{sentence}”\n"


def test_an_altered_claim_is_told_the_nearest_value() -> None:
    text = footnotes("It costs $4.3 million.", found_in("It costs $4.3 million."))
    assert "Altered: brief.md, line 3 has “$4.2 million”: “The Tern 4 costs" in text


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("derived", "Derived from brief.md, line 6: “It sold.” (50 + 70)"),
        ("recombined", "Recombined: brief.md, line 6 says this about something else: “It sold.” (50 + 70)"),
        ("unsupported", "Unsupported: not in any source (50 + 70)"),
    ],
)
def test_every_verdict_is_put_into_words(verdict: Verdict, said: str) -> None:
    claim = Claim("120", (0, 3), "number", verdict, note="50 + 70")
    if verdict != "unsupported":
        claim = replace(claim, source_span=(0, 2), source_value="50", source="brief.md")
    note = Evidence(claim, "It sold." if claim.source else "", 6 if claim.source else None)
    (footnote,) = parse(footnotes("120 sold.", [note])).footnotes
    assert footnote.text == said


def test_of_a_source_that_is_not_at_hand_the_value_is_told() -> None:
    claim = Claim("80 kg", (0, 5), "quantity", "supported", (10, 16), "80\n> kg", "sheet.md")
    assert "Supported by sheet.md: “80 kg”" in footnotes("80 kg", [Evidence(claim)])


def test_what_is_said_alike_is_said_once() -> None:
    text = footnotes("9 here, 9 there, 8 too.", claimed("9 here, 9 there, 8 too.", "9", "8"))
    assert text.startswith("9[^src-1] here, 9 there, 8[^src-1] too.")
    assert text.count("]: ") == 1


@pytest.mark.parametrize(
    ("draft", "said", "line"),
    [
        ("**9** ok", "9", "**9**[^src-1] ok"),
        ("*in 9* ok", "9", "*in 9*[^src-1] ok"),
        ("**9 of it** ok", "9", "**9[^src-1] of it** ok"),
        ("[at 9 now](u9) ok", "9", "[at 9 now](u9)[^src-1] ok"),
        ("[now](https://x.test/9) ok", "9", "[now](https://x.test/9)[^src-1] ok"),
        ("<https://x.test/9> ok", "9", "<https://x.test/9>[^src-1] ok"),
        ("![9](p.png) ok", "9", "![9](p.png)[^src-1] ok"),
        ("`a 9 b` ok", "9", "`a 9 b`[^src-1] ok"),
        ("9(x) ok", "9", "9(x)[^src-1] ok"),
        ("9[x](y) ok", "9", "9[x](y)[^src-1] ok"),
        ("A&amp;T ok", "A&", "A&amp;[^src-1]T ok"),
        ("# At 9 {#nine}", "9", "# At 9[^src-1] {#nine}"),
        ("## At 9 ##", "9", "## At 9[^src-1] ##"),
        ("# At {#n9}", "9", "# At {#n9}"),
        ("    code 9", "9", "    code 9"),
        ("<div>9</div>", "9", "<div>9</div>"),
    ],
)
def test_a_footnote_stands_behind_what_holds_its_claim(draft: str, said: str, line: str) -> None:
    assert marked(draft, said) == line


def test_code_link_definitions_and_front_matter_get_no_mark() -> None:
    draft = "---\ntitle: 9\n---\n\n```\n8\n```\n\n[a][r]\n\n[r]: https://x.test/7\n"
    assert footnotes(draft, claimed(draft, "9", "8", "7")) == draft
    assert criticmarkup(draft, claimed(draft, "9", "8", "7")) == draft


def test_a_table_keeps_its_rows_and_its_delimiters() -> None:
    draft = "| a | b |\n|--:|---|\n| 9 | `8` |\n"
    text = footnotes(draft, claimed(draft, "9", "8"))
    assert text.startswith("| a | b |\n|--:|---|\n| 9[^src-1] | `8`[^src-1] |\n")
    note = Evidence(Claim("9", (21, 22), "number", "altered", (0, 1), "7", "a|b.md"), "x | y", 3)
    assert shape(parse(criticmarkup(draft, [note])).blocks[0]) == shape(parse(draft).blocks[0])


def test_footnotes_of_the_draft_keep_working() -> None:
    draft = "At 9[^1] or[^src-1] 8.\n\n[^1]: Net of 7.\n\n[^src-1]: Their own.\n"
    text = footnotes(draft, claimed(draft, "9", "8", "7"))
    assert text.startswith("At 9[^1][^src2-1] or[^src-1] 8[^src2-1].\n\n[^1]: Net of 7[^src2-1].\n")
    labels = [note.label for note in parse(text).footnotes]
    assert labels == ["1", "src-1", "src2-1"]


def test_what_a_source_says_is_text_in_a_footnote() -> None:
    sentence = "A [link](x) with `code`, *stars*, <b>tags</b> and [^1]."
    note = Evidence(Claim("9", (0, 1), "number", "supported", (0, 1), "9", "a_b_.md"), sentence, 1)
    (footnote,) = parse(footnotes("9 lives", [note])).footnotes
    assert footnote.text == f"Supported by a_b_.md, line 1: “{sentence}”"


def test_criticmarkup_marks_only_what_is_not_borne_out() -> None:
    draft = "It costs **$4.2 million** and ships on [12 March 2027](x), for 99 % of us."
    text = criticmarkup(draft, found_in(draft))
    assert "costs **$4.2 million** and" in text
    assert "ships on {==[12 March 2027](x)==}{>>Altered: brief.md, line 3 has “12 March 2026”" in text
    assert "for {==99 %==}{>>Unsupported: not in any source<<} of us." in text
    assert without_critic(text) == draft


def test_claims_within_one_another_share_a_highlight() -> None:
    draft = "She said “it sold 9 units” there."
    text = criticmarkup(draft, claimed(draft, "“it sold 9 units”", "9"))
    assert text == "She said {==“it sold 9 units”==}{>>Unsupported: not in any source<<} there."


def test_code_that_ends_in_a_space_can_be_marked() -> None:
    draft = "Run ``9 ` `` now."
    assert criticmarkup(draft, claimed(draft, "9")).startswith("Run {==``9 ` ``==}{>>")
    draft = "Run `9 ` now."
    assert criticmarkup(draft, claimed(draft, "9")).startswith("Run {==`9 `==}{>>")


def test_a_draft_without_claims_stays_as_it_is() -> None:
    assert footnotes("No claim.\n", []) == criticmarkup("No claim.\n", []) == "No claim.\n"


def test_a_fence_that_never_ends_takes_no_definition_in() -> None:
    result = run_of("It costs $4.\n\n```\n7")
    draft = replace(draft_of(result), grounding=ground(draft_of(result).text, [("brief.md", "It costs $4.")]))
    text = (
        FileExporter()
        .render(replace(result, artifacts=result.artifacts.having("draft", draft)), "draft", "md-footnotes")
        .decode()
    )
    assert "It costs $4[^src-1]." in text
    assert text.endswith("```\n\n[^src-1]: Supported by brief.md, line 1: “It costs $4.”\n")
    critic = FileExporter().render(result, "draft", "md-critic").decode()
    assert "It costs $4.\n" in critic


NUMBERED = DOCUMENTS.map(lambda text: re.sub(r"w(?=[^\w]|$)", "7 w", text))


def all_words(draft: str) -> Sequence[Evidence]:
    """Every second word as a claim that nothing bears out."""
    words = [match.span() for match in re.finditer(r"\w+", draft)][::2]
    return [Evidence(Claim(draft[slice(*span)], span, "number", "unsupported")) for span in words]


@examples(100)
@given(NUMBERED)
def test_a_draft_under_its_marks_is_the_draft(draft: str) -> None:
    found = all_words(draft)
    noted, critic = footnotes(draft, found), criticmarkup(draft, found)
    assert without_notes(noted) == draft
    assert without_critic(critic) == draft
    before, after = parse(draft), parse(noted)
    extra = len(after.footnotes) - len(before.footnotes)
    assert list(map(shape, after.blocks[: len(before.blocks)])) == list(map(shape, before.blocks))
    assert [block.kind for block in after.blocks[len(before.blocks) :]] == ["footnote"] * extra
    assert [leaf.shape for leaf in after.leaves[: len(before.leaves)]] == [leaf.shape for leaf in before.leaves]
    assert list(map(shape, parse(critic).blocks)) == list(map(shape, before.blocks))


@examples(200)
@given(MARKS)
def test_any_text_reads_the_same_under_its_marks(draft: str) -> None:
    found = all_words(draft)
    before, after = parse(draft), parse(footnotes(draft, found))
    assert without_notes(after.text) == draft
    assert [leaf.shape for leaf in after.leaves[: len(before.leaves)]] == [leaf.shape for leaf in before.leaves]
    assert len(parse(criticmarkup(draft, found)).leaves) == len(before.leaves)


def test_every_claim_of_ordinary_prose_gets_its_mark() -> None:
    found = [each for each in found_in(SOURCE) if each.claim.claim in SOURCE]
    text = footnotes(SOURCE, found)
    for each in found:
        assert re.search(re.escape(each.claim.claim) + r"[*_]*\[\^src-\d+\]", text), each.claim
