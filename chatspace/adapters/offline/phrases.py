"""Short pieces of a source that can stand alone: statements, clauses, figures with their nouns. Never cut in a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from chatspace.adapters.offline.briefs import Shown, subject_of
from chatspace.adapters.offline.material import Material, Scale, reader_text
from chatspace.core.structure import Leaf
from chatspace.core.text.sentences import sentences
from chatspace.core.text.word_lists import word_lists

StatementKind = Literal["title", "heading", "sentence", "item", "row"]


@dataclass(frozen=True, slots=True)
class Statement:
    """Something the source says, as plain text. `run` is shared by the sentences of one paragraph."""

    kind: StatementKind
    text: str
    weight: float
    run: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece that reads by itself; `weight` says how much it is worth saying, `made_of` what it was taken from."""

    text: str
    weight: float
    made_of: tuple[str, ...] = ()


def statements(material: Material) -> list[Statement]:
    """Everything that the source tells its reader, in reading order, then the key points of what wasn't shown."""
    scale = Scale.of(material)
    shown = Shown.of(material)
    found = [Statement("title", shown.title, 1.0, 0)]
    for run, (block, leaf) in enumerate(shown.leaves(), 1):
        text = reader_text(leaf.text)
        if leaf.is_heading:
            found.append(Statement("heading", subject_of(text), scale.weigh(text), run))
        elif leaf.kind == "paragraph" and block.kind in ("paragraph", "list") and not _completes_another(leaf):
            kind: StatementKind = "item" if block.kind == "list" else "sentence"
            said = [text[start:end] for start, end in sentences(text)]
            found += [
                Statement(kind, sentence, scale.weigh(sentence), run) for sentence in said if shown.takes(sentence)
            ]
    found += [Statement("row", row, scale.weigh(row), 0) for row in _rows(material, shown)]
    everything = " ".join(reader_text(leaf.text) for leaf in material.structure.leaves)
    for index, point in enumerate(material.key_points):
        if point not in everything and shown.takes(point):
            kind = "sentence" if is_closed(point) else "item"
            found.append(Statement(kind, point, scale.weigh(point), -1 - index))
    once: dict[str, Statement] = {}
    for statement in found:
        once.setdefault(statement.text.casefold(), statement)
    return [statement for text, statement in once.items() if text]


def _completes_another(leaf: Leaf) -> bool:
    """Whether an item only goes on from the one it stands below ("the ferry", and below it "ran until 2019")."""
    return leaf.path.count("item") > 1 and leaf.text[:1].islower()


_CLOSED = re.compile(r"[.!?…][\"'”’»)]*$")


def is_closed(text: str) -> bool:
    return _CLOSED.search(text) is not None


def _rows(material: Material, shown: Shown) -> Iterator[str]:
    """What tables say of one thing: their second column of two, or the one that the subject heads."""
    spans = {block.span for block in shown.blocks()}
    for table in material.structure.tables:
        heads = table.rows[0] if table.rows and table.span in spans else ()
        about = [at for at, head in enumerate(heads) if at and (len(heads) == 2 or head == subject(material))]
        yield from (f"{row[0]}: {row[about[0]]}" for row in table.rows[1:] if about and row[0] and row[about[0]])


