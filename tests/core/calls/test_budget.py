"""A budget is never passed: the worst case of a call is put aside before it goes out, and what it left comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.history import Store
from chatspace.core.calls.budget import Allowance, Budget, Budgets, DailyBudgets, bounded, reservation_for
from chatspace.core.calls.call import Finished, ProviderEvent, Request, TextDelta, Turn, UsageReported
from chatspace.core.calls.model_client import ModelClient
from chatspace.core.calls.usage import Price, Usage
from chatspace.core.errors import BudgetReached, ModelError
from chatspace.core.events import CallDelayed, Event, discard_events
from chatspace.core.profiles.profile import Target
from tests.doubles import target, tools_for

PRICE = Price(1.0, 2.0)
WORST = 12 + 16 + 16 + 90
"""Of `request()`: its bytes, what a message and a request add, and its longest reply."""


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
    results = await all_of([caller(meter, store, Allowance(tokens=900 + WORST)) for _ in range(64)])
    assert (meter.calls, meter.tokens) == (10, 1_000)
    reached = [each for each in results if isinstance(each, BudgetReached)]
    assert len(reached) == 54
    assert "1,034" in reached[0].reason
    assert reached[0].remedy


async def test_the_end_that_a_budget_puts_to_a_reply_is_no_part_of_its_key(store: Store) -> None:
    asked = request(most=None)
    call = await caller(Meter(Usage(2, 3, estimated=False)), store, Allowance(tokens=50_000)).ask(asked)
    assert call.key == asked.key
    assert store.ledger.finished(asked.key) == call


async def test_what_a_call_left_of_its_worst_case_is_there_for_the_next(store: Store) -> None:
    meter = Meter(Usage(2, 3, estimated=False))
    results = await all_of([caller(meter, store, Allowance(tokens=100 + WORST)) for _ in range(20)])
    assert not [each for each in results if isinstance(each, BaseException)]
    assert meter.tokens == 100


async def test_a_budget_in_usd_is_held_and_lasts_over_a_new_start_of_the_program(store: Store, tmp_path: Path) -> None:
    meter = Meter(Usage(10, 90, estimated=False))
    for _ in range(2):
        await caller(meter, store, Allowance(usd=0.0005)).ask(request())  # 190 of 500 millionths, at worst 224
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


async def test_a_stopped_call_counts_at_its_worst_for_the_server_may_have_gone_on(store: Store) -> None:
    class Hanging(Meter):
        async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
            self.calls += 1
            yield TextDelta("word")
            await asyncio.Event().wait()

    hanging = Hanging(Usage())
    task = asyncio.create_task(caller(hanging, store, Allowance(tokens=2 * WORST - 1)).ask(request()))
    while not hanging.calls and not task.done():
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    meter = Meter(Usage(5, 5, estimated=False))
    with pytest.raises(BudgetReached):
        await caller(meter, store, Allowance(tokens=2 * WORST - 1)).ask(request())
    await caller(meter, store, Allowance(tokens=2 * WORST)).ask(request())
    assert meter.calls == 1


async def test_a_call_whose_server_reports_no_count_counts_at_its_worst(store: Store) -> None:
    meter = Meter(Usage(2, 3))
    await caller(meter, store, Allowance(tokens=2 * WORST - 1)).ask(request())
    with pytest.raises(BudgetReached):
        await caller(meter, store, Allowance(tokens=2 * WORST - 1)).ask(request())


@pytest.mark.parametrize("counted", [False, True])
async def test_a_failed_call_gives_back_its_worst_case_only_where_the_server_turned_it_away(
    store: Store, counted: bool
) -> None:
    class Failing(Meter):
        async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
            raise ModelError("no", kind="bad_request", counted=counted)
            yield

    with pytest.raises(ModelError):
        await caller(Failing(Usage()), store, Allowance(tokens=WORST)).ask(request())
    meter = Meter(Usage(5, 5, estimated=False))
    result = await all_of([caller(meter, store, Allowance(tokens=WORST))])
    assert meter.calls == (0 if counted else 1)
    assert isinstance(result[0], BudgetReached) == counted


async def test_a_call_that_is_stopped_while_it_opens_holds_nothing(store: Store) -> None:
    meter = Meter(Usage(5, 5, estimated=False))
    for turns in range(1, 6):
        task = asyncio.create_task(caller(meter, store, Allowance(tokens=WORST)).ask(request()))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert meter.calls == 0
    await caller(meter, store, Allowance(tokens=WORST)).ask(request())
    assert meter.calls == 1


async def test_a_call_that_waits_for_a_budget_says_so_once_and_names_it(store: Store) -> None:
    meter, happened = Meter(Usage(10, 90, estimated=False)), list[Event]()
    budget = Budget("test", Allowance(tokens=100 + WORST))
    await all_of([ModelClient(tools_for(meter, store.ledger), happened.append, budget=budget) for _ in range(2)])
    assert meter.calls == 2
    waits = [event for event in happened if isinstance(event, CallDelayed)]
    assert [(wait.awaited, wait.why) for wait in waits] == [
        ("the budget", "an unfinished call may still leave enough of it")
    ]


def test_a_reply_without_an_end_gets_one_under_a_budget() -> None:
    endless = request(most=None)
    assert reservation_for(bounded(endless), ()).tokens > 8_000
    assert bounded(request()) == replace(request(), capped=True)


@given(st.lists(st.text(), min_size=1, max_size=6), st.none() | st.dictionaries(st.text(), st.text(), max_size=4))
def test_the_worst_case_is_a_token_for_each_byte_of_text_and_schema(
    texts: list[str], schema: dict[str, str] | None
) -> None:
    asked = Request("chat", bought(), tuple(Turn("user", text) for text in texts), response_schema=schema)
    size = sum(len(text.encode()) + 16 for text in texts) + 16
    if schema is not None:
        size += len(json.dumps(schema, ensure_ascii=False).encode())
    assert reservation_for(asked, ()).tokens - 90 >= size
