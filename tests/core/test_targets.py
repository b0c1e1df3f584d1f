"""From the name of a model to its target: over real profile files and two real servers that list their models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.calls.offers import ProviderEndpoint, at_place, place_of
from chatspace.core.calls.usage import Price
from chatspace.core.errors import ModelError, UsageError
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.profile import Target
from chatspace.wiring import Workspace
from tests.conftest import TwoEndpoints


@pytest.fixture
def workspace(two_endpoints: TwoEndpoints) -> Iterator[Workspace]:
    built = Workspace()
    yield built
    built.history.close()


def target(workspace: Workspace, model: str, **options: object) -> Target:
    return workspace.conversations.target(replace(Options(model=model), **options))  # type: ignore[arg-type]


def edit(home: Path, name: str, old: str, new: str) -> None:
    path = home / "profiles" / f"{name}.md"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_a_model_has_the_window_of_its_endpoint_and_no_price_of_another_model(
    workspace: Workspace, two_endpoints: TwoEndpoints
) -> None:
    found = target(workspace, "openai/gamma")
    assert (found.host, found.window, found.price) == (two_endpoints.second.host, 32_000, None)
    assert found.profile.api_base == two_endpoints.second.url
    assert (found.profile.name, found.profile.api_key_env) == ("chat", "SECOND_KEY")


def test_what_a_profile_of_the_endpoint_says_of_its_model_holds_wherever_the_model_is_chosen(
    workspace: Workspace, home: Path
) -> None:
    edit(home, "other", "price: {input: 2.0, output: 8.0}", "price: {input: 1.0, output: 3.0}\ncontext_window: 9000")
    found = target(workspace, "openai/beta")
    assert (found.window, found.price) == (9000, Price(1.0, 3.0))


def test_an_endpoint_whose_profiles_are_all_local_only_is_so_for_every_model(workspace: Workspace, home: Path) -> None:
    edit(home, "other", "price:", "local_only: true\nprice:")
    edit(home, "other", "127.0.0.1", "models.example.com")
    edit(home, "other", "http://models.example.com", "https://models.example.com")
    with pytest.raises(ModelError, match="local_only") as refused:
        target(workspace, "openai/beta")
    assert refused.value.kind == "refused"


def test_an_endpoint_elsewhere_is_neither_asked_nor_called_with_local(workspace: Workspace, home: Path) -> None:
    edit(home, "other", "http://127.0.0.1", "https://models.example.com")
    (elsewhere,) = (each for each in workspace.models.suppliers(local=True) if "example.com" in each.host)
    with pytest.raises(ModelError, match="--local"):
        target(workspace, f"openai/beta@{elsewhere.host}", local=True)


def test_two_keys_for_one_address_are_told_apart(
    workspace: Workspace, two_endpoints: TwoEndpoints, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THIRD_KEY", "the-third-key")
    text = (home / "profiles" / "other.md").read_text(encoding="utf-8")
    (home / "profiles" / "third.md").write_text(text.replace("SECOND_KEY", "THIRD_KEY"), encoding="utf-8")
    place = f"{two_endpoints.second.host}/v1"
    with pytest.raises(UsageError) as several:
        target(workspace, "openai/gamma")
    assert several.value.remedy == (
        f"Add the endpoint: openai/gamma@SECOND_KEY@{place}, or openai/gamma@THIRD_KEY@{place}."
    )
    assert target(workspace, f"openai/gamma@THIRD_KEY@{place}").profile.api_key_env == "THIRD_KEY"
    with pytest.raises(UsageError):
        target(workspace, f"openai/gamma@{place}")


@pytest.mark.parametrize("name", ["vertex_ai/claude-3-5-sonnet@20240620", "cloudflare/@cf/meta/llama-3-8b", "x/y@v1.0"])
def test_a_name_with_an_at_sign_of_its_own_is_left_alone(workspace: Workspace, name: str) -> None:
    assert target(workspace, name).model == name


def test_the_provider_itself_is_called_at_its_own_address_whatever_the_profile_says(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    found = target(workspace, "openai/gpt-4.1@api.openai.com")
    assert (found.host, found.profile.api_base, found.profile.api_key_env) == ("api.openai.com", None, "OPENAI_API_KEY")


def test_a_name_that_nobody_knows_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="Unknown model nonsense"):
        target(workspace, "nonsense")


def test_a_name_without_its_provider_is_found_where_it_is_offered(
    workspace: Workspace, two_endpoints: TwoEndpoints
) -> None:
    assert target(workspace, "gamma").host == two_endpoints.second.host


KEYS = st.sampled_from([None, "A_KEY", "B_KEY"])
ADDRESSES = st.sampled_from(["http://a:1/v1", "http://a:1/x/v1", "https://b/v1", "http://a:2/v1"])
SUPPLIERS = st.builds(
    lambda address, key, prefix: ProviderEndpoint(address, address.split("/")[2], False, prefix, key_env=key),
    ADDRESSES,
    KEYS,
    st.sampled_from(["openai/", "hosted_vllm/"]),
)


@given(st.lists(SUPPLIERS, min_size=1, max_size=8, unique_by=lambda each: each.key))
def test_the_place_of_an_endpoint_leads_back_to_its_address_and_key_alone(suppliers: list[ProviderEndpoint]) -> None:
    for supplier in suppliers:
        there = at_place(place_of(supplier, suppliers), suppliers)
        assert supplier in there
        assert {(each.address, each.key_env) for each in there} == {(supplier.address, supplier.key_env)}
