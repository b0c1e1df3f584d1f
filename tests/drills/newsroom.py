"""A newsroom for drills: documents, profiles that send every step to the test server, and what it answers."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chatspace.core.runs.manuscript import COPY_FOLLOWS
from tests.model_answers import NOTHING_FOUND, ask_at_every_step
from tests.model_server import Answer, ModelServer, Reply

NUMBER = re.compile(r"Story (?:number )?(\d+)")
COPY_FIELDS = re.compile(r" Copy:((?: \w+)+)\.")
ENDING = "That is the end of story {number}."
STEPS = {
    "light-extractor": "extract",
    "balanced-drafter": "draft",
    "longform-drafter": "draft",
    "copy-fast": "[copy, draft]",
}


def write_documents(folder: Path, count: int, *, first: int = 0) -> None:
    """Sources that differ in their number, each a few paragraphs with a list and a table."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        (folder / f"story-{number:04}.md").write_text(
            f"# Story number {number}\n\n"
            f"The Tern {number} heat pump costs ${4_000 + number:,} and ships on 2026-03-12.\n\n"
            "- Quiet\n  - 38 dB at one metre\n- Made in Porto\n\n| Model | Price |\n| --- | --- |\n"
            f"| Tern {number} | ${4_000 + number:,} |\n",
            encoding="utf-8",
        )


def write_profiles(home: Path, url: str, **more: str) -> None:
    """Profiles of the home's own; a further setting is a line of YAML, as in `timeout="{idle: 1}"`."""
    folder = home / "profiles"
    folder.mkdir(parents=True, exist_ok=True)
    ask_at_every_step(folder)
    settings = {"max_output_tokens": "700", "price": "{input: 2.0, output: 8.0}", **more}
    lines = "".join(f"{name}: {value}\n" for name, value in settings.items())
    for name, step in STEPS.items():
        of_field = " Field {{ field }}, {{ count }} of them." if "copy" in step else ""
        of_fields = "{% if fields %} Copy:{% for each in fields %} {{ each.name }}{% endfor %}.{% endif %}"
        recipe = f"You are {name} for {{{{ channel }}}}.{of_field or of_fields * (step == 'draft')}"
        (folder / f"{name}.md").write_text(
            f"---\nstep: {step}\nmodel: openai/{name}\napi_base: {url}\n{lines}---\n{recipe}\n", encoding="utf-8"
        )


def whole_draft(number: str) -> str:
    """The one draft of a story, long enough to be cut anywhere."""
    body = " ".join(f"Sentence {at} of story {number} says that the Tern {number} is quiet." for at in range(12))
    return f"# Story {number}\n\n{body}\n\n{ENDING.format(number=number)}\n"


def good_answer(body: Mapping[str, Any]) -> Reply:
    """What a good model says to each step; a draft that was cut is gone on with from where it stopped."""
    turns = body["messages"]
    asked = "\n".join(str(turn["content"]) for turn in turns if turn["role"] != "assistant")
    found = NUMBER.search(asked)
    number = found[1] if found else "0"
    model = str(body["model"])
    if "extract" in model:
        return Reply(NOTHING_FOUND)
    if "drafter" in model:
        whole = whole_draft(number)
        if fields := COPY_FIELDS.search(str(turns[0]["content"])):
            copy = {name: variants_of(number) for name in fields[1].split()}
            whole += f"\n{COPY_FOLLOWS}\n{json.dumps(copy)}"
        said = next((str(turn["content"]).rstrip() for turn in turns if turn["role"] == "assistant"), "")
        return Reply(" ".join(said.split()[-5:]) + whole[len(said) :] if said else whole, chunk=40)
    return Reply(json.dumps({"variants": variants_of(number)}), chunk=40)


def variants_of(number: str) -> list[str]:
    return [f"Quiet heat {number}-{at}" for at in range(12)]


class Register:
    """Answers for a server, and counts what was asked and what was answered whole."""

    def __init__(self, answer: Callable[[int, Mapping[str, Any]], Answer] | None = None) -> None:
        self._choose = answer or (lambda number, body: good_answer(body))
        self._lock = threading.Lock()
        self.asked: Counter[str] = Counter()
        self.whole: Counter[str] = Counter()

    def __call__(self, body: Mapping[str, Any]) -> Answer:
        asked = {"model": body["model"], "messages": body["messages"]}
        key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        with self._lock:
            answer = self._choose(self.asked.total(), body)
            self.asked[key] += 1
            if isinstance(answer, Reply) and answer.finish_reason == "stop":
                self.whole[key] += 1
        return answer


def open_newsroom(
    home: Path,
    server: ModelServer,
    answer: Callable[[int, Mapping[str, Any]], Answer] | None = None,
    **more: str,
) -> Register:
    """Profiles whose steps the server answers, and the register of what it was asked."""
    register = Register(answer)
    server.answer(register)
    write_profiles(home, server.url, **more)
    return register


def check_outputs(output: Path, sources: Path) -> None:
    """Every document has its whole draft, its copy and its record."""
    for source in sources.iterdir():
        number, folder = int(source.stem.partition("-")[2]), output / source.stem
        draft = (folder / "draft.md").read_text(encoding="utf-8").partition("---\n")[2].partition("---\n")[2]
        assert draft.strip() == whole_draft(str(number)).strip(), f"{folder}: {draft[-200:]}"
        copy = (folder / "copy.csv").read_text(encoding="utf-8")
        assert f"Quiet heat {number}-0" in copy
        assert json.loads((folder / "run.json").read_bytes())["status"] == "complete"
