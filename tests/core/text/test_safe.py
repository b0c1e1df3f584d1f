"""Nothing from outside reaches a terminal as a command, a file as a control, or a folder as a path."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.text.safe import file_name, for_file, for_screen, portable_name

ESC = "\x1b"
HOSTILE = st.text(
    st.one_of(
        st.characters(min_codepoint=0, max_codepoint=0x9F),
        st.sampled_from(f"{ESC}\u009b\u009d[]0;\a\r\n\t\u202a\u202e\u2066\u2069\ud800\udfff"),
        st.characters(),
    )
)
FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        (f"{ESC}]0;gotcha\a", "␛]0;gotcha␇"),
        (f"{ESC}]52;c;cm0gLXJm{ESC}\\", "␛]52;c;cm0gLXJm␛\\"),
        (f"{ESC}[2J{ESC}[1;1Hfake", "␛[2J␛[1;1Hfake"),
        (f"{ESC}Pq#0{ESC}\\", "␛Pq#0␛\\"),
        ("\u009b31mred", "\ufffd31mred"),
        ("a\bb\x7fc\0d", "a␈b␡c␀d"),
        ("user\u202exfdp.exe\u202c", "userxfdp.exe"),
        ("half \ud83d a pair", "half \ufffd a pair"),
    ],
)
def test_a_command_to_the_terminal_is_shown_as_harmless_text(hostile: str, shown: str) -> None:
    assert for_screen(hostile) == shown


def test_newlines_tabs_and_isolates_stay_and_crlf_becomes_one_newline() -> None:
    assert for_screen("a\r\nb\tc \u2068שלום\u2069") == "a\nb\tc \u2068שלום\u2069"
    assert for_file("a\r\nb\tc \u2068שלום\u2069") == "a\nb\tc \u2068שלום\u2069"


@given(HOSTILE)
def test_no_control_and_no_override_is_left_on_a_screen_or_in_a_file(text: str) -> None:
    assert not FORBIDDEN.search(for_screen(text))
    assert not FORBIDDEN.search(for_file(text))
    for_screen(text).encode()
    for_file(text).encode()


@given(st.lists(HOSTILE, max_size=6))
def test_pieces_made_safe_are_the_whole_made_safe(pieces: list[str]) -> None:
    assert "".join(map(for_screen, pieces)) == for_screen("".join(pieces))
    assert "".join(map(for_file, pieces)) == for_file("".join(pieces))


@given(HOSTILE)
def test_what_is_safe_stays_as_it_is(text: str) -> None:
    assert for_screen(for_screen(text)) == for_screen(text)
    assert for_file(for_file(text)) == for_file(text)


def test_a_harmless_text_is_returned_itself() -> None:
    text = "Ein Satz.\n\tUnd noch einer – mit 日本語 und 👩🏽‍💻."
    assert for_screen(text) is text
    assert for_file(text) is text


def test_a_file_loses_controls_without_a_trace() -> None:
    assert for_file(f"{ESC}[31mred{ESC}[0m \u202eabc") == "[31mred[0m abc"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Launch of the Tern 4 heat pump", "Launch-of-the-Tern-4-heat-pump.md"),
        ("../../etc/passwd", "etc-passwd.md"),
        ("C:\\Windows\\system32", "C-Windows-system32.md"),
        (".bashrc", "bashrc.md"),
        ("-rf", "rf.md"),
        ("", "untitled.md"),
        ("???", "untitled.md"),
        ("con", "con_.md"),
        ("LPT1.draft", "LPT1_.draft.md"),
        (f"a{ESC}]0;x\ab\u202ec\n", "a-0-x-b-c.md"),
        ("brief_v1.2", "brief_v1.2.md"),
        ("हिन्दी में", "हिन्दी-में.md"),
    ],
)
def test_any_title_becomes_a_readable_file_name(title: str, name: str) -> None:
    assert file_name(title, ".md") == name


@given(st.one_of(HOSTILE, st.text(), st.sampled_from(["CON", "nul", "Com1", "aux.md", "...", "a" * 500, "é" * 300])))
def test_a_file_name_is_safe_on_every_file_system(title: str) -> None:
    name = file_name(title, ".md")
    stem = name.removesuffix(".md")
    assert stem
    assert len(name.encode()) <= 100
    assert stem[0] not in "-._"
    assert stem[-1] != "."
    assert all(unicodedata.category(c)[0] in "LMN" or c in "-_." for c in name)
    assert stem.split(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}


@pytest.mark.parametrize(
    ("name", "portable"),
    [
        ("Q3 report (final) & notes", "Q3 report (final) & notes"),
        ("_draft", "_draft"),
        (f"a{ESC}]0;x\ab", "a]0;xb"),
        ("a\nb", "a b"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("-o", "o"),
        ("--", "untitled"),
        (".hidden", "hidden"),
        ("tr. ", "tr"),
        ("CON", "CON_"),
        ("aux .x", "aux_ .x"),
        ('a:b*c?"<d>|e', "a-b-c---d--e"),
        ("Gro\u0308ße", "Größe"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("x\udcff", "x"),
    ],
)
def test_a_file_keeps_its_name_but_for_what_some_system_or_terminal_can_not_take(name: str, portable: str) -> None:
    assert portable_name(name) == portable


@given(st.one_of(HOSTILE, st.text(), st.sampled_from(["CON", "nul .", "Com1", "aux.md", "...", "a" * 500, "é" * 300])))
def test_a_portable_name_is_safe_on_every_system_and_stays_as_it_is(name: str) -> None:
    portable = portable_name(name)
    assert portable
    assert len(portable.encode()) <= 200
    assert portable[0] not in "-. "
    assert portable[-1] not in ". "
    assert not set('<>:"/\\|?*') & set(portable)
    assert not FORBIDDEN.search(portable)
    assert all(c.isprintable() or c in "\u200c\u200d" for c in portable)
    assert portable.split(".")[0].strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}
    assert portable_name(portable) == portable
