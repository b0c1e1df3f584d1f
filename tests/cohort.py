"""A cohort of documents as a newsroom gets them: `write_cohort(folder)`, always the same files.

Briefs, notes and dossiers, from 100 to 9,000 words, with nested lists, tables, quotes and code; the longest are larger
than the window of a small model.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

SIZES = (*range(100, 900, 27), *range(1_000, 3_000, 120), 4_200, 5_000, 6_000, 7_000, 9_000)
"""Words, about, of each document."""

PLACES = ("Porto", "Aarhus", "Leipzig", "Ghent", "Turku", "Graz", "Brno", "Lyon")
PEOPLE = ("Ingrid Dahl", "Tomás Reis", "Maria Lopez", "Jonas Weber", "Aino Salo", "Petra Novak", "Luc Martin")
THINGS = ("heat pump", "ferry line", "reading room", "cargo bike", "school kitchen", "tide gauge", "night train")
SENTENCES = (
    "The {thing} in {place} costs ${money} and opens on {date}.",
    "{person} says that {percent}% of the visitors in {place} come back within a year.",
    "In {year} the team counted {number} households that asked for the {thing}.",
    "The first {thing} was tested near {place} for {number} days without a fault.",
    "{person} of the office in {place} expects savings of ${money} by {date}.",
    "Compared with {year}, the {thing} needs {percent}% less energy at the same size.",
    '"We built the one that nobody notices," says {person} about the {thing}.',
    "The plan names {place} first, because {number} people there have waited since {year}.",
)
LINKS = (
    "That changes what the neighbours hear.",
    "Nobody at the table disagreed.",
    "It is the part that readers ask about.",
    "The rest follows from the budget.",
)


def write_cohort(folder: Path) -> list[Path]:
    """Write the documents, one for each of SIZES."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, size in enumerate(SIZES):
        path = folder / f"piece-{number:02}.md"
        path.write_text(document(number, size), encoding="utf-8")
        paths.append(path)
    return paths


def document(number: int, size: int) -> str:
    """A Markdown text of at least that many words."""
    chance = random.Random(f"piece {number}")
    thing, place = chance.choice(THINGS), chance.choice(PLACES)
    parts = [f"# Piece {number}: the {thing} of {place}"]
    section = 0
    while len(" ".join(parts).split()) < size:
        section += 1
        parts.append(f"## {section}. {chance.choice(THINGS).capitalize()}s in {chance.choice(PLACES)}")
        parts.append(_paragraph(chance))
        parts.append([_list, _table, _quote, _code][section % 4](chance))
        parts += [_paragraph(chance) for _ in range(size // 600)]
    return "\n\n".join(parts) + "\n"


def _sentences(chance: random.Random, count: int) -> Iterator[str]:
    for at in range(count):
        yield chance.choice(SENTENCES).format(
            thing=chance.choice(THINGS),
            place=chance.choice(PLACES),
            person=chance.choice(PEOPLE),
            money=f"{chance.randrange(1_000, 90_000):,}",
            date=f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 28):02}",
            year=chance.randrange(2015, 2026),
            percent=chance.randrange(3, 90),
            number=chance.randrange(12, 990),
        )
        if at % 3 == 2:
            yield chance.choice(LINKS)


def _paragraph(chance: random.Random) -> str:
    return " ".join(_sentences(chance, chance.randrange(3, 6)))


def _list(chance: random.Random) -> str:
    return "\n".join(
        f"{'  ' * depth}- {sentence}" for depth, sentence in zip((0, 1, 2, 1, 0), _sentences(chance, 5), strict=False)
    )


def _table(chance: random.Random) -> str:
    rows = [
        f"| {place} | {chance.randrange(10, 900)} | ${chance.randrange(1_000, 9_000):,} |"
        for place in chance.sample(PLACES, 4)
    ]
    return "\n".join(("| Place | Orders | Price |", "| --- | ---: | ---: |", *rows))


def _quote(chance: random.Random) -> str:
    return "> " + " ".join(_sentences(chance, 2))


def _code(chance: random.Random) -> str:
    return f"```python\norders = {chance.randrange(10, 900)}\nprint(orders * {chance.randrange(2, 90)})\n```"
