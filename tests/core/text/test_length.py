"""Lengths as the channels count them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.profiles.profile import ChannelField, CountRule
from chatspace.core.text.length import fits, measure, overshoot, words

FAMILY = "👨‍👩‍👧‍👦"


def test_characters_are_code_points_after_composition() -> None:
    assert measure("Cafe\u0301", "characters") == 4
    assert measure(FAMILY, "characters") == 7
    assert measure("日本語", "characters") == 3


def test_wide_characters_count_two_where_the_channel_says_so() -> None:
    assert measure("Tern 4", "wide") == 6
    assert measure("日本語 OK", "wide") == 9
    assert measure("ｱ＠", "wide") == 3  # half-width kana, full-width at


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Hello, “world” – and … more", 28),
        ("Привет", 6),
        ("日本語", 6),
        ("€", 2),
        ("Cafe\u0301", 4),
    ],
)
def test_x_weighs_characters_by_their_ranges(text: str, length: int) -> None:
    assert measure(text, "x-weighted") == length


@pytest.mark.parametrize(
    "emoji",
    ["😀", FAMILY, "👩🏽‍💻", "🇧🇷", "1️⃣", "❤️", "©️", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"],
)
def test_x_counts_an_emoji_as_two_whatever_its_code_points(emoji: str) -> None:
    assert measure(emoji, "x-weighted") == 2
    assert measure(f"a {emoji}{emoji} b", "x-weighted") == 8


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com",
        "http://a.b-c.co.uk:8080/path_(with_parens)?q=1&r=2#end",
        "example.com",
        "www.example.org/a/very/long/path/that/would/not/fit/otherwise",
        "EXAMPLE.DE",
        "news.studio",
        "https://unknown-ending.notinourlist/x",
    ],
)
def test_x_counts_a_link_as_23_with_or_without_its_protocol(link: str) -> None:
    assert measure(link, "x-weighted") == 23
    assert measure(f"({link}) {link}.", "x-weighted") == 50


@pytest.mark.parametrize(
    "text",
    [
        "me@example.com",
        "e.g. this",
        "v1.2.3",
        "file.txt",
        "U.S. economy",
        "http://localhost:80/",
        "example.community-x",
    ],
)
def test_x_counts_what_only_looks_like_a_link_as_text(text: str) -> None:
    assert measure(text, "x-weighted") == len(text)


@given(st.text(), st.sampled_from(["characters", "wide", "x-weighted"]))
def test_a_length_does_not_depend_on_how_accents_are_written(text: str, rule: CountRule) -> None:
    length = measure(unicodedata.normalize("NFC", text), rule)
    assert measure(unicodedata.normalize("NFD", text), rule) == length
    assert 0 <= length <= 23 * (len(text) + 1)


def test_a_text_fits_up_to_the_hard_limit() -> None:
    headline = ChannelField("headline", limit=6, rule="wide", display_limit=2)
    assert fits("Tern 4", headline)
    assert fits("日本語", headline)
    assert not fits("日本語!", headline)
    assert overshoot("日本語!", headline) == 1
    assert overshoot("", headline) == 0


def test_a_forbidden_character_never_fits() -> None:
    path = ChannelField("path1", limit=15, forbids="/")
    assert fits("heat-pump", path)
    assert not fits("heat/pump", path)


def test_words_are_what_white_space_parts() -> None:
    assert words("  one\ntwo — three ") == 4
    assert words("") == 0
