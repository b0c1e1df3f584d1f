from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.litellm.provider import PLACEHOLDER_KEY, LitellmProvider
from chatspace.core.calls.budget import bounded, reservation_for
from chatspace.core.calls.call import TextDelta, Turn
from chatspace.core.calls.usage import Usage
from chatspace.core.profiles.profile import Timeouts
from chatspace.core.text.tokens import estimate_tokens, estimate_turns
from tests.asking import TURNS, Outcome, closing, outcome, request_to
from tests.conftest import Run
from tests.model_dialects import SentUsage
from tests.model_server import (
    DEFAULT_TEXT,
    Answer,
    BadJson,
    ContentFilter,
    ContextOverflow,
    Cut,
    Empty,
    ErrorEvent,
    Hang,
    Html,
    HttpError,
    LengthCut,
    ModelServer,
    NullContent,
    Pings,
    Reply,
    Reset,
    SlowDrip,
)
from tests.properties import examples
from tests.waiting import eventually_async

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm"),
]

CUT_TEXT = DEFAULT_TEXT[:36]
"""What three chunks of the test server hold."""


@pytest.fixture(scope="module")
def provider() -> LitellmProvider:
    return LitellmProvider()


@pytest.fixture(scope="module")
def shared_server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def server(shared_server: ModelServer) -> AsyncIterator[ModelServer]:
    shared_server.requests.clear()
    yield shared_server
    await eventually_async(lambda: shared_server.open == 0)


async def ask(provider: LitellmProvider, server: ModelServer, *answers: Answer, **fields: object) -> Outcome:
    server.script(*answers)
    return await outcome(provider, request_to(server.url, **fields))  # type: ignore[arg-type]  # passed through


async def test_a_reply_arrives_in_pieces_and_whole(provider: LitellmProvider, server: ModelServer) -> None:
    result = await ask(provider, server, Reply())
    assert result.text == DEFAULT_TEXT
    assert len(result.pieces) > 10
    assert result.finish == "stop"


async def test_a_request_carries_the_model_the_parameters_and_the_turns(
    provider: LitellmProvider, server: ModelServer
) -> None:
    await ask(provider, server, model="openai/gpt-4.1", temperature=0.3, max_output_tokens=900)
    body = server.bodies[0]
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("gpt-4.1", 0.3, 900)
    assert body["messages"] == [{"role": turn.role, "content": turn.content} for turn in TURNS]
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}


async def test_the_reasoning_effort_goes_to_a_model_that_takes_it(
    provider: LitellmProvider, server: ModelServer
) -> None:
    await ask(provider, server, model="openai/gpt-5", reasoning_effort="low")
    await ask(provider, server, model="openai/gpt-4.1", reasoning_effort="low")
    assert [body.get("reasoning_effort") for body in server.bodies] == ["low", None]


async def test_reasoning_comes_apart_from_the_text(provider: LitellmProvider, server: ModelServer) -> None:
    result = await ask(provider, server, Reply("Four.", reasoning="Two and two make four."))
    assert (result.reasoning, result.text) == ("Two and two make four.", "Four.")


async def test_chunks_without_content_do_not_end_a_stream(provider: LitellmProvider, server: ModelServer) -> None:
    assert (await ask(provider, server, NullContent())).text == DEFAULT_TEXT


async def test_a_model_may_repeat_itself(provider: LitellmProvider, server: ModelServer) -> None:
    assert (await ask(provider, server, Reply("-----" * 300, chunk=5))).text == "-----" * 300


async def test_a_character_sent_in_two_halves_is_whole(provider: LitellmProvider, server: ModelServer) -> None:
    result = await ask(provider, server, Reply("a\ud83d\ude00b", chunk=1))
    assert result.text == "a😀b"
    assert "".join(result.pieces).encode() == "a😀b".encode()


async def test_usage_of_the_server_is_no_estimate(provider: LitellmProvider, server: ModelServer) -> None:
    result = await ask(provider, server, Reply(usage=SentUsage(120, 80, cached=30, reasoning=20)))
    assert result.usage == Usage(input=120, output=80, cached=30, reasoning=20, estimated=False)


