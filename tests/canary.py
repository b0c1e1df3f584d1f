"""Before and after: the cohort through `monolith` and two pipelines by stages, against the test server.

`python -m tests.canary`: in the one a model always extracts, in the other where the rules don't suffice.

The server prices its tokens as the three tiers of a provider, and takes a twentieth of their time.
It writes from the sentences that it is given, and gets a figure wrong now and then, whoever asks.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from chatspace.adapters.exporters.reports import canary_table
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.policy import ModelPass
from chatspace.core.reports.canary import Canary
from chatspace.core.runs.manuscript import COPY_FOLLOWS
from chatspace.core.workspace.canaries import Way
from chatspace.locations import HOME_VARIABLE, shipped_profiles
from chatspace.wiring import Workspace
from tests.cohort import write_cohort
from tests.model_server import ModelServer, Reply, SentUsage

EXPENSIVE = "longform-drafter"
CHARACTERS_A_PIECE = 200
CHARACTERS_A_TOKEN = 4
TIMES_FASTER = 20
DRAFT_WORDS = 600
SENTENCE = re.compile(r"[A-Z][^.!?\n\\|\"]{20,240}\.")
FIGURE = re.compile(r"\$(\d)")
FIELD = re.compile(r"^- `(\w+)`: (\d+) variants", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Tier:
    """USD per million tokens in and out, tokens of the window, and tokens a second that it writes and reads."""

    price: tuple[float, float]
    window: int
    speed: int
    reads: int


LIGHT, BALANCED, LARGE = (
    Tier((0.4, 1.6), 16_000, 150, 3_000),
    Tier((2.0, 8.0), 16_000, 80, 1_600),
    Tier((5.0, 30.0), 128_000, 40, 800),
)
TIERS = {"light-extractor": LIGHT, "copy-fast": LIGHT, "balanced-drafter": BALANCED, EXPENSIVE: LARGE}


class Provider:
    """What the server answers, and what it charges for it by profile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.tokens: Counter[str] = Counter()
        self.usd = 0.0
        self.calls = 0

    def __call__(self, body: Mapping[str, Any]) -> Reply:
        profile = str(body["model"])
        asked = [str(turn["content"]) for turn in body["messages"]]
        text = _answer(profile, asked[-1], _fields(asked[0]))
        tier = TIERS[profile]
        sent = SentUsage(sum(map(len, asked)) // CHARACTERS_A_TOKEN, len(text) // CHARACTERS_A_TOKEN + 1)
        with self._lock:
            self.calls += 1
            self.tokens[profile] += sent.prompt + sent.completion
            self.usd += (sent.prompt * tier.price[0] + sent.completion * tier.price[1]) / 1_000_000
        pause = CHARACTERS_A_PIECE / CHARACTERS_A_TOKEN / tier.speed / TIMES_FASTER
        reading = sent.prompt / tier.reads / TIMES_FASTER
        return Reply(text, chunk=CHARACTERS_A_PIECE, delay=pause, usage=sent, reading=reading)


def _fields(recipe: str) -> dict[str, int]:
    """The fields of a channel that a recipe asks for, with how many variants of each."""
    return {name: int(count) for name, count in FIELD.findall(recipe)}


def _copy(sentences: list[str], fields: Mapping[str, int]) -> str:
    """Four words of each sentence, as many for each field as are wanted."""
    beginnings = [" ".join(each.split()[:4]) for each in sentences[:12]]
    return json.dumps({name: beginnings[:count] for name, count in fields.items()})


def _answer(profile: str, asked: str, fields: Mapping[str, int]) -> str:
    sentences = list(dict.fromkeys(SENTENCE.findall(asked)))
    if profile == "light-extractor":
        return json.dumps({"entities": [], "key_points": sentences[:6], "metadata": {}})
    if profile == "copy-fast":
        return _copy(sentences, fields)
    chosen, count = [], 0
    for sentence in sentences:
        count += len(sentence.split())
        if count > DRAFT_WORDS:
            break
        chosen.append(sentence)
    text = "\n\n".join(" ".join(chosen[at : at + 4]) for at in range(0, len(chosen), 4))
    if hashlib.sha256(text.encode()).digest()[0] % 5 == 0:
        text = FIGURE.sub(lambda found: f"${int(found[1]) % 9 + 1}", text, count=1)
    copy = f"\n{COPY_FOLLOWS}\n{_copy(sentences, fields)}" if fields else ""
    return f"# A piece\n\n{text}\n{copy}"


def write_profiles(home: Path, url: str) -> None:
    """The shipped recipes, each sent to its tier of the server."""
    folder = home / "profiles"
    folder.mkdir(parents=True, exist_ok=True)
    for name, tier in TIERS.items():
        _, _, recipe = (shipped_profiles() / f"{name}.md").read_text(encoding="utf-8").split("---\n", 2)
        step = {"light-extractor": "extract", "copy-fast": "[copy, draft]"}.get(name, "draft")
        head = f"step: {step}\nmodel: openai/{name}\napi_base: {url}\nmax_output_tokens: 4000\n"
        head += f"context_window: {tier.window}\nprice: {{input: {tier.price[0]}, output: {tier.price[1]}}}\n"
        (folder / f"{name}.md").write_text(f"---\n{head}---\n{recipe}", encoding="utf-8")
    (folder / "pipelines").mkdir(exist_ok=True)
    for model_pass in get_args(ModelPass):
        steps = "[{step: extract}, {step: draft}, {step: copy}]"
        text = f"extract: {{model: {model_pass}}}\nsteps: {steps}\n"
        (folder / "pipelines" / f"staged-{model_pass}.yaml").write_text(text, encoding="utf-8")


def measure(
    folder: Path, server: ModelServer, provider: Provider, candidate: ModelPass = "auto", *, jobs: int = 8
) -> Canary:
    """The cohort through both; CHATSPACE_HOME has the profiles."""
    write_cohort(folder / "cohort")
    workspace = Workspace()
    documents = workspace.documents.of([str(folder / "cohort")], Options())
    server.answer(provider)
    ways = Way("monolith"), Way(f"staged-{candidate}")
    try:
        result = asyncio.run(
            workspace.canaries.run(documents, folder / "out", *ways, jobs=jobs, tell=lambda side, ended: None)
        )
    finally:
        workspace.history.close()
    return result.canary


def times(canary: Canary) -> dict[str, float]:
    """How many times as much the candidate takes, by measure."""
    return {each.measure: (each.candidate or 0.0) / each.baseline for each in canary.differences if each.baseline}


def figures(canary: Canary) -> str:
    """What the documentation says: the table, and how much goes to the expensive profile."""
    means = {each.measure: each.candidate or 0.0 for each in canary.differences}
    share, found = means["dear_tokens"] / means["tokens"], times(canary)
    said = (
        f"`{canary.candidate.pipeline}` sends {share:.0%} of its tokens to {canary.expensive_profile}, takes"
        f" {found['tokens']:.2f} times the tokens and {found['cost']:.2f} times the cost; {canary.documents} documents."
    )
    return "\n".join((*canary_table(canary), "", said))


def main() -> None:
    for candidate in ("always", "auto"):
        with tempfile.TemporaryDirectory() as name, ModelServer() as running:
            os.environ[HOME_VARIABLE] = name
            write_profiles(Path(name), running.url)
            sys.stdout.write(figures(measure(Path(name), running, Provider(), candidate)) + "\n\n")


if __name__ == "__main__":
    main()
