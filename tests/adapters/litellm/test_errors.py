from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.litellm.errors import MAX_REASON_LENGTH, one_line


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-0123456789abcdef",
        "sk-ant-api03-abcdefgh_ijk",
        "AIzaSyA0123456789abc",
        "gsk_0123456789abcdef",
        "hf_abcdefghijkl",
    ],
)
def test_what_looks_like_a_key_is_not_repeated(key: str) -> None:
    assert key[6:] not in one_line(f"Incorrect key {key}, see the page")
    assert key[6:] not in one_line(f"https://example.com/?key={key}&alt=sse")
    assert key[6:] not in one_line(f"header Authorization: Bearer {key}")


def test_a_key_of_the_environment_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_OWN_KEY", "correct horse battery")
    assert one_line("no such key: correct horse battery!") == "no such key: [key]!"


def test_plain_words_stay() -> None:
    text = "A skateboarding keynote speaker risked pkgconfiguration; hfstatements are fine."
    assert one_line(text) == text


def test_the_name_of_the_library_is_left_out() -> None:
    assert one_line("litellm.BadRequestError: OpenAIException - no such parameter") == "no such parameter"


def test_a_page_of_html_is_called_one() -> None:
    assert one_line("<!DOCTYPE html><html><body>502</body></html>") == "a web page instead of a reply"


@given(st.text())
def test_a_message_becomes_one_harmless_line(message: str) -> None:
    line = one_line(message)
    assert len(line) <= MAX_REASON_LENGTH
    assert line.isprintable()
