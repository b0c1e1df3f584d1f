"""desk.yaml: whose list counts, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatspace.adapters.profiles import ProfileFiles
from chatspace.core.errors import ConfigurationError
from chatspace.locations import shipped_profiles


@pytest.fixture
def files(tmp_path: Path) -> ProfileFiles:
    (tmp_path / "profiles").mkdir()
    return ProfileFiles((tmp_path / "profiles", shipped_profiles()), tmp_path / "profiles")


def test_the_shipped_list_has_the_usual_requests(files: ProfileFiles) -> None:
    assert [(each.key, each.name) for each in files.desk_keys()] == [
        ("s", "shorter"),
        ("p", "plainer"),
        ("f", "more formal"),
        ("g", "fix grammar"),
        ("o", "other tone"),
        ("t", "translate"),
    ]


@pytest.mark.parametrize("folder", [".", "profiles"])
def test_a_list_in_the_configuration_folder_or_in_its_profiles_stands_in_its_place(
    files: ProfileFiles, tmp_path: Path, folder: str
) -> None:
    (tmp_path / folder / "desk.yaml").write_text("keys: {x: {name: mine, instruction: Do it}}\n", encoding="utf-8")
    assert [(each.key, each.instruction) for each in files.desk_keys()] == [("x", "Do it")]


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("keys:\n  long: {name: a, instruction: b}\n", 2, "keys.long"),
        ("keys:\n  s: {name: a}\n", 2, "keys.s.instruction"),
        ("keys:\n  s:\n    name: a\n    instruction: ' '\n", 4, "keys.s.instruction"),
        ("keys:\n  s: {name: a, instruction: b, tone: c}\n", 2, "keys.s.tone"),
        ("kies: {}\n", 1, "keys"),
    ],
)
def test_a_wrong_list_is_told_with_its_line_and_field(
    files: ProfileFiles, tmp_path: Path, text: str, line: int, field: str
) -> None:
    (tmp_path / "desk.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        files.desk_keys()
    assert (raised.value.line, raised.value.field) == (line, field)
    assert [str(error) for error in files.check()] == [str(raised.value)]
