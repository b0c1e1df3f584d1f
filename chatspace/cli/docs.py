"""docs: the documentation, as Markdown."""

from __future__ import annotations

import click

from chatspace import docs


@click.command("docs")
@click.argument("topic", required=False)
def docs_command(topic: str | None) -> None:
    """Print the documentation on TOPIC; without a topic, list the topics."""
    if topic is not None:
        click.echo(docs.read(topic).rstrip("\n"))
        return
    width = max(map(len, docs.TOPICS))
    click.echo("\n".join(f"{name:<{width}}  {about}" for name, about in docs.TOPICS.items()))
