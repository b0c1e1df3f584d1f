"""Where a text comes from: the front matter of an export."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from chatspace.core.calls.usage import Cost
from chatspace.core.chat.conversation import Conversation, Message
from chatspace.core.profiles.profile import OFFLINE_PREFIX
from chatspace.core.reports.formats import plain
from chatspace.core.runs.run import RunRecord
from chatspace.core.text.safe import for_file

Provenance = Mapping[str, Any]

_NOT_IN_YAML = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def of_run(record: RunRecord) -> Provenance:
    """The source with its hash, who wrote what by which rule, what it took, and what the gates said."""
    totals = record.totals
    offline = [call.step for call in record.calls if call.model.startswith(OFFLINE_PREFIX)]
    marked = {"engine": f"embedded, without a language model: {', '.join(dict.fromkeys(offline))}"} if offline else {}
    return {
        "source": record.source.name,
        "source_id": record.source.id,
        "run": record.id,
        "started": record.started,
        "elapsed_ms": record.elapsed_ms,
        "status": record.status,
        "pipeline": record.pipeline,
        "policy": record.policy,
        "channel": record.channel,
        "sla": record.sla,
        "steps": [f"{route.step}: {route.profile} ({route.because})" for route in record.routes],
        "models": list(dict.fromkeys(f"{call.model} on {call.host}" for call in record.calls)),
        "tokens": _tokens(totals.input, totals.output, totals.estimated),
        "cost_usd": "unknown" if totals.cost_usd is None else round(totals.cost_usd, 6),
        "gate": [
            f"{gate.stage}: {gate.status}" + (f", {len(gate.findings)} findings" if gate.findings else "")
            for gate in record.gate
        ],
        **marked,
    }


def of_conversation(conversation: Conversation, messages: Sequence[Message]) -> Provenance:
    replies = [message for message in messages if message.role == "assistant"]
    usages = [message.usage for message in replies if message.usage]
    cost = Cost.total(message.cost_usd for message in replies).usd
    estimated = any(usage.estimated for usage in usages)
    return {
        "title": conversation.title,
        "conversation": str(conversation.id),
        "created": plain(conversation.created),
        "updated": plain(conversation.updated),
        "profiles": list(dict.fromkeys(message.profile for message in replies if message.profile)),
        "models": list(dict.fromkeys(message.model for message in replies if message.model)),
        "tokens": _tokens(sum(usage.input for usage in usages), sum(usage.output for usage in usages), estimated),
        "cost_usd": "unknown" if cost is None else round(cost, 6),
    }


def front_matter(provenance: Provenance) -> str:
    """As YAML. Strings are written as JSON has them, which YAML reads alike whatever they hold."""
    lines = ["---"]
    for name, value in provenance.items():
        if isinstance(value, list):
            lines += [f"{name}:" if value else f"{name}: []", *(f"  - {_scalar(item)}" for item in value)]
        else:
            lines.append(f"{name}: {_scalar(value)}")
    return "\n".join([*lines, "---", "", ""])


def shown(value: object) -> str:
    """A value of it for people."""
    return "; ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _scalar(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6f}"  # YAML takes 1e-06 for a word.
    text = json.dumps(for_file(value) if isinstance(value, str) else value, ensure_ascii=False)
    # YAML ends lines at these, or doesn't allow them.
    return _NOT_IN_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _tokens(input_: int, output: int, estimated: bool) -> str:
    return f"{input_} in, {output} out" + (", estimated" if estimated else "")
