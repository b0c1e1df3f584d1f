"""extract, draft, copy, run: sources through the pipeline, over real HTTP and with the built-in engine."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chatspace.adapters.readers import FileReader
from tests.cli.conftest import Command
from tests.conftest import ROOT, Run
from tests.model_server import Answer, Cut, HttpError, ModelServer, Reply

ADDED = {"entities": [{"name": "Porto", "type": "place", "aliases": []}], "key_points": [], "metadata": {}}
DRAFT = "# The Tern 4\n\nIt costs $4,200 and ships on 2026-03-12.\n"


def by_model(body: Mapping[str, Any]) -> Answer:
    """What each of the served profiles would say."""
    replies = {
        "light-extractor-model": json.dumps(ADDED),
        "copy-fast-model": json.dumps({"variants": ["A quieter winter", "The Tern 4 is here"]}),
    }
    return Reply(replies.get(body["model"], DRAFT))


@pytest.fixture
def answering(served: ModelServer) -> ModelServer:
    served.answer(by_model)
    return served


def valid(chatspace: Command, name: str, document: Any) -> None:
    """The document follows its published schema."""
    jsonschema.validate(document, chatspace("schema", name).json)


def test_extract_writes_the_structure_and_what_the_model_added(
    chatspace: Command, answering: ModelServer, brief: Path
) -> None:
    extraction = chatspace("extract", brief).json
    valid(chatspace, "extraction", extraction)
    text = extraction["text"]
    assert text == brief.read_text(encoding="utf-8")
    assert [section["title"] for section in extraction["sections"]] == ["Launch of the Tern 4", "Voices"]
    lists = [block for block in extraction["blocks"] if block["kind"] == "list"]
    assert [block["depths"] for block in lists] == [[1, 2, 1]]
    for fact in extraction["facts"]:
        assert text[slice(*fact["span"])] == fact["raw"]
    assert ("$4,200", 4200, "USD") in {(fact["raw"], fact["value"], fact["unit"]) for fact in extraction["facts"]}
    assert "Porto" in {entity["name"] for entity in extraction["entities"]}
    assert extraction["provenance"]["model"] == "openai/light-extractor-model"


def test_an_extraction_without_a_model_asks_nobody(chatspace: Command, answering: ModelServer, brief: Path) -> None:
    ended = chatspace("extract", brief, "--no-model")
    assert ended.code == 0
    assert answering.bodies == []
    assert ended.json["provenance"]["model"] is None
    assert ended.json["facts"]


def test_the_extraction_of_the_same_source_is_the_same_to_the_byte(chatspace: Command, brief: Path) -> None:
    assert chatspace("extract", brief).out == chatspace("extract", brief).out


def test_draft_sends_the_payload_as_the_user_and_streams_the_reply(
    chatspace: Command, answering: ModelServer, brief: Path
) -> None:
    ended = chatspace("draft", brief)
    assert (ended.code, ended.out.strip()) == (0, DRAFT.strip())
    body = answering.bodies[-1]
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("balanced-drafter-model", 0.3, 700)
    system, user = body["messages"]
    assert system == {"role": "system", "content": "You are balanced-drafter for blog."}
    assert user == {"role": "user", "content": brief.read_text(encoding="utf-8").strip()}


def test_draft_says_on_standard_error_which_rule_chose_which_profile_and_where_it_goes(
    chatspace: Command, answering: ModelServer, brief: Path
) -> None:
    said = chatspace("draft", brief).err
    assert "draft: balanced-drafter" in said
    assert "<= 3500" in said
    assert said.index(answering.host) < said.index("draft done")


def test_a_draft_in_a_file_carries_its_provenance(
    chatspace: Command, answering: ModelServer, brief: Path, tmp_path: Path
) -> None:
    import yaml

    path = tmp_path / "text.md"
    assert chatspace("draft", brief, "-o", path).code == 0
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    provenance = yaml.safe_load(front)
    assert body.strip() == DRAFT.strip()
    assert provenance["source"] == "brief.md"
    assert provenance["source_id"].startswith("sha256:")
    assert f"openai/balanced-drafter-model on {answering.host}" in provenance["models"]
    assert isinstance(provenance["cost_usd"], float)


def test_a_draft_as_json_follows_its_schema(chatspace: Command, answering: ModelServer, brief: Path) -> None:
    draft = chatspace("draft", brief, "--format", "json").json
    valid(chatspace, "draft", draft)
    assert (draft["status"], draft["profile"], draft["offline"]) == ("complete", "balanced-drafter", False)


def test_a_draft_as_html_holds_no_markup_of_the_model(chatspace: Command, served: ModelServer, brief: Path) -> None:
    served.answer(
        lambda body: (
            Reply("# Hi\n\n<script>alert(1)</script> [x](javascript:alert(1))\n")
            if body["model"] == "balanced-drafter-model"
            else by_model(body)
        )
    )
    page = chatspace("draft", brief, "--format", "html").out
    assert "<h1>Hi</h1>" in page
    assert "<script>" not in page
    assert 'href="javascript' not in page


def test_copy_counts_its_variants_and_writes_every_format(
    chatspace: Command, answering: ModelServer, brief: Path
) -> None:
    copy = chatspace("copy", brief, "--channel", "google-ads", "--format", "json").json
    valid(chatspace, "copy", copy)
    headline = copy["variants"][0]
    assert (headline["text"], headline["length"], headline["limit"], headline["by"]) == (
        "A quieter winter",
        16,
        30,
        "model",
    )
    table = chatspace("copy", brief, "--channel", "google-ads", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(table)))
    assert rows[0]["text"] == "A quieter winter"
    ads = chatspace("copy", brief, "--channel", "google-ads", "--format", "google-ads-csv").out
    assert next(csv.DictReader(io.StringIO(ads)))["Headline 1"] == "A quieter winter"
    body = answering.bodies[-1]
    assert body["model"] == "copy-fast-model"


def test_run_fills_one_folder_per_source(
    chatspace: Command, answering: ModelServer, brief: Path, tmp_path: Path
) -> None:
    second = tmp_path / "notes.md"
    second.write_text("# Notes\n\nA second text of some length.\n", encoding="utf-8")
    assert chatspace("run", brief, second, "-o", tmp_path / "out").code == 0
    for name in ("brief", "notes"):
        files = {file.name for file in (tmp_path / "out" / name).iterdir()}
        assert files == {"extraction.json", "draft.md", "copy.md", "copy.csv", "run.json"}
    record = json.loads((tmp_path / "out" / "brief" / "run.json").read_text(encoding="utf-8"))
    valid(chatspace, "run", record)
    assert [route["step"] for route in record["routes"]] == ["extract", "draft", "copy"]
    assert record["totals"]["cost_usd"] == pytest.approx(sum(call["cost_usd"] for call in record["calls"]))


def test_sources_of_one_name_get_folders_of_their_own(chatspace: Command, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "brief.md").write_text(f"# In {folder}\n\nA text of some length.\n", encoding="utf-8")
    ended = chatspace("run", tmp_path / "a" / "brief.md", tmp_path / "b" / "brief.md", "-o", tmp_path / "out")
    assert ended.code == 0
    assert {folder.name for folder in (tmp_path / "out").iterdir()} == {"brief", "brief-2"}


def test_an_option_of_the_workspace_before_a_command_is_not_dropped_in_silence(chatspace: Command) -> None:
    assert chatspace("--local", "chat", "Hello").code == 2


def test_nothing_is_written_over_unasked(chatspace: Command, brief: Path, tmp_path: Path) -> None:
    assert chatspace("run", brief, "-o", tmp_path / "out").code == 0
    again = chatspace("run", brief, "-o", tmp_path / "out")
    assert again.code == 2
    assert "--overwrite" in again.err
    assert chatspace("run", brief, "-o", tmp_path / "out", "--overwrite").code == 0


def test_a_cut_draft_ends_with_6_and_is_kept_as_truncated(
    chatspace: Command, served: ModelServer, brief: Path, tmp_path: Path
) -> None:
    served.answer(lambda body: Cut(3, text=DRAFT) if "drafter" in body["model"] else by_model(body))
    ended = chatspace("run", brief, "-o", tmp_path / "out")
    assert ended.code == 6
    record = json.loads((tmp_path / "out" / "brief" / "run.json").read_text(encoding="utf-8"))
    assert record["status"] == "truncated"
    assert DRAFT.startswith((tmp_path / "out/brief/draft.md").read_text(encoding="utf-8").split("---\n", 2)[2].strip())


def test_a_draft_that_no_model_wrote_ends_with_6_and_keeps_the_extraction(
    chatspace: Command, served: ModelServer, brief: Path, tmp_path: Path
) -> None:
    served.answer(lambda body: HttpError(401) if "drafter" in body["model"] else by_model(body))
    ended = chatspace("run", brief, "-o", tmp_path / "out")
    assert ended.code == 6
    assert (tmp_path / "out" / "brief" / "extraction.json").exists()
    assert json.loads((tmp_path / "out/brief/run.json").read_text(encoding="utf-8"))["status"] == "failed"


def test_with_several_sources_the_command_goes_on_and_ends_with_the_highest_code(
    chatspace: Command, brief: Path, tmp_path: Path
) -> None:
    ended = chatspace("extract", tmp_path / "missing.md", brief)
    assert ended.code == 3
    assert json.loads(ended.out)["doc"]["name"] == "brief.md"
    assert "missing.md" in ended.err


def test_standard_input_is_a_source_where_it_is_asked_for(chatspace: Command) -> None:
    extraction = chatspace("extract", "-", stdin="# From a pipe\n").json
    assert extraction["doc"]["name"] == "stdin"
    assert extraction["doc"]["title"] == "From a pipe"


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\x01\x02" * 100, b"x" * (11 * 1024 * 1024), b"\x07\x08 text" * 50],
    ids=["empty", "binary", "too large", "control characters"],
)
def test_a_source_that_is_no_text_is_refused_with_3(chatspace: Command, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "source.md"
    path.write_bytes(data)
    ended = chatspace("extract", path)
    assert (ended.code, ended.out) == (3, "")
    assert "source.md" in ended.err
    assert "Traceback" not in ended.err


def test_a_source_of_50_mb_is_refused_with_3(chatspace: Command, tmp_path: Path) -> None:
    path = tmp_path / "source.md"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    assert chatspace("extract", path).code == 3


def test_a_folder_as_a_source_is_refused_with_3(chatspace: Command, tmp_path: Path) -> None:
    assert chatspace("extract", tmp_path).code == 3


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_read(chatspace: Command, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "source.md"
    path.write_bytes("# Größe\n\nIt costs €5 – “today”.\n".encode(encoding))
    ended = chatspace("extract", path)
    assert ended.json["doc"]["title"] == "Größe"
    assert ("Windows-1252" in ended.err) == (encoding == "cp1252")


def test_a_wrong_profile_is_told_with_its_line_before_a_source_is_read(
    chatspace: Command, home: Path, tmp_path: Path
) -> None:
    folder = home / "profiles"
    folder.mkdir()
    (folder / "odd.md").write_text("---\nstep: draft\nmodel: offline/draft\ntemprature: 1\n---\nHi\n", encoding="utf-8")
    ended = chatspace("draft", tmp_path / "missing.md", "--profile", "odd")
    assert ended.code == 4
    for part in ("odd.md", "4", "temprature", "temperature"):
        assert part in ended.err


def test_a_profile_for_another_step_is_refused(chatspace: Command, brief: Path) -> None:
    ended = chatspace("draft", brief, "--profile", "chat")
    assert ended.code == 2
    assert "step" in ended.err


def test_an_unknown_channel_lists_those_there_are(chatspace: Command, brief: Path) -> None:
    ended = chatspace("copy", brief, "--channel", "gogle-ads")
    assert ended.code == 4
    assert "google-ads" in ended.err


def test_a_home_that_cannot_be_written_is_told_with_2_before_anything_is_sent(
    chatspace: Command, answering: ModelServer, brief: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("CHATSPACE_HOME", str(blocked / "home"))
    ended = chatspace("draft", brief, "--profiles", tmp_path / "home" / "profiles")
    assert ended.code == 2
    assert "CHATSPACE_HOME" in ended.err
    assert answering.bodies == []


def test_what_the_gate_found_is_said_once_each_and_what_blocks_first(
    chatspace: Command, served: ModelServer, brief: Path
) -> None:
    wrong = "# A\n\n" + "It costs $9,999 here. " * 30 + "\n\n```\nnever closed\n"
    served.answer(lambda body: Reply(wrong) if "drafter" in body["model"] else by_model(body))
    ended = chatspace("draft", brief)
    assert ended.code == 5
    findings = ended.err[ended.err.index("gate after draft") :].splitlines()[1:]
    assert findings[0].startswith("  block: ")
    assert sum("$9,999" in line for line in findings) == 1


def test_of_many_findings_the_first_twelve_are_said_and_how_many_there_are(
    chatspace: Command, served: ModelServer, brief: Path
) -> None:
    wrong = "# A\n\n" + "".join(f"It costs ${9_000 + number:,} here.\n\n" for number in range(40))
    served.answer(lambda body: Reply(wrong) if "drafter" in body["model"] else by_model(body))
    ended = chatspace("draft", brief, "--format", "json")
    total = len(ended.json["gate"]["findings"])
    assert total >= 40
    said = ended.err[ended.err.index("gate after draft") :].splitlines()[1:]
    assert [line for line in said if "here" in line or "$9," in line] == said[:12]
    assert said[12] == f"  {total} findings in total; the JSON output lists all of them"


# Word


def test_a_draft_goes_into_a_word_file_and_is_a_source_like_any_other(
    chatspace: Command, answering: ModelServer, brief: Path, tmp_path: Path
) -> None:
    file = tmp_path / "draft.docx"
    ended = chatspace("draft", brief, "--format", "docx", "-o", file)
    assert (ended.code, ended.out) == (0, "")
    assert [each["title"] for each in chatspace("extract", file).json["sections"]] == ["The Tern 4"]


def test_the_name_of_the_file_says_the_format_and_an_option_overrules_it(
    chatspace: Command, answering: ModelServer, brief: Path, tmp_path: Path
) -> None:
    for name in ("draft.docx", "draft.html", "draft.json", "draft.txt"):
        assert chatspace("draft", brief, "-o", tmp_path / name).code == 0
    assert chatspace("draft", brief, "--format", "md", "-o", tmp_path / "named.json").code == 0
    starts = {file.name: file.read_bytes()[:4] for file in tmp_path.iterdir() if file.stem in ("draft", "named")}
    assert starts == {
        **{"draft.docx": b"PK\x03\x04", "draft.html": b"<!do", "draft.json": b'{"sc'},
        **{"draft.txt": b"---\n", "named.json": b"---\n"},
    }


def test_word_goes_into_a_pipe_byte_by_byte(run_chatspace: Run, brief: Path) -> None:
    command = [sys.executable, "-m", "chatspace", "draft", str(brief), "--format", "docx", "--quiet"]
    ended = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True)
    assert "Launch" in FileReader().read_bytes(ended.stdout, "stdin").text


def test_word_is_refused_for_a_terminal_before_anything_is_asked(home: Path, brief: Path) -> None:
    terminal, output = pty.openpty()
    try:
        command = [sys.executable, "-m", "chatspace", "draft", str(brief), "--format", "docx"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(command, env=environment, stdout=output, stderr=subprocess.PIPE, text=True)
        assert ended.returncode == 2
        assert "docx can't be shown in a terminal" in " ".join(ended.stderr.split())
        assert "-o NAME.docx" in ended.stderr
        os.set_blocking(terminal, False)
        with pytest.raises(BlockingIOError):
            os.read(terminal, 1)
    finally:
        os.close(output)
        os.close(terminal)


def test_several_word_files_want_a_folder(chatspace: Command, brief: Path, tmp_path: Path) -> None:
    ended = chatspace("draft", brief, brief, "--format", "docx")
    assert (ended.code, ended.out) == (2, "")
    assert "Choose a folder with -o" in ended.err
    assert chatspace("draft", brief, brief, "--format", "docx", "-o", tmp_path / "out").code == 0
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"brief.draft.docx", "brief-2.draft.docx"}
