"""The file of settings: read with what is wrong in it, changed in one place, everything else left as it stands."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.settings_file import SettingsFile, template
from chatspace.core.errors import ChatspaceError, ConfigurationError
from chatspace.core.profiles.settings import DEFAULTS, SETTINGS, Value
from tests.properties import examples


def file(path: Path, text: str) -> SettingsFile:
    path.mkdir(exist_ok=True)
    (path / "settings.toml").write_text(text, encoding="utf-8", newline="")
    return SettingsFile(path / "settings.toml")


def test_without_a_file_everything_is_at_its_default(tmp_path: Path) -> None:
    store = SettingsFile(tmp_path / "none" / "settings.toml")
    assert store.read() == (DEFAULTS, [])
    assert not store.exists


def test_the_file_as_it_is_made_explains_every_setting_and_changes_nothing(tmp_path: Path) -> None:
    store = SettingsFile(tmp_path / "home" / "settings.toml")
    text = store.create().read_text("utf-8")
    assert store.read() == (DEFAULTS, [])
    for setting in SETTINGS:
        assert f"# {setting.explanation}" in text
        assert f"# {setting.name} = " in text


def test_taking_the_mark_away_gives_the_default_of_every_setting(tmp_path: Path) -> None:
    text = template()
    for setting in SETTINGS:
        text = text.replace(f"# {setting.name} = ", f"{setting.name} = ")
    assert file(tmp_path, text).read() == (DEFAULTS, [])


@pytest.mark.parametrize(
    ("text", "line", "field", "reason"),
    [
        ('tone = "warm"\nthme = "nord"\n', 2, "thme", "Did you mean theme?"),
        ("\n\ntext_width = 12\n", 3, "text_width", "a whole number from 40 to 200"),
        ("text_width = true\n", 1, "text_width", "a whole number from 40 to 200"),
        ('side_list = "yes"\n', 1, "side_list", "true or false"),
        ('sla = "cheap"\n', 1, "sla", "one of fast, standard, best"),
        ('tone = "a\\u001bb"\n', 1, "tone", "control character"),
        ("theme = nord\n", 1, "", "not valid TOML"),
        ('tone = "warm\n', 1, "", "not valid TOML"),
        ('[keys]\n"chat.new" = 3\n', 2, "keys.chat.new", "is not a key"),
        ("[keys]\nchat.new = []\n", 2, "keys.chat.new", "is not a key"),
        ("keys = 3\n", 1, "keys", "not a table"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_is_allowed(
    tmp_path: Path, text: str, line: int, field: str, reason: str
) -> None:
    store = file(tmp_path, text)
    read, faults = store.read()
    assert [(fault.line, fault.field) for fault in faults] == [(line, field)]
    assert reason in faults[0].explained
    assert str(store.path) in faults[0].title
    assert read.text_width == DEFAULTS.text_width
    assert store.path.read_text("utf-8") == text


def test_what_is_right_holds_beside_what_is_wrong(tmp_path: Path) -> None:
    read, faults = file(tmp_path, 'theme = "nord"\ntext_width = "wide"\nlanguage = "de"\n').read()
    assert (read.theme, read.text_width, read.language) == ("nord", DEFAULTS.text_width, "de")
    assert len(faults) == 1


@pytest.mark.parametrize("written", ['"chat.new" = "ctrl+y"', 'chat.new = "ctrl+y"', "'chat.new' = ['ctrl+y']"])
def test_the_id_of_an_action_may_be_quoted_or_not(tmp_path: Path, written: str) -> None:
    assert file(tmp_path, f"[keys]\n{written}\n").read() == (
        type(DEFAULTS)(keys={"chat.new": "ctrl+y"}),
        [],
    )


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"# " + b"x" * 300_000, b"\x00"])
def test_a_file_that_is_no_text_gives_the_defaults_and_is_left_alone(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(data)
    read, faults = SettingsFile(path).read()
    assert read == DEFAULTS
    assert len(faults) == 1
    with pytest.raises(ConfigurationError):
        SettingsFile(path).change("theme", "nord")
    assert path.read_bytes() == data


HAND_WRITTEN = """\
# my settings\r
theme = 'gruvbox'   # the "#1" of them\r
  text_width=100# narrow\r
