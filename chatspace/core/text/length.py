"""Lengths as the channels count them, all after NFC.

`characters` are code points, not graphemes: that is what the forms of the platforms count, so a family emoji of seven
code points takes seven.
"""

from __future__ import annotations

import re
from functools import cache
from unicodedata import east_asian_width, is_normalized, normalize

from chatspace.core.profiles.profile import ChannelField, CountRule
from chatspace.core.text.word_lists import word_lists

X_URL_LENGTH = 23
"""What X counts for a link: it replaces each by one of its own, whatever the length."""

X_EMOJI_LENGTH = 2


def measure(text: str, rule: CountRule) -> int:
    """The length of `text` by a channel's rule."""
    composed = text if is_normalized("NFC", text) else normalize("NFC", text)
    if rule == "wide":
        return len(composed) + (0 if composed.isascii() else sum(east_asian_width(c) in "WF" for c in composed))
    if rule == "x-weighted":
        return _x_weighted(composed)
    return len(composed)


def overshoot(text: str, field: ChannelField) -> int:
    """By how much `text` is longer than the field's hard limit, counted by its rule; 0 where it isn't."""
    return max(0, measure(text, field.rule) - field.limit)


def fits(text: str, field: ChannelField) -> bool:
    """Whether the field takes `text`: within the hard limit and without a forbidden character."""
    return not overshoot(text, field) and not any(character in text for character in field.forbids)


def words(text: str) -> int:
    """What stands between white space, as routing counts."""
    return len(text.split())


# X: twitter-text, configuration 3. A link counts 23, an emoji 2, a character of these ranges 1, any other 2.

_X_WEIGHT_1 = "[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]"

_DOMAINS = "|".join(sorted(frozenset().union(*word_lists("domains").values())))
_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?"
_IN_PATH = r"[a-z0-9!*';:=+,.$/%#\[\]@&|~_\u2013\u00c0-\u024f\u0400-\u04ff-]"
_X_URL = rf"""(?ix)(?<![a-z0-9@＠$\#＃\u202a-\u202e])
    (?: https?://(?:[^\W_](?:[\w-]{{0,62}}\w)?\.)+(?:[a-z]{{2,24}}|xn--[a-z0-9-]+)
      | (?<![-_./])(?:{_LABEL}\.)+(?:{_DOMAINS})(?![a-z0-9@＠_-]|\.[a-z0-9])
    )
    (?::[0-9]+)?
    (?:/(?:\({_IN_PATH}*\)|{_IN_PATH})*(?<![!*';:,.$%\[\]&|~]))?
    (?:\?[a-z0-9!?*'@();:&=+$/%\#\[\]_.,~|-]*[a-z0-9_&=\#/-])?"""

# A sequence starts with a pictograph, which alone counts 2 by its range already; what is joined to it adds nothing.
_PICTOGRAPH = "[\u203c-\u3299\U0001f000-\U0001faff]\ufe0f?[\U0001f3fb-\U0001f3ff]?"
_X_EMOJI = (
    f"[0-9#*]\ufe0f?\u20e3|[©®]\ufe0f|[\U0001f1e6-\U0001f1ff]{{2}}"
    f"|{_PICTOGRAPH}(?:[\U000e0020-\U000e007e]+\U000e007f|(?:\u200d{_PICTOGRAPH})*)"
)


@cache
def _x_patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Compiled with the first text for X: most commands and the first frame have none."""
    return re.compile(_X_URL), re.compile(_X_EMOJI), re.compile(_X_WEIGHT_1)


def _x_weighted(text: str) -> int:
    url, sequence, one = _x_patterns()
    rest, links = url.subn("\n", text)
    rest, emoji = sequence.subn("\n", rest)
    ones = len(one.findall(rest))
    # Each newline that stands in for a link or an emoji counts 1 already.
    return ones + 2 * (len(rest) - ones) + (X_URL_LENGTH - 1) * links + (X_EMOJI_LENGTH - 1) * emoji