async def test_thinking_that_a_server_counts_in_the_total_alone_is_output(
    provider: LitellmProvider, server: ModelServer
) -> None:
    result = await ask(provider, server, Reply(usage=SentUsage(120, 80, reasoning=500, apart=True)))
    assert result.usage == Usage(input=120, output=580, reasoning=500, estimated=False)


@examples(30)
@given(st.text(max_size=200), st.none() | st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3))
async def test_the_worst_case_is_a_token_for_each_byte_of_text_on_the_wire(
    provider: LitellmProvider, shared_server: ModelServer, text: str, schema: dict[str, str] | None
) -> None:
    asked = request_to(shared_server.url, max_output_tokens=50)
    asked = replace(asked, turns=(*asked.turns, Turn("user", text)), response_schema=schema)
    await outcome(provider, bounded(asked))
    body = shared_server.bodies[-1]
    sent = [str(value) for turn in body["messages"] for value in turn.values()]
    sent += [json.dumps(body["response_format"], ensure_ascii=False)] if schema is not None else []
    assert reservation_for(bounded(asked), ()).tokens >= sum(len(each.encode()) for each in sent) + body["max_tokens"]


@pytest.mark.parametrize(
    ("answer", "counted"),
    [
        (HttpError(401), False),
        (HttpError(429), False),
        (HttpError(503), False),
        (HttpError(400), True),
        (HttpError(500), True),
        (HttpError(504), True),
        (ErrorEvent(0, code=503), True),
        (ErrorEvent(2, code=429), True),
        (Reset(0), True),
    ],
)
async def test_only_a_call_that_was_turned_away_at_the_door_was_surely_not_counted(
    provider: LitellmProvider, server: ModelServer, answer: Answer, counted: bool
) -> None:
    result = await ask(provider, server, answer)
    assert result.error is not None
    assert result.error.counted is counted


@pytest.mark.parametrize("sent", [None, SentUsage(0, 0)])
async def test_usage_that_never_came_is_estimated_by_the_one_formula(
    provider: LitellmProvider, server: ModelServer, sent: SentUsage | None
) -> None:
    result = await ask(provider, server, Reply("Four.", reasoning="Two and two.", usage=sent))
    thought = estimate_tokens("Two and two.")
    asked = estimate_turns(turn.content for turn in TURNS)
    assert result.usage == Usage(asked, estimate_tokens("Four.") + thought, thought, estimated=True)


@pytest.mark.parametrize(
    ("answer", "finish"),
    [
        (Cut(), "cut"),
        (Cut(done=True), "cut"),
        (LengthCut(), "length"),
        (ContentFilter(after_chunks=3), "filtered"),
    ],
)
async def test_a_partial_reply_is_told_from_a_whole_one(
    provider: LitellmProvider, server: ModelServer, answer: Answer, finish: str
) -> None:
    result = await ask(provider, server, answer)
    assert (result.text, result.finish) == (CUT_TEXT, finish)


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (Reset(), CUT_TEXT),
        (Reset(tidy=True), CUT_TEXT),
        (BadJson(after_chunks=3), CUT_TEXT),
        (ErrorEvent(after_chunks=3), CUT_TEXT),
    ],
)
async def test_what_came_before_a_break_is_handed_over(
    provider: LitellmProvider, server: ModelServer, answer: Answer, kept: str
) -> None:
    result = await ask(provider, server, answer)
    assert result.text == kept
    assert result.finish is None
    assert result.error is not None
    assert result.error.kind == "cut"


def says(message: str, **more: object) -> dict[str, object]:
    return {"error": {"message": message, **more}}


