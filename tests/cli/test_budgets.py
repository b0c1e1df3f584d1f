"""What budgets promise to whoever gives one to a command: never passed, and no number that is none."""

from __future__ import annotations

import random
import sqlite3
import uuid
from base64 import b64encode
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.metered import Meter
from tests.model_server import Cut, Hang, HttpError, ModelServer

CHANCE = random.Random(7)
ROWS = "\n".join(f"| {CHANCE.random():.4f} | {CHANCE.randrange(10**6):,} |" for _ in range(120))
HARD_TO_TOKENIZE = {
    "digits": "\n".join(str(CHANCE.randrange(10)) for _ in range(1_500)),
    "table": f"| share | sum |\n| --- | --- |\n{ROWS}",
    "csv": "\n".join(",".join(f"{CHANCE.random():.3f}" for _ in range(8)) for _ in range(60)),
    "uuids": "\n".join(str(uuid.UUID(int=CHANCE.getrandbits(128))) for _ in range(80)),
    "base64": b64encode(CHANCE.randbytes(2_000)).decode(),
    "symbols": "𓀀𓂀☃⌘" * 150,
}


def spent(home: Path) -> int:
    """The tokens that the ledger counts in all of its purses."""
    with sqlite3.connect(home / "chatspace.db") as connection:
        found = connection.execute("SELECT sum(tokens) FROM spending WHERE scope LIKE 'purse %'").fetchone()[0]
        return int(found or 0)


def left_open(home: Path) -> tuple[int, int]:
    """How many calls the ledger takes for unfinished, by its sums and by what is put aside."""
    with sqlite3.connect(home / "chatspace.db") as connection:
        sums = connection.execute("SELECT coalesce(sum(open), 0) FROM spending").fetchone()[0]
        return int(sums), int(connection.execute("SELECT count(*) FROM holds").fetchone()[0])


@pytest.mark.parametrize("kind", HARD_TO_TOKENIZE)
@pytest.mark.parametrize("calls", [0, 1, 3])
def test_a_budget_is_not_passed_by_a_server_that_counts_a_token_for_each_byte(
    chatspace: Command, served: ModelServer, home: Path, kind: str, calls: int
) -> None:
    meter = Meter()
    served.answer(meter)
    one = len(HARD_TO_TOKENIZE[kind].encode()) + 900
    budget = max(1_000, one * calls)
    ended = [chatspace("chat", HARD_TO_TOKENIZE[kind], "--token-budget", str(budget)) for _ in range(2)]
    assert meter.tokens <= 2 * budget
    assert {each.code for each in ended} == {0 if calls else 7}
    assert spent(home) >= meter.tokens


def test_the_budget_of_a_run_is_not_passed_by_all_of_its_steps(
    chatspace: Command, served: ModelServer, home: Path, tmp_path: Path
) -> None:
    source = tmp_path / "figures.md"
    source.write_text(f"# Figures\n\n{HARD_TO_TOKENIZE['table']}\n", encoding="utf-8")
    meter = Meter()
    served.answer(meter)
    for budget in (4_000, 12_000, 30_000):
        before = meter.tokens
        ended = chatspace("run", source, "-o", tmp_path / f"out{budget}", "--fresh", "--token-budget", str(budget))
        assert ended.code in (0, 6, 7), ended.err
        assert meter.tokens - before <= budget
    assert meter.calls > 2


@pytest.mark.parametrize("fault", [Cut(), Hang(2), HttpError(500), HttpError(504)])
def test_a_call_that_broke_may_have_been_counted_and_so_may_each_retry(
    chatspace: Command, served: ModelServer, fault: Cut | Hang | HttpError
) -> None:
    meter = Meter(lambda body: fault)
    served.answer(meter)
    chatspace("chat", "Hello", "--token-budget", "3000")
    assert 1 <= meter.calls <= 3
    assert meter.tokens <= 3_000


