"""Raised and lowered characters in Markdown: what `<sup>`, `<sub>`, ⁶ and ½ say beside the figure before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

CURRENCY_SIGNS = "$€£¥₹₩₽₺₪₴฿₫"
FRACTION_SLASH = "\u2044"
"""Between two figures it makes a fraction, where a slash may stand between two numbers."""

Kind = Literal["joined", "mark", "apart", "tag"]

_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"
_TO_RAISED = str.maketrans("0123456789+-=()ni", _RAISED)
_TO_LOWERED = str.maketrans("0123456789+-=()", _LOWERED)
_TO_PLAIN = str.maketrans(_RAISED + _LOWERED, "0123456789+-=()ni0123456789+-=()")
_LOWERED_TO_PLAIN = str.maketrans(_LOWERED, "0123456789+-=()")
_VULGAR = dict(
    pair.split("=")
    for pair in (
        "½=1/2 ⅓=1/3 ⅔=2/3 ¼=1/4 ¾=3/4 ⅕=1/5 ⅖=2/5 ⅗=3/5 ⅘=4/5 ⅙=1/6 ⅚=5/6 ⅐=1/7 ⅛=1/8 ⅜=3/8 ⅝=5/8 ⅞=7/8 ⅑=1/9 ⅒=1/10"
    ).split()
)
_AS_VULGAR = {written: sign for sign, written in _VULGAR.items()}

_COMMON = (frozenset(_AS_VULGAR) - {"1/7", "1/9"}) | {f"{top}/16" for top in range(1, 16, 2)}
_MIXED = re.compile(rf"(?<![\w.,'’{CURRENCY_SIGNS}-])\d{{1,3}}\Z")
_RAISED_FRACTION = re.compile(r"(?P<top>\d{1,3})[ ]?[/⁄∕][ ]?(?P<bottom>\d{1,3})")

_MAY_HOLD = re.compile(rf"<su[bp]\b|[⁰¹²³⁴-⁹₀-₉{''.join(_VULGAR)}]", re.IGNORECASE)
_OPEN = r"<{}(?:\s[^<>\n]{{0,200}})?>"
_SUP, _SUB = _OPEN.format("sup"), _OPEN.format("sub")
_PIECE = re.compile(
    rf"""(?=[\\`~\]<*{CURRENCY_SIGNS}{_RAISED}{_LOWERED}{"".join(_VULGAR)}]|https?:)(?:
    (?P<silent>\\.|(?<![^\n ])(?P<fence>`{{3,}}|~{{3,}})[\s\S]*?(?:^[ ]{{0,3}}(?P=fence)|\Z)|`[^`\n]{{1,200}}`
        |https?://[^\s<>]+|\]\([^()\s]{{0,300}}\))
    |(?P<fraction>{_SUP}(?P<top>\d{{1,3}})</sup>[ ]?[/⁄∕][ ]?{_SUB}(?P<bottom>\d{{1,3}})</sub>
        |(?P<small_top>[⁰¹²³⁴-⁹]{{1,3}})[/⁄∕](?P<small_bottom>[₀-₉]{{1,3}}))
    |(?P<half_raised>{_SUP}(?P<raised_top>\d{{1,3}})</sup>|(?P<small_raised_top>[⁰¹²³⁴-⁹]{{1,3}}))
        (?P<bar>[/⁄∕])(?P<plain_bottom>\d{{1,3}})(?![\w/⁄∕]|[.,-]\d)
    |(?P<marks>[*{CURRENCY_SIGNS}]{{1,3}})?(?:<su[bp]>){{0,9}}<(?P<tag>su[bp])(?:\s[^<>\n]{{0,200}})?>(?P<body>[^<>\n]{{0,200}})</(?P=tag)>
        (?:</su[bp]>){{0,9}}
    |(?P<raised>[⁺⁻]?[⁰¹²³⁴-⁹]+[⁺⁻]?)
    |(?P<lowered>[₀-₉]+)
    |(?P<vulgar>[{"".join(_VULGAR)}])
    |(?P<stray></?su[bp](?:\s[^<>\n]{{0,200}})?>))""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_LINK_END = re.compile(r"\]\([^()\s]{1,300}\)")
_TAG = re.compile(r"</?su[bp](?:\s[^<>\n]{0,200})?>", re.IGNORECASE)

_WINDOW = 24
_ONE_MARK = r"(?:\d{1,4}|[a-z]|[*†‡§¶#]{1,3})"
_MARK = re.compile(rf"[\[(]?\^?{_ONE_MARK}(?:(?:[,;–-][ ]?|[ ](?=\d)|\]\[){_ONE_MARK})*[\])]?", re.IGNORECASE)
_SIGN = re.compile(rf"[%‰°′″®™℠{CURRENCY_SIGNS}]")
_CENTS = re.compile(rf"(?P<sign>[{CURRENCY_SIGNS}])?(?P<mark>[.,]?)(?P<digits>\d\d)(?P<behind>[ ]?[{CURRENCY_SIGNS}])?")
_CODES = "EUR|USD|GBP|CHF|JPY|CNY|INR|CAD|AUD|NZD|SGD|HKD|SEK|NOK|DKK|PLN|CZK|HUF|RON|BRL|MXN|ZAR|TRY|ILS|THB|UAH"
_AFTER_SIGN = re.compile(
    rf"(?:[{CURRENCY_SIGNS}](?:</sup>)?|(?<![^\W_])(?:{_CODES}|S?Fr\.|Rs\.?))"
    r"[ \u00a0\u202f]?(?P<whole>\d[\d.,'’\u00a0\u202f]*)\Z"
)
_WHOLE = re.compile(r"(?<![\d.,])(?P<whole>\d[\d.,'’\u00a0\u202f]*)\Z")
_BEFORE_SIGN = re.compile(
    rf"\**[ \u00a0\u202f]?(?:(?:<sup>)?[{CURRENCY_SIGNS}]|(?:{_CODES})\b"
    r"|(?:euros?|dollars?|francs?|franken|kr|zł)\b)",
    re.IGNORECASE,
)
_SCALE_BEHIND = re.compile(
    r"\**(?:[ \u00a0\u202f-]?(?:hundred|thousand|(?:m|b|tr)illi(?:on|ard)(?:e?s|en?)?|mio|mrd|mln|bn|tausend"
    r"|mille|millones|miljoner)\b|[mbk]\b)",
    re.IGNORECASE,
)
_NO_CENTS = frozenset("- – — .- .– ,- ,–".split())
_ORDINAL = frozenset("st nd rd th er ère ère eme ème".split())
_LENGTH = re.compile(r"(?:(?<![^\W_])|(?<=\d))(?:[kcmdµμn]?m|ft|yd)\Z|(?:\d[ \u00a0]?|/)(?:in|mi)\Z")
_PER_SECOND = re.compile(r"(?<![^\W_])[kcm]?m/s\Z")
_DIVISOR = re.compile(r"[-−–⁻][1-4]")
_UNIT = re.compile(
    r"(?:\d[ \u00a0\u202f]?|(?<![^\W_])[kcmµμ]?(?:m|g|l|mol)[ \u00a0·])(?:[kcmµμn]?[mslLg]|h|K|mol|min)\Z"
)
_CLOCK = re.compile(r"(?<!\d)\d{1,2}\Z")
_CLOCK_BEHIND = re.compile(r"[ \u00a0]?(?:Uhr|[ap]\.?m\b|o[’']clock)", re.IGNORECASE)
_BASE = re.compile(r"(?<![\d.,])(?P<base>10|2)\Z")
_EXPONENT = re.compile(r"[-−–⁻+⁺]?\d{1,3}")
_SIGNED = re.compile(r"[-−–+⁺⁻]\d{1,3}|\d{1,2}[-−–+⁺⁻]")
_VARIABLE = re.compile(r"(?<![^\W_])(?:[A-Za-z]|mc)\Z")
_INITIAL = re.compile(r"(?<![^\W_])[A-Z]\Z")
_CENTURY = re.compile(r"(?<![^\W_])[IVXL]{1,6}\Z")
_FORMULA = re.compile(r"(?<![A-Za-z])(?:[A-Z][a-z]?\d{0,2}|[()]){1,8}\Z")
_FIGURE_BEHIND = re.compile(r"[ \u00a0\u202f]?\d")
_NAME_BEFORE, _NAME_BEHIND = re.compile(r"(?<![^\W_])[A-ZÀ-ÖØ-Þ][\w’'-]*\Z"), re.compile(r"\s?[A-ZÀ-ÖØ-Þ]")
_DEGREES_BEHIND = re.compile(r"[ \u00a0]?[CF]\b")
_NO_POWER_BEHIND = re.compile(r"[ \u00a0]?(?:%|per ?cent\b|prozent\b)", re.IGNORECASE)
_MIN_EXPONENT = {"10": 2, "2": 8}
"""Of a ten and a two; what stands smaller beside them leads to a note."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A raised or lowered stretch `[start, end)` of a text.

    What is `joined` belongs to the figure or word before it, and `text` is how plain text writes it. A `mark` leads to
    a note. What is `apart` is neither, and no figure of its own. A `tag` only parts what stands beside it. `shown` is
    what a reader sees.
    """

    start: int
    end: int
    kind: Kind
    text: str
    shown: str


def has_scripts(text: str) -> bool:
    return _MAY_HOLD.search(text) is not None


def pieces(text: str) -> Iterator[Piece]:
    """The raised and lowered stretches of Markdown in reading order; code and addresses have none."""
    for match in _PIECE.finditer(text) if has_scripts(text) else ():
        if match["silent"] is None:
            yield from _pieces_of(text, match)


def without_tags(text: str) -> str:
    """`text`, as long as before, with spaces for the tags of what is raised and lowered."""
    return _TAG.sub(lambda tag: " " * len(tag[0]), text) if "<" in text else text


def on_the_line(text: str) -> str:
    """`text` with lowered characters as the formula's own: CO2."""
    return text.translate(_LOWERED_TO_PLAIN)


def shown(text: str) -> str:
    """`text` as a reader sees it, without tags: $4.99, 10⁶, 1½, CO₂, Lee³."""
    return _rewritten(text, {"joined", "mark", "apart", "tag"})


def without_marks(text: str) -> str:
    """Markdown without its raised note marks, its prices, powers and fractions in plain characters."""
    return _rewritten(text, {"joined", "mark"}, marks=False)


def _rewritten(text: str, kinds: set[Kind], marks: bool = True) -> str:
    parts: list[str] = []
    at = 0
    for piece in pieces(text):
        if piece.kind in kinds:
            dropped = piece.kind == "mark" and not marks and not _would_join(text, piece)
            # Without its mark a link to a note would have no text.
            link = _LINK_END.match(text, piece.end) if dropped and text[at : piece.start].endswith("[") else None
            parts += text[at : piece.start - (link is not None)], "" if dropped else piece.shown
            at = link.end() if link else piece.end
    return "".join((*parts, text[at:]))


def _would_join(text: str, mark: Piece) -> bool:
    """Whether two figures or two names would be one without the mark between them."""
    before = text[max(0, mark.start - _WINDOW) : mark.start]
    if before[-1:].isdecimal():
        return _FIGURE_BEHIND.match(text, mark.end) is not None
    return _NAME_BEFORE.search(before) is not None and _NAME_BEHIND.match(text, mark.end) is not None


def _pieces_of(text: str, match: re.Match[str]) -> Iterator[Piece]:
    start, end = match.span()
    before = text[max(0, start - _WINDOW) : start]
    behind = text[end : end + _WINDOW]
    if match["fraction"]:
        top, bottom = match["top"] or match["small_top"], match["bottom"] or match["small_bottom"]
        yield _fraction_piece(match.span(), f"{top}/{bottom}".translate(_TO_PLAIN), before)
    elif match["vulgar"]:
        yield _fraction_piece(match.span(), _VULGAR[match["vulgar"]], before)
    elif match["half_raised"]:
        yield _half_raised(text, match, before)
    elif match["stray"]:
        tag = match[0].lower()
        instead = _between(before, behind) if tag.startswith("</") else _lead(tag.startswith("<sup"), before)
        yield Piece(start, end, "tag", "", instead)
    elif match["raised"] or match["lowered"]:
        body = match[0].translate(_TO_PLAIN)
        kind, plain, seen = _raised(body, before, behind) if match["raised"] else _lowered(body, before)
        # But for prices and times plain text has them as they are.
        yield Piece(start, end, kind, plain, seen if plain[:1] in (".", ",", ":") else match[0])
    else:
        yield from _tagged(match, before, behind)


def _tagged(match: re.Match[str], before: str, behind: str) -> Iterator[Piece]:
    (start, end), marks = match.span(), match["marks"] or ""
    body = re.sub(r"[*\\]", "", match["body"]).strip()
    raised = match["tag"].lower() == "sup"
    kind, plain, seen = _raised(body, before, marks + behind) if raised else _lowered(body, before)
    if kind == "joined":
        # Bold ends behind what belongs to it: `**$4**<sup>99</sup>`.
        yield Piece(start, end, kind, plain + marks, seen + marks)
    elif kind == "tag":
        inner = match.span("body")
        yield Piece(start + len(marks), inner[0], kind, "", _lead(raised, (before + marks).rstrip("*")))
        yield Piece(inner[1], end, kind, "", _between(body, behind))
    else:
        yield Piece(start + len(marks), end, kind, "", seen)


def _half_raised(text: str, match: re.Match[str], before: str) -> Piece:
    """A raised figure before a slash and one on the line: a fraction behind a whole number, or else a note mark."""
    top = (match["raised_top"] or match["small_raised_top"]).translate(_TO_PLAIN)
    written = f"{top}/{match['plain_bottom']}"
    if match["bar"] == FRACTION_SLASH or (_MIXED.search(before) and written in _COMMON):
        return _fraction_piece(match.span(), written, before)
    start, end = match.span("half_raised")
    kind, plain, seen = _raised(top, before, text[end : end + _WINDOW])
    return Piece(start, end, kind, plain, match["small_raised_top"] or seen)


def _fraction_piece(span: tuple[int, int], written: str, before: str) -> Piece:
    kind, plain, seen = _fraction(written, before)
    return Piece(*span, kind, plain, seen)


def _fraction(written: str, before: str) -> tuple[Kind, str, str]:
    """A fraction that is written as 1/2."""
    gap = " " if before[-1:].isdecimal() else ""
    plain = gap + written.replace("/", FRACTION_SLASH)
    return "joined", plain, _AS_VULGAR.get(written) or plain


def _raised(body: str, before: str, behind: str) -> tuple[Kind, str, str]:
    """The kind, the plain text and what is seen of a raised stretch."""
    small = body.translate(_TO_RAISED)
    if _SIGN.fullmatch(body) or body in ("TM", "SM"):
        sign = {"TM": "™", "SM": "℠"}.get(body, body)
        return "joined", sign, sign
    if body in ("o", "0", "º") and before[-1:].isdecimal() and _DEGREES_BEHIND.match(behind):
        return "joined", "°", "°"
    if _MIXED.search(before) and (written := _VULGAR.get(body) or _common(body)):
        return _fraction(written, before)
    if (cents := _cents(body, before, behind)) is not None:
        return "joined", cents, cents
    if _belongs_to_the_word(body, before):
        return "joined", body, body
    if (body in ("2", "3") and _LENGTH.search(before)) or (body == "2" and _PER_SECOND.search(before)):
        return "joined", small, small
    if _DIVISOR.fullmatch(body) and _UNIT.search(before):
        small = small.replace("−", "⁻").replace("–", "⁻")
        return "joined", small, small
    if _CLOCK.search(before) and len(body) == 2 and body.isdecimal() and body < "60" and _CLOCK_BEHIND.match(behind):
        return "joined", f":{body}", f":{body}"
    if _is_power(body, before, behind):
        exponent = body.replace("−", "-").replace("–", "-").lstrip("+")
        return "joined", f"^{exponent}", exponent.translate(_TO_RAISED)
    if (
        _SIGNED.fullmatch(body)
        or (behind[:4].lower() == "<sup" and _BASE.search(before))
        or (_VARIABLE.search(before) and _MARK.fullmatch(body))
    ):
        return "apart", "", _seen(body, "^")
    if _MARK.fullmatch(body):
        # A letter has no raised character of its own.
        return "mark", "", f"^{body}" if small.isascii() and body.isalnum() else small
    return "tag", "", ""


def _common(body: str) -> str | None:
    """A raised fraction that people count with, as 1/2."""
    found = _RAISED_FRACTION.fullmatch(body)
    written = f"{found['top']}/{found['bottom']}" if found else ""
    return written if written in _COMMON else None


def _belongs_to_the_word(body: str, before: str) -> bool:
    """Whether raised letters end the word before them: 1st, XXe, Mme, No."""
    letters = body.lower()
    if before[-1:].isdecimal():
        return letters in _ORDINAL
    if letters == "e" and _CENTURY.search(before):
        return True
    return bool(_INITIAL.search(before)) and body.isalpha() and len(body) <= 3 and body not in ("n", "a", "b")


def _cents(body: str, before: str, behind: str) -> str | None:
    """The raised cents of a price with their decimal mark; None where it is no price."""
    found, whole = _CENTS.fullmatch(body), _WHOLE.search(before)
    if whole is None or re.search(r"[.,]\d{1,2}\Z", figure := whole["whole"]):
        return None
    priced = _AFTER_SIGN.search(before) is not None or _BEFORE_SIGN.match(behind) is not None
    if body in _NO_CENTS and priced:
        return ""
    if found is None or not (priced or found["sign"] or found["behind"]):
        return None
    if not found["mark"] and _SCALE_BEHIND.match(behind):
        return None
    sign = found["behind"] or found["sign"] or ""
    mark = "" if figure[-1] in ".," else found["mark"] or ("," if "." in figure else ".")
    return f"{mark}{found['digits']}{sign}"


def _is_power(body: str, before: str, behind: str) -> bool:
    base = _BASE.search(before)
    if not base or not _EXPONENT.fullmatch(body) or _NO_POWER_BEHIND.match(behind) or _TAG.match(behind):
        return False
    exponent = body.lstrip("+-−–")
    if exponent != body:
        return True
    priced = _AFTER_SIGN.search(before) or _BEFORE_SIGN.match(behind)
    return not priced and _MIN_EXPONENT[base["base"]] <= int(exponent) <= 99


def _lowered(body: str, before: str) -> tuple[Kind, str, str]:
    if not re.fullmatch(r"[\d.,+-]{1,8}", body):
        return "tag", "", ""
    small = body.translate(_TO_LOWERED)
    return ("joined", body, small) if _FORMULA.search(before) else ("apart", "", small)


def _seen(body: str, sign: str) -> str:
    """A raised text in Unicode's raised characters, or behind a sign where it has none for it."""
    small = body.replace("−", "-").replace("–", "-").translate(_TO_RAISED)
    return small if all(character in _RAISED for character in small) else f"{sign}{body}"


def _lead(raised: bool, before: str) -> str:
    return ("^" if raised else "_") if before[-1:].isalnum() else ""


def _between(before: str, behind: str) -> str:
    """What stands for a tag between two characters that would join."""
    return " " if before[-1:].isalnum() and behind[:1].isalnum() else ""