future = {a = 1, b = [1, 2]}\r
note = \"\"\"\r
theme = "not this one"\r
\"\"\"\r
\r
[keys]   # mine\r
chat.new = "ctrl+y"\r
theme = "ctrl+t"\r
"""


@pytest.mark.parametrize(
    ("name", "value", "before", "after"),
    [
        ("theme", "nord", "theme = 'gruvbox'   # the", 'theme = "nord"   # the'),
        ("text_width", 80, "  text_width=100# narrow", "  text_width=80# narrow"),
        ("side_list", False, "# my settings", "side_list = false\r\n# my settings"),
    ],
)
def test_a_change_replaces_one_value_and_nothing_beside_it(
    tmp_path: Path, name: str, value: Value, before: str, after: str
) -> None:
    store = file(tmp_path, HAND_WRITTEN)
    store.change(name, value)
    assert store.path.read_bytes().decode() == HAND_WRITTEN.replace(before, after, 1)


def test_a_change_stands_below_its_commented_default(tmp_path: Path) -> None:
    store = SettingsFile(tmp_path / "settings.toml")
    store.change("language", "de")
    assert '# language = ""\nlanguage = "de"\n' in store.path.read_text("utf-8")


def test_a_value_in_several_lines_is_replaced(tmp_path: Path) -> None:
    store = file(tmp_path, '# mine\ntone = """\nwarm""" # why\ntheme = "nord"\n')
    store.change("tone", "cold")
    assert store.path.read_text() == '# mine\ntone = "cold" # why\ntheme = "nord"\n'


def test_a_commented_default_in_a_text_or_a_table_is_no_place_for_a_value(tmp_path: Path) -> None:
    text = 'note = """\n# tone = ""\n"""\n[keys]\n# tone = ""\n'
    store = file(tmp_path, text)
    store.change("tone", "cold")
    assert store.path.read_text() == f'tone = "cold"\n{text}'


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ChatspaceError):
        SettingsFile(tmp_path / "file" / "settings.toml").change("theme", "nord")


COMMENTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).map(lambda text: f"# {text}")
LINES = st.lists(
    st.one_of(
        COMMENTS,
        st.just(""),
        st.sampled_from(
            [
                'theme = "nord" # why',
                "text_width = 70",
                "side_list=false",
                "unknown = [1, 2] # kept",
                "when = 2026-11-21",
                'tone = "# no comment"#one',
                "language = 'de'",
            ]
        ),
    ),
    max_size=8,
)
TABLES = st.sampled_from(["", '[keys]\n"chat.new" = "ctrl+y" # mine', "[other]\ntheme = 'x'", "[[list]]\ntone = 1"])
CHANGES = st.one_of(
    st.tuples(st.sampled_from(["theme", "tone", "language", "audience"]), st.text(max_size=12)),
    st.tuples(st.just("text_width"), st.integers(40, 200)),
    st.tuples(st.just("side_list"), st.booleans()),
)


@examples(150)
@given(LINES, TABLES, CHANGES)
def test_every_other_line_and_every_other_meaning_survives_a_change(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], table: str, change: tuple[str, Any]
) -> None:
    text = "\n".join([*lines, table, ""])
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # a name stands there twice
    name, value = change
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        return
    store = file(tmp_path_factory.mktemp("settings"), text)
    store.change(name, value)
    after = store.path.read_bytes().decode()
    assert tomllib.loads(after) == {**before, name: value}
    kept = [line for line in text.split("\n") if not line.replace(" ", "").startswith(f"{name}=")]
    rest = iter(after.split("\n"))
    assert all(line in rest for line in kept), "the other lines, in their order"
    for line in lines:
        if line.startswith(name) and "#" in line and not line.startswith("tone"):
            assert line.partition("#")[2] in after
