"""The sheet of variants: counted by the channel's rules, compared, paired, and what the channel would refuse."""

from __future__ import annotations

from typing import Any

import pytest

from chatspace.core.profiles.profile import Channel, ChannelField
from chatspace.core.runs.variants import (
    KeptVariant,
    VariantRow,
    VariantTable,
    against_export,
    against_pairing,
    rivals,
    variant_table,
)

HEADLINE = ChannelField("headline", 30, "wide", count=8, least=3, most=15)
DESCRIPTION = ChannelField("description", 90, "wide", count=4, least=2, most=4)
PATH = ChannelField("path1", 15, "wide", least=0, most=1, forbids="/")
ADS = Channel("google-ads", "Google Ads", (HEADLINE, DESCRIPTION, PATH), group="ad")
X = Channel("x", "X", (ChannelField("post", 280, "x-weighted"),), group="social")
META = Channel("meta", "Meta", (ChannelField("headline", 255, display_limit=40),), group="ad")
LINKEDIN = Channel("linkedin-ad", "LinkedIn", (HEADLINE, ChannelField("text", 3000)), group="ad")
HEADLINES = ("Quiet heat for your home", "38 dB at one metre", "Ships on 12 March", "Made in Porto")
DESCRIPTIONS = ("The Tern 4 heats 140 square metres.", "Ask for a visit in May, when it ships.")


def kept(*texts: str, field: str = "headline", start: int = 1, **values: Any) -> list[KeptVariant]:
    made: dict[str, Any] = {"channel": "google-ads", "state": "fresh", "pair": None, "by": "model", **values}
    return [
        KeptVariant(id=start + number, message=1, number=number + 1, field=field, text=text, **made)
        for number, text in enumerate(texts)
    ]


def an_ad(**values: Any) -> list[KeptVariant]:
    return kept(*HEADLINES, state="starred", **values) + kept(
        *DESCRIPTIONS, field="description", start=10, state="starred", **values
    )


def sheet(variants: list[KeptVariant], channel: Channel = ADS) -> VariantTable:
    return variant_table("run", channel, variants)


def line(variants: list[KeptVariant], number: int = 1, channel: Channel = ADS) -> VariantRow:
    return next(each for each in sheet(variants, channel).lines if each.kept.number == number)


@pytest.mark.parametrize(
    ("text", "channel", "length", "over"),
    [
        ("x" * 31, ADS, 31, 1),
        ("暖" * 16, ADS, 32, 2),
        ("👨‍👩‍👧 https://example.com/a/very/long/address/that/goes/on", X, 26, 0),
        ("暖" * 141, X, 282, 2),
    ],
    ids=["code points", "wide", "emoji and link", "x wide"],
)
def test_lengths_are_counted_as_the_channel_counts(text: str, channel: Channel, length: int, over: int) -> None:
    counted = line(kept(text), channel=channel)
    assert (counted.length, counted.over, counted.fits) == (length, over, not over)


def test_what_is_folded_fits_and_says_so() -> None:
    counted = line(kept("x" * 50), channel=META)
    assert counted.fits
    assert counted.folded


def test_near_duplicates_name_each_other_within_their_field_and_scrapped_ones_are_no_rivals() -> None:
    same = kept("Save 38% on heating", "Save 38 % on your heating", "Made in Porto")
    assert [each.near for each in sheet(same).lines] == [(2,), (1,), ()]
    scrapped = [*kept("Save 38% on heating"), *kept("Save 38 % on heating", start=5, state="scrapped")]
    assert [each.near for each in sheet(scrapped).lines] == [()]
    assert len(sheet(scrapped).scrapped) == 1


def test_a_channel_without_the_field_says_so_and_one_with_a_single_field_takes_everything() -> None:
    variants = kept("tern", field="path1")
    assert line(variants, channel=LINKEDIN).field is None
    assert line(variants, channel=X).field == X.fields[0]


def test_a_side_is_refused_to_what_does_not_fit() -> None:
    too_long = kept("x" * 34)
    assert "4 characters too long: 34/30" in against_pairing(line(too_long), "A", sheet(too_long))


def test_a_side_is_refused_to_a_near_duplicate_of_the_other_side() -> None:
    variants = kept("Save 38% on heating", pair="A") + kept("", "Save 38 % on heating", start=5)
    table = sheet(variants)
    second = next(each for each in table.lines if each.kept.text == "Save 38 % on heating")
    assert "nearly the same as headline 1" in against_pairing(second, "B", table)
    assert against_pairing(second, "A", table) == "", "it may take the other's place"
    assert [each.kept.id for each in rivals(second, "A", table)] == [1]


def test_nothing_is_exported_before_something_is_chosen() -> None:
    assert "nothing is selected" in against_export(sheet(kept(*HEADLINES)))[0]


def test_a_full_ad_is_taken() -> None:
    assert against_export(sheet(an_ad())) == []


def test_too_few_headlines_too_long_ones_and_too_many_descriptions_are_refused_with_their_numbers() -> None:
    few = kept(*HEADLINES[:2], state="starred") + kept("x" * 33, start=5, state="starred", field="path1")
    said = against_export(sheet(few))
    assert "path1 1 is 18 characters too long: 33/15" in said
    assert "the ad has 2 headline variants; at least 3 required" in said
    assert "the ad has 0 description variants; at least 2 required" in said
    many = an_ad() + kept(*"abc", field="description", start=20, state="starred")
    assert "the ad has 5 description variants; at most 4 allowed" in against_export(sheet(many))


def test_the_two_sides_are_two_ads_and_each_must_be_full() -> None:
    variants = kept("Quiet heat", pair="A") + kept("Warm rooms", start=2, pair="B")
    variants += kept(HEADLINES[1], HEADLINES[3], start=5, state="starred")
    variants += kept(*DESCRIPTIONS, field="description", start=10, state="starred")
    assert against_export(sheet(variants)) == []
    assert "ad A has 2 headline variants; at least 3 required" in against_export(
        sheet([each for each in variants if each.id != 5])
    )


def test_a_pair_that_says_the_same_is_refused_at_the_export_too() -> None:
    pair = an_ad() + kept("Save 38% on heating", start=20, pair="A") + kept("Save 38 % on heating", start=21, pair="B")
    pair[-2], pair[-1] = (
        KeptVariant(20, 1, 8, "headline", "google-ads", "fresh", "A", "model", "Save 38% on heating"),
        KeptVariant(21, 1, 9, "headline", "google-ads", "fresh", "B", "model", "Save 38 % on heating"),
    )
    assert "headline 8 (A) and headline 9 (B) say nearly the same" in against_export(sheet(pair))


def test_only_what_is_chosen_is_exported() -> None:
    copy = sheet(an_ad() + kept("never chosen", start=30)).copy()
    assert [each.text for each in copy.variants] == [*HEADLINES, *DESCRIPTIONS]
    assert {each.fits for each in copy.variants} == {True}
