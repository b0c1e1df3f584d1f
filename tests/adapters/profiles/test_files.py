from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatspace.adapters.profiles import ProfileFiles
from chatspace.core.calls.usage import Price
from chatspace.core.errors import ConfigurationError
from chatspace.core.profiles.policy import PipelineStep, Rule, When
from chatspace.core.profiles.profile import Channel, ChannelField, MetadataField, Step, TierProvider, Timeouts
from chatspace.locations import shipped_profiles
from tests.properties import examples

SECRET = "sk-proj-abcdefghijklmnop0123456789"
WHOLE = """---
step: [draft, rewrite]
model: openai/gpt-4.1
fallbacks: [balanced-drafter, anthropic/claude-sonnet-5]
temperature: 0.7
max_output_tokens: 6000
context_window: 128000
timeout: {first_token: 20, idle: 10, total: 100}
reasoning_effort: medium
api_base: https://llm.example.com/v1
api_key_env: WORK_KEY
price: {input: 2.0, output: 8}
local_only: true
keep_structure: true
---
Write about {{ words }} words.
"""


class Folder:
    """A folder of profile files before the shipped ones."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = ProfileFiles([path, shipped_profiles()])

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def profile(self, *fields: str, recipe: str = "Write.") -> str:
        given = {field.split(":")[0] for field in fields}
        usual = [field for field in ("step: draft", "model: openai/gpt-4.1") if field.split(":")[0] not in given]
        return "\n".join(["---", *usual, *fields, "---", recipe, ""])


@pytest.fixture
def own(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def refusal(load: Callable[[], object]) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        load()
    return caught.value


# The shipped files


def test_the_shipped_files_are_right() -> None:
    files = ProfileFiles([shipped_profiles()])
    assert files.check() == []
    assert [profile.name for profile in files.profiles()] == [
        "balanced-drafter",
        "chat",
        "copy-fast",
        "light-extractor",
        "longform-drafter",
        "rewriter",
        "storyteller",
    ]
    assert [pipeline.name for pipeline in files.pipelines()] == ["monolith", "staged"]
    assert [policy.name for policy in files.policies()] == ["default"]


@pytest.mark.parametrize(
    ("name", "model", "steps"),
    [
        ("light-extractor", "auto/light", ("extract",)),
        ("balanced-drafter", "auto/balanced", ("draft",)),
        ("longform-drafter", "auto/large", ("draft",)),
        ("copy-fast", "auto/light", ("copy", "draft")),
        ("rewriter", "auto/balanced", ("rewrite",)),
        ("storyteller", "auto/balanced", ("story",)),
        ("chat", "auto/balanced", ("chat",)),
    ],
)
def test_each_shipped_profile_has_its_tier(name: str, model: str, steps: tuple[Step, ...]) -> None:
    profile = ProfileFiles([shipped_profiles()]).profile(name)
    assert (profile.model, profile.steps) == (model, steps)


def test_the_shipped_channels_have_the_documented_limits() -> None:
    files = ProfileFiles([shipped_profiles()])
    limits = {
        (channel.name, field.name): (field.limit, field.display_limit, field.rule)
        for channel in files.channels()
        for field in channel.fields
    }
    assert limits["google-ads", "headline"] == (30, None, "wide")
    assert limits["google-ads", "description"] == (90, None, "wide")
    assert limits["google-ads", "path2"] == (15, None, "wide")
    assert limits["meta", "primary_text"] == (2200, 125, "characters")
    assert limits["linkedin-ad", "introductory_text"] == (3000, 150, "characters")
    assert limits["linkedin", "text"] == (3000, 210, "characters")
    assert limits["x", "post"] == (280, None, "x-weighted")
    assert [field.name for field in files.channel("blog").fields] == ["headline", "meta_description", "teaser"]
    assert (files.channel("ad").default, files.channel("social").default) == ("google-ads", "x")
    assert files.channel("meta").group == "ad"
    assert all(field.source and field.checked for channel in files.channels() for field in channel.fields)
    headline = files.channel("google-ads").fields[0]
    assert (headline.least, headline.most) == (3, 15)
    assert files.channel("google-ads").fields[2].forbids == "/"


def given_variables(**variables: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("lang", "words", "tone", "audience"))
    return {"channel": "blog", "sla": "standard", **empty, **variables}


@pytest.mark.parametrize("name", [profile.name for profile in ProfileFiles([shipped_profiles()]).profiles()])
def test_every_shipped_recipe_renders_with_all_its_variables_and_with_none(name: str) -> None:
    files = ProfileFiles([shipped_profiles()])
    profile = files.profile(name)
    bare = files.render(profile, given_variables())
    full = files.render(profile, given_variables(lang="de", words=600, tone="warm", audience="installers"))
    for text in (bare, full):
        assert "None" not in text
        assert "{" not in text.replace('{"', "").replace("{}", "")
        assert "\n\n\n" not in text
    if name != "light-extractor":
        assert "code de" in full
        assert "warm" in full
    assert "instructions" in bare.lower()


def test_the_copy_recipe_names_every_field_with_its_limit_and_count() -> None:
    files = ProfileFiles([shipped_profiles()])
    fields = [
        {"name": "headline", "limit": 30, "count": 8, "rule": "wide"},
        {"name": "path1", "limit": 15, "count": 2, "rule": "wide"},
    ]
    text = files.render(files.profile("copy-fast"), given_variables(channel="google-ads", fields=fields))
    assert "- `headline`: 8 variants, at most 30 characters each (Chinese, Japanese and Korean ones count 2)." in text
    assert "- `path1`: 2 variants, at most 15 characters each" in text
    assert '{"headline": ["…", "…"], "path1": ["…", "…"]}, with exactly as many texts.' in text


def test_the_rewrite_and_story_recipes_use_their_own_variables() -> None:
    files = ProfileFiles([shipped_profiles()])
    rewrite = files.render(
        files.profile("rewriter"), given_variables(instruction="Shorter.", rejected=["No.", "Nope."])
    )
    assert "Shorter." in rewrite
    assert "- Nope." in rewrite
    story = files.render(files.profile("storyteller"), given_variables(openings=5, tone=["dry", "warm"]))
    assert "Write 5 openings" in story
    assert "dry, warm" in story


def test_the_drafting_recipes_can_write_one_section() -> None:
    files = ProfileFiles([shipped_profiles()])
    for name in ("balanced-drafter", "longform-drafter"):
        variables = given_variables(section="Prices", outline=["Why", "Prices"], said_before="It is quiet.")
        text = files.render(files.profile(name), variables)
        assert '"Prices"' in text
        assert "- Why\n- Prices" in text
        assert "It is quiet." in text


# A profile


def test_a_profile_says_all_that_its_file_says(own: Folder) -> None:
    path = own.write("mine.md", WHOLE)
    profile = own.files.profile("mine")
    assert profile.name == "mine"
    assert profile.steps == ("draft", "rewrite")
    assert profile.fallbacks == ("balanced-drafter", "anthropic/claude-sonnet-5")
    assert (profile.temperature, profile.max_output_tokens, profile.context_window) == (0.7, 6000, 128_000)
    assert profile.timeouts == Timeouts(20, 10, 100)
    assert (profile.api_base, profile.api_key_env) == ("https://llm.example.com/v1", "WORK_KEY")
    assert profile.price == Price(2.0, 8.0)
    assert profile.local_only
    assert profile.keep_structure
    assert profile.recipe == "Write about {{ words }} words.\n"
    assert profile.origin == str(path)
    assert own.files.render(profile, {"words": 5}) == "Write about 5 words."


def test_the_version_changes_with_the_file_and_the_file_is_read_again(own: Folder) -> None:
    own.write("mine.md", own.profile(recipe="One."))
    before = own.files.profile("mine")
    assert own.files.profile("mine").version == before.version
    own.write("mine.md", own.profile(recipe="Two."))
    after = own.files.profile("mine")
    assert after.version != before.version
    assert after.recipe == "Two.\n"


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ([], 30),
        (["reasoning_effort: low"], 30),
        (["reasoning_effort: medium"], 90),
        (["reasoning_effort: high"], 90),
        (["reasoning_effort: high", "timeout: {first_token: 12}"], 12),
        (["reasoning_effort: high", "timeout: {total: 12}"], 90),
    ],
)
def test_effort_triples_the_wait_for_the_first_token_unless_it_is_set(
    own: Folder, fields: list[str], seconds: float
) -> None:
    own.write("mine.md", own.profile(*fields))
    assert own.files.profile("mine").timeouts.first_token == seconds


def test_line_ends_and_a_byte_order_mark_make_no_difference(own: Folder) -> None:
    own.write("mine.md", b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert own.files.profile("mine").recipe == "Write about {{ words }} words.\n"


@pytest.mark.parametrize(
    ("field", "line", "named", "says", "allows"),
    [
        ("temprature: 0.7", 4, "temprature", "did you mean 'temperature'?", "temperature"),
        ("temperature: 3.5", 4, "temperature", "3.5 is not allowed", "from 0 to 2"),
        ("temperature: warm", 4, "temperature", "'warm' is not allowed", "from 0 to 2"),
        ("temperature: .nan", 4, "temperature", "nan is not allowed", "from 0 to 2"),
        ("temperature: yes", 4, "temperature", "True is not allowed", "from 0 to 2"),
        ("max_output_tokens: 0", 4, "max_output_tokens", "0 is not allowed", "1 or more"),
        ("max_output_tokens: 1.5", 4, "max_output_tokens", "1.5 is not allowed", "whole number"),
        ("reasoning_effort: hihg", 4, "reasoning_effort", "did you mean 'high'?", "low, medium, high"),
        ("timeout: {idle: -1}", 4, "timeout.idle", "-1 is not allowed", "seconds"),
        ("timeout: {first: 1}", 4, "timeout.first", "unknown field 'first'", "first_token"),
        ("timeout: 30", 4, "timeout", "30 is not allowed", "first_token, idle, total"),
        ("price: {input: 1}", 4, "price.output", "it is missing", "USD per million"),
        ("local_only: maybe", 4, "local_only", "'maybe' is not allowed", "true or false"),
        ("fallbacks: {a: b}", 4, "fallbacks", "is not allowed", "list"),
        ("fallbacks: [balancd-drafter]", 4, "fallbacks.0", "did you mean 'balanced-drafter'?", "storyteller"),
        ("fallbacks: [mine]", 4, "fallbacks.0", "itself", "storyteller"),
        ("model: auto/huge", 3, "model", "unknown tier 'auto/huge'", "auto/large"),
        ("model: offline/daft", 3, "model", "did you mean 'draft'?", "rewrite"),
        ("model: gpt 4", 3, "model", "'gpt 4' is not allowed", "openai/gpt-4.1"),
        ("step: drafting", 3, "step.0", "did you mean 'draft'?", "chat, extract, draft"),
        ("step: []", 3, "step", "[] is not allowed", "chat, extract, draft"),
        ("api_base: ftp://x", 4, "api_base", "not repeated", "http or https"),
        ("context_window: 100\nmax_output_tokens: 100", 5, "max_output_tokens", "no room", "less than 100"),
        ("1: 2", 4, "1", "unknown field '1'", "model"),
        ("model: a\nmodel: b", 4, "", "twice", ""),
        ("temperature: [1", 4, "", "it is not valid YAML", ""),
        ("temperature: &a 1\ntop: *a", 5, "", "aliases are not allowed", ""),
        ("temperature: !!python/object/apply:os.getcwd []", 4, "", "is not allowed", ""),
        ("temperature: !!python/name:os.getcwd x", 4, "", "it is not valid YAML", ""),
        ("temperature: " + "9" * 5000, 4, "", "can't be read", ""),
        ("temperature: \x07", 4, "", "control character", ""),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_field_is_named_with_its_line_and_what_is_allowed(
    own: Folder, field: str, line: int, named: str, says: str, allows: str
) -> None:
    path = own.write("mine.md", own.profile(*field.split("\n")))
    error = refusal(lambda: own.files.profile("mine"))
    assert (error.path, error.line, error.field) == (str(path), line, named)
    assert says in error.reason
    assert allows in error.remedy
    assert f"{path}, line {line}" in str(error)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Write a text.", "front matter is missing"),
        ("", "front matter is missing"),
        ("---\nstep: draft\n", "is not closed"),
        ("---\n---\nWrite.", "nothing is not allowed"),
        ("---\n- a\n---\nWrite.", "['a'] is not allowed"),
        ("---\nmodel: a/b\n---\nWrite.", "it is missing"),
        ("---\nstep: draft\nmodel: a/b\n---\n\n", "the recipe is missing"),
        (WHOLE.encode("utf-16"), "not UTF-8"),
        (WHOLE.encode() + b"\xff", "not UTF-8"),
        (WHOLE + "x" * 200_000, "too large"),
        ("---\na: " + "[" * 50_000 + "\n---\n", "nested too deeply"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_file_that_is_no_profile_says_why(own: Folder, text: str | bytes, says: str) -> None:
    own.write("mine.md", text)
    error = refusal(lambda: own.files.profile("mine"))
    assert says in str(error)
    assert error.path.endswith("mine.md")


def test_a_profile_for_chat_needs_no_recipe(own: Folder) -> None:
    own.write("bare.md", own.profile("step: chat", recipe=""))
    assert own.files.render(own.files.profile("bare"), {}) == ""


@pytest.mark.parametrize("field", ["api_key_env", "api_key", "model"])
@pytest.mark.parametrize(
    "key", [SECRET, "AIzaSyA1234567890abcdefghijklmnopqrstu", "AKIAIOSFODNN7EXAMPLEKEY1", "gsk_A1b2C3d4E5f6G7h8I9j0"]
)
def test_a_key_in_a_file_is_refused_and_never_repeated(own: Folder, field: str, key: str) -> None:
    own.write("mine.md", own.profile(f"{field}: {key} x" if field == "model" else f"{field}: {key}"))
    error = refusal(lambda: own.files.profile("mine"))
    assert key not in f"{error} {error.remedy} {error!r} {error.__cause__!r}"
    assert error.field == field


def test_a_tier_takes_no_endpoint_of_its_own(own: Folder) -> None:
    own.write("mine.md", own.profile("model: auto/light", "api_base: http://127.0.0.1:8000"))
    error = refusal(lambda: own.files.profile("mine"))
    assert (error.field, error.line) == ("api_base", 4)


@pytest.mark.parametrize("address", ["http://user:pass@host/v1", "http://127.0.0.1\\@evil.example", "https:// x"])
def test_an_address_with_a_user_or_a_trick_is_refused(own: Folder, address: str) -> None:
    own.write("mine.md", own.profile(f"api_base: {address!r}"))
    assert refusal(lambda: own.files.profile("mine")).field == "api_base"


def test_a_wrong_recipe_has_the_line_of_the_file(own: Folder) -> None:
    own.write("syntax.md", own.profile(recipe="One.\n{% if words %}\n"))
    own.write("unknown.md", own.profile(recipe="One.\n\n{{ limit }}"))
    syntax, unknown = (refusal(partial(own.files.profile, name)) for name in ("syntax", "unknown"))
    assert (syntax.line, syntax.field) == (6, "recipe")
    assert unknown.line == 7
    assert "'limit'" in str(unknown)
    assert "said_before" in unknown.remedy


def test_a_mistake_found_while_rendering_has_the_line_of_the_file(own: Folder) -> None:
    own.write("mine.md", own.profile(recipe="One.\n{{ words / 0 }}"))
    error = refusal(lambda: own.files.render(own.files.profile("mine"), {"words": 3}))
    assert (error.line, error.path) == (6, own.files.profile("mine").origin)


# Finding


def test_the_first_file_of_a_name_wins(tmp_path: Path) -> None:
    folders = [Folder(tmp_path / name) for name in ("one", "two")]
    for folder in folders:
        folder.write("chat.md", folder.profile("step: chat", recipe=folder.path.name))
    folders[1].write("rewriter.md", folders[1].profile("step: rewrite", recipe="mine"))
    files = ProfileFiles([folder.path for folder in folders] + [tmp_path / "none", shipped_profiles()])
    assert files.profile("chat").recipe == "one\n"
    assert files.profile("rewriter").origin == str(tmp_path / "two" / "rewriter.md")
    assert files.profile("storyteller").origin == str(shipped_profiles() / "storyteller.md")


def test_an_unknown_name_lists_what_there_is(own: Folder) -> None:
    for load, near in (
        (own.files.profile, "balanced-drafter"),
        (own.files.policy, "default"),
        (own.files.pipeline, "staged"),
        (own.files.channel, "google-ads"),
    ):
        error = refusal(partial(load, near[:-1]))
        assert f"did you mean {near!r}?" in str(error)
        assert near in error.remedy


@pytest.mark.parametrize("name", ["../chat", "/etc/passwd", "", ".", "policies/default", "chat\0", "chat.md"])
def test_a_name_never_becomes_a_path(own: Folder, name: str) -> None:
    refusal(lambda: own.files.profile(name))
    refusal(lambda: own.files.policy(name))


def test_a_broken_file_hides_no_other_and_is_reported(own: Folder) -> None:
    own.write("broken.md", "no front matter")
    own.write("fine.md", own.profile())
    own.write("policies/bad.yaml", "steps: [")
    own.write("policies/other.yml", "steps: {}")
    own.write("my profile.md", own.profile())
    names = [profile.name for profile in own.files.profiles()]
    assert "fine" in names
    assert "broken" not in names
    assert len(own.files.policies()) == 1
    problems = own.files.check()
    assert sorted(Path(problem.path).name for problem in problems) == [
        "bad.yaml",
        "broken.md",
        "my profile.md",
        "other.yml",
    ]
    assert all(problem.exit_code == 4 for problem in problems)


def test_a_problem_of_two_files_is_told_once_for_each_place(own: Folder) -> None:
    own.write("chat.md", "broken")
    assert [Path(problem.path).name for problem in own.files.check()] == ["chat.md"]


# Policies and pipelines


def test_a_policy_is_read_with_names_for_its_rules_and_the_default_for_the_rest(own: Folder) -> None:
    own.write(
        "policies/mine.yaml",
        "steps:\n  draft:\n    - {when: {min_words: 9, channel: ad, sla: fast}, use: copy-fast}\n"
        "    - {when: {max_tokens: 4}, use: copy-fast, name: tiny}\n    - use: balanced-drafter\n",
    )
    policy = own.files.policy("mine")
    assert policy.rules["draft"] == (
        Rule(("copy-fast",), When(min_words=9, channel="ad", sla="fast"), "min_words 9, channel ad, sla fast"),
        Rule(("copy-fast",), When(max_tokens=4), "tiny"),
        Rule(("balanced-drafter",), When(), "default"),
    )
    assert policy.rules["chat"] == own.files.policy("default").rules["chat"]
    assert policy.origin.endswith("mine.yaml")


@pytest.mark.parametrize(
    ("rule", "line", "field", "says"),
    [
        ("{use: balanced-draft}", 3, "steps.draft.0.use", "did you mean 'balanced-drafter'?"),
        ("{use: rewriter}", 3, "steps.draft.0.use", "for rewrite, not for draft"),
        ("{use: copy-fast, when: {channel: adz}}", 3, "steps.draft.0.when.channel", "did you mean 'ad'?"),
        ("{use: copy-fast, when: {sla: faster}}", 3, "steps.draft.0.when.sla", "did you mean 'fast'?"),
        ("{use: copy-fast, when: {min_word: 3}}", 3, "steps.draft.0.when.min_word", "did you mean 'min_words'?"),
        ("{use: copy-fast, when: {min_words: -1}}", 3, "steps.draft.0.when.min_words", "-1 is not allowed"),
        ("{use: copy-fast, when: {min_words: 9, max_words: 8}}", 3, "steps.draft.0.when.min_words", "at least 9"),
        ("{use: copy-fast}\n    - {use: balanced-drafter}", 4, "steps.draft.1", "this rule never matches"),
        ("{when: {min_words: 3}}", 3, "steps.draft.0.use", "it is missing"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_rule_is_named(own: Folder, rule: str, line: int, field: str, says: str) -> None:
    own.write("policies/mine.yaml", f"steps:\n  draft:\n    - {rule}\n")
    error = refusal(lambda: own.files.policy("mine"))
    assert (error.line, error.field) == (line, field)
    assert says in error.reason


@pytest.mark.parametrize(
    ("text", "field", "says"),
    [
        ("steps: {drft: [{use: chat}]}", "steps.drft", "did you mean 'draft'?"),
        ("steps: {draft: []}", "steps.draft", "[] is not allowed"),
        ("rules: {}", "steps", "it is missing"),
        ("", "", "nothing is not allowed"),
    ],
)
def test_a_policy_of_another_shape_is_refused(own: Folder, text: str, field: str, says: str) -> None:
    own.write("policies/mine.yaml", text)
    error = refusal(lambda: own.files.policy("mine"))
    assert error.field == field
    assert says in error.reason


def test_a_policy_that_names_a_broken_profile_shows_that_file(own: Folder) -> None:
    own.write("chat.md", "broken")
    assert refusal(lambda: own.files.policy("default")).path.endswith("chat.md")


def test_pipelines_are_read_and_checked(own: Folder) -> None:
    assert own.files.pipeline("staged").steps == (PipelineStep("extract"), PipelineStep("draft"), PipelineStep("copy"))
    assert own.files.pipeline("monolith").steps == (
        PipelineStep("draft", "longform-drafter", also=("copy",)),
        PipelineStep("copy"),
    )
    own.write("pipelines/a.yaml", "steps:\n  - {step: copy}\n  - {step: draft}\n")
    own.write("pipelines/b.yaml", "steps:\n  - {step: draft, profile: rewriter}\n")
    own.write("pipelines/c.yaml", "steps:\n  - {step: publish}\n")
    own.write("pipelines/d.yaml", "steps: []\n")
    a, b, c, d = (refusal(partial(own.files.pipeline, name)) for name in "abcd")
    assert (a.line, a.field) == (3, "steps.1.step")
    assert "draft is not allowed here" in a.reason
    assert (b.line, b.field) == (2, "steps.0.profile")
    assert "longform-drafter" in b.remedy
    assert "extract, draft, copy" in c.remedy
    assert "list" in d.remedy


@pytest.mark.parametrize(
    ("needs", "line", "field", "says", "allowed"),
    [
        ("[draft, publish]", 4, "steps.2.needs.1", "this pipeline has no step 'publish'", "extract, draft"),
        ("[drafts]", 4, "steps.2.needs.0", "did you mean 'draft'?", "extract, draft"),
        ("[copy]", 4, "steps.2.needs.0", "copy can't wait for itself", "extract, draft"),
        ("3", 4, "steps.2.needs", "3 is not allowed", "a list of steps in this pipeline"),
    ],
)
def test_wrong_needs_are_named(own: Folder, needs: str, line: int, field: str, says: str, allowed: str) -> None:
    own.write(
        "pipelines/a.yaml", f"steps:\n  - {{step: extract}}\n  - step: draft\n  - {{step: copy, needs: {needs}}}\n"
    )
    error = refusal(lambda: own.files.pipeline("a"))
    assert (error.line, error.field) == (line, field)
    assert says in error.reason
    assert allowed in error.remedy


def test_steps_that_wait_for_one_another_are_named(own: Folder) -> None:
    own.write(
        "pipelines/a.yaml", "steps:\n  - {step: draft, needs: [copy]}\n  - step: copy\n    needs:\n      - draft\n"
    )
    error = refusal(lambda: own.files.pipeline("a"))
    assert (error.line, error.field) == (2, "steps.0.needs.0")
    assert error.reason == "draft waits for copy, and copy for draft"
    assert error.remedy == "Allowed: none."
    own.write("pipelines/b.yaml", "steps:\n  - {step: draft, needs: [copy]}\n  - {step: copy, needs: []}\n")
    assert own.files.pipeline("b").steps == (PipelineStep("draft", None, ("copy",)), PipelineStep("copy", None, ()))


def test_a_pipeline_says_whether_a_model_adds_to_an_extraction(own: Folder) -> None:
    own.write("pipelines/a.yaml", "extract: {model: auto}\nsteps: [{step: extract}]\n")
    own.write("pipelines/b.yaml", "extract: {model: perhaps}\nsteps: [{step: extract}]\n")
    assert (own.files.pipeline("a").model_pass, own.files.pipeline("staged").model_pass) == ("auto", "auto")
    error = refusal(lambda: own.files.pipeline("b"))
    assert (error.line, error.field) == (1, "extract.model")
    assert "auto, always, never" in error.remedy.replace(" | ", ", ").replace(" or ", ", ")


@pytest.mark.parametrize(
    ("steps", "field", "says"),
    [
        ("[{step: draft, also: [copy]}]", "steps.0.also.0", "the call of draft can't make what copy makes"),
        ("[{step: extract, also: [copy]}, {step: copy}]", "steps.0.also.0", "the call of extract can't make what copy"),
        ("[{step: draft, also: [draft]}, {step: copy}]", "steps.0.also.0", "the call of draft can't make what draft"),
        ("[{step: draft, also: [copy]}, {step: copy, needs: []}]", "steps.0.also.0", "the call of draft can't make"),
    ],
)
def test_what_a_call_is_to_make_too_must_follow_from_it(own: Folder, steps: str, field: str, says: str) -> None:
    own.write("pipelines/a.yaml", f"steps: {steps}\n")
    error = refusal(lambda: own.files.pipeline("a"))
    assert error.field == field
    assert says in error.reason


# Files that are read together

CHANNEL = (
    "channels:\n  {name}:\n    title: T\n    fields:\n      body: {{limit: 9, source: me, checked: 2026-01-02{more}}}\n"
)


def test_channels_of_ones_own_replace_and_extend_the_shipped_ones(own: Folder) -> None:
    own.write(
        "channels.yaml",
        CHANNEL.format(name="x", more="") + "  letter: {title: L, group: ad, fields: {}, default: null}\n",
    )
    assert refusal(lambda: own.files.channels()).field == "channels.letter"
    own.write("channels.yaml", CHANNEL.format(name="blog", more=", rule: wide"))
    assert own.files.channel("blog") == Channel(
        "blog", "T", (ChannelField("body", 9, "wide", source="me", checked="2026-01-02"),)
    )
    assert own.files.channel("x").group == "social"
    assert own.files.channels()[0].name == "blog"


def test_a_channel_says_how_it_takes_copy_and_whether_its_texts_have_headings(own: Folder) -> None:
    shipped = own.files.channel
    assert (shipped("google-ads").export, shipped("meta").export) == ("google-ads-csv", None)
    assert [shipped(name).headings for name in ("blog", "social", "x", "linkedin", "ad")] == [
        *(True, False, False, False, True),
    ]
    own.write("channels.yaml", CHANNEL.format(name="blog", more="") + "    export: csv\n    headings: false\n")
    assert (own.files.channel("blog").export, own.files.channel("blog").headings) == ("csv", False)


@pytest.mark.parametrize(
    ("name", "group", "export", "headings"),
    [("google-ads", "ad", "google-ads-csv", True), ("x", "social", None, False), ("mastodon", "social", None, False)],
)
def test_an_own_channel_from_before_these_fields_goes_on_as_it_did(
    own: Folder, name: str, group: str, export: str | None, headings: bool
) -> None:
    own.write("channels.yaml", CHANNEL.format(name=name, more="") + f"    group: {group}\n")
    channel = own.files.channel(name)
    assert (channel.export, channel.headings) == (export, headings)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (CHANNEL.format(name="a", more=", rule: bytes"), "channels.a.fields.body.rule"),
        (CHANNEL.format(name="a", more=", least: 3, most: 2"), "channels.a.fields.body.most"),
        (CHANNEL.format(name="a", more="").replace("title: T", "title: T\n    group: adz"), "channels.a.group"),
        ("channels: {ad: {title: A, default: blog}}", "channels.ad.default"),
        ("channels: {a: {title: A, fields: {b: {limit: 3, checked: 2026-01-01}}}}", "channels.a.fields.b.source"),
        (
            "channels: {a: {title: A, fields: {b: {limit: 3, source: s, checked: today}}}}",
            "channels.a.fields.b.checked",
        ),
    ],
)
def test_a_wrong_channel_is_named(own: Folder, text: str, field: str) -> None:
    own.write("channels.yaml", text)
    error = refusal(lambda: own.files.channels())
    assert error.field == field
    assert own.files.check()[0].field == field


def test_metadata_fields_of_ones_own_replace_and_extend(tmp_path: Path) -> None:
    one, two = Folder(tmp_path / "one"), Folder(tmp_path / "two")
    two.write("fields.yaml", "- {name: length, aliases: [Word count], type: number}\n- {name: author}\n")
    one.write("fields.yaml", "- {name: length, aliases: [Länge], type: number}\n- {name: due, type: date}\n")
    assert ProfileFiles([one.path, two.path]).metadata_fields() == (
        MetadataField("length", ("Länge",), "number"),
        MetadataField("author", ()),
        MetadataField("due", (), "date"),
    )
    one.write("fields.yaml", "- {name: a}\n- {name: b, type: money}\n")
    error = refusal(lambda: ProfileFiles([one.path, two.path]).metadata_fields())
    assert (error.line, error.field) == (2, "fields.1.type")
    assert ProfileFiles([tmp_path]).metadata_fields() == ()


def test_providers_of_ones_own_come_first(own: Folder) -> None:
    models = "light: a/l, balanced: a/b, large: a/g"
    own.write("models.yaml", f"providers:\n  work: {{api_base: 'http://127.0.0.1:9', {models}}}\n")
    table = own.files.model_table()
    assert [provider.name for provider in table[:3]] == ["work", "openai", "anthropic"]
    tiers = {"auto/light": "a/l", "auto/balanced": "a/b", "auto/large": "a/g"}
    assert table[0] == TierProvider("work", tiers, None, "http://127.0.0.1:9")  # type: ignore[arg-type]
    own.write("models.yaml", f"providers:\n  work: {{{models}}}\n")
    assert "key_env" in refusal(lambda: own.files.model_table()).reason
    own.write("models.yaml", f"providers:\n  work: {{key_env: {SECRET}, {models}}}\n")
    error = refusal(lambda: own.files.model_table())
    assert SECRET not in f"{error} {error.remedy}"


# Whatever stands in a file

words = "{ } [ ] - : ? &a *a !!int !!binary | > ' \" 0x 1:2:3 2026-13-45 ~ é \0 # {{ %} <<: timeout:".split()
pieces = st.sampled_from(["---\n", "step: draft\n", "model: a/b\n", "\t", "  ", "\n", *(f"{word} " for word in words)])


@settings(examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pieces, max_size=20).map("".join) | st.binary(max_size=60))
def test_any_file_loads_or_is_a_configuration_error(own: Folder, content: str | bytes) -> None:
    own.write("chat.md", content)
    own.write("channels.yaml", content)
    with suppress(ConfigurationError):
        own.files.profile("chat")
    with suppress(ConfigurationError):
        own.files.channels()
    assert all(isinstance(problem.line, int | None) for problem in own.files.check())


def test_importing_the_files_does_not_import_a_model_library() -> None:
    code = "import sys, chatspace.adapters.profiles; print({'litellm', 'openai', 'textual'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
