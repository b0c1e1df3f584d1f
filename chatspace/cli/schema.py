"""schema: the JSON Schema of each format that other programs read, generated from the values that are written."""

from __future__ import annotations

import json
from typing import Any

import click

from chatspace import plugins
from chatspace.core.chat.comparison import ComparisonRecord
from chatspace.core.extraction import Extraction
from chatspace.core.profiles.policy import Route
from chatspace.core.reports.canary import Canary
from chatspace.core.reports.records import ConversationRecord
from chatspace.core.reports.report import Report
from chatspace.core.rewriting.rewrite import Rewrite
from chatspace.core.runs.run import Copy, Draft, RunRecord
from chatspace.core.stages.registry import stages

KINDS: tuple[type[Any], ...] = (
    Extraction,
    RunRecord,
    Copy,
    Route,
    Draft,
    ComparisonRecord,
    Rewrite,
    ConversationRecord,
    Report,
    Canary,
)


def _formats() -> dict[str, type[Any]]:
    """By the name that each has in its field `schema`, "chatspace.NAME/1"; those of further stages come last."""
    plugins.load()
    made = [each.artifact for each in stages().values()]
    named = {kind: getattr(kind, "__dataclass_fields__", {}).get("schema") for kind in dict.fromkeys((*KINDS, *made))}
    return {str(field.default).split(".")[-1].split("/")[0]: kind for kind, field in named.items() if field}


FORMATS = _formats()


@click.command("schema")
@click.argument("name", type=click.Choice(tuple(FORMATS)), required=False)
def schema_command(name: str | None) -> None:
    """Print the JSON Schema of the format NAME; without a name, list the formats."""
    if name is None:
        click.echo("\n".join(FORMATS))
        return
    from pydantic import TypeAdapter

    schema = TypeAdapter(FORMATS[name]).json_schema(mode="serialization")
    click.echo(json.dumps(schema, indent=2))