@pytest.mark.parametrize(
    ("answer", "kind", "status", "words"),
    [
        (HttpError(401, says("Incorrect API key provided")), "unauthorized", 401, "Incorrect API key"),
        (HttpError(403, says("no access")), "unauthorized", 403, "no access"),
        (HttpError(400, says("Invalid api_key")), "unauthorized", 400, "key"),
        (HttpError(429, says("You exceeded your current quota")), "unauthorized", 429, "no credit"),
        (HttpError(404, says("The model does not exist")), "not_found", 404, "does not exist"),
        (HttpError(400, says("x", code="model_not_found")), "not_found", 400, "doesn't know"),
        (HttpError(408), "timeout", 408, "timed out"),
        (HttpError(429, says("Rate limit reached")), "rate_limited", 429, "Rate limit reached"),
        (HttpError(500), "unavailable", 500, "server error"),
        (HttpError(502, "<html>Bad Gateway</html>"), "unavailable", 502, "web page"),
        (HttpError(529, says("Overloaded")), "unavailable", 529, "Overloaded"),
        (HttpError(400, says("no such parameter")), "bad_request", 400, "no such parameter"),
        (HttpError(400, says("x", code="content_policy_violation")), "refused", 400, "refused"),
        (HttpError(413, "too large"), "context", 413, "too long"),
        (HttpError(400, says("the request exceeds the available context size")), "context", 400, "too long"),
        (ContextOverflow(), "context", 400, "8192 tokens"),
        (ContextOverflow(text_only=True), "context", 400, "8192 tokens"),
        (Html(), "unavailable", 200, "web page"),
        (Empty(), "empty", 200, "empty reply"),
        (Empty(stream=True), "empty", 200, "empty reply"),
        (Empty(stream=True, done=True), "empty", 200, "empty reply"),
        (Reply(""), "empty", 200, "empty reply"),
        (Cut(after_chunks=0), "empty", 200, "empty reply"),
        (Reset(after_chunks=0), "unavailable", None, "connection"),
        (BadJson(after_chunks=0), "unavailable", None, "JSON"),
        (ErrorEvent(after_chunks=0), "unavailable", 502, "upstream failed"),
    ],
    ids=str,
)
async def test_a_failure_is_told_by_what_was_received(
    provider: LitellmProvider, server: ModelServer, answer: Answer, kind: str, status: int | None, words: str
) -> None:
    result = await ask(provider, server, answer)
    assert result.error is not None
    assert (result.error.kind, result.error.status) == (kind, status)
    assert words in str(result.error)
    assert result.error.remedy
    assert "\n" not in str(result.error)
    assert "litellm" not in str(result.error).lower()
    assert len(server.requests) == 1, "nothing is retried below us"


async def test_the_pause_that_a_server_asks_for_is_known(provider: LitellmProvider, server: ModelServer) -> None:
    a_date = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    for value, least, most in (("7", 7, 7), (a_date, 3000, 3600)):
        result = await ask(provider, server, HttpError(429, says("slow down"), {"Retry-After": value}))
        assert result.error is not None
        assert result.error.retry_after is not None
        assert least <= result.error.retry_after <= most


@pytest.mark.parametrize(
    ("answer", "field", "text"),
    [
        (Hang(), "first_token", ""),
        (Pings(), "first_token", ""),
        (Hang(after_chunks=3), "idle", CUT_TEXT),
        (Pings(after_chunks=3), "idle", CUT_TEXT),
        (SlowDrip(delay=0.01), "total", None),
    ],
)
async def test_a_deadline_says_which_field_to_change(
    provider: LitellmProvider, server: ModelServer, answer: Answer, field: str, text: str | None
) -> None:
    seconds = {"first_token": 60.0, "idle": 60.0, "total": 60.0} | {field: 1.0}
    closed = server.closed_by_client
    result = await ask(provider, server, answer, timeouts=Timeouts(**seconds))
    assert result.error is not None
    assert result.error.kind == "timeout"
    assert " 1 s" in result.error.reason
    assert f"timeout.{field} in profile writer" in result.error.remedy
    assert text is None or result.text == text
    await eventually_async(lambda: server.closed_by_client == closed + 1)


