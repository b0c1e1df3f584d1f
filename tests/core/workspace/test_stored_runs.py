"""What a run made, as values in the store: read back with nothing lost, checked, also from the first version."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatspace.adapters.exporters import FileExporter
from chatspace.adapters.history import Store
from chatspace.adapters.readers import FileReader
from chatspace.core.errors import StoreError
from chatspace.core.extraction import Coverage, Extracted
from chatspace.core.profiles.options import Options
from chatspace.core.runs.artifacts import Artifacts
from chatspace.core.runs.run import VALUE, Copy, Draft, RunRecord, StoredArtifact
from chatspace.core.workspace.reruns import Corrections, rerun
from chatspace.core.workspace.runs import Runs
from chatspace.core.workspace.stored_runs import StoredRun, read_artifacts, to_store
from tests.core.runs.running import Desk, copy_of, draft_of, extraction_of, source, variants

FIRST_VERSION = Path(__file__).with_name("runs_of_the_first_version.db.gz")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "profiles")


@pytest.fixture
def runs(desk: Desk, store: Store) -> Runs:
    return Runs(replace(desk.tools, ledger=store.ledger), store.runs, store, FileReader(), FileExporter())


async def made(runs: Runs) -> StoredRun:
    result = await runs.run(source(), runs.plan(Options()), lambda event: None)
    assert runs.stored(result.record.id).artifacts == result.artifacts
    return runs.stored(result.record.id)


async def test_the_grounding_and_the_coverage_come_back(runs: Runs) -> None:
    stored = await made(runs)
    assert ("$4,200", "supported") in [(claim.claim, claim.verdict) for claim in draft_of(stored).grounding]
    extracted = stored.artifacts.of(Extracted)
    assert extracted is not None
    assert extracted.coverage == Coverage(1, 1)


async def test_files_are_written_from_the_values_as_they_were_delivered(runs: Runs) -> None:
    delivered: dict[str, bytes] = {}
    result = await runs.run(
        source(), runs.plan(Options()), lambda event: None, deliver=lambda result, files: delivered.update(files)
    )
    assert runs.files(result.record.id) == delivered
    assert set(delivered) == {"extraction.json", "draft.md", "copy.md", "copy.csv", "run.json"}


async def test_half_a_character_of_a_models_reply_is_kept(desk: Desk, runs: Runs) -> None:
    answer = desk.provider.answer
    desk.provider.answer = lambda request: variants("half \ud83d here") if request.step == "copy" else answer(request)
    assert "half \ud83d here" in [variant.text for variant in copy_of(await made(runs)).variants]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"text": 3}, "text is 3, not str"),
        ({"coverage": {"chunks": 1}}, "coverage.read is missing"),
        ({"status": "done"}, "status is 'done'"),
        ({"gate": None}, "gate is None"),
    ],
)
async def test_a_value_that_is_not_what_it_should_be_is_said_and_not_passed_on(
    runs: Runs, wrong: dict[str, object], says: str
) -> None:
    stored = await made(runs)
    (kept,) = to_store(stored.artifacts.only(["draft"]))
    text = json.dumps({**json.loads(kept.text), **wrong})
    with pytest.raises(StoreError, match="can't be read") as caught:
        read_artifacts(stored.record, [replace(kept, text=text)])
    assert says in caught.value.reason


async def test_what_a_stage_made_that_is_not_there_any_more_does_no_harm(runs: Runs) -> None:
    stored = await made(runs)
    known = to_store(stored.artifacts)
    assert read_artifacts(stored.record, [*known, StoredArtifact(VALUE, "translate", "{}")]) == stored.artifacts


# Runs of the first version, which kept files


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "old.db"
    path.write_bytes(gzip.decompress(FIRST_VERSION.read_bytes()))
    with Store(path) as store:
        yield store


@pytest.fixture
def old_runs(desk: Desk, old: Store) -> Runs:
    return Runs(replace(desk.tools, ledger=old.ledger), old.runs, old, FileReader(), FileExporter())


def records(store: Store, **wanted: object) -> list[RunRecord]:
    return [each for each in store.runs.page() if all(getattr(each, name) == value for name, value in wanted.items())]


def test_every_run_of_the_first_version_opens_with_all_that_it_made(old: Store, old_runs: Runs) -> None:
    kinds = {"extraction.json": Extracted, "draft.md": Draft, "copy.csv": Copy}
    found = old.runs.page()
    assert len(found) > 9
    for record in found:
        files = {each.name: each.text.encode("utf-8") for each in old.runs.artifacts(record.id)}
        stored = old_runs.stored(record.id)
        expected = {kind for name, kind in kinds.items() if name in files}
        assert {type(each) for each in stored.artifacts.values()} == expected
        assert old_runs.files(record.id) == files
        made = FileExporter().run_files(stored.result)  # its record has the files' hashes too
        assert {name: made[name] for name in made if name != "run.json"} == {
            name: files[name] for name in files if name != "run.json"
        }
        assert made.keys() == files.keys()


def test_a_run_of_several_sources_has_the_extraction_of_each(old: Store, old_runs: Runs) -> None:
    (record,) = (each for each in old.runs.page() if each.others)
    stored = old_runs.stored(record.id)
    extracted = stored.artifacts.of(Extracted)
    assert extracted is not None
    assert [each.doc.name for each in extracted.all] == ["brief.md", "notes.md"]
    assert stored.has_made("extract")
    assert draft_of(stored).coverage.chunks


def test_a_cut_draft_of_the_first_version_is_what_the_run_broke_at(old: Store, old_runs: Runs) -> None:
    stored = old_runs.stored(records(old, status="truncated")[0].id)
    draft = draft_of(stored)
    assert (draft.status, draft.profile, draft.gate.status) == ("truncated", "balanced-drafter", "rejected")
    assert draft.text.startswith("# Warm at last\n\nThe Tern 4 costs $9,999 and")
    assert stored.broken_at == "draft"


def test_copy_that_began_like_a_formula_comes_back_as_it_was(old: Store, old_runs: Runs) -> None:
    stored = old_runs.stored(records(old, corrected=("draft", "copy"))[0].id)
    by_hand = [variant.text for variant in copy_of(stored).variants if variant.by == "hand"]
    assert by_hand == ["=Quiet heat at 1 m"]
    assert draft_of(stored).text == "# By hand\n\nThe Tern 4 costs $9,999.\n"


async def test_a_run_of_the_first_version_is_run_again_from_its_copy(desk: Desk, old: Store, old_runs: Runs) -> None:
    stored = old_runs.stored(records(old, status="complete", corrected=("draft", "copy"))[0].id)
    wanted = rerun(stored, Options(), "copy", Corrections())
    plan = old_runs.plan(wanted.options, wanted.requested_step, through=wanted.steps)
    result = await old_runs.run(stored.sources[0], plan, lambda event: None, given=wanted.given)
    assert {request.step for request in desk.provider.requests} == {"copy"}
    assert result.record.corrected == ("draft",)
    assert draft_of(old_runs.stored(result.record.id)).grounding
    weighed = extraction_of(result).budget  # what a model is shown of it is smaller now
    assert extraction_of(result) == replace(extraction_of(stored), budget=weighed)


def test_nothing_made_is_nothing_to_read(old: Store) -> None:
    assert read_artifacts(old.runs.page()[0], []) == Artifacts()
