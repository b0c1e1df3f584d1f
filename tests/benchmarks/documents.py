"""Markdown of any length as editors get it: sections of prose with figures and names, lists, tables, code, notes."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

WORDS: Mapping[str, list[str]] = {
    "first": "Maria Jonas Aisha Peter Lucía Henrik Noor Samuel Ingrid Tomás Clara Victor Elena Marcus Yuki".split(),
    "last": "Lopez Brandt Okafor Nielsen Moreau Tanaka Whitfield Santos Keller Petrov Larsen Duarte Abbott".split(),
    "firm": "Tern Systems,Harbour Foods,Northwind Energy,Alder & Finch,Solvay Metrics,Kestrel Labs".split(","),
    "town": "Porto,Leipzig,Rotterdam,Aarhus,Lyon,Bristol,Gdańsk,Turin,Malmö,San Sebastián".split(","),
    "month": "January February March April May June July August September October November December".split(),
    "thing": "heat pump,booking portal,ferry line,annual report,school kitchen,grid contract,archive".split(","),
    "verb": "reported announced expects confirmed published reviewed postponed tested".split(),
    "why": "after a slow spring,despite the strike,in its second year,with help from the city,for the first time".split(
        ","
    ),
}
SENTENCES = (
    "{first} {last} of {firm} {verb} that the {thing} in {town} cost ${n}.{m} million {why}.",
    "The {thing} **{verb}** a rise of {m}.{d} % against {month} {year}, {why}, and nobody was surprised by it.",
    "By {day} {month} {year} about {n},{k} people had used the *{thing}*, {m} of them every day.",
    "“We never planned for a {thing} like this,” said {first} {last}, “but {town} asked for it.”",
    "Details stand in [the {thing} of {town}](https://example.test/{year}/{n}) and in `config/{n}.yaml`.",
    "It weighs {n} kg, needs {m}.{d} kWh a day and comes with a guarantee of {m} years {why}.",
    "None of this was clear when the {thing} was first discussed, and much of it still is not.",
    "Readers who know {town} will remember the {thing}; the others need only know that it was late[^{note}].",
)


class _Writer:
    """Blocks out of one generator of random numbers, so that a seed gives the same text."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._notes = 0
        self._kinds: list[tuple[int, Callable[[], str]]] = [
            (10, self._paragraph),
            (3, self._list),
            (1, self._steps),
            (2, self._table),
            (1, self._code),
            (1, self._quote),
        ]

    def section(self, number: int) -> str:
        level = "##" if number % 4 == 0 else "###"
        heading = f"{level} {number}. {self._fill('The {thing} in {town}')}"
        weights = [weight for weight, _ in self._kinds]
        made = self._random.choices([make for _, make in self._kinds], weights, k=self._random.randint(2, 6))
        first = self._notes
        blocks = [make() for make in made]
        notes = [f"[^{note}]: {self._sentence(notes=False)}" for note in range(first + 1, self._notes + 1)]
        return "\n\n".join([heading, *blocks, *notes])

    def _fill(self, pattern: str) -> str:
        values: dict[str, object] = {name: self._random.choice(words) for name, words in WORDS.items()}
        values |= {"n": self._random.randint(2, 999), "m": self._random.randint(2, 98), "d": self._random.randint(1, 9)}
        values |= {"k": f"{self._random.randint(0, 999):03}", "day": self._random.randint(1, 28)}
        values |= {"year": self._random.randint(2015, 2027), "note": self._notes}
        return pattern.format(**values)

    def _sentence(self, notes: bool = True) -> str:
        pattern = self._random.choice(SENTENCES if notes else SENTENCES[:-1])
        self._notes += "{note}" in pattern
        return self._fill(pattern)

    def _paragraph(self) -> str:
        words = " ".join(self._sentence() for _ in range(self._random.randint(2, 6))).split(" ")
        lines = [" ".join(words[start : start + 16]) for start in range(0, len(words), 16)]
        return "\n".join(lines)

    def _list(self) -> str:
        depths = [0]
        for _ in range(self._random.randint(2, 8)):
            depths.append(self._random.randint(0, min(2, depths[-1] + 1)))
        return "\n".join(f"{'  ' * depth}- {self._sentence(notes=False)}" for depth in depths)

    def _steps(self) -> str:
        return "\n".join(f"{number}. {self._sentence(notes=False)}" for number in range(1, self._random.randint(4, 7)))

    def _table(self) -> str:
        rows = [self._fill("| {town} | ${n},{k} | {m}.{d} % | {day} {month} {year} |") for _ in range(6)]
        return "\n".join(["| Town | Price | Change | Date |", "|------|------:|-------:|------|", *rows])

    def _code(self) -> str:
        body = "\n".join(self._fill("    total += price({n}, {m})  # {thing}") for _ in range(5))
        return f"```python\ndef total(prices):\n{body}\n```"

    def _quote(self) -> str:
        return "\n".join(f"> {self._sentence(notes=False)}" for _ in range(3))


def document(size: int, seed: int = 1) -> str:
    """Markdown of at least `size` bytes, by less than one section."""
    writer = _Writer(seed)
    parts = ["# The year in towns and things"]
    written = number = 0
    while written < size:
        number += 1
        parts.append(writer.section(number))
        written += len(parts[-1].encode()) + 2
    return "\n\n".join(parts) + "\n"
