"""A profile for an endpoint of one's own, and a test call: against the local server and failing ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatspace.adapters.litellm.provider import LitellmProvider
from chatspace.core.errors import ChatspaceError, ModelError
from chatspace.core.events import CallStarted, Event
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.profile import Step
from chatspace.wiring import Workspace
from tests.model_server import Hang, HttpError, ModelServer, Reply


@pytest.fixture
def workspace(home: Path) -> Iterator[Workspace]:
    built = Workspace(models=LitellmProvider())
    yield built
    built.history.close()


def test_an_address_is_understood_as_people_write_it(workspace: Workspace, model_server: ModelServer) -> None:
    for written in (
        model_server.url,
        f" {model_server.url}/ ",
        model_server.host,
        f"{model_server.url}/chat/completions",
    ):
        supplier, offers = workspace.models.look(written)
        assert supplier.address == f"http://{model_server.host}/v1"
        assert [offer.name for offer in offers] == ["openai/test-model"]


@pytest.mark.parametrize(
    ("address", "key", "said"),
    [
        ("", "", "is not an address"),
        ("ftp://x", "", "is not an address"),
        ("http://user:secret@host/v1", "", "is not an address"),
        ("http://127.0.0.1:9/v1", "sk-not-a-name", "NAME of the environment variable"),
        ("http://127.0.0.1:9/v1", "", "refused the connection"),
        ("http://127.0.0.1:9/v1", "MY_MISSING_KEY", "MY_MISSING_KEY is not set"),
    ],
)
def test_an_answer_that_cannot_be_is_told(workspace: Workspace, address: str, key: str, said: str) -> None:
    with pytest.raises(ChatspaceError) as failure:
        workspace.models.look(address, key)
    assert said in failure.value.explained
    assert "sk-not-a-name" not in failure.value.explained


def test_with_local_an_address_elsewhere_is_not_asked(workspace: Workspace) -> None:
    with pytest.raises(ModelError, match="--local"):
        workspace.models.look("https://llm.example.com/v1", local=True)


async def test_three_answers_make_a_profile_that_works(
    workspace: Workspace, model_server: ModelServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "a-secret")
    model_server.answer(Reply("Yes."))
    supplier, _ = workspace.models.look(model_server.host, "$MY_KEY")
    added = workspace.models.add(supplier, "test-model").profile
    assert added.origin == str(home / "profiles" / "test-model.md")
    assert "a-secret" not in Path(added.origin).read_text("utf-8")
    asked: list[Event] = []
    call = await workspace.models.test(added.name, asked.append)
    assert (call.text, call.host, call.outcome) == ("Yes.", model_server.host, "complete")
    assert isinstance(asked[0], CallStarted)
    assert model_server.requests[0].headers["authorization"] == "Bearer a-secret"
    assert not workspace.library.check()
    assert workspace.models.add(supplier, "test-model").profile.name == "test-model-2", "nothing is written over"


def test_the_first_endpoint_answers_every_step_and_a_second_one_changes_nothing_of_that(
    workspace: Workspace, model_server: ModelServer, home: Path
) -> None:
    library, catalog = workspace.library, workspace.catalog
    assert catalog.resolve(library.profile("balanced-drafter"), "draft").offline
    supplier, _ = workspace.models.look(model_server.host)
    table = workspace.models.add(supplier, "test-model").table
    assert table == home / "profiles" / "models.yaml"
    steps: tuple[tuple[str, Step], ...] = (
        ("balanced-drafter", "draft"),
        ("rewriter", "rewrite"),
        ("light-extractor", "extract"),
    )
    for name, step in steps:
        target = catalog.resolve(library.profile(name), step)
        assert (target.host, target.model) == (model_server.host, "openai/test-model")
    assert workspace.models.add(supplier, "another").table is None


def test_an_entry_goes_behind_those_of_a_table_that_is_there_and_a_wrong_table_is_left_as_it_is(
    workspace: Workspace, model_server: ModelServer, home: Path
) -> None:
    supplier, _ = workspace.models.look(model_server.host)
    table = home / "profiles" / "models.yaml"
    table.parent.mkdir(exist_ok=True)
    models = "".join(f"    {tier}: openai/a\n" for tier in ("light", "balanced", "large"))
    own = f"# mine\nproviders:\n  far:\n    key_env: NOT_SET\n{models}"
    table.write_text(own, encoding="utf-8")
    assert workspace.models.add(supplier, "test-model").table == table
    assert table.read_text(encoding="utf-8").startswith(own)
    assert not workspace.library.check()


def test_a_model_that_would_make_a_wrong_file_leaves_none(
    workspace: Workspace, model_server: ModelServer, home: Path
) -> None:
    supplier, _ = workspace.models.look(model_server.host)
    for wrong in ("", "  ", "two words", "a\nlocal_only: true"):
        with pytest.raises(ChatspaceError):
            workspace.models.add(supplier, wrong)
    assert list((home / "profiles").glob("*")) == []


async def test_a_failing_test_call_names_cause_and_remedy(workspace: Workspace, model_server: ModelServer) -> None:
    supplier, _ = workspace.models.look(model_server.host)
    name = workspace.models.add(supplier, "test-model").profile.name
    model_server.script(HttpError(401), HttpError(404))
    for said in ("rejected the key", "doesn't know"):
        with pytest.raises(ModelError) as failure:
            await workspace.models.test(name, lambda event: None)
        assert said in failure.value.title
        assert failure.value.remedy
    model_server.answer(Hang())
    with pytest.raises(ModelError, match="timed out"):
        await workspace.models.test(name, lambda event: None, seconds=0.3)


def test_a_model_is_chosen_with_the_endpoint_that_offers_it(
    workspace: Workspace, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplier, _ = workspace.models.look(model_server.host)
    name = workspace.models.add(supplier, "test-model").profile.name
    (found,) = (each for each in workspace.models.suppliers() if each.host == model_server.host)
    assert found.profiles[name] == "openai/test-model"
    assert workspace.models.choose("openai/test-model", Options()) == f"openai/test-model@{model_server.host}"
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    target = workspace.conversations.target(Options(profile=name, model="openai/gpt-4.1@api.openai.com"))
    assert (target.host, target.profile.api_base) == ("api.openai.com", None)
    assert target.profile.api_key_env == "OPENAI_API_KEY"


def test_what_an_endpoint_said_is_kept(workspace: Workspace, model_server: ModelServer) -> None:
    supplier, offers = workspace.models.look(model_server.host)
    assert workspace.models.known(supplier) == offers
