"""A pipeline over the real profile library, for the tests of its stages: what is asked, answered and told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatspace.adapters.catalog import LocalCatalog
from chatspace.adapters.offline.provider import OfflineProvider
from chatspace.adapters.profiles import ProfileFiles
from chatspace.core.calls.call import Call, ProviderEvent, Request
from chatspace.core.document import Source
from chatspace.core.errors import ModelError
from chatspace.core.events import DeltaReceived, Event, Warned
from chatspace.core.extraction import Extracted, Extraction
from chatspace.core.ports import Provider
from chatspace.core.profiles.options import Options
from chatspace.core.runs.pipeline import PipelineRun
from chatspace.core.runs.plan import Plan, make_plan
from chatspace.core.runs.run import Copy, Draft, RunResult
from chatspace.core.runs.run_record import RunState
from chatspace.core.workspace.stored_runs import StoredRun
from chatspace.locations import shipped_profiles
from tests.doubles import FixedTools, MemoryLedger, says
from tests.model_answers import NOTHING_FOUND, ask_at_every_step

BRIEF = """# Launch of the Tern 4

The Tern 4 heat pump costs $4,200 and ships on 2026-03-12.

- Quiet
  - 38 dB at one metre
- Made in Porto

| Model | Price |
| --- | --- |
| Tern 4 | $4,200 |

## Voices

Maria Lopez said it was the quietest winter of her career.
"""

Say = str | Sequence[ProviderEvent | ModelError]
Answer = Callable[[Request], Say]


def source(text: str = BRIEF, name: str = "brief.md") -> Source:
    return Source(name, text, f"sha256:{name}:{len(text)}")


def variants(*texts: str) -> str:
    return json.dumps({"variants": list(texts)})


def every_field(request: Request, text: Callable[[int], str]) -> str:
    """As many variants of each field that a request for copy asks for."""
    return json.dumps({each["name"]: list(map(text, range(each["count"]))) for each in request.variables["fields"]})


def extraction_of(run: RunResult | StoredRun) -> Extraction:
    """That of the main source."""
    extracted = run.artifacts.of(Extracted)
    assert extracted is not None
    return extracted.main


def draft_of(run: RunResult | StoredRun) -> Draft:
    draft = run.artifacts.of(Draft)
    assert draft is not None
    return draft


def copy_of(run: RunResult | StoredRun) -> Copy:
    copy = run.artifacts.of(Copy)
    assert copy is not None
    return copy


def default_answer(request: Request) -> Say:
    """What a good model says to each step."""
    if request.step == "extract":
        return NOTHING_FOUND
    if request.step == "draft":
        return "# Warm at last\n\nThe Tern 4 costs $4,200.\n"
    return every_field(request, lambda number: f"Quiet heat {number}")


class AnsweringProvider:
    """Answers by a function of the request; the built-in engine answers for itself."""

    def __init__(self, answer: Answer = default_answer) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self._engine = OfflineProvider()

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        self.requests.append(request)
        if request.target.offline:
            async for event in self._engine.stream(request):
                yield event
            return
        said = self.answer(request)
        for each in says(said) if isinstance(said, str) else said:
            await asyncio.sleep(0)
            if isinstance(each, ModelError):
                raise each
            yield each

    def asked(self, step: str) -> list[Request]:
        return [request for request in self.requests if request.step == step]


@dataclass
class Desk:
    """Runs sources through the shipped policy, pipelines and channels with profiles of its own in `folder`."""

    folder: Path
    provider: Any = field(default_factory=AnsweringProvider)
    events: list[Event] = field(default_factory=list)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        ask_at_every_step(self.folder)
        for name, step in (
            ("light-extractor", "extract"),
            ("balanced-drafter", "draft"),
            ("longform-drafter", "draft"),
            ("copy-fast", "[copy, draft]"),
        ):
            self.profile(name, step)

    def profile(self, name: str, step: str, recipe: str | None = None, **fields: object) -> None:
        """Write a profile; without a recipe of its own it takes the shipped one of that name."""
        shipped = (shipped_profiles() / f"{name}.md").read_text(encoding="utf-8") if recipe is None else ""
        settings = {"model": f"openai/{name}", "api_base": "http://127.0.0.1:9/v1", **fields}
        lines = "".join(f"{key}: {value}\n" for key, value in settings.items())
        body = recipe if recipe is not None else shipped.split("---\n", 2)[2]
        (self.folder / f"{name}.md").write_text(f"---\nstep: {step}\n{lines}---\n{body}\n", encoding="utf-8")

    @property
    def library(self) -> ProfileFiles:
        return ProfileFiles((self.folder, shipped_profiles()))

    @property
    def tools(self) -> FixedTools:
        library = self.library
        provider: Provider = self.provider
        return FixedTools(library, LocalCatalog(library.model_table, {}), provider, self.ledger)

    def plan(self, options: Options | None = None, step: str | None = None) -> Plan:
        through: Mapping[str, tuple[str, ...]] = {"extract": ("extract",), "draft": ("extract", "draft")}
        return make_plan(options or Options(), step or "draft", self.library, through=through.get(step or ""))

    async def run(
        self,
        *sources: Source,
        options: Options | None = None,
        step: str | None = None,
        pieces: Mapping[str, Call] | None = None,
    ) -> RunResult:
        """One passage through the whole pipeline, or up to `step`."""
        state = RunState("run-1", sources or (source(),), self.plan(options, step))
        return await PipelineRun(state, self.tools, self.events.append, pieces or {}).complete()

    @property
    def warnings(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Warned)]

    @property
    def streamed(self) -> str:
        """The draft as a reader saw it grow."""
        return "".join(
            event.text
            for event in self.events
            if isinstance(event, DeltaReceived) and event.step == "draft" and not event.reasoning
        )
