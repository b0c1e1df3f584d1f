"""HTML: its structure survives as Markdown, and what isn't the page's text doesn't."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatspace.adapters.readers import FileReader
from chatspace.core.document import Source
from tests.adapters.readers.outline import Entry, depths, links, outline
from tests.properties import examples

SIX_ITEMS = [(1, "a"), (2, "b"), (3, "c"), (3, "d"), (2, "e"), (1, "f")]

LIST_WAYS = {
    "nested in the item": "<ul><li>a<ul><li>b<ul><li>c</li><li>d</li></ul></li><li>e</li></ul></li><li>f</li></ul>",
    "a list directly in a list": "<ul><li>a</li><ul><li>b</li><ul><li>c</li><li>d</li></ul>"
    "<li>e</li></ul><li>f</li></ul>",
    "paragraphs in items": "<ul><li><p>a</p><ul><li><p>b</p><ul><li><p>c</p></li><li><p>d</p></li></ul></li>"
    "<li><p>e</p></li></ul></li><li><p>f</p></li></ul>",
    "flat lists with level classes": "".join(
        f'<ul class="lst-kix_x-{depth - 1} start"><li>{text}</li></ul>' for depth, text in SIX_ITEMS
    ),
    "flat items with level classes": "<ul>"
    + "".join(f'<li class="ql-indent-{depth - 1}">{text}</li>' for depth, text in SIX_ITEMS)
    + "</ul>",
    "flat items with aria-level": "<ul>"
    + "".join(f'<li aria-level="{depth}">{text}</li>' for depth, text in SIX_ITEMS)
    + "</ul>",
    "Word's paragraphs": "".join(
        f"<p style='mso-list:l0 level{depth} lfo1'><span style='mso-list:Ignore'>·<span>  </span></span>{text}</p>"
        for depth, text in SIX_ITEMS
    ),
    "unclosed tags": "<ul><li>a<ul><li>b<ul><li>c<li>d</ul><li>e</ul><li>f</ul>",
}


def read(page: str) -> Source:
    return FileReader().read_bytes(f"<html><body>{page}</body></html>".encode(), "page.html")


@pytest.mark.parametrize("way", LIST_WAYS)
def test_nested_lists_come_out_at_the_right_depth(way: str) -> None:
    assert depths(read(LIST_WAYS[way]).text) == SIX_ITEMS


def test_ordered_lists_keep_kind_and_start() -> None:
    text = read("<ol start=5><li>x<ul><li>y</ul><li>z</ol>").text
    assert text == "5. x\n   - y\n6. z\n"


def test_two_lists_side_by_side_stay_two() -> None:
    assert read("<ul><li>a</ul><ul><li>b</ul><ol><li>c</ol><ol><li>d</ol>").text == "- a\n\n* b\n\n1. c\n\n1) d\n"


def test_word_lists_tell_numbers_from_bullets() -> None:
    marks = [(1, "1."), (2, "o"), (2, "o"), (1, "2.")]
    page = "".join(
        f"<p style='mso-list:l0 level{level} lfo1'><span style='mso-list:Ignore'>{mark} </span>x</p>"
        for level, mark in marks
    )
    assert read(page).text == "1. x\n   - x\n   - x\n2. x\n"


def test_a_table_keeps_its_cells_and_gets_no_header_of_ours() -> None:
    page = (
        "<table><tr><td>Tern 4</td><td>1,200 | net</td></tr><tr><td>Tern 5</td><td><p>a</p><p>b</p></td></tr></table>"
    )
    text = read(page).text
    assert text == "| Tern 4 | 1,200 \\| net |\n| --- | --- |\n| Tern 5 | a<br>b |\n"
    assert outline(text) == [("row", "Tern 4", "1,200 | net"), ("row", "Tern 5", "a b")]


def test_merged_cells_leave_their_other_places_empty() -> None:
    page = "<table><tr><th>A<th colspan=2>B<tr><td rowspan=2>x<td>y<td>z<tr><td>1<td>2</table>"
    assert outline(read(page).text) == [("row", "A", "B", ""), ("row", "x", "y", "z"), ("row", "", "1", "2")]


def test_a_table_that_only_arranges_the_page_is_read_as_text() -> None:
    page = "<table><tr><td><h2>News</h2><p>One</p></td><td><table><tr><td>a<td>b</table></td></tr></table>"
    assert outline(read(page).text) == [("heading", 2, "News"), ("paragraph", "One"), ("row", "a", "b")]


def test_headings_keep_their_levels() -> None:
    page = "".join(f"<h{n}>Level {n}</h{n}>" for n in range(1, 7))
    assert outline(read(page).text) == [("heading", n, f"Level {n}") for n in range(1, 7)]


def test_quotes_code_rules_and_breaks_survive() -> None:
    page = (
        "<blockquote><p>q<p>r<blockquote>s</blockquote></blockquote><hr>"
        '<pre><code class="language-py">if a &lt; b:\n\tprint("```")\n</code></pre><p>one<br>two <code>x_y</code>'
    )
    text = read(page).text
    assert outline(text) == [
        ("quote", 1, "q"),
        ("quote", 1, "r"),
        ("quote", 2, "s"),
        ("rule",),
        ("code", 'if a < b:\n\tprint("```")'),
        ("paragraph", "one two x_y"),
    ]
    assert "````py\n" in text
    assert "one\\\ntwo `x_y`" in text


def test_code_keeps_its_order_through_highlighting() -> None:
    page = "<pre><span>a<b>b</b></span>c<br>d<span class=lineno>7</span></pre>"
    assert "abc\nd" in read(page).text


def test_links_and_images_keep_their_targets() -> None:
    page = (
        '<p><a href="https://x.example/a b?q=(1">the  <b>report</b></a>, <a href="javascript:alert(1)">no</a>,'
        ' <img src="/i.png" alt="a [chart]">, wow!<a href="#s">up</a> <img src="data:image/png;base64,AAAA" alt="pic">'
    )
    text = read(page).text
    assert links(text) == [
        ("link", "https://x.example/a%20b?q=%281"),
        ("image", "/i.png"),
        ("link", "#s"),
        ("image", "embedded"),
    ]
    assert outline(text) == [("paragraph", "the report, no, a [chart], wow!up pic")]


@pytest.mark.parametrize(
    ("reference", "note"),
    [
        (
            '<sup><a href="#fn1" id="fnref1">1</a></sup>',
            '<section class="footnotes"><hr><ol><li id="fn1"><p>Said. <a href="#fnref1">↩</a></p></li></ol></section>',
        ),
        (
            '<a href="#_ftn1" name="_ftnref1">[1]</a>',
            '<div id="ftn1"><p><a href="#_ftnref1" name="_ftn1">[1]</a> Said.</p></div>',
        ),
        (
            '<sup id="cite_ref-1"><a href="#cite_note-1">[1]</a></sup>',
            '<ol class="references"><li id="cite_note-1"><b><a href="#cite_ref-1">^</a></b> Said.</li></ol>',
        ),
        (
            '<a class="sdfootnoteanc" name="sdfootnote1anc" href="#sdfootnote1sym"><sup>1</sup></a>',
            '<div id="sdfootnote1"><p><a name="sdfootnote1sym" href="#sdfootnote1anc">1</a> Said.</p></div>',
        ),
    ],
)
def test_footnotes_survive(reference: str, note: str) -> None:
    assert read(f"<p>Word{reference}: more</p>{note}").text == "Word[^1]: more\n\n[^1]: Said.\n"


def test_a_link_to_read_is_no_footnote() -> None:
    assert links(read('<p>see <a href="#note3">the third note</a></p><p id="note3">x').text) == [("link", "#note3")]


def test_navigation_scripts_and_what_is_hidden_are_left_out() -> None:
    page = """
      <header><a href="/">Site</a></header><nav>Home</nav><ul class="breadcrumb"><li>You are here</ul>
      <main><header><h1>Title <a class="headerlink" href="#t">¶</a></h1></header><p>Text</p>
      <script>x()</script><style>p{}</style><template>t</template><p hidden>h</p><p style="display: none">n</p>
      <span aria-hidden="true">i</span><button>Buy</button></main>
      <footer>Imprint</footer><div role="navigation">More</div>"""
    source = read(page)
    assert source.text == "# Title\n\nText\n"
    assert source.warnings == ("5 parts of the page were skipped as navigation.",)


def test_a_page_without_a_main_part_keeps_its_header() -> None:
    assert read("<header><h1>T</h1></header><p>x</p>").text == "# T\n\nx\n"


def test_task_lists_keep_their_boxes() -> None:
    assert read("<ul><li><input type=checkbox checked> done<li><input type=checkbox> open</ul>").text == (
        "- [x] done\n- [ ] open\n"
    )


def test_emphasis_is_written_only_where_it_is_read_as_such() -> None:
    assert read("<p><b> bold </b>and <i>it</i>, half<b>way</b>, <b><i>both</i></b> <s>old</s>.").text == (
        "**bold** and *it*, halfway, ***both*** ~~old~~.\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "# no heading",
        "- no item",
        "+ no",
        "1. no",
        "12) no",
        "> no quote",
        "---",
        "===",
        "***",
        "___",
        "```",
        "~~~",
        "| a | b |",
        "*a* _b_ **c** `d` ~~e~~",
        "[x](y) ![z](q) [^1] [x]: y",
        "<b>x</b> <!-- y --> <http://z.example>",
        "&amp; &copy; &#35;",
        "\\* \\ C:\\new\\",
        "snake_case_name and 5 * 3 * 2",
        "a | b",
        "[ ] task",
        "a~b~c ~5 and ~6",
        "trailing #",
        "title: no front matter",
    ],
)
@pytest.mark.parametrize("tag", ["p", "h2", "li", "td", "blockquote"])
def test_text_that_looks_like_markdown_stays_text(text: str, tag: str) -> None:
    page = f"<{tag}>{html.escape(text)}</{tag}>"
    page = f"<table><tr>{page}<td>b</table>" if tag == "td" else page
    [entry] = outline(read(page).text)
    assert text in entry


def test_each_block_knows_its_line() -> None:
    source = FileReader().read_bytes(b"<html>\n<h1>A</h1>\n\n<p>one\n<p>two\n<ul>\n<li>x\n</ul>", "a.html")
    places = [source.place_of(source.text.index(word)) for word in ("A", "one", "two", "x")]
    assert places == ["line 2", "line 4", "line 5", "line 7"]


# A random page, and what a parser must see of it.


@dataclass(frozen=True)
class Page:
    html: str
    entries: tuple[Entry, ...]


# Marks of Markdown and HTML far more often than a random text would have them.
words = st.text(alphabet=st.sampled_from("ab1 .)#*_`~-+=[](){}<>!|\\&;:^\"'é東🎉xX0\u00a0"), min_size=1, max_size=12)
phrases = words.map(lambda text: " ".join(text.split())).filter(bool)


def _block(tag: str, make: str) -> st.SearchStrategy[Page]:
    def built(text: str) -> Page:
        entry: Entry = ("heading", int(tag[1]), text) if tag[0] == "h" else (make, text)
        return Page(f"<{tag}>{html.escape(text)}</{tag}>", (entry,))

    return phrases.map(built)


def _table(rows: Sequence[Sequence[str]]) -> Page:
    cells = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return Page(f"<table>{cells}</table>", tuple(("row", *row) for row in rows))


tables = st.integers(2, 3).flatmap(
    lambda width: st.lists(st.lists(phrases, min_size=width, max_size=width), min_size=1, max_size=3).map(_table)
)


@st.composite
def lists(draw: st.DrawFn, depth: int = 1) -> Page:
    ordered = draw(st.booleans())
    page, entries = "", []
    for text in draw(st.lists(phrases, min_size=1, max_size=3)):
        inner = draw(lists(depth + 1)) if depth < 4 and draw(st.booleans()) else Page("", ())
        page += f"<li>{html.escape(text)}{inner.html}</li>"
        entries += [("item", depth, ordered, text), *inner.entries]
    tag = "ol" if ordered else "ul"
    return Page(f"<{tag}>{page}</{tag}>", tuple(entries))


blocks = st.one_of(_block("h2", ""), _block("h4", ""), _block("p", "paragraph"), tables, lists())


@examples(150)
@given(st.lists(blocks, min_size=1, max_size=5))
def test_any_page_parses_back_to_its_text_and_depths(parts: list[Page]) -> None:
    text = read("".join(part.html for part in parts)).text
    assert outline(text) == [entry for part in parts for entry in part.entries], text


styled = st.tuples(words, st.sampled_from(["", "b", "i", "s", "b i", "code", "a href=http://x.example"]))


@examples(150)
@example([("\\ ", "b")])
@given(st.lists(styled, min_size=1, max_size=6))
def test_any_styling_keeps_the_text(runs: list[tuple[str, str]]) -> None:
    page = plain = ""
    for text, tags in runs:
        names = tags.split() if not tags.startswith("a ") else [tags]
        opened = "".join(f"<{name}>" for name in names)
        closed = "".join(f"</{name.split()[0]}>" for name in reversed(names))
        page += opened + html.escape(text) + closed
        plain += text
    [(_, seen)] = outline(read(f"<p>start {page} end").text)
    assert _letters(str(seen)) == _letters(f"start {plain} end")


def _letters(text: str) -> str:
    return "".join(text.split())
