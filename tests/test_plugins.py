"""What other packages add, and what happens where they are broken."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chatspace.entry_points import SWITCH
from tests.conftest import Completed, Run
from tests.plugins import SAMPLE, SUBTITLES, install, install_module, install_sample

BROKEN = {
    "importing": "raise RuntimeError('no such library')",
    "exiting": "import sys; sys.exit(3)",
    "raising": "from chatspace.hookspecs import hookimpl\n@hookimpl\ndef register_readers(register): 1 / 0\n",
    "unknown": "from chatspace.hookspecs import hookimpl\n@hookimpl\ndef register_gadgets(register): pass\n",
    "arguments": "from chatspace.hookspecs import hookimpl\n@hookimpl\ndef register_readers(registry): pass\n",
    "values": "from chatspace.hookspecs import *\n@hookimpl\ndef register_readers(register): register('.ini')\n",
    "asking": (
        "from chatspace import plugins\nfrom chatspace.hookspecs import *\n@hookimpl\n"
        "def register_readers(register): plugins.readers()\n"
    ),
    "fields": (
        "from chatspace.hookspecs import *\n@hookimpl\ndef register_formats(register):\n"
        "    register(Format('conversation', 'odt', 'odt', 'x/odt', bytes))\n"
    ),
    "stages": (
        "from chatspace.core.runs.run import Copy\nfrom chatspace.hookspecs import *\n@hookimpl\n"
        "def register_stages(register): register(Stage('draft', Copy, None, str))\n"
    ),
    "taken": (
        "from chatspace.hookspecs import *\n@hookimpl\ndef register_readers(register):\n"
        "    register(Reader('pdf', ('.pdf',), 'application/pdf', lambda data, name: Contents('mine')))\n"
    ),
}
"""Each way to be broken, by the name of the plugin."""

SAID = {  # by doctor, of each of them
    "importing": "RuntimeError: no such library",
    "exiting": "SystemExit: 3",
    "raising": "register_readers: ZeroDivisionError: division by zero",
    "unknown": "register_gadgets",
    "arguments": "registry",
    "values": "register_readers: '.ini' can't be registered there",
    "asking": "while they were filled",
    "fields": "begin with a dot",
    "stages": "the step draft already exists",
    "taken": "the reader pdf already exists",
}


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages that programs started from here find."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


@pytest.fixture
def sample(packages: Path) -> Path:
    install_sample(packages)
    return packages


def rows(ended: Completed) -> list[dict[str, object]]:
    return [json.loads(line) for line in ended.stdout.splitlines()]


def use_everything(run_chatspace: Run, folder: Path) -> None:
    """Every piece of the sample, through the commands."""
    (folder / "talk.srt").write_text(SUBTITLES, encoding="utf-8")
    extracted = json.loads(run_chatspace("extract", "talk.srt", cwd=folder).stdout)
    assert extracted["text"] == "The Tern 4 costs $4,200.\n\nIt is quiet.\n\n"
    drafted = run_chatspace("draft", "talk.srt", "-o", "talk.shout", cwd=folder)
    assert drafted.returncode == 0, drafted.stderr
    assert "TERN 4" in (folder / "talk.shout").read_text(encoding="utf-8")
    (folder / "threads.json").write_text('[{"forum": "Pumps", "asked": "Loud?", "said": "No."}]', encoding="utf-8")
    assert run_chatspace("history", "import", "threads.json", cwd=folder).stdout.startswith("1 new conversation")
    counted = run_chatspace("count", "talk.srt", cwd=folder)
    assert (counted.returncode, counted.stdout) == (0, "8\n")
    echoed = run_chatspace("chat", "Quiet?", "--model", "echo/small", "--local")
    assert echoed.stdout.strip() == "Echo: Quiet?"
    assert "this machine" in echoed.stderr


def test_a_plugin_works_in_every_command_without_a_change_in_the_program(
    sample: Path, run_chatspace: Run, tmp_path: Path
) -> None:
    use_everything(run_chatspace, tmp_path)


def test_a_stage_of_a_plugin_runs_in_a_pipeline_and_its_profiles_are_checked(
    sample: Path, run_chatspace: Run, tmp_path: Path
) -> None:
    (tmp_path / "talk.srt").write_text(SUBTITLES, encoding="utf-8")
    abroad = ("--pipeline", "abroad", "--profiles", str(SAMPLE / "profiles"))
    ran = run_chatspace("run", "talk.srt", "-o", "out", "--lang", "de", *abroad, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    made = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "out" / "talk").iterdir()}
    assert set(made) == {
        *("extraction.json", "draft.md", "run.json"),
        *("translate.json", "translate.md", "translate.txt"),
    }
    assert json.loads(made["translate.json"])["language"] == "de"
    assert made["translate.txt"].startswith("Echo: ")
    assert "The Tern 4 costs $4,200." in made["translate.md"]
    assert json.loads(made["run.json"])["steps"] == ["extract", "draft", "translate"]
    checked = run_chatspace("profiles", "check", "--profiles", str(SAMPLE / "profiles"))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "translate" in run_chatspace("route", "--help").stdout
    assert "translation" in run_chatspace("schema").stdout.split()
    without = run_chatspace("run", "talk.srt", "-o", "off", *abroad, cwd=tmp_path, env={SWITCH: ""})
    assert without.returncode == 4


def test_what_was_edited_of_a_stage_of_a_plugin_is_kept(sample: Path, run_chatspace: Run, tmp_path: Path) -> None:
    (tmp_path / "talk.srt").write_text(SUBTITLES, encoding="utf-8")
    command = ("batch", "talk.srt", "-o", "out", "--pipeline", "abroad", "--profiles", str(SAMPLE / "profiles"))
    assert run_chatspace(*command, cwd=tmp_path).returncode == 0
    edited = tmp_path / "out" / "talk" / "translate.txt"
    edited.write_text("Mine", encoding="utf-8")
    again = run_chatspace(*command, "--lang", "de", cwd=tmp_path)
    assert (again.returncode, edited.read_text(encoding="utf-8")) == (2, "Mine")
    assert "translate.txt" in again.stderr
    replaced = run_chatspace(*command, "--lang", "de", "--overwrite", cwd=tmp_path)
    assert (replaced.returncode, edited.read_text(encoding="utf-8") == "Mine") == (0, False)


@pytest.mark.drill
def test_the_sample_is_installed_by_pip_and_works(packages: Path, run_chatspace: Run, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(packages), str(SAMPLE)]
    subprocess.run(command, check=True, timeout=300)
    use_everything(run_chatspace, tmp_path)
    [sample, count] = rows(run_chatspace("plugins", "list", "--format", "json"))
    assert (sample["package"], count["registers"]) == ("chatspace-sample", ["command count"])


def test_options_help_and_folders_know_what_a_plugin_adds(sample: Path, run_chatspace: Run, tmp_path: Path) -> None:
    assert "shout" in run_chatspace("draft", "--help").stdout
    assert "forum" in run_chatspace("history", "import", "--help").stdout
    assert "lines" in run_chatspace("history", "export", "--help").stdout
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "talk.srt").write_text(SUBTITLES, encoding="utf-8")
    ended = run_chatspace("batch", "in", "-o", "out", cwd=tmp_path)
    assert (tmp_path / "out" / "talk" / "draft.md").exists(), ended.stderr


def test_a_command_is_listed_by_its_metadata_and_nothing_is_imported(sample: Path, run_chatspace: Run) -> None:
    (sample / "chatspace_sample" / "__init__.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    shown = run_chatspace("--help").stdout.split("\n")
    assert "  count  Counts the words of a source" in shown
    ended = run_chatspace("count", "x.md")
    assert ended.returncode == 2
    assert "The command count can't be loaded: SystemExit: imported" in " ".join(ended.stderr.split())
    assert "chatspace-sample" in ended.stderr


def test_plugins_are_listed_with_what_they_add(sample: Path, run_chatspace: Run) -> None:
    shown = run_chatspace("plugins", "list").stdout
    assert "sample  chatspace-sample 0.3" in shown
    added = (
        *("reader subtitles", "format draft/shout", "format translation/plain", "format conversation/lines"),
        *("importer forum", "provider echo/", "stage translate"),
    )
    assert ", ".join(added) in shown
    checks = [each for each in rows(run_chatspace("doctor", "--format", "json")) if each["area"] == "plugins"]
    assert [(each["name"], each["state"]) for each in checks] == [("sample", "ok"), ("count", "ok")]


def test_an_empty_switch_leaves_them_all_out(sample: Path, run_chatspace: Run) -> None:
    off = {SWITCH: ""}
    assert run_chatspace("plugins", "list", env=off).stdout == ""
    assert "count" not in run_chatspace("--help", env=off).stdout
    assert "shout" not in run_chatspace("draft", "--help", env=off).stdout


def test_without_plugins_that_is_said(packages: Path, run_chatspace: Run) -> None:
    ended = run_chatspace("plugins", "list")
    assert (ended.stdout, ended.stderr) == ("", "No plugins are installed.\n")


def test_broken_plugins_are_named_and_stop_nothing(sample: Path, run_chatspace: Run, tmp_path: Path) -> None:
    for name, code in BROKEN.items():
        install_module(sample, name, code)
    install_module(sample, "nothing", "count = 3", "chatspace.commands", ":count")
    install(sample, "chatspace-draft", {"chatspace.commands": {"draft": "its_draft:draft"}})
    twice = {"chatspace": {"sample": "its_taken"}, "chatspace.commands": {"count": "its_taken:count"}}
    install(sample, "chatspace-second", twice)
    use_everything(run_chatspace, tmp_path)
    doctor = run_chatspace("doctor", "--format", "json")
    assert doctor.returncode == 0
    checks = [each for each in rows(doctor) if each["area"] == "plugins"]
    found = {str(each["name"]): each for each in checks}
    for name, said in {**SAID, "nothing": "not a click command", "draft": "already exists"}.items():
        assert found[name]["state"] == "note"
        assert said in str(found[name]["detail"])
    counts = [each["detail"] for each in checks if each["name"] == "count"]
    assert counts == ["command count", "the command count already exists"]
    first, second = [each for each in checks if each["name"] == "sample"]
    assert (first["state"], second["detail"]) == ("ok", "the plugin sample already exists")


def test_a_plugin_that_fails_while_it_is_used_is_named(packages: Path, run_chatspace: Run, tmp_path: Path) -> None:
    code = (
        "from chatspace.core.runs.run import Draft\nfrom chatspace.hookspecs import *\n"
        "@hookimpl\ndef register_readers(register):\n"
        "    register(Reader('ini', ('.ini',), 'text/ini', lambda text, name: {}[text]))\n"
        "    register(Reader('all', ('.all',), 'text/all', lambda *_: 1, recognises=lambda *_: 1 / 0))\n"
        "@hookimpl\ndef register_formats(register):\n"
        "    register(Format(Draft, 'words', '.words', 'text/words', lambda result: 'no bytes'))\n"
    )
    install_module(packages, "failing", code)
    (tmp_path / "a.ini").write_text("# A\n", encoding="utf-8")
    (tmp_path / "a.md").write_text("# A\n\nIt costs $4.\n", encoding="utf-8")
    read = run_chatspace("extract", "a.ini", cwd=tmp_path)
    assert read.returncode == 3
    assert "The reader ini failed: KeyError" in read.stderr
    assert "chatspace-failing" in read.stderr
    written = run_chatspace("draft", "a.md", "--format", "words", cwd=tmp_path)
    assert written.returncode == 2
    assert "it returned str instead of bytes" in written.stderr


def test_a_stage_that_fails_ends_its_run_and_names_its_plugin(
    packages: Path, run_chatspace: Run, tmp_path: Path
) -> None:
    code = (
        "from chatspace.core.runs.run import Copy\nfrom chatspace.hookspecs import *\n"
        "async def run(context): return {}[context.name]\n@hookimpl\n"
        "def register_stages(register): register(Stage('check', Copy, run, str))\n"
    )
    install_module(packages, "failing", code)
    (tmp_path / "own" / "pipelines").mkdir(parents=True)
    (tmp_path / "own" / "pipelines" / "checked.yaml").write_text("steps:\n  - step: extract\n  - step: check\n")
    (tmp_path / "own" / "checker.md").write_text("---\nstep: check\nmodel: auto/fast\n---\nCheck.\n")
    (tmp_path / "a.md").write_text("# A\n\nIt costs $4.\n", encoding="utf-8")
    ran = run_chatspace("run", "a.md", "-o", "out", "--pipeline", "checked", "--profiles", "own", cwd=tmp_path)
    assert ran.returncode == 2
    assert "The stage check failed: KeyError: 'check'" in ran.stderr
    assert "chatspace-failing" in ran.stderr
    assert (tmp_path / "out" / "a" / "extraction.json").exists()


def test_a_plugin_in_an_archive_on_the_path_is_found(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_chatspace: Run
) -> None:
    archive = shutil.make_archive(str(tmp_path / "plugins"), "zip", sample)
    monkeypatch.setenv("PYTHONPATH", archive)
    assert "chatspace-sample" in run_chatspace("plugins", "list").stdout
