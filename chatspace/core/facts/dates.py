"""Dates as people write them, as ISO 8601: days, months, quarters, years and times of day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from chatspace.core.facts.conventions import Conventions
from chatspace.core.facts.match import FactMatch
from chatspace.core.text.language import STOPWORDS
from chatspace.core.text.word_lists import lines_of, word_lists

_WORDS = word_lists("dates")
MONTHS: Mapping[str, int] = {
    name: number for number, names in enumerate(lines_of("dates")["months"], 1) for name in names.split()
}
_DOUBTFUL_ALONE = {"march", "mars", "may", "mai", "august", "jan", "mar", "ago", "juli", "april", "june", "dic", "sept"}
"""Also verbs, people or words of another language: a month only behind a word such as "in" where no number follows."""

_NAME = "|".join(sorted(MONTHS, key=lambda name: (-len(name), name)))
_YEAR = r"(?:1[5-9]|20)\d\d(?!\d|[.,]\d)"
_DASH = r"\s?[-–—]\s?"

_NUMERIC = re.compile(
    r"""(?P<y1>\d{4})-(?P<m1>\d\d)(?:-(?P<d1>\d\d)
          (?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?)?(?![\w-]|[.,]\d)
      | (?P<y2>\d{4})(?P<s2>[/.])(?P<m2>\d{1,2})(?P=s2)(?P<d2>\d{1,2})(?![\w/]|[.,]\d)
      | (?P<d3>\d{1,2})\.[ \u00a0]?(?P<m3>\d{1,2})\.[ \u00a0]?(?P<y3>\d{4}|\d\d(?![ \u00a0.]?\d))(?![\w]|[.,]\d)
      | (?P<a4>\d{1,2})(?P<s4>[/-])(?P<b4>\d{1,2})(?P=s4)(?P<y4>\d{4}|\d\d)(?![\w/-]|[.,]\d)
      | (?P<y5>\d{4})年(?P<m5>\d{1,2})月(?:(?P<d5>\d{1,2})日)?
    """,
    re.VERBOSE,
)
_DAY_MONTH = re.compile(
    rf"""(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er|\.)?
         (?:(?:{_DASH}|\ (?:to|and|bis|und|au|al|et|y)\ )(?P<d2>\d{{1,2}})(?:st|nd|rd|th|\.)?)?
         [ \u00a0-]?(?:of\ |de\ )?(?P<month>{_NAME})\b\.?(?:(?:,?[ \u00a0]|-|\ del?\ |\ of\ )(?P<year>{_YEAR}))?""",
    re.VERBOSE | re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"""(?P<month>{_NAME})\b\.?[ \u00a0](?:the\ )?(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:%]|[.,]\d)
         (?:(?:{_DASH}|\ (?:to|and)\ )(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:%]|[.,]\d))?
         (?:,?[ \u00a0](?P<year>{_YEAR}))?""",
    re.VERBOSE | re.IGNORECASE,
)
_MONTH_YEAR = re.compile(rf"(?P<month>{_NAME})\b\.?,?(?:[ \u00a0]|\ del?\ |\ of\ )(?P<year>{_YEAR})", re.IGNORECASE)
_MONTH = re.compile(rf"(?P<month>{_NAME})\b", re.IGNORECASE)
_MONTH_RANGE = re.compile(
    rf"(?:{_DASH}|\ (?:to|and|bis|und|through|until|à|et|y)\ )(?:{_NAME})\b\.?,?[ \u00a0](?P<year>{_YEAR})",
    re.IGNORECASE,
)
_BEFORE_A_MONTH = re.compile(rf"\b(?:{'|'.join(sorted(_WORDS['before a month']))})[ -]\Z", re.IGNORECASE)
_QUARTER = re.compile(
    rf"""(?:(?P<kind>[QTH])(?P<n1>[1-4])(?!\d)
          | (?P<n2>[1-4])(?P<kind2>Q)(?!\w*[a-z])
          | (?P<n3>first|second|third|fourth|[1-4](?:st|nd|rd|th|\.)|(?:erste|zweite|dritte|vierte)[nsr]?)
            [ \u00a0-](?P<kind3>quarter|quartal|half|halbjahr)(?:e?s)?\b
            (?![ ](?:the|a|an|my|our)\b))
         (?:[ \u00a0/-]?(?:of[ ]|in[ ])?(?:fiscal[ ](?:year[ ])?|FY)?(?P<year>{_YEAR}|'?\d\d(?!\w|[.,]\d)))?""",
    re.VERBOSE | re.IGNORECASE,
)
_ORDINALS = {"f": 1, "s": 2, "t": 3, "e": 1, "z": 2, "d": 3, "v": 4}
_PLAIN_YEAR = re.compile(rf"(?P<fy>FY[ -]?)?(?P<year>{_YEAR})(?P<decade>s\b|/\d\d)?(?![\w%]|/\d)", re.IGNORECASE)
_COUNTED = re.compile(r"[ \u00a0-](?P<word>[^\W\d_]{3,40})")
_BEFORE_A_YEAR = re.compile(rf"\b(?:{'|'.join(sorted(_WORDS['before a year']))})[ ]\Z", re.IGNORECASE)
_TIME = re.compile(
    r"""(?P<hour>\d{1,2})(?:[:.h](?P<minute>[0-5]\d)(?:[:](?P<second>[0-5]\d))?(?![\d:]|[.,]\d))?
        (?P<half>[ \u00a0]?(?:[ap]\.m\.|[ap]m\b)|[ ]?(?:Uhr\b|o'clock\b|o’clock\b|heures\b))?""",
    re.VERBOSE | re.IGNORECASE,
)


def read_date(text: str, at: int, habits: Conventions) -> list[FactMatch]:
    """The date that begins at `at` with a digit, a month, "Q" or an ordinal word; two for a range of days; else []."""
    for reader in _AT_A_DIGIT if text[at].isdigit() else _AT_A_WORD:
        if found := reader(text, at, habits):
            return found
    return []


def _read_numeric(text: str, at: int, habits: Conventions) -> list[FactMatch]:
    match = _NUMERIC.match(text, at)
    if match is None:
        return []
    part = {name: int(value) for name, value in match.groupdict().items() if value and value.isdigit()}
    ambiguous = False
    if "a4" in part:
        year, first, second = part["y4"], part["a4"], part["b4"]
        day_first = habits.day_first if max(first, second) <= 12 else first > 12
        ambiguous = day_first is None and first != second
        day, month = (first, second) if day_first else (second, first)
    else:
        number = next(name[1] for name in part if name[0] == "y")
        year, month, day = part[f"y{number}"], part[f"m{number}"], part.get(f"d{number}", 0)
    value = _iso(year, month, day)
    return [FactMatch("date", at, match.end(), value, ambiguous=ambiguous)] if value else []


def _read_day_month(text: str, at: int, habits: Conventions) -> list[FactMatch]:
    match = _DAY_MONTH.match(text, at)
    if match is None or (match["year"] is None and _is_no_date(match)):
        return []
    return _days(match, match.start("d1"))


def _is_no_date(match: re.Match[str]) -> bool:
    """Without a year, "5 may apply" and "3 mar" need their capital."""
    return not match["month"][0].isupper() and match["month"].lower() in _DOUBTFUL_ALONE


def _read_month(text: str, at: int, habits: Conventions) -> list[FactMatch]:
    day = _MONTH_DAY.match(text, at)
    if day and (day["year"] or not _is_no_date(day)) and (found := _days(day, at)):
        return found
    of_year = _MONTH_YEAR.match(text, at)
    if of_year:
        return [FactMatch("date", at, of_year.end(), f"{of_year['year']}-{MONTHS[of_year['month'].lower()]:02}")]
    alone = _MONTH.match(text, at)
    if alone is None or not alone[0][0].isupper() or len(alone[0]) < 3:
        return []
    name = alone[0].lower()
    later = _MONTH_RANGE.match(text, alone.end())
    introduced = _BEFORE_A_MONTH.search(text, max(0, at - 9), at) is not None
    if later is None and not introduced and (name in _DOUBTFUL_ALONE or len(name) < 4):
        return []
    return [FactMatch("date", at, alone.end(), f"{later['year'] if later else '-'}-{MONTHS[name]:02}")]


def _days(match: re.Match[str], start: int) -> list[FactMatch]:
    """One date, or the two ends of "12–14 March 2025", each with the month and year of both."""
    month, year = MONTHS[match["month"].lower()], int(match["year"] or 0)
    days = [int(match[name]) for name in ("d1", "d2") if match[name]]
    values = [_iso(year, month, day) for day in days]
    if not all(values):
        return []
    if len(values) == 1:
        return [FactMatch("date", start, _without_point(match), values[0] or "")]
    middle = match.end("d1")
    return [
        FactMatch("date", start, middle, values[0] or ""),
        FactMatch("date", match.start("d2"), _without_point(match), values[1] or ""),
    ]


def _without_point(match: re.Match[str]) -> int:
    """The end of the date; a point may close the sentence, so it is never part of the date."""
    return match.end() - match[0].endswith(".")


def _read_quarter(text: str, at: int, habits: Conventions) -> list[FactMatch]:
    match = _QUARTER.match(text, at)
    if match is None:
        return []
    kind = (match["kind"] or match["kind2"] or match["kind3"])[0].upper()
    ordinal = match["n1"] or match["n2"] or match["n3"]
    number = int(ordinal[0]) if ordinal[0].isdigit() else _ORDINALS[ordinal[0].lower()]
    if ordinal.lower() == "fourth":
        number = 4
    year = (match["year"] or "").lstrip("'")
    if (kind == "H" and number > 2) or (kind in "TH" and match["kind"] and not year):
        return []
    name = f"{'H' if kind == 'H' else 'Q'}{number}"
    return [FactMatch("date", at, match.end(), f"{_full_year(int(year))}-{name}" if year else name)]


def _read_year(text: str, at: int, habits: Conventions) -> list[FactMatch]:
    match = _PLAIN_YEAR.match(text, at)
    if match is None or text[at - 1 : at] == "#":
        return []
    if not match["fy"] and not match["decade"] and _is_a_count(text, match):
        return []
    name = ("FY" if match["fy"] else "") + match["year"] + (match["decade"] or "")
    return [FactMatch("date", at, match.end(), name)]


def _is_a_count(text: str, year: re.Match[str]) -> bool:
    """Whether "2000 people" is meant: nothing introduces a year, and what may well be counted things follow."""
    if _BEFORE_A_YEAR.search(text, max(0, year.start() - 8), year.start()):
        return False
    if not 1900 <= int(year["year"]) <= 2099:
        return True
    counted = _COUNTED.match(text, year.end())
    return counted is not None and counted["word"].lower() not in STOPWORDS["en"] and counted["word"].islower()


def _read_time(text: str, at: int, habits: Conventions) -> list[FactMatch]:
    match = _TIME.match(text, at)
    if match is None or (match["half"] is None and text[match.end("hour") : match.end("hour") + 1] != ":"):
        return []
    if match["half"] is None and match["minute"] is None:
        return []
    hour, half = int(match["hour"]), (match["half"] or "").strip().lower()
    if hour > 24 or (half[:1] in ("a", "p") and not 1 <= hour <= 12):
        return []
    if half[:1] in ("a", "p"):
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    second = f":{match['second']}" if match["second"] else ""
    return [FactMatch("date", at, match.end(), f"T{hour:02}:{match['minute'] or '00'}{second}")]


_AT_A_DIGIT = (_read_numeric, _read_day_month, _read_quarter, _read_time, _read_year)
_AT_A_WORD = (_read_month, _read_quarter, _read_year)


def _iso(year: int, month: int, day: int) -> str | None:
    """`2025-03-12`, `2025-03` without a day, `--03-12` without a year; None where there is no such day."""
    if not 1 <= month <= 12:
        return None
    if not year:
        return f"--{month:02}-{day:02}" if 1 <= day <= 31 else None
    year = _full_year(year)
    if not day:
        return f"{year}-{month:02}"
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _full_year(year: int) -> int:
    return year if year >= 100 else year + (2000 if year < 70 else 1900)
