"""schema: the JSON Schema of each format that other programs read, generated from the values that are written."""

from __future__ import annotations

import json
from typing import Any

import click

from chatspace.core.chat.comparison import ComparisonRecord
from chatspace.core.extraction import Extraction
from chatspace.core.profiles.policy import Route
from chatspace.core.reports.canary import Canary
from chatspace.core.reports.records import ConversationRecord
from chatspace.core.reports.report import Report
from chatspace.core.rewriting.rewrite import Rewrite
from chatspace.core.runs.run import Copy, Draft, RunRecord

FORMATS: dict[str, type[Any]] = {
    "extraction": Extraction,
    "run": RunRecord,
    "copy": Copy,
    "route": Route,
    "draft": Draft,
    "compare": ComparisonRecord,
    "rewrite": Rewrite,
    "history": ConversationRecord,
    "report": Report,
    "canary": Canary,
}


@click.command("schema")
@click.argument("name", type=click.Choice(tuple(FORMATS)), required=False)
def schema_command(name: str | None) -> None:
    """The JSON Schema of the format NAME; without a name, the formats there are."""
    if name is None:
        click.echo("\n".join(FORMATS))
        return
    from pydantic import TypeAdapter

    schema = TypeAdapter(FORMATS[name]).json_schema(mode="serialization")
    click.echo(json.dumps(schema, indent=2))
