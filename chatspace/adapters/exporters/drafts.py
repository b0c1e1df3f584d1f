"""A run's draft in each of its formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chatspace.adapters.exporters import provenance
from chatspace.adapters.exporters.markdown import closed
from chatspace.core.extraction import Extracted
from chatspace.core.runs.run import Draft, RunResult

if TYPE_CHECKING:
    from chatspace.core.facts.evidence import Evidence


def of(result: RunResult) -> Draft:
    """The draft that is to be written."""
    draft = result.artifacts.of(Draft)
    assert draft is not None, "nothing else is written in these formats"
    return draft


def markdown(result: RunResult) -> str:
    """Below the provenance as it was written: what an editor approved is what should leave."""
    return _origin(result) + _text(result).strip("\n") + "\n"


def html(result: RunResult) -> str:
    from chatspace.adapters.exporters.html import page  # its parser is needed for pages alone

    return page(result.record.source.name, _text(result), provenance.of_run(result.record))


def word(result: RunResult) -> bytes:
    from chatspace.adapters.exporters.word import document  # python-docx is needed for Word alone

    return document(result.record.source.name, _text(result), provenance.of_run(result.record))


def with_footnotes(result: RunResult) -> str:
    from chatspace.adapters.exporters.grounding import footnotes  # the parsers load with it

    return _grounded(result, footnotes)


def with_critic_markup(result: RunResult) -> str:
    from chatspace.adapters.exporters.grounding import criticmarkup  # the parsers load with it

    return _grounded(result, criticmarkup)


def _grounded(result: RunResult, mark: Callable[[str, Sequence[Evidence]], str]) -> str:
    """The draft with its grounding. Only the main source's text is at hand; of others their values are told."""
    from chatspace.core.facts.evidence import evidence  # its patterns take a tenth of a second to compile

    extracted = result.artifacts.of(Extracted)
    main = extracted.main.text if extracted else None
    found = evidence(of(result).grounding, {result.record.source.name: main} if main else {})
    return _origin(result) + mark(closed(_text(result).rstrip("\n")), found).strip("\n") + "\n"


def _origin(result: RunResult) -> str:
    return provenance.front_matter(provenance.of_run(result.record))


def _text(result: RunResult) -> str:
    return of(result).text