def subject(material: Material) -> str:
    """The name that the title speaks of, in the source's spelling; empty where it names none."""
    named = [name for name in material.names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", material.title)]
    return max(named, key=len, default="")


# What can stand alone

_WORDS = word_lists("phrases")
_LEANS_ON_THE_ONE_BEFORE = re.compile(
    rf"""[\"'“„(*_]*(?:{"|".join(sorted(_WORDS["leans on the one before"])).replace("-", " ")})\b""", re.IGNORECASE
)


def leans(sentence: str) -> bool:
    """Whether a sentence can't be read without the one before it."""
    return _LEANS_ON_THE_ONE_BEFORE.match(sentence) is not None


_WORDS = word_lists("phrases")
_WORD = re.compile(r"[^\W_](?:[\w'’-]*\w)?")
_ADDRESS = re.compile(r"https?://|www\.|\S@\S")


def stands_alone(text: str, *, cut: bool = False) -> bool:
    """Whether a text begins and ends like something said on purpose; `cut` where more stood before it."""
    words = _WORD.findall(text)
    if not words or _ADDRESS.search(text) or leans(text) or (cut and words[0].lower() in _WORDS["never first"]):
        return False
    closed = "„" not in text and text.count('"') % 2 == 0
    closed = closed and all(text.count(left) == text.count(right) for left, right in ("()", "“”", "[]", "«»"))
    begins = text[0].isalnum() or re.match(r"[\"'“][^\Wa-z_]|[$€£¥]\d", text) is not None
    ends = words[-1].lower() not in _WORDS["never last"] and text[-1] not in ",;:–—-(/&+=…" and not text.endswith("...")
    return closed and begins and ends


def points_back(text: str) -> bool:
    """Whether a pronoun may speak of something that another sentence names."""
    return _POINTS_BACK.search(text) is not None


_POINTS_BACK = re.compile(
    r"\b(?:its?|they|them|theirs?|he|him|his|she|hers?|this|these|ihre?[mnrs]?|seine?[mnrs]?|ih[mn]|ihnen)\b"
    # A comparison that has lost what it compares with: "A library is louder."
    r"|\b(?:is|are|was|were|ist|sind|war|waren)\s+\w+er\W*$",
    re.IGNORECASE,
)


def capitalised(text: str) -> str:
    """With a capital at the start, unless the first word has its own way (iPhone, eBay)."""
    first = text.split(maxsplit=1)[0]
    return text if any(letter.isupper() for letter in first[1:]) else text[:1].upper() + text[1:]


# Cutting

_PAUSE = re.compile(r"(?<=[^\d\s])\s*[;:]\s+|\s+[–—]\s+|(?<=\w)—(?=\w)")
_COMMA = re.compile(
    r""",\s+(?=(?:which|who|where|but|so|because|while|whereas|although|according|
    and\s+(?:we|you|it|they|he|she|the|a|every|each|there)|aber|sondern|weil|obwohl|während|sobald|davon|wobei|
    und\s+(?:wir|sie|er|es|die|der|das))\s)""",
    re.VERBOSE,
)
"""A comma before what is plainly another clause; any other may stand in a list, and half a list is another claim."""

_SUBORDINATE = re.compile(
    r"(?:when|if|although|though|because|while|since|once|after|before|until|according|wenn|weil|obwohl|nachdem|bevor|"
    r"sobald|laut)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s+\([^()]*\)")
_BEFORE_ADJUNCT = re.compile(
    r"\s+(?=(?:in|at|after|before|during|since|across|because|while|with|for|by|through|"
    r"im|seit|nach|vor|bei|während|sobald|weil|mit|für)\s)"
)
_CHANGES_THE_CLAIM = re.compile(
    r"\b(?:if|unless|only|except|not|never|no|without|up\s+to|half|fewer|less\s+than|most|some|may|might|could|would|"
    r"planned|kein\w*|nicht|nie|bis\s+zu|nur|sofern|falls|wenn|könnte\w*)\b",
    re.IGNORECASE,
)


def without_asides(text: str) -> str:
    return _ASIDE.sub("", text)


def clauses(text: str) -> Iterator[str]:
    """The parts of a statement between its own pauses, capitalised and without a closing stop."""
    for stretch in _PAUSE.split(without_asides(text).rstrip(" .")):
        clause = _COMMA.split(stretch, maxsplit=1)[0].strip()
        whole = len(clause.split()) >= 3 and clause != text.rstrip(" .") and "," not in clause
        if whole and stands_alone(clause, cut=True) and not _SUBORDINATE.match(clause):
            yield capitalised(clause)


def heads(text: str) -> Iterator[str]:
    """The starts of a statement up to where something circumstantial begins, the longest first.

    None from a statement with a condition or a negation, and none that ends at a figure: what follows may be what makes
    it true.
    """
    bare = without_asides(text).rstrip(" .!?")
    if _CHANGES_THE_CLAIM.search(bare) or bare.endswith('"') or _SUBORDINATE.match(bare):
        return
    for found in reversed(list(_BEFORE_ADJUNCT.finditer(bare))):
        head = bare[: found.start()].rstrip(" ,;:–—")
        words = head.split()
        at_figure = any(character.isdigit() for word in words[-2:] for character in word)
        complete = len(words) >= 3 and words[-1].lower() not in _WORDS["takes a complement"] and not at_figure
        if complete and "," not in head and stands_alone(head, cut=True):
            yield capitalised(head)


_COMPARES = frozenset({"less", "more", "fewer", "weniger", "mehr"})


def figures_with_nouns(text: str, material: Material) -> Iterator[str]:
    """Each figure of a statement with the noun that it counts: "10-year warranty", "22 % less electricity"."""
    for figure in dict.fromkeys(material.figures):
        if figure not in text or not any(character.isdigit() for character in figure):
            continue
        at = re.search(rf"(?<![\w.,-]){re.escape(figure)}(?!\w|[.,]\d)", text)
        if at is None:
            continue
        behind = re.match(r"(?:-\w+)?(?:\s+[^\W\d_][\w'’-]*)*", text[at.end() :])
        unit, *following = behind[0].split() if behind and behind[0] else [""]
        if behind and behind[0][:1].isspace():
            unit, following = "", [unit, *following]
        noun: list[str] = []
        for word in following[:4]:
            if (word.lower() in material.stopwords and word.lower() not in _COMPARES) or word.lower() in _WORDS[
                "no noun"
            ]:
                break
            noun.append(word)
        while noun and material.language == "de" and noun[-1].islower():
            noun.pop()
        phrase = " ".join((at[0] + unit, *noun))
        if noun and noun[-1].lower() not in _COMPARES and stands_alone(phrase, cut=True):
            yield capitalised(phrase)
