"""HTML: no paragraph, heading or link is lost for the name of an element around it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatspace.adapters.readers import FileReader
from tests.adapters.readers.outline import links, outline

FILES = Path(__file__).parent / "files"


def read(page: str) -> str:
    return FileReader().read_bytes(f"<!doctype html><html>{page}</html>".encode(), "page.html").text


def test_a_document_of_google_s_keeps_its_paragraphs_notes_and_links() -> None:
    text = FileReader().read(FILES / "google_document.html").text
    assert outline(text)[0] == ("heading", 1, "Launch plan")
    assert "bold words and slanted, [a link](https://example.org/guide)[^1]" in text
    assert text.endswith("[^1]: The note.\n")
    assert "Is this right?" not in text


def test_links_and_headings_called_anchor_or_permalink_are_kept_but_for_their_marks() -> None:
    text = FileReader().read(FILES / "permalinks.html").text
    assert outline(text) == [
        ("heading", 1, "Harbour opens in May"),
        ("paragraph", "The ferry runs from 3 May."),
        ("heading", 2, "Prices"),
        ("paragraph", "A ticket costs $12."),
        ("heading", 2, "Times"),
        ("paragraph", "It leaves at nine."),
    ]
    assert ("link", "/a") in links(text)


def test_a_body_called_permalink_is_read() -> None:
    text = FileReader().read(FILES / "permalink_body.html").text
    assert text == "# Harbour opens\n\nThe ferry runs from 3 May.\n"


def test_a_navigation_that_is_never_closed_takes_nothing_but_its_links() -> None:
    text = FileReader().read(FILES / "unclosed_nav.html").text
    assert text == "# Harbour opens\n\nThe ferry runs from 3 May.\n\nA ticket costs $12.\n"


def test_the_menu_of_a_restaurant_is_no_navigation() -> None:
    text = FileReader().read(FILES / "restaurant_menu.html").text
    assert "- Fish soup, $9\n- Plum tart, $6" in text
    assert "The navigation system was replaced in 2024." in text


PAGE = "<h1>Harbour opens</h1><p>The ferry runs from 3 May.</p><p>A ticket costs $12.</p>"
READ = "# Harbour opens\n\nThe ferry runs from 3 May.\n\nA ticket costs $12.\n"

AROUND = {
    "nav": f"<nav><ul><li><a href='/'>Home</a></li></ul>{PAGE}",
    "role": f"<div role=navigation><a href='/'>Home</a>{PAGE}</div>",
    "dialog": f"<div role=dialog>{PAGE}</div>",
    "menu by class": f"<div class='menu'>{PAGE}</div>",
    "breadcrumb left open": f"<div class=breadcrumb><a href='/'>Home</a>{PAGE}",
    "cookie banner left open": f"<div class=cookie-banner>{PAGE}",
    "heading before the open navigation": PAGE.replace("</h1>", "</h1><nav><a href='/'>Home</a>"),
    "button left open": f"<button>{PAGE}",
    "gutter": f"<div class=gutter>{PAGE}</div>",
    "anchor": f"<section class=anchor>{PAGE}</section>",
    "headerlink": f"<div class=headerlink>{PAGE}</div>",
    "line numbers": f"<div class=line-numbers>{PAGE}</div>",
    "hidden until a script runs": f"<div style='visibility:hidden'>{PAGE}</div>",
    "navigation in navigation": f"<nav><div class=navbar><div id=menu>{PAGE}</div></div></nav>",
    "title in the site's header": PAGE.replace(
        "<h1>Harbour opens</h1>", "<header><h1>Harbour opens</h1></header><main>"
    ),
}


@pytest.mark.parametrize("way", AROUND)
def test_no_rule_drops_the_heading_or_most_of_the_text(way: str) -> None:
    assert read(f"<body>{AROUND[way]}") == READ


BESIDE = {
    "nav": "<nav><a href='/'>Home</a> <a href='/n'>News</a></nav>",
    "nav with the site's name as a heading": "<nav><h1>Site</h1><a href='/n'>News</a></nav>",
    "menu": "<ul class=menu><li><a href='/'>Home</a></li></ul>",
    "cookies, longer than the page": f"<div class=cookie-banner><p>{'We use cookies. ' * 40}</p></div>",
    "permalink with words": "<h2>More<a class=headerlink href='#m'>Link to this heading</a></h2>",
    "line numbers": "<span class=lineno>12</span>",
}


@pytest.mark.parametrize("way", BESIDE)
def test_what_is_beside_the_page_is_still_left_out(way: str) -> None:
    assert read(f"<body>{BESIDE[way]}{PAGE}").replace("## More\n\n", "") == READ


@pytest.mark.parametrize("mark", ["#", "¶", "§", "🔗", "", "<svg></svg>", "<i class=icon></i>", "<img src=i.png>"])
def test_a_link_of_a_heading_to_itself_is_a_mark_where_it_says_nothing(mark: str) -> None:
    heading = f"<h2 id=a>Prices <a class=anchor href='#a'>{mark}</a></h2><h2>Times <a href='#b'>#</a></h2>"
    assert outline(read(f"<body>{heading}")) == [("heading", 2, "Prices"), ("heading", 2, "Times")]


def test_a_picture_in_a_permalink_is_kept() -> None:
    page = "<p>Text.</p><a class=permalink href='/post'><img src='/a.jpg' alt='The harbour'></a>"
    assert "![The harbour](/a.jpg)" in read(f"<body>{page}")


def test_a_page_of_navigation_alone_is_read() -> None:
    assert read("<body><nav><a href='/a'>Alpha</a></nav>") == "[Alpha](/a)\n"


def test_a_note_and_its_mark_are_told_apart_by_their_order() -> None:
    page = (
        "<p>It rose<sup><a id=r1 href='#fn1'>1</a></sup> again.</p>"
        "<ol><li id=fn1>The note. <a href='#r1'>↩</a></li></ol>"
    )
    assert read(f"<body>{page}") == "It rose[^1] again.\n\n[^1]: The note.\n"


def test_two_comments_of_google_s_go_without_the_notes() -> None:
    page = (
        "<p>One<a href='#cmnt1' id='cmnt_ref1'>[a]</a> two<sup><a href='#cmnt2' id='cmnt_ref2'>[b]</a></sup>.</p>"
        "<div><p><a href='#cmnt_ref1' id='cmnt1'>[a]</a>Why?</p><p>Really?</p></div>"
        "<div><p><a href='#cmnt_ref2' id='cmnt2'>[b]</a>No.</p></div>"
    )
    assert read(f"<body>{page}") == "One two.\n"


def test_addresses_that_google_wraps_are_unwrapped_and_others_are_kept() -> None:
    wrapped = "https://www.google.com/url?q=https://example.org/a%3Fb%3D1&amp;sa=D"
    page = f"<a href='{wrapped}'>a</a> <a href='https://example.org/url?q=x'>b</a>"
    assert [target for _, target in links(read(f"<body>{page}"))] == [
        "https://example.org/a?b=1",
        "https://example.org/url?q=x",
    ]


def test_hundreds_of_menus_within_each_other_take_no_time() -> None:
    page = "<div class='menu navbar anchor gutter'>" * 240 + "<p>text</p>" + "<i>x</i>" * 20_000
    assert read(f"<body>{page}").startswith("text")


ALONE = "<p><a href='#cmnt_ref1' id='cmnt1'>[a]</a>Why?</p>"
COMMENTED = {
    "all in one box": f"<div><p>The ferry runs.</p>{ALONE}</div>",
    "all in one box but the heading": f"<h1>Harbour</h1><div><p>The ferry runs.</p>{ALONE}</div>",
    "the comment first, in a box that never ends": f"<div>{ALONE}<h2>Harbour</h2><p>The ferry runs.</p>",
    "the comment in the text": "<div>The ferry runs. <a href='#cmnt_ref1' id='cmnt1'>[a]</a></div>",
}


@pytest.mark.parametrize("way", COMMENTED)
def test_a_comment_of_google_s_takes_only_its_own_box(way: str) -> None:
    text = read(f"<body class=doc-content>{COMMENTED[way]}")
    assert outline(text)[-1] == ("paragraph", "The ferry runs.")
    assert ("Harbour" in COMMENTED[way]) == ("Harbour" in text)
    assert "Why?" not in text


ROW = "<tr><td>Tern 4<td>12</tr>"
STRAY = {
    "left open": f"<h1>Archive</h1><table><tbody>{ROW}</tbody><p>It holds 999 letters.</p><ul><li>Maps</ul><p>End.",
    "text in the table": f"<h1>Archive</h1><table>It holds 999 letters.{ROW}<ul><li>Maps</ul>End.</table>",
    "text in a row": f"<h1>Archive</h1><table><tr>It holds <b>999</b> letters.<td>8</tr>{ROW}<tr>Maps</table>End.",
    "heading": f"<table>{ROW}<h1>Archive</h1>It holds 999 letters.<p>Maps<p>End.",
    "another table": f"<table>{ROW}<p>Archive: it holds 999 letters.<table>{ROW}</table><p>Maps<p>End.",
    "form around rows": f"<p>Archive</p><table><form>It holds 999 letters.{ROW}Maps</form></table>End.",
    "form in a row": "<p>Archive: it holds 999 letters.<table><tr><form><td>Tern 4<td>12</form></tr></table>Maps End.",
    "no rows": "<p>Archive: it holds 999 letters.<table><td>Tern 4<td>12</table>Maps End.",
}


@pytest.mark.parametrize("way", STRAY)
def test_what_stands_in_a_table_but_in_no_cell_is_kept_beside_it(way: str) -> None:
    text = read(f"<body>{STRAY[way]}")
    for words in ("Archive", "999", "letters", "Maps", "End."):
        assert text.count(words) == 1
    assert "| Tern 4 | 12 |" in text


NAMED = {
    "breadcrumbs in a sentence": "<div class=breadcrumbs><p>The schnitzel needs 999 breadcrumbs.</p></div>",
    "role menu": "<div role=menu><h2>Lunch</h2><p>Soup of the day, 5 euros.</p></div>",
    "role dialog": "<div role=dialog><h2>Lunch</h2><p>We serve it <b>daily</b>.</p></div>",
    "dialog": "<dialog><p>We serve lunch every day.</p></dialog>",
    "menu of links under a heading": "<h2>Our dishes</h2><ul class=menu><li><a href='/s'>Soup, 5 euros</a></ul>",
    "menu of links with a heading": "<div class=menu><h2>Our dishes</h2><a href='/s'>Soup, 5 euros</a></div>",
    "prose in a navigation": "<nav><h2>How to navigate</h2><p>By the stars alone</p></nav>",
    "heading called anchor": "<h2><a class=anchor href='#anchor'>Anchor</a></h2>",
    "navigation left open late": "<nav><a href='/p'>Previous</a><h2>Archive</h2><p>It holds letters.</p>",
    "button left open late": "<button>Send<h2>Archive</h2><p>It holds letters.</p>",
}


@pytest.mark.parametrize("way", NAMED)
def test_prose_is_kept_whatever_its_element_is_called(way: str) -> None:
    text = read(f"<body>{PAGE}{NAMED[way]}")
    plain = re.sub(r"[*#\s-]+|\[|\]\([^)]*\)", " ", text)
    for words in re.findall(r">([^<>]+)", NAMED[way]):
        assert (words.strip(" .") in plain) == (words != "Previous")


NAMED_RIGHTLY = {
    "breadcrumbs": "<div class=breadcrumbs>You are here: <a href='/'>Home</a> › <a href='/n'>News</a> › Harbour</div>",
    "bar with the site's name": "<div class=navbar><h2><a href='/'>Site</a></h2><a href='/x'>X</a></div>",
    "share buttons": "<div class=share-buttons><p>Share</p><a href='/t'>Post</a></div>",
    "table of contents": "<nav><p>On this page</p><ul><li><a href='#a'>Prices and times</a></ul></nav>",
    "cookie dialog": "<div role=dialog><h2>Cookies</h2><p>We use cookies to serve you.</p><button>OK</button></div>",
    "cookie dialog by class": "<div role=dialog id=cookie-consent><p>We track what you read.</p></div>",
    "controls": "<div role=toolbar><button>Bold</button><button>Italic</button></div>",
    "video": "<video>Your browser can't play this video.</video>",
}


@pytest.mark.parametrize("way", NAMED_RIGHTLY)
def test_links_controls_and_notices_are_still_left_out(way: str) -> None:
    assert read(f"<body>{NAMED_RIGHTLY[way]}{PAGE}") == READ


RAISED = {
    "a list of selectors": "<style>.aa, .bb{vertical-align:super}</style>@<span class=aa>2</span>",
    "the second of a list": "<style>p.bb,\n.aa{vertical-align:super}</style>@<span class=aa>2</span>",
    "a class in a class": "<style>.x .aa{vertical-align:super}</style><b class=x>@<span class=aa>2</span></b>",
    "a name": "<style>#n1{vertical-align:super}</style>@<span id=n1>2</span>",
    "top and small": "@<span style='vertical-align:top;font-size:50%'>2</span>",
    "moved up by em": "@<span style='position:relative;top:-0.4em'>2</span>",
    "moved up by pixels": "@<span style='position:relative; top:-6px'>2</span>",
    "raised by 70%": "@<span style='vertical-align:70%'>2</span>",
    "raised by two pixels": "@<span style='vertical-align:2px'>2</span>",
    "raised by a quarter": "@<span style='vertical-align:.25em'>2</span>",
    "raised by 1ex": "@<span style='vertical-align:1ex'>2</span>",
    "variant": "@<span style='font-variant-position:super'>2</span>",
    "abbr": "@<abbr style='vertical-align:super'>2</abbr>",
    "ins": "@<ins style='vertical-align:super'>2</ins>",
    "label": "@<label style='vertical-align:super'>2</label>",
}


@pytest.mark.parametrize("way", RAISED)
def test_a_raised_figure_is_not_part_of_the_number_before_it(way: str) -> None:
    plain = read("<body><p>45<sup>2</sup> million").strip()
    text = read(f"<body><p>{RAISED[way].replace('@', '45')} million")
    assert text.replace("*", "").strip() == plain


LEVEL = [
    "vertical-align:top",
    "vertical-align:middle",
    "vertical-align:0",
    "vertical-align:0px",
    "vertical-align:0.0em",
    "vertical-align:baseline",
    "position:relative;top:0",
    "position:absolute;top:-6px",
    "margin-top:-6px",
    "vertical-align:1px",
]


@pytest.mark.parametrize("style", LEVEL)
def test_a_figure_that_is_not_raised_stays_in_its_number(style: str) -> None:
    assert read(f"<body><p>45<span style='{style}'>2</span> million") == "452 million\n"


OPEN = {
    "select": "<select><option>One<option>Two",
    "iframe": "<iframe src=x>",
    "noscript": "<noscript>",
    "svg": "<svg><path d=''/>",
    "template": "<template>",
    "textarea": "<textarea>Your message",
    "title": "<title>Harbour</head><body>",
    "one that is closed after": "<select><option>One",
}


@pytest.mark.parametrize("way", OPEN)
def test_a_silent_element_that_is_left_open_takes_nothing_of_the_page(way: str) -> None:
    end = "<select><option>One</select>" if "closed" in way else ""
    assert read(f"{OPEN[way]}{PAGE}{end}") == READ


@pytest.mark.parametrize("tag", ["noscript", "template", "textarea", "iframe"])
def test_a_silent_element_that_is_closed_says_nothing(tag: str) -> None:
    assert read(f"<body><{tag}><p>Switch scripts on.</p></{tag}>{PAGE}") == READ
