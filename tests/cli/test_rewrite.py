"""chatspace rewrite: a diff, the new text, JSON, CriticMarkup, and what is refused."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest

from tests.cli.conftest import Command
from tests.model_server import Cut, HttpError, ModelServer, Reply

BEFORE = "The pump is really very quiet. It costs $4,200.\n\n- one item\n- two\n"
AFTER = "The pump is quiet. It costs $4,200.\n\n- one item\n- two\n"
ASK = ("-i", "shorter")


@pytest.fixture
def rewriter(home: Path, served: ModelServer) -> ModelServer:
    (home / "profiles" / "rewriter.md").write_text(
        f"---\nstep: rewrite\nmodel: openai/rewriter-model\napi_base: {served.url}\nmax_output_tokens: 400\n"
        "timeout: {first_token: 2, idle: 2, total: 20}\n---\n{{ instruction }}\n",
        encoding="utf-8",
    )
    return served


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.md"
    path.write_text(BEFORE, encoding="utf-8")
    return path


def test_a_unified_diff_that_patch_takes(
    chatspace: Command, rewriter: ModelServer, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewriter.script(Reply(AFTER))
    ended = chatspace("rewrite", text, *ASK)
    assert ended.code == 0
    assert ended.out.startswith("--- text.md\n+++ text.md (rewritten)\n@@ ")
    assert "-The pump is really very quiet. It costs $4,200.\n+The pump is quiet. It costs $4,200.\n" in ended.out
    patched = subprocess.run(
        ["git", "apply", "-p0", "--unsafe-paths"],
        input=ended.out.replace(" (rewritten)", ""),
        text=True,
        cwd=text.parent,
    )
    assert patched.returncode == 0
    assert text.read_text(encoding="utf-8") == AFTER
    assert rewriter.bodies[-1]["messages"][0]["content"].strip() == "shorter"


def test_apply_prints_the_new_text_and_the_file_stays(chatspace: Command, rewriter: ModelServer, text: Path) -> None:
    rewriter.script(Reply(AFTER))
    assert chatspace("rewrite", text, *ASK, "--apply").out == AFTER
    assert text.read_text(encoding="utf-8") == BEFORE


def test_json_follows_its_schema_and_has_the_hunks(chatspace: Command, rewriter: ModelServer, text: Path) -> None:
    rewriter.script(Reply(AFTER.replace("$4,200", "$4,900")))
    ended = chatspace("rewrite", text, *ASK, "--format", "json")
    jsonschema.validate(ended.json, json.loads(chatspace("schema", "rewrite").out))
    assert ended.json["schema"] == "chatspace.rewrite/1"
    assert [(hunk["id"], hunk["before"], hunk["span"]) for hunk in ended.json["hunks"]] == [
        (1, "The pump is really very quiet.", [0, 30]),
        (2, "It costs $4,200.", [31, 47]),
    ]
    assert ended.json["hunks"][1]["flags"][0]["actual"] == "$4,900"
    assert "“$4,900” is new" in ended.err


def test_criticmarkup_has_every_change(chatspace: Command, rewriter: ModelServer, text: Path, tmp_path: Path) -> None:
    rewriter.script(Reply(AFTER))
    assert chatspace("rewrite", text, *ASK, "--format", "critic", "-o", tmp_path / "out.md").code == 0
    assert (tmp_path / "out.md").read_text(encoding="utf-8").startswith("The pump is {--really very --}quiet. It")


def test_a_lost_list_is_refused_and_forced_without_what_breaks_it(
    chatspace: Command, rewriter: ModelServer, text: Path
) -> None:
    flat = "The pump is quiet. It costs $4,200.\n\none item, two\n"
    rewriter.script(Reply(flat), Reply(flat))
    ended = chatspace("rewrite", text, *ASK, "--apply")
    assert (ended.code, ended.out) == (5, "")
    ended = chatspace("rewrite", text, *ASK, "--apply", "--force")
    assert ended.code == 0
    assert ended.out.startswith("The pump is quiet.")
    assert ended.out.count("\n- ") == 2


def test_a_cut_reply_ends_with_6_and_keeps_the_end_of_the_text(
    chatspace: Command, rewriter: ModelServer, text: Path
) -> None:
    rewriter.script(Cut(3, text=AFTER))
    rewriter.answer(HttpError(401))
    ended = chatspace("rewrite", text, *ASK, "--apply")
    assert ended.code == 6
    assert ended.out.endswith("- one item\n- two\n")


def test_no_answer_is_6_and_no_instruction_is_2(chatspace: Command, rewriter: ModelServer, text: Path) -> None:
    rewriter.script(HttpError(401))
    assert chatspace("rewrite", text, *ASK).code == 6
    assert chatspace("rewrite", text).code == 2
    assert chatspace("rewrite", text, "-i", " ").code == 2
    assert chatspace("rewrite", text.with_name("none.md"), *ASK).code == 3


def test_a_text_longer_than_a_reply_goes_in_parts_that_join(
    chatspace: Command, rewriter: ModelServer, text: Path
) -> None:
    long = (
        "\n\n".join(f"## Part {n}\n\nThe pump number {n} is really very quiet. It is good." for n in range(60)) + "\n"
    )
    text.write_text(long, encoding="utf-8")
    rewriter.answer(lambda body: Reply(body["messages"][-1]["content"].replace("really very ", "")))
    ended = chatspace("rewrite", text, *ASK, "--apply")
    assert ended.code == 0
    assert len(rewriter.bodies) > 1
    assert ended.out == long.replace("really very ", "")


def test_without_a_model_the_embedded_engine_answers(chatspace: Command) -> None:
    ended = chatspace("rewrite", "-", "-i", "plainer", "--apply", stdin="We use it in order to save.\n")
    assert (ended.code, ended.out) == (0, "We use it to save.\n")
    assert "offline/rewrite" in ended.err


def test_a_rewrite_is_in_the_history(chatspace: Command, rewriter: ModelServer, text: Path) -> None:
    rewriter.script(Reply(AFTER))
    chatspace("rewrite", text, *ASK)
    listed = chatspace("history", "list", "--format", "json")
    assert "text.md" in listed.out
