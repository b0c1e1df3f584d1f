"""`chatspace report`: what the store has of calls and runs, counted in every format."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import validate

from chatspace.core.chat.conversation import ReplyEnd
from chatspace.core.errors import UsageError
from chatspace.core.workspace.reports import moment
from chatspace.wiring import Workspace
from tests.cli.conftest import Command
from tests.drills.newsroom import open_newsroom, write_documents
from tests.model_server import HttpError, ModelServer, Reply

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.fixture
def worked(chatspace: Command, home: Path, tmp_path: Path, model_server: ModelServer) -> Command:
    """Two stories made, of which one call was tried twice."""
    open_newsroom(home, model_server)
    model_server.script(HttpError(502))
    write_documents(tmp_path / "in", 2)
    assert chatspace("batch", tmp_path / "in", "-o", tmp_path / "out", "--channel", "ad").code == 0
    return chatspace


def test_nothing_was_done_yet(chatspace: Command, home: Path) -> None:
    ended = chatspace("report")
    assert (ended.code, "No calls or runs" in ended.out) == (0, True)
    assert not (home / "chatspace.db").exists()


def test_calls_are_counted_with_retries_tokens_and_cost(worked: Command) -> None:
    report = worked("report", "--format", "json").json
    assert report["total"]["outcomes"]["failed"] == 1
    assert report["total"]["retries"] == 1
    assert report["total"]["cost_usd"] is None or report["total"]["cost_usd"] > 0
    assert report["total"]["calls"] == sum(group["calls"] for group in report["groups"])
    assert report["runs"]["statuses"] == {"complete": 2}
    assert sum(report["total"]["elapsed"]["histogram"]) == report["total"]["outcomes"]["complete"]


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("channel", {"google-ads"}),
        ("policy", {"default"}),
        ("step", {"extract", "draft", "copy"}),
        ("model", {"openai/light-extractor", "openai/copy-fast"}),
    ],
)
def test_calls_are_grouped(worked: Command, by: str, names: set[str]) -> None:
    report = worked("report", "--by", by, "--format", "json").json
    assert {group["name"] for group in report["groups"]} == names


def test_every_format_has_the_groups_and_json_fits_its_schema(worked: Command, tmp_path: Path) -> None:
    validate(worked("report", "--format", "json").json, worked("schema", "report").json)
    text = worked("report").out
    assert "copy-fast" in text
    assert "━" in text
    assert max(map(len, text.splitlines())) <= 100
    assert "| copy-fast |" in worked("report", "--format", "md").out
    assert "<table>" in worked("report", "--format", "html").out
    rows = list(csv.DictReader(io.StringIO(worked("report", "--format", "csv").out)))
    assert [row["group"] for row in rows][-1] == "all"
    assert int(rows[-1]["retries"]) == 1


def test_the_name_of_the_file_says_its_format_and_nothing_is_written_over(worked: Command, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    assert worked("report", "-o", file).code == 0
    assert json.loads(file.read_bytes())["schema"] == "chatspace.report/1"
    assert worked("report", "-o", file).code == 2
    assert worked("report", "-o", file, "--overwrite").code == 0


def test_what_was_before_the_time_is_left_out(worked: Command) -> None:
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()[:19]
    assert worked("report", "--since", later, "--format", "json").json["total"]["calls"] == 0
    assert worked("report", "--since", "1d", "--format", "json").json["total"]["calls"] > 0
    assert worked("report", "--since", "last week").code == 2


def test_a_call_of_a_chat_has_no_policy(chatspace: Command, served: ModelServer) -> None:
    served.answer(Reply("Yes"))
    chatspace("chat", "Hello")
    report = chatspace("report", "--by", "policy", "--format", "json").json
    assert [group["name"] for group in report["groups"]] == ["none"]


def test_spans_and_days_are_understood() -> None:
    assert moment("7d", NOW) == NOW - timedelta(days=7)
    assert moment("12h", NOW) == NOW - timedelta(hours=12)
    assert moment("2w", NOW) == NOW - timedelta(weeks=2)
    assert moment("all", NOW) is None
    assert moment("2026-11-01", NOW) == datetime(2026, 11, 1).astimezone()
    assert moment("2026-11-01T08:30Z", NOW) == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    for wrong in ("", "7", "d", "2026-13-01", "99999999d", "999999w", "yesteryear"):
        with pytest.raises(UsageError):
            moment(wrong, NOW)


def test_picks_and_edits_are_counted(chatspace: Command, home: Path) -> None:
    from chatspace.core.chat.comparison import ComparisonTarget
    from chatspace.core.rewriting.decisions import Decided

    workspace = Workspace()
    store = workspace.history
    conversation = store.conversations.create("Openings").id
    asked = store.messages.add(conversation, None, "user", "Which?")
    answers = []
    for model in ("a", "b"):
        reply = store.messages.start_reply(conversation, asked.id, step="chat", profile="chat", model=model, host="h")
        answers.append(store.messages.finish_reply(reply.id, ReplyEnd("complete", text=f"By {model}")))
    workspace.compare._store.start(asked.id, [ComparisonTarget("chat", "a"), ComparisonTarget("chat", "b")])
    workspace.compare._store.pick(asked.id, answers[1].id, blind=False)
    for number, decision in enumerate(("accepted", "accepted", "rejected", "edited")):
        workspace.desk._store.decide(
            Decided(answers[0].id, number, decision, "x", "y", "z", 6 * (decision == "edited"))  # type: ignore[arg-type]
        )
    by_profile = workspace.reports.report("profile")
    assert [(each.name, each.picked, each.compared) for each in by_profile.picks] == [
        ("chat · b", 1, 1),
        ("chat · a", 0, 1),
    ]
    assert [(each.name, each.picked) for each in workspace.reports.report("model").picks] == [("b", 1), ("a", 0)]
    (edits,) = by_profile.edits
    assert (edits.share_accepted, edits.words_per_text) == (0.5, 6.0)
    store.close()
