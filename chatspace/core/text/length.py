"""Lengths as the channels count them, all after NFC.

`characters` are code points, not graphemes: that is what the forms of the platforms count, so a family emoji of seven
code points takes seven.
"""

from __future__ import annotations

import re
from functools import cache
from unicodedata import east_asian_width, is_normalized, normalize

from chatspace.core.profiles.profile import ChannelField, CountRule

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

_COUNTRIES = (
    "ac|ad|ae|af|ag|ai|al|am|an|ao|aq|ar|as|at|au|aw|ax|az|ba|bb|bd|be|bf|bg|bh|bi|bj|bl|bm|bn|bo|bq|br|bs|bt|bv|bw|"
    "by|bz|ca|cc|cd|cf|cg|ch|ci|ck|cl|cm|cn|co|cr|cu|cv|cw|cx|cy|cz|de|dj|dk|dm|do|dz|ec|ee|eg|eh|er|es|et|eu|fi|fj|"
    "fk|fm|fo|fr|ga|gb|gd|ge|gf|gg|gh|gi|gl|gm|gn|gp|gq|gr|gs|gt|gu|gw|gy|hk|hm|hn|hr|ht|hu|id|ie|il|im|in|io|iq|ir|"
    "is|it|je|jm|jo|jp|ke|kg|kh|ki|km|kn|kp|kr|kw|ky|kz|la|lb|lc|li|lk|lr|ls|lt|lu|lv|ly|ma|mc|md|me|mf|mg|mh|mk|ml|"
    "mm|mn|mo|mp|mq|mr|ms|mt|mu|mv|mw|mx|my|mz|na|nc|ne|nf|ng|ni|nl|no|np|nr|nu|nz|om|pa|pe|pf|pg|ph|pk|pl|pm|pn|pr|"
    "ps|pt|pw|py|qa|re|ro|rs|ru|rw|sa|sb|sc|sd|se|sg|sh|si|sj|sk|sl|sm|sn|so|sr|ss|st|su|sv|sx|sy|sz|tc|td|tf|tg|th|"
    "tj|tk|tl|tm|tn|to|tp|tr|tt|tv|tw|tz|ua|ug|uk|um|us|uy|uz|va|vc|ve|vg|vi|vn|vu|wf|ws|ye|yt|za|zm|zw"
)
_GENERIC = (
    "com|org|net|edu|gov|mil|int|info|biz|name|pro|aero|coop|museum|jobs|mobi|travel|tel|cat|asia|post|xxx|app|dev|page|"
    "academy|agency|art|audio|auto|band|bank|bar|beer|berlin|best|bike|bio|blog|blue|boutique|build|business|cafe|camera|"
    "camp|capital|cards|care|careers|cash|center|chat|church|city|cloud|club|coach|codes|coffee|college|community|company|"
    "computer|consulting|cool|country|dance|data|date|day|delivery|design|digital|direct|directory|doctor|dog|domains|eco|"
    "education|email|energy|engineer|engineering|enterprises|equipment|estate|eus|events|exchange|expert|express|family|fan|"
    "farm|fashion|film|finance|financial|fish|fit|fitness|flights|foundation|fun|fund|fyi|gal|gallery|game|games|garden|"
    "gift|global|gmbh|gold|golf|google|graphics|green|group|guide|guru|hamburg|haus|health|help|holdings|host|hotel|house|"
    "immo|inc|industries|ink|institute|insure|international|investments|jewelry|kaufen|kim|kitchen|koeln|land|law|lawyer|"
    "legal|life|limited|link|live|llc|loan|lol|london|love|ltd|management|market|marketing|media|men|moda|moe|mom|money|"
    "movie|network|news|ngo|ninja|nrw|nyc|one|ong|online|page|paris|partners|parts|party|photo|photography|photos|pics|pictures|"
    "pizza|place|plus|press|productions|properties|pub|quebec|radio|recipes|red|ren|rent|rentals|repair|report|republican|"
    "rest|restaurant|review|reviews|rip|rocks|run|sale|school|science|scot|services|shop|shopping|show|site|ski|social|"
    "software|solar|solutions|space|store|stream|studio|study|style|support|surf|swiss|systems|tax|taxi|team|tech|technology|"
    "theater|tips|tirol|today|tokyo|tools|top|tours|town|toys|trade|training|tube|university|uno|vacations|ventures|vet|"
    "video|villas|vip|vision|vote|voyage|wales|watch|web|website|wedding|wien|wiki|win|wine|work|works|world|wtf|xyz|yoga|"
    "zone"
)
_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?"
_IN_PATH = r"[a-z0-9!*';:=+,.$/%#\[\]@&|~_\u2013\u00c0-\u024f\u0400-\u04ff-]"
_X_URL = rf"""(?ix)(?<![a-z0-9@＠$\#＃\u202a-\u202e])
    (?: https?://(?:[^\W_](?:[\w-]{{0,62}}\w)?\.)+(?:[a-z]{{2,24}}|xn--[a-z0-9-]+)
      | (?<![-_./])(?:{_LABEL}\.)+(?:{_COUNTRIES}|{_GENERIC})(?![a-z0-9@＠_-]|\.[a-z0-9])
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