async def test_closing_the_iterator_closes_the_stream_at_the_server(
    provider: LitellmProvider, server: ModelServer
) -> None:
    server.script(SlowDrip())
    closed = server.closed_by_client
    async with closing(provider.stream(request_to(server.url))) as events:
        async for event in events:
            assert isinstance(event, TextDelta)
            break
    await eventually_async(lambda: server.closed_by_client == closed + 1)


async def test_cancelling_before_the_first_token_closes_the_stream_at_the_server(
    provider: LitellmProvider, server: ModelServer
) -> None:
    server.script(Hang())
    closed = server.closed_by_client
    asking = asyncio.create_task(outcome(provider, request_to(server.url)))
    await eventually_async(lambda: server.open == 1)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await eventually_async(lambda: server.closed_by_client == closed + 1)


async def test_a_named_key_that_is_not_set_is_said_before_any_call(
    provider: LitellmProvider, server: ModelServer
) -> None:
    result = await ask(provider, server, api_key_env="MY_SERVER_KEY")
    assert result.error is not None
    assert result.error.kind == "unauthorized"
    assert "MY_SERVER_KEY" in str(result.error)
    assert server.requests == []


async def test_the_named_key_is_sent_and_never_shown(
    provider: LitellmProvider, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SERVER_KEY", "a-very-own-secret")
    refusal = HttpError(401, says("Incorrect API key provided: a-very-own-secret, or sk-proj-0123456789abcdef"))
    result = await ask(provider, server, refusal, api_key_env="MY_SERVER_KEY")
    assert server.requests[0].headers["authorization"] == "Bearer a-very-own-secret"
    assert result.error is not None
    assert "secret" not in str(result.error)
    assert "0123" not in str(result.error)
    assert "MY_SERVER_KEY" in result.error.remedy


async def test_an_address_of_ones_own_gets_a_placeholder_and_nobody_elses_key(
    provider: LitellmProvider, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-place")
    await ask(provider, server)
    assert server.requests[0].headers["authorization"] == f"Bearer {PLACEHOLDER_KEY}"


@pytest.mark.parametrize(
    ("model", "variable"), [("openai/gpt-4.1", "OPENAI_API_KEY"), ("gemini/gemini-2.5-flash", "GEMINI_API_KEY")]
)
async def test_a_provider_without_a_key_names_its_variable(
    provider: LitellmProvider, model: str, variable: str
) -> None:
    result = await outcome(provider, request_to(None, model=model))
    assert result.error is not None
    assert result.error.kind == "unauthorized"
    assert variable in result.error.remedy


async def test_an_unknown_name_is_told_as_such(provider: LitellmProvider) -> None:
    result = await outcome(provider, request_to(None, model="no-such-thing"))
    assert result.error is not None
    assert result.error.kind == "not_found"


@pytest.mark.parametrize(
    ("model", "sent"),
    [
        ("my-model", "my-model"),
        ("Qwen/Qwen2.5-7B-Instruct", "Qwen/Qwen2.5-7B-Instruct"),
        ("openai/my-model", "my-model"),
        ("gpt-4.1", "gpt-4.1"),
    ],
)
async def test_a_server_of_ones_own_is_spoken_to_by_the_openai_protocol(
    provider: LitellmProvider, server: ModelServer, model: str, sent: str
) -> None:
    result = await ask(provider, server, model=model)
    assert result.finish == "stop"
    assert (server.requests[0].path, server.bodies[0]["model"]) == ("/v1/chat/completions", sent)


@pytest.mark.parametrize(
    ("api_base", "words"),
    [
        ("http://127.0.0.1:9/v1", "refused"),
        ("http://no-such-host.invalid/v1", "can't be resolved"),
        ("TLS", "secure connection"),
    ],
)
async def test_a_server_that_cannot_be_reached_is_told_with_what_to_check(
    provider: LitellmProvider, server: ModelServer, api_base: str, words: str
) -> None:
    base = server.url.replace("http://", "https://") if api_base == "TLS" else api_base
    result = await outcome(provider, request_to(base))
    assert result.error is not None
    assert (result.error.kind, result.error.status) == ("unavailable", None)
    assert words in str(result.error)
    assert "api_base" in result.error.remedy


SCHEMA = {"type": "object", "properties": {"variants": {"type": "array"}}}


@pytest.mark.parametrize(
    ("model", "kind"), [("my-model", "json_schema"), ("openai/gpt-4.1", "json_schema"), ("openai/gpt-4", None)]
)
async def test_a_schema_goes_to_the_models_that_take_one(
    provider: LitellmProvider, server: ModelServer, model: str, kind: str | None
) -> None:
    await ask(provider, server, model=model, schema=SCHEMA)
    sent: Mapping[str, Any] | None = server.bodies[0].get("response_format")
    assert (sent and sent["type"]) == kind
    assert sent is None or sent["json_schema"]["schema"] == SCHEMA


PROTOCOLS = ["anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash", "ollama/llama3.2"]


@pytest.mark.parametrize("model", PROTOCOLS)
@pytest.mark.parametrize(
    ("answer", "finish"),
    [(Reply(CUT_TEXT), "stop"), (Cut(), "cut"), (LengthCut(), "length")],
    ids=["whole", "cut", "length"],
)
async def test_other_protocols_tell_partial_replies_too(
    provider: LitellmProvider, server: ModelServer, model: str, answer: Answer, finish: str
) -> None:
    server.script(answer)
    result = await outcome(provider, request_to(server.root, model=model))
    assert (result.text, result.finish) == (CUT_TEXT, finish)
    assert result.usage is not None
    assert result.usage.estimated is (finish == "cut")


@pytest.mark.parametrize("model", PROTOCOLS)
async def test_other_protocols_tell_failures_by_status(
    provider: LitellmProvider, server: ModelServer, model: str
) -> None:
    expected = {401: "unauthorized", 404: "not_found", 429: "rate_limited", 502: "unavailable", 529: "unavailable"}
    for status, kind in expected.items():
        server.script(HttpError(status, headers={"Retry-After": "3"}))
        result = await outcome(provider, request_to(server.root, model=model))
        assert result.error is not None
        assert (result.error.kind, result.error.status, result.error.retry_after) == (kind, status, 3)
    assert len(server.requests) == len(expected)


@pytest.mark.parametrize("model", PROTOCOLS)
async def test_other_protocols_close_their_streams_too(
    provider: LitellmProvider, server: ModelServer, model: str
) -> None:
    server.script(Hang(after_chunks=1))
    closed = server.closed_by_client
    async with closing(provider.stream(request_to(server.root, model=model))) as events:
        await anext(events)
    await eventually_async(lambda: server.closed_by_client == closed + 1)


async def test_ollama_is_asked_at_the_host_that_was_shown(provider: LitellmProvider, server: ModelServer) -> None:
    result = await outcome(provider, request_to(None, model="ollama/llama3.2", host=server.host, context_window=16_000))
    assert result.finish == "stop"
    assert server.requests[0].path == "/api/chat"
    assert server.bodies[0]["options"]["num_ctx"] == 16_000


QUIET_PROGRAM = """
import asyncio, json, sys

places = []
sys.addaudithook(lambda name, args: places.append(args[1][:2]) if name == "socket.connect" else None)
sys.addaudithook(lambda name, args: places.append(args[:2]) if name == "socket.getaddrinfo" else None)

from chatspace.adapters.litellm.provider import LitellmProvider
from tests.asking import outcome, request_to

provider = LitellmProvider()
assert not places, places
for _ in range(2):
    result = asyncio.run(outcome(provider, request_to(sys.argv[1])))
    assert result.finish == "stop", result
asyncio.run(outcome(provider, request_to(sys.argv[1], model="openai/fails")))
print(json.dumps(places))
"""


async def test_nothing_is_written_and_nobody_else_is_called(server: ModelServer, run_python: Run) -> None:
    server.script(Reply(), Reply(), HttpError(500))
    done = await asyncio.to_thread(run_python, QUIET_PROGRAM, server.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert {(host, int(port)) for host, port in json.loads(done.stdout)} == {("127.0.0.1", server.port)}
