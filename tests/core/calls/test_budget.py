"""A budget is never passed: the worst case of a call is put aside before it goes out, and what it left comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.calls.budget import Allowance, Budget, Budgets, DailyBudgets, bounded, reservation_for
from chatspace.core.calls.call import Finished, ProviderEvent, Request, TextDelta, Turn, UsageReported
from chatspace.core.calls.model_client import ModelClient
from chatspace.core.calls.usage import Price, Usage
from chatspace.core.errors import BudgetReached
from chatspace.core.events import discard_events
from chatspace.core.profiles.profile import Target
from tests.doubles import target, tools_for

PRICE = Price(1.0, 2.0)


class Meter:
    """A model that takes `taken` of each call and counts what it gave."""

    def __init__(self, taken: Usage) -> None:
        self.taken = taken
        self.calls = self.tokens = 0

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        self.calls += 1
        self.tokens += self.taken.input + self.taken.output
        await asyncio.sleep(0.001)
        yield TextDelta("word")
        yield UsageReported(self.taken)
        yield Finished("stop")


def bought(price: Price | None = PRICE, most: int | None = 90) -> Target:
    made = target(price=price)
    return replace(made, profile=replace(made.profile, max_output_tokens=most))


def request(price: Price | None = PRICE, most: int | None = 90) -> Request:
    return Request("chat", bought(price, most), (Turn("user", "x" * 12),))


def caller(meter: Meter, store: Store, allowance: Allowance, daily: DailyBudgets | None = None) -> ModelClient:
    tools = tools_for(meter, store.ledger, budgets=Budgets(lambda: daily or DailyBudgets()))
    return ModelClient(tools, discard_events, budget=Budget("test", allowance))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "chatspace.db")


async def all_of(callers: list[ModelClient]) -> list[object]:
    return await asyncio.gather(*(each.ask(request()) for each in callers), return_exceptions=True)


async def test_of_64_parallel_calls_a_budget_for_ten_lets_ten_through(store: Store) -> None:
    meter = Meter(Usage(10, 90, estimated=False))
    results = await all_of([caller(meter, store, Allowance(tokens=1_000)) for _ in range(64)])
    assert (meter.calls, meter.tokens) == (10, 1_000)
    reached = [each for each in results if isinstance(each, BudgetReached)]
    assert len(reached) == 54
    assert "1,000" in reached[0].reason
    assert reached[0].remedy


async def test_the_end_that_a_budget_puts_to_a_reply_is_no_part_of_its_key(store: Store) -> None:
    asked = request(most=None)
    call = await caller(Meter(Usage(2, 3, estimated=False)), store, Allowance(tokens=50_000)).ask(asked)
    assert call.key == asked.key
    assert store.ledger.finished(asked.key) == call


async def test_what_a_call_left_of_its_worst_case_is_there_for_the_next(store: Store) -> None:
    meter = Meter(Usage(2, 3, estimated=False))
    results = await all_of([caller(meter, store, Allowance(tokens=200)) for _ in range(20)])
    assert not [each for each in results if isinstance(each, BaseException)]
    assert meter.tokens == 100


async def test_a_budget_in_usd_is_held_and_lasts_over_a_new_start_of_the_program(store: Store, tmp_path: Path) -> None:
    meter = Meter(Usage(10, 90, estimated=False))
    for _ in range(2):
        await caller(meter, store, Allowance(usd=0.0005)).ask(request())
    store.close()
    again = Store(tmp_path / "chatspace.db")
    with pytest.raises(BudgetReached):
        await caller(meter, again, Allowance(usd=0.0005)).ask(request())
    assert meter.calls == 2


async def test_a_budget_in_usd_refuses_a_model_whose_price_nobody_knows(store: Store) -> None:
    meter = Meter(Usage(1, 1))
    with pytest.raises(BudgetReached, match="price of this model is unknown"):
        await caller(meter, store, Allowance(usd=5)).ask(request(price=None))
    assert meter.calls == 0


@pytest.mark.parametrize("named", ["day", "profile"])
async def test_the_budget_of_the_day_holds_for_all_commands_and_a_profiles_own_for_its_calls(
    store: Store, named: str
) -> None:
    meter = Meter(Usage(10, 90, estimated=False))
    allowance = Allowance(tokens=150)
    daily = DailyBudgets(allowance) if named == "day" else DailyBudgets(profiles={"tester": allowance})
    await caller(meter, store, Allowance(), daily).ask(request())
    with pytest.raises(BudgetReached) as caught:
        await caller(meter, store, Allowance(), daily).ask(request())
    assert ("tester" in caught.value.title) == (named == "profile")


async def test_a_stopped_call_gives_back_what_it_did_not_take(store: Store) -> None:
    class Hanging(Meter):
        async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
            self.calls += 1
            yield TextDelta("word")
            await asyncio.Event().wait()

    hanging = Hanging(Usage())
    task = asyncio.create_task(caller(hanging, store, Allowance(tokens=120)).ask(request()))
    while not hanging.calls and not task.done():
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    meter = Meter(Usage(5, 5, estimated=False))
    await caller(meter, store, Allowance(tokens=120)).ask(request())
    assert meter.calls == 1


def test_a_reply_without_an_end_gets_one_under_a_budget() -> None:
    endless = request(most=None)
    assert reservation_for(bounded(endless), ()).tokens > 8_000
    assert bounded(request()) == request()


def test_the_worst_case_is_more_than_any_tokenizer_makes_of_the_text() -> None:
    for text in ("plain words", "日本語のテキスト", "🙂🙂🙂", "x" * 1_000):
        hold = reservation_for(Request("chat", bought(), (Turn("user", text),)), ())
        assert hold.tokens - 90 >= len(text.encode()) / 2
