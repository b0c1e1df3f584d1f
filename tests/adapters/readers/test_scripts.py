"""Raised and lowered text, fractions and formulas of HTML, DOCX and PDF: no figure joins its neighbour."""

from __future__ import annotations

import pytest

from chatspace.adapters.readers import FileReader
from chatspace.core.facts import find_facts
from chatspace.core.structure import parse
from tests.adapters.readers.docx_files import docx_of
from tests.adapters.readers.pdf_files import Raised, pdf_of


def html(page: str) -> str:
    return FileReader().read_bytes(f"<html><body>{page}</body></html>".encode(), "page.html").text.strip()


def word(body: str, **parts: str) -> str:
    return FileReader().read_bytes(docx_of(f"<w:p>{body}</w:p>", **parts), "brief.docx").text.strip()


def run(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


HTML = {
    "cents": ("<p>$4<sup>99</sup></p>", "$4<sup>99</sup>"),
    "bold price": ("<p><b>$4<sup>99</sup></b>.</p>", "**$4<sup>99</sup>**."),
    "span with a style": ("<p>10<span style='vertical-align:super'>6</span></p>", "10<sup>6</sup>"),
    "lowered by a style": ("<p>CO<span style='vertical-align: sub'>2</span></p>", "CO<sub>2</sub>"),
    "class of the page's sheet": (
        "<style>.c5{vertical-align:super}</style><p>Ann Lee<span class='c5'>3</span></p>",
        "Ann Lee<sup>3</sup>",
    ),
    "small cents": ("<p>$4<small>99</small> for 5<small>km</small></p>", "$4<sup>99</sup> for 5km"),
    "small fractions": (
        "<p>1<small>3/4</small> miles, 2<small>½</small> hours</p>",
        "1<sup>3/4</sup> miles, 2<sup>½</sup> hours",
    ),
    "cents by class": ("<p>4<span class='cents'>99</span> €</p>", "4<sup>99</sup> €"),
    "nested": ("<p>e<sup>x<sup>2</sup></sup></p>", "e<sup>x</sup><sup><sup>2</sup></sup>"),
    "old price": ("<p><del>12</del>9 € and <s>5</s><ins>4</ins></p>", "~~12~~ 9 € and ~~5~~ 4"),
    "code": ("<p><code>10<sup>6</sup></code></p>", "`10^6`"),
    "code block": ("<pre>10<sup>6</sup></pre>", "```\n10^6\n```"),
    "fraction of MathML": ("<p>1<math><mfrac><mn>2</mn><mn>3</mn></mfrac></math> l</p>", "1 2/3 l"),
    "power of MathML": (
        "<p><math><semantics><msup><mn>10</mn><mn>6</mn></msup><annotation>10^6</annotation></semantics></math>5</p>",
        "10^6 5",
    ),
    "root of MathML": ("<p><math><mn>2</mn><mroot><mn>8</mn><mn>3</mn></mroot></math></p>", "2(8)^(1/3)"),
    "sum over a sum": (
        "<p><math><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mn>2</mn></mfrac></math></p>",
        "(a+1)/2",
    ),
    "heading": ("<h2>The $4<sup>99</sup> lamp</h2>", "## The $4<sup>99</sup> lamp"),
    "table": ("<table><tr><td>4<sup>99</sup><td>5</table>", "| 4<sup>99</sup> | 5 |\n| --- | --- |"),
    "link": ("<p>2019<sup><a href='/n'>1</a></sup></p>", "2019[<sup>1</sup>](/n)"),
    "two note marks": ("<p>120<sup>10</sup><sup>11</sup> lamps</p>", "120<sup>10</sup><sup>11</sup> lamps"),
    "two notes in brackets": ("<p>Lee<sup>[1]</sup><sup>[2]</sup></p>", "Lee<sup>\\[1]</sup><sup>\\[2]</sup>"),
    "one figure around a comment": ("<p>$4<sup>9<!-- c -->9</sup></p>", "$4<sup>99</sup>"),
    "parts of one exponent": ("<p>10<sup><span>−</span><span>6</span></sup></p>", "10<sup>−6</sup>"),
    "power of nothing": ("<p>45<math><msup><mi></mi><mn>2</mn></msup></math> units</p>", "45<sup>2</sup> units"),
    "power of nothing behind ten": ("<p>10<math><msup><mi/><mn>6</mn></msup></math></p>", "10<sup>6</sup>"),
    "index of nothing": ("<p>CO<math><msub><mi></mi><mn>2</mn></msub></math></p>", "CO<sub>2</sub>"),
    "only space": ("<p>10<sup> </sup>6</p>", "10 6"),
}


@pytest.mark.parametrize("way", HTML)
def test_a_page_keeps_what_is_raised_apart(way: str) -> None:
    page, text = HTML[way]
    assert html(page) == text
    assert parse(text).second_parser_agrees


SUP, SUB = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'
RAISED_STYLES = (
    '<w:style w:type="character" w:styleId="Up"><w:name w:val="Up"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
    '</w:style><w:style w:type="character" w:styleId="Mark"><w:name w:val="Mark"/><w:basedOn w:val="Up"/></w:style>'
)


def test_word_says_in_four_ways_that_a_run_is_raised() -> None:
    looks = (SUP, '<w:rStyle w:val="Up"/>', '<w:rStyle w:val="Mark"/>', '<w:position w:val="8"/>')
    for look in looks:
        assert word(run("10") + run("6", look), styles=RAISED_STYLES) == "10<sup>6</sup>"


def test_a_run_of_word_can_undo_what_its_style_raises() -> None:
    look = '<w:rStyle w:val="Up"/><w:vertAlign w:val="baseline"/>'
    assert word(run("10") + run("6", look), styles=RAISED_STYLES) == "106"


def test_a_raised_figure_that_word_divides_among_runs_is_one() -> None:
    assert word(run("$4") + run("9", SUP) + run("9", SUP)) == "$4<sup>99</sup>"


def test_lowered_runs_of_word_keep_their_tags() -> None:
    assert word(run("H") + run("2", SUB) + run("O")) == "H<sub>2</sub>O"


def math(inner: str) -> str:
    space = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    return f'<m:oMath xmlns:m="{space}">{inner}</m:oMath>'


def r(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


def f(top: str, bottom: str) -> str:
    return f"<m:f><m:num>{top}</m:num><m:den>{bottom}</m:den></m:f>"


FORMULAS = {
    "mixed number": (run("1") + math(f(r("2"), r("3"))) + run(" litres"), "1 2/3 litres"),
    "mixed number in one formula": (math(r("1") + f(r("2"), r("3"))), "1 2/3"),
    "figure behind": (math(f(r("2"), r("3"))) + run("5"), "2/3 5"),
    "fraction of a sum": (math(f(r("a+1"), f(r("1"), r("2")))), "(a+1)/(1/2)"),
    "power": (math(f"<m:sSup><m:e>{r('10')}</m:e><m:sup>{r('-3')}</m:sup></m:sSup>"), "10^-3"),
    "power of a power": (
        math(
            f"<m:sSup><m:e>{r('2')}</m:e><m:sup><m:sSup><m:e>{r('3')}</m:e><m:sup>{r('4')}</m:sup></m:sSup></m:sup>"
            "</m:sSup>"
        ),
        "2^(3^4)",
    ),
    "index": (math(f"<m:sSub><m:e>{r('x')}</m:e><m:sub>{r('1')}</m:sub></m:sSub>{r('5')}"), "x_1 5"),
    "index and power": (
        math(f"<m:sSubSup><m:e>{r('x')}</m:e><m:sub>{r('1')}</m:sub><m:sup>{r('2')}</m:sup></m:sSubSup>"),
        "x_1^2",
    ),
    "square root": (math(r("2") + f"<m:rad><m:deg/><m:e>{r('3')}</m:e></m:rad>"), "2√(3)"),
    "cube root": (math(r("5") + f"<m:rad><m:deg>{r('3')}</m:deg><m:e>{r('27')}</m:e></m:rad>"), "5(27)^(1/3)"),
    "brackets": (math(f"<m:d><m:e>{r('1')}</m:e><m:e>{r('2')}</m:e></m:d>"), "(1|2)"),
    "sum": (
        math(
            '<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr>'
            f"<m:sub>{r('i=1')}</m:sub><m:sup>{r('9')}</m:sup><m:e>{r('4')}</m:e></m:nary>"
        ),
        "∑\\_(i=1)^9 4",
    ),
    "matrix": (math(f"<m:m><m:mr><m:e>{r('1')}</m:e><m:e>{r('2')}</m:e></m:mr></m:m>"), "\\[1, 2]"),
    "power of nothing": (
        run("45") + math(f"<m:sSup><m:e/><m:sup>{r('2')}</m:sup></m:sSup>") + run(" units"),
        "45<sup>2</sup> units",
    ),
    "characters of one figure": (math(r("1") + r("0")), "10"),
}


@pytest.mark.parametrize("way", FORMULAS)
def test_equations_of_word_are_one_line_in_which_no_figure_joins(way: str) -> None:
    body, text = FORMULAS[way]
    assert word(body) == text


PDF_LINE = [
    *(Raised("The lamp costs $4"), Raised("99", 0.4), Raised(" and sold 10"), Raised("6", 0.35)),
    *(Raised(" times in 2019"), Raised("1", 0.4), Raised(". CO"), Raised("2", -0.15), Raised(" fell.")),
]


def test_raised_and_lowered_digits_of_a_pdf_are_told_by_size_and_height() -> None:
    text = FileReader().read_bytes(pdf_of([[PDF_LINE]]), "report.pdf").text
    line = "The lamp costs $4<sup>99</sup> and sold 10<sup>6</sup> times in 2019<sup>1</sup>. CO<sub>2</sub> fell."
    assert text.strip() == line
    assert [fact.value for fact in find_facts(text)] == [4.99, 1_000_000, "2019"]


def test_a_pdf_s_line_that_ends_raised_goes_on_in_its_paragraph() -> None:
    first = [Raised("Ann Lee"), Raised("3", 0.4)]
    second = [Raised("says that it rose.")]
    text = FileReader().read_bytes(pdf_of([[first, second]]), "report.pdf").text
    assert text.strip() == "Ann Lee<sup>3</sup> says that it rose."


def test_a_mark_that_begins_a_line_of_a_pdf_stays_on_it() -> None:
    text = FileReader().read_bytes(pdf_of([[[Raised("1", 0.4), Raised(" The note is here.")]]]), "report.pdf").text
    assert text.strip() == "<sup>1</sup> The note is here."


def test_digits_of_one_height_stay_one_number_in_a_pdf() -> None:
    text = FileReader().read_bytes(pdf_of([[[Raised("In 2019 it cost $499.")]]]), "report.pdf").text
    assert text.strip() == "In 2019 it cost $499."
