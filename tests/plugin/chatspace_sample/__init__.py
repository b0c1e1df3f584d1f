"""What a plugin can add: a reader, formats, an importer, a model that says the same again, and a stage."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from chatspace.core.calls.call import Finished, ProviderEvent, Request, TextDelta, Turn
from chatspace.core.chat.imported import ImportedConversation, ImportedMessage
from chatspace.core.registry import ConversationExport
from chatspace.core.runs.run import Draft, RunResult
from chatspace.hookspecs import Contents, Format, Importer, ModelProvider, Reader, Stage, hookimpl

if TYPE_CHECKING:
    from chatspace.core.runs.step_context import StepContext

_TIMES = re.compile(r"\d+\n[\d:,]+ --> [\d:,]+\n")


def _subtitles(text: str, name: str) -> Contents:
    spoken = (" ".join(_TIMES.sub("", part).split()) for part in text.split("\n\n"))
    return Contents("".join(f"{line}\n\n" for line in spoken if line))


def _shouted(result: RunResult) -> bytes:
    draft = result.artifacts.of(Draft)
    return (draft.text.upper() if draft else "").encode("utf-8")


def _lines(export: ConversationExport) -> bytes:
    return "".join(f"{message.role}: {message.text}\n" for message in export.messages).encode("utf-8")


def _is_forum(data: Mapping[str, Any]) -> bool:
    return "forum" in data


def _forum(data: Mapping[str, Any], file: str, number: int) -> ImportedConversation:
    messages = (ImportedMessage("1", None, "user", data["asked"]), ImportedMessage("2", "1", "assistant", data["said"]))
    return ImportedConversation("forum", str(number), data["forum"], messages)


class _Echo:
    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        yield TextDelta(f"Echo: {request.turns[-1].content}")
        yield Finished("stop")


@dataclass(frozen=True, slots=True)
class Translation:
    text: str
    language: str
    schema: Literal["sample.translation/1"] = "sample.translation/1"


async def _translate(context: StepContext) -> Translation:
    draft = context.get(Draft)
    assert draft is not None
    asker = await context.asker()
    said = await asker.ask([Turn("user", draft.text)])
    return Translation(said.text, context.options.lang or "en")


TRANSLATE = Stage(
    name="translate",
    artifact=Translation,
    run=_translate,
    summary=lambda made: f"{len(made.text.split())} words in {made.language}",
    needs=(Draft,),
    prose=lambda made: made.text,
)


@hookimpl
def register_readers(register: Callable[[Reader], None]) -> None:
    register(Reader("subtitles", (".srt",), "application/x-subrip", _subtitles))


@hookimpl
def register_formats(register: Callable[[Format], None]) -> None:
    register(Format(Draft, "shout", ".shout", "text/plain", _shouted, "Capitals"))
    register(Format(Translation, "plain", ".txt", "text/plain", lambda made: made.text.encode("utf-8"), "Plain text"))
    register(Format("conversation", "lines", ".lines", "text/plain", _lines, "Lines"))


@hookimpl
def register_importers(register: Callable[[Importer], None]) -> None:
    register(Importer("forum", "Forum: its threads.json", _is_forum, _forum))


@hookimpl
def register_providers(register: Callable[[ModelProvider], None]) -> None:
    register(ModelProvider("echo/", "this machine", _Echo, local=True))


@hookimpl
def register_stages(register: Callable[[Stage[Any]], None]) -> None:
    register(TRANSLATE)
