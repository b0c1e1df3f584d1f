"""A rewrite by rule: slips put right, wordy phrases shortened, long sentences split. All else stays to the letter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from chatspace.core.text.language import language_of
from chatspace.core.text.sentences import segments, sentences
from chatspace.core.text.word_lists import pairs_of, word_lists

LONG_SENTENCE = 28
"""Words; from here on a sentence is split where two whole sentences were joined."""

Edit = Callable[[str, str | None], str]


def rewrite(text: str, instruction: str) -> str:
    """The text after what of the instruction can be done by rule; the same text where nothing can."""
    language = language_of(text)
    edits = [edit for pattern, edits in _BY_INSTRUCTION for edit in edits if pattern.search(instruction)]
    # Segments are edited from the end, so that the spans before stay true.
    for segment in reversed(list(segments(text))):
        if segment.kind != "row" and not _is_indented_code(text, segment.start):
            before = text[segment.start : segment.end]
            after = before
            for edit in dict.fromkeys(edits):
                after = edit(after, language)
            if after.strip():
                text = text[: segment.start] + after + text[segment.end :]
    return text


def _is_indented_code(text: str, start: int) -> bool:
    line = text.rfind("\n", 0, start) + 1
    return text[line:start].isspace() and len(text[line:start].expandtabs(4)) >= 4


# Only prose is touched: code spans, links' addresses, HTML, quotations and footnote marks are the author's.

_KEPT = re.compile(
    r"""(`+[^`]+`+|\]\([^()\s]*(?:\s"[^"\n]*")?\)|https?://\S+|<[^<>\n]{1,200}>|"[^"\n]+"|“[^”\n]+”|„[^“"\n]+[“"]
    |\[\^?[^\]\n]{1,40}\])""",
    re.VERBOSE,
)


def _in_prose(pattern: re.Pattern[str], by: str | Callable[[re.Match[str]], str], text: str) -> str:
    parts = _KEPT.split(text)
    return "".join(part if index % 2 else pattern.sub(by, part) for index, part in enumerate(parts))


# Slips

_DOUBLED = re.compile(rf"\b(?P<word>{'|'.join(sorted(word_lists('wording')['doubled']))})\s+(?P=word)\b", re.IGNORECASE)
_SPACES = re.compile(r"(?<=\S)[ \t]{2,}(?=\S)")
_SPACE_BEFORE_STOP = re.compile(r"(?<=[\w)\]])[ \t]+(?=[,.;:!?](?:\s|$))")
_REPEATED_STOP = re.compile(r"(?P<stop>[,;:])(?P=stop)+|(?<![.])[.]{2}(?![.])")
_NO_SPACE_BEHIND = re.compile(r"(?<=[^\W\d_]{2})(?P<stop>[,;])(?=[^\W\d_]{2})")
_CONTRACTED_I = re.compile(r"\bi(?=['’](?:m|ve|ll|d)\b)")


def _slips(text: str, language: str | None) -> str:
    text = _in_prose(_DOUBLED, r"\g<word>", text)
    text = _in_prose(_SPACES, " ", text)
    if language != "fr":
        text = _in_prose(_SPACE_BEFORE_STOP, "", text)
    text = _in_prose(_REPEATED_STOP, lambda found: found[0][0], text)
    text = _in_prose(_NO_SPACE_BEHIND, r"\g<stop> ", text)
    return _in_prose(_CONTRACTED_I, "I", text)


# Wordy phrases

_PLAIN = {code: pairs_of("wording", f"{code} plain") for code in ("en", "de")}
_FILLERS = {code: word_lists("wording")[f"{code} fillers"] for code in ("en", "de")}
_ALTERED_BY = re.compile(r"\b(?:not|n't|never|nicht|kein\w*)\s*$|n['’]t\s*$", re.IGNORECASE)


def _plain_words(text: str, language: str | None) -> str:
    for phrase, shorter in _PLAIN.get(language or "", {}).items():
        # A phrase that begins the passage hands its capital on.
        pattern = re.compile(rf"(?<![\w'-]){re.escape(phrase)}(?![\w-])[ ]?", re.IGNORECASE)
        text = _in_prose(pattern, lambda found, by=shorter: _in_case_of(found[0], by), text)  # type: ignore[misc]
    return _recapitalised(text)


def _in_case_of(found: str, by: str) -> str:
    tail = " " if by and found.endswith(" ") else ""
    return (by[:1].upper() + by[1:] if found[0].isupper() else by) + tail


def _no_fillers(text: str, language: str | None) -> str:
    words = _FILLERS.get(language or "")
    if not words:
        return text
    pattern = re.compile(rf"(?P<before>^|[\w,)]\s)(?:{'|'.join(sorted(words))})[ ](?=\w)", re.IGNORECASE)

    def drop(found: re.Match[str]) -> str:
        # "not really" without its "really" says something else, and a superlative keeps its "very".
        before = found.string[: found.start()] + found["before"]
        comparing = re.search(r"\b(?:the|as|how|so|too)\s$", before, re.IGNORECASE)
        return found[0] if _ALTERED_BY.search(before) or comparing else found["before"]

    return _articles(_recapitalised(_in_prose(pattern, drop, text)), text)


def _articles(text: str, before: str) -> str:
    """`a` and `an` before the word that came up to them."""
    untouched = set(re.findall(r"\b[Aa]n?\s\w+", before))

    def right(found: re.Match[str]) -> str:
        if found[0] in untouched:
            return found[0]
        article = "an" if found["word"][0].lower() in "aeiou" else "a"
        return (article.capitalize() if found[0][0].isupper() else article) + f" {found['word']}"

    return _in_prose(re.compile(r"\b[Aa]n?\s(?P<word>\w+)"), right, text)


def _recapitalised(text: str) -> str:
    """With a capital at the start of each sentence that lost its first word."""
    for start, end in reversed(sentences(text)):
        sentence = text[start:end]
        if sentence[:1].islower() and start and text[:start].rstrip()[-1:] in ".!?":
            text = text[:start] + sentence[0].upper() + sentence[1:] + text[end:]
    return text


# Long sentences

_JOINT = re.compile(
    r"""(?:;\s+(?=[^\W\d_])
    |,\s+(?P<and>and)\s+(?=(?:we|you|it|they|he|she|I|this|these|there)\s)
    |,\s+(?P<kept>but|so)\s+(?=(?:we|you|it|they|he|she|I|this|these|there|the)\s)
    |,\s+(?P<und>und)\s+(?=(?:wir|sie|er|es|ich|das|dies)\s))""",
    re.VERBOSE,
)
_MIN_PART = 6


def _split_long(text: str, _language: str | None) -> str:
    for start, end in reversed(sentences(text)):
        sentence = text[start:end]
        if len(sentence.split()) >= LONG_SENTENCE and sentence.count(";") <= 1:
            text = text[:start] + ". ".join(_halves(sentence)) + text[end:]
    return text


def _halves(sentence: str) -> Iterator[str]:
    """The sentences that one was joined from, each long enough to stand."""
    protected = [found.span() for found in _KEPT.finditer(sentence)]
    for joint in _JOINT.finditer(sentence):
        first, second = sentence[: joint.start()], sentence[joint.end() :]
        inside = any(start <= joint.start() < end for start, end in protected) or first.count("(") > first.count(")")
        if not inside and min(len(first.split()), len(second.split())) >= _MIN_PART:
            second = f"{joint['kept']} {second}" if joint["kept"] else second
            yield first
            yield from _halves(second[0].upper() + second[1:])
            return
    yield sentence


_BY_INSTRUCTION: tuple[tuple[re.Pattern[str], tuple[Edit, ...]], ...] = (
    (
        re.compile(
            r"grammar|spell|typo|correct|proofread|punctuation|mistake|rechtschreib|grammatik|korrigier|fehler", re.I
        ),
        (_slips,),
    ),
    (
        re.compile(r"short|concis|brief|trim|tight|cut|kürz|knapp|straff", re.I),
        (_slips, _plain_words, _no_fillers),
    ),
    (
        re.compile(r"plain|simpl|clear|easier|readab|split|einfach|verständlich|klar|leichter", re.I),
        (_slips, _plain_words, _no_fillers, _split_long),
    ),
)