def test_a_call_that_the_server_turned_away_takes_nothing_of_a_budget(chatspace: Command, served: ModelServer) -> None:
    meter = Meter()
    served.answer(meter)
    served.script(HttpError(503), HttpError(503))
    assert chatspace("chat", "Hello", "--token-budget", "1000").code == 0
    assert meter.calls == 1


def test_a_provider_that_takes_no_end_of_a_reply_is_not_asked_under_a_budget(chatspace: Command, home: Path) -> None:
    ended = chatspace("chat", "Hello", "--model", "morph/morph-v3-large", "--token-budget", "100000")
    assert ended.code == 6
    assert "can't be used with a budget" in ended.err
    assert spent(home) == 0


COMMANDS = (
    ("chat", "Hello"),
    ("compare", "Hello", "-p", "chat"),
    ("story", "Hello"),
    ("draft", "{brief}"),
    ("extract", "{brief}"),
    ("copy", "{brief}"),
    ("run", "{brief}", "-o", "{brief}.out"),
    ("batch", "{brief}", "-o", "{brief}.out"),
    ("canary", "{brief}"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize("option", ["--budget", "--token-budget"])
@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "-1", "1e999", "much"])
def test_a_budget_that_is_no_amount_is_wrong_usage(
    chatspace: Command, brief: Path, command: tuple[str, ...], option: str, number: str
) -> None:
    ended = chatspace(*(word.format(brief=brief) for word in command), f"{option}={number}")
    assert ended.code == 2
    assert option in ended.err


@pytest.mark.parametrize("option", ["--words", "--variants", "--jobs"])
@pytest.mark.parametrize("number", ["nan", "inf", "-1", "0"])
def test_a_number_of_a_batch_below_one_is_wrong_usage(
    chatspace: Command, brief: Path, option: str, number: str
) -> None:
    assert chatspace("batch", brief, "-o", f"{brief}.out", f"{option}={number}").code == 2


@pytest.mark.parametrize("words", ["-5", "0", "nan", "1.5"])
def test_a_manifest_with_a_length_below_one_names_the_line(chatspace: Command, brief: Path, words: str) -> None:
    manifest = brief.with_name("list.csv")
    manifest.write_text(f"path,words\n{brief.name},{words}\n", encoding="utf-8")
    ended = chatspace("batch", manifest, "-o", brief.with_name("out"))
    assert ended.code == 4
    assert "list.csv:2: words" in ended.err


def test_a_budget_of_zero_leaves_what_costs_nothing(chatspace: Command, served: ModelServer, home: Path) -> None:
    priced = chatspace("chat", "Hello", "--budget", "0")
    assert (priced.code, served.requests) == (7, [])
    profile = home / "profiles" / "chat.md"
    profile.write_text(profile.read_text().replace("{input: 2.0, output: 8.0}", "{input: 0, output: 0}"))
    assert chatspace("chat", "Hello", "--budget", "0").code == 0


@pytest.mark.parametrize("price", ["{input: .nan, output: 1}", "{input: 1, output: .inf}", "{input: -1, output: 1}"])
def test_a_price_that_is_no_amount_is_named_with_its_line(chatspace: Command, home: Path, price: str) -> None:
    (home / "profiles").mkdir()
    (home / "profiles" / "chat.md").write_text(f"---\nstep: chat\nmodel: openai/m\nprice: {price}\n---\nYou.\n")
    ended = chatspace("chat", "Hello", "--budget", "1")
    assert ended.code == 4
    assert "line 4" in ended.err or "chat.md:4" in ended.err


@pytest.mark.parametrize("day", ["{usd: .nan}", "{usd: -1}", "{usd: .inf}", "{tokens: -1}", "{tokens: 0}"])
def test_a_budget_of_the_day_that_is_no_amount_is_named_with_its_line(
    chatspace: Command, served: ModelServer, home: Path, day: str
) -> None:
    (home / "profiles" / "budgets.yaml").write_text(f"# budgets\nday: {day}\n")
    ended = chatspace("chat", "Hello")
    assert (ended.code, served.requests) == (4, [])
    assert "line 2" in ended.err or "budgets.yaml:2" in ended.err
