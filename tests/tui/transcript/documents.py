"""Random Markdown, and pieces of it as they might be streamed."""

from __future__ import annotations

from hypothesis import strategies as st

LINES = (
    "# Heading",
    "### Smaller *heading*",
    "#hashtag",
    "A paragraph with **bold**, *italics*, `code` and [a link](https://example.org/a?b=1).",
    "short",
    "a | b",
    "|---|--:|",
    "| 1 | two `x|y` |",
    "- item",
    "* other item",
    "  - nested item",
    "    - deeper",
    "1. first",
    "1. again",
    "7) seventh",
    "12. twelfth, which is long enough to be wrapped at most widths that a terminal has",
    "- [ ] open task",
    "  continued",
    "    indented",
    "> quote",
    "> - list in a quote",
    "```python",
    "```",
    "  ```",
    "````",
    "~~~",
    "def f(x):  # a comment",
    "---",
    "===",
    "***",
    "- - -",
    "-",
    "<div>",
    "</div>",
    "<!-- a comment",
    "ends here -->",
    "<b>inline</b> html",
    "[ref]: https://example.org/ref",
    "see [ref] and [other][ref] and https://example.org/bare.",
    "日本語の文章は空白なしで続く。それでも折り返される。",
    "emoji 👩‍👩‍👧 and e\u0301 combining",
    "\ttab\tbed",
    "trailing spaces  ",
    "hard\\",
    "\x1b[31mred\x1b[0m \x07 &#27;[2J &#x202e;abc",
    "a-very-long-word-" * 9,
    "",
    "",
    "",
)

PASSAGES = (
    "| Name | Größe |\n|:-----|------:|\n| Tern `4` | 1,204 |\n| 日本 | [x](https://example.org/t) |",
    "```python\ndef f(x):\n\n    return '👩‍👩‍👧'  # e\u0301\n```",
    "~~~\n``` not the end\n- no item\n~~~",
    "- item with [a link](https://example.org/a_b) and `code`\n\n  | a | b |\n  |---|---|\n  | 1 | 2 |\n\n  after",
    "1. one\n\n   ```\n   in an item\n   ```\n2. two\n   - deeper **bold\n     over lines**",
    "> quote with *emphasis\n> over lines* and <https://example.org/auto>\n> > deeper",
    "[a link\nover lines](https://example.org/long?q=日本) ![an image](https://example.org/i.png)",
    "Setext\n======\n\n[see]: https://example.org/see\n\n[see] and [missing]",
)
"""Blocks that random lines seldom make."""

lines = st.sampled_from(LINES) | st.text(alphabet="ab -*_`#>|[]()1.~\t<&é漢", max_size=30)
documents = st.lists(lines | st.sampled_from(PASSAGES), max_size=24).map("\n".join)


@st.composite
def streamed(draw: st.DrawFn) -> list[str]:
    """A document in pieces cut anywhere."""
    text = draw(documents)
    borders = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return [text[start:end] for start, end in zip([0, *borders], [*borders, len(text)], strict=True)]
