"""How well the grounding check does on the corpus, as numbers and as a table."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from chatspace.core.facts import ground
from chatspace.core.runs.run import Claim
from tests.core.facts import corpus, corpus_fresh

ALARMS = ("unsupported", "altered", "recombined")
SOURCES = {**corpus.SOURCES, **corpus_fresh.SOURCES}


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of sentences of one class; `flagged` have an alarm, on the very fact where the class names one.

    `named` have the class's own verdict there. `wrong` are the sentences that were flagged, or weren't, wrongly.
    """

    sentences: int
    flagged: int
    named: int
    wrong: tuple[str, ...]

    @property
    def share(self) -> float:
        return self.flagged / self.sentences


def faithful() -> Figures:
    """Paraphrases: every flagged one is a false alarm."""
    wrong = []
    sentences = [*corpus.FAITHFUL, *corpus_fresh.FAITHFUL]
    for source, sentence in sentences:
        if claims := alarms(sentence, SOURCES[source]):
            wrong.append(f"{sentence} {_told(claims)}")
    return Figures(len(sentences), len(wrong), 0, tuple(wrong))


def altered() -> Figures:
    """One fact of each sentence is changed; only an alarm on that fact counts."""
    sentences = [*corpus.ALTERED, *corpus_fresh.ALTERED]
    flagged = named = 0
    wrong = []
    for source, sentence, fact in sentences:
        here = [claim for claim in alarms(sentence, SOURCES[source]) if claim.claim in fact or fact in claim.claim]
        flagged += bool(here)
        named += any(claim.verdict in ("altered", "unsupported") for claim in here)
        if not here:
            wrong.append(f"{sentence} ({fact})")
    return Figures(len(sentences), flagged, named, tuple(wrong))


def recombined() -> Figures:
    """Facts that the source has, in a sentence that it doesn't have."""
    sentences = [*corpus.RECOMBINED, *corpus_fresh.RECOMBINED]
    flagged = named = 0
    wrong = []
    for source, sentence, fact in sentences:
        claims = alarms(sentence, SOURCES[source])
        flagged += bool(claims)
        named += any(claim.verdict == "recombined" for claim in claims)
        if not claims:
            wrong.append(f"{sentence} ({fact})")
    return Figures(len(sentences), flagged, named, tuple(wrong))


def alarms(draft: str, source: str) -> list[Claim]:
    return [claim for claim in ground(draft, [("source", source)]) if claim.verdict in ALARMS]


def table() -> str:
    """Markdown for the README."""
    rows = [
        ("faithful paraphrases (false alarms)", faithful()),
        ("sentences with an altered fact", altered()),
        ("sentences with facts joined wrongly", recombined()),
    ]
    lines = [f"| {name} | {row.sentences} | {row.flagged} | {100 * row.share:.1f} % |" for name, row in rows]
    return "\n".join(["| class | sentences | flagged | share |", "|---|---|---|---|", *lines])


def _told(claims: list[Claim]) -> str:
    return "; ".join(f"[{claim.claim}: {claim.verdict} {claim.source_value or ''} {claim.note}]" for claim in claims)


if __name__ == "__main__":
    wrong = [*faithful().wrong, *altered().wrong, *recombined().wrong]
    sys.stdout.write("\n".join([table(), "", *wrong, ""]))
